// Tokens that two processes refresh: a refresh token is good for one use, and a second use would end the connection for good.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { openSealedHouse } from '../../../test/support/sealed-house.ts';
import { createLog } from '../../base/log.ts';
import { createConnectionStore } from './connection-store.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-refresh-'));
after(() => rmSync(folder, { recursive: true }));

/** An authorization server that rotates refresh tokens and ends the family when one comes twice (RFC 9700 §4.14.2). */
async function startAuthority() {
  const state = { good: 'r-0', rounds: 0, reused: 0, url: '' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const given = new URLSearchParams(body).get('refresh_token');
      const fits = given === state.good && state.reused === 0;
      if (!fits) state.reused++;
      else state.good = `r-${++state.rounds}`;
      // Slow enough for others to come meanwhile.
      setTimeout(() => {
        const answer = fits
          ? { access_token: `access-${state.rounds}`, token_type: 'Bearer', expires_in: 1, refresh_token: state.good }
          : { error: 'invalid_grant' };
        response.writeHead(fits ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }, 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  after(() => (server.close(), server.closeAllConnections()));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

test('eight workers in two processes never use a refresh token twice', { timeout: 60_000 }, async () => {
  const authority = await startAuthority();
  await using house = await openSealedHouse(folder);
  const store = createConnectionStore(house.store, createLog('silent'));
  const url = `${authority.url}/mcp`;
  await store.save('dana', 'notes', {
    url,
    issuer: authority.url,
    tokenEndpoint: `${authority.url}/token`,
    resource: url,
    client: { clientId: 'genkan', method: 'none', dynamic: false },
    tokens: { access: 'access-0', refresh: 'r-0', storedAtMs: 0, expiresAtMs: 1 },
  });

  const module = (name: string): string => JSON.stringify(path.resolve(import.meta.dirname, '../../..', name));
  const worker = `
    const { openSealedHouse } = await import(${module('test/support/sealed-house.ts')});
    const { createConnectionStore } = await import(${module('src/upstream/authorization/connection-store.ts')});
    const { createTokenBook } = await import(${module('src/upstream/authorization/token-book.ts')});
    const { createGuardedFetch } = await import(${module('src/upstream/authorization/guarded-fetch.ts')});
    const { createLeases } = await import(${module('src/state/leases.ts')});
    const { createLog } = await import(${module('src/base/log.ts')});
    const clock = { now: Date.now };
    const log = createLog('silent');
    const house = await openSealedHouse(${JSON.stringify(folder)});
    const guard = createGuardedFetch({ home: ${JSON.stringify(url)}, insecureHttp: true });
    const neighbours = {
      store: createConnectionStore(house.store, log), guard, secret: async () => '',
      leases: createLeases({ database: house.database, clock }), clock, log,
    };
    const book = createTokenBook('notes', { url: ${JSON.stringify(url)}, authorization: { as: 'person' } }, neighbours);
    console.log('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    let lost = 0;
    const worker = async () => {
      for (let turn = 0; turn < 10; turn++) {
        const tokens = await book.tokens('dana');
        if (tokens === undefined) { lost++; continue; }
        await book.renew('dana', tokens).then((fresh) => { if (fresh === undefined) lost++; });
      }
    };
    await Promise.all([1, 2, 3, 4].map(worker));
    console.log(JSON.stringify({ lost }));
    process.exit(0);`;
  const children = [1, 2].map(() => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', worker], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    after(() => child.kill('SIGKILL'));
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const { lines } of children) assert.equal((await lines.next()).value, 'ready');
  const exits = children.map(({ child }) => once(child, 'exit'));
  for (const { child } of children) child.stdin.write('go\n');
  for (const { lines } of children) assert.deepEqual(JSON.parse(String((await lines.next()).value)), { lost: 0 });
  await Promise.all(exits);
  assert.equal(authority.reused, 0);
  assert.ok(authority.rounds >= 10, `${authority.rounds} refreshes`);
  assert.equal((await store.load('dana', 'notes'))?.tokens?.refresh, authority.good);
});
