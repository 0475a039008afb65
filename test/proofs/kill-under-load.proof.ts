// Killed with -9 at any moment, the whole Genkan forgets nothing that it acknowledged and causes nothing that it had not announced.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { stringify } from 'yaml';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openHouse } from '../../src/wire.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse } from '../support/house.ts';
import { modern, post } from '../support/mcp-post.ts';
import { freePort } from '../support/free-port.ts';

const kills = Number(process.env['GENKAN_PROOF_KILLS'] ?? 20);
const inFlight = 16;
const callsPerLife = 200;
const issuer = 'http://127.0.0.1:9';
/** Each call has a tool of its own, so that record and effect can be matched by name. */
const toolName = (life: number, call: number): string => `write-${life}-${call}`;

test(`after ${kills} kill -9 under load, every acknowledged call is on record and no effect is without an intent`, async (t) => {
  const effects = new Set<string>();
  const tools = Array.from({ length: kills * callsPerLife }, (_, index) => {
    const name = toolName(Math.floor(index / callsPerLife), index % callsPerLife);
    return { name, inputSchema: { type: 'object' } };
  });
  const base = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  await using upstream = await startHttpUpstream(({ message: { id, method, params } }, response) => {
    if (method === 'tools/call') effects.add(String(params?.['name']));
    const greeting = { ...base, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    const result =
      method === 'server/discover'
        ? greeting
        : method === 'tools/list'
          ? { ...base, tools }
          : { resultType: 'complete', content: [] };
    answerJson(response, { jsonrpc: '2.0', id, result });
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-kill-'));
  const file = path.join(folder, 'genkan.yaml');
  const provider = { issuer, allowInsecureIssuer: true, clientId: 'test' };
  const listen = `127.0.0.1:${await freePort()}`;
  const servers = { raw: { url: upstream.url } };
  writeFileSync(
    file,
    stringify({
      listen,
      data: 'data',
      log: { level: 'silent' },
      identity: { provider },
      access: makersUse('raw'),
      servers,
    }),
  );

  const acknowledged: string[] = [];
  for (let life = 0; life < kills; life++) {
    const genkan = spawn(
      process.execPath,
      [new URL('../support/house-process.ts', import.meta.url).pathname, file, issuer],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await callUntilKilled(genkan, life, acknowledged);
  }

  const house = await openHouse(loadConfig(file), { env: {}, log: createLog('silent') });
  try {
    t.diagnostic(`${effects.size} effects, ${acknowledged.length} acknowledged`);
    assert.ok(acknowledged.length > 0 && effects.size >= acknowledged.length);
    const results = new Map<string, Set<string>>();
    for (let before: number | undefined; ;) {
      const page = await house.audit.list({ limit: 10_000, action: 'tools/call', before });
      for (const { resource, result } of page) {
        const name = resource.split('/').at(-1)!;
        results.set(name, (results.get(name) ?? new Set()).add(result));
      }
      if (page.length < 10_000) break;
      before = page.at(-1)!.index;
    }
    const resultsOf = (name: string): Set<string> => results.get(name) ?? new Set();
    assert.deepEqual(
      [...effects].filter((name) => !resultsOf(name).has('intent')),
      [],
      'effects without an intent',
    );
    assert.deepEqual(
      acknowledged.filter((name) => !resultsOf(name).has('allowed')),
      [],
      'acknowledged without an outcome',
    );
    const open = [...results].filter(([, seen]) => seen.has('intent') && seen.size === 1).map(([name]) => name);
    assert.deepEqual(open, [], 'intents that are still open; a restart makes them "unknown"');
    const verification = await house.audit.verify();
    assert.deepEqual(verification.problems, []);
  } finally {
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Keeps calls in flight until the process is killed, at a moment that nothing foresees. */
async function callUntilKilled(genkan: ChildProcess, life: number, acknowledged: string[]): Promise<void> {
  const [line] = (await once(createInterface({ input: genkan.stdout! }), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const died = once(genkan, 'exit');
  // Not before it has begun to answer: what a server shows is looked at first.
  const begun = Promise.withResolvers<void>();
  void Promise.race([begun.promise, after(20_000)])
    .then(() => after(randomInt(20, 400)))
    .then(() => genkan.kill('SIGKILL'));
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let call = next++; call < callsPerLife; call = next++) {
      const name = toolName(life, call);
      const { body, headers } = modern('tools/call', { name, arguments: {} }, call);
      const answered = await post(url, body, { token, headers });
      begun.resolve();
      if (answered.message.result !== undefined) acknowledged.push(name);
    }
  };
  await Promise.allSettled(Array.from({ length: inFlight }, caller)); // calls that the kill cuts off reject
  await died;
}
