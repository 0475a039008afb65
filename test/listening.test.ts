// A house begins to listen: on IPv6, and where it cannot, so that nothing of it is left behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { createLog } from '../src/base/log.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/load.ts';
import { findOperation } from '../src/operations/registry.ts';
import { findRunning } from '../src/operations/running.ts';
import { openHouse } from '../src/wire.ts';
import { genkan } from './support/genkan-process.ts';
import { post } from './support/mcp-post.ts';

const provider = { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' }; // nobody signs in here
const options = { env: process.env, log: createLog('silent') };
const runningFile = ({ dataDirectory }: Config): string => path.join(dataDirectory, 'running.json');

function configure(context: TestContext, settings: object): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'genkan.yaml');
  writeFileSync(file, stringify({ data: 'data', identity: { provider }, ...settings }));
  return file;
}

/** Holds a free port; undefined where there is no such address. */
async function hold(context: TestContext, host: string): Promise<{ server: Server; port: number } | undefined> {
  const server = createServer().listen(0, host);
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  context.after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

test('listens on IPv6, and the command line finds it there', async (context) => {
  const held = await hold(context, '::1');
  if (held === undefined) return context.skip('there is no ::1 here');
  await new Promise((resolve) => held.server.close(resolve));
  const config = loadConfig(configure(context, { listen: `[::1]:${held.port}` }));
  const house = await openHouse(config, options);
  context.after(() => house.close());
  await house.listen();
  assert.equal(house.publicUrl, `http://[::1]:${held.port}`);
  assert.equal((JSON.parse(readFileSync(runningFile(config), 'utf8')) as { url: string }).url, house.publicUrl);
  const running = await findRunning(config);
  assert.deepEqual(await running!.perform(findOperation('server', 'list')!, {}, 'en'), {
    ok: true,
    output: { servers: [] },
  });
  const metadata = `resource_metadata="http://[::1]:${held.port}/.well-known/oauth-protected-resource/mcp"`;
  const { status, headers } = await post(`${house.publicUrl}/mcp`, {});
  assert.equal(status, 401);
  assert.ok(headers['www-authenticate']?.includes(metadata), headers['www-authenticate']);
  assert.equal((await post(`${house.publicUrl}/metrics`, '', { method: 'GET' })).status, 200);
});

test('a house whose port is taken closes all that it has opened, so that it can be opened again', async (context) => {
  const { port } = (await hold(context, '127.0.0.1'))!;
  const config = loadConfig(configure(context, { listen: `127.0.0.1:${port}` }));
  for (const attempt of [1, 2]) {
    const house = await openHouse(config, options);
    await assert.rejects(house.listen(), { code: 'server_port_taken' }, `attempt ${attempt}`);
    assert.ok(!existsSync(runningFile(config)));
    await house.close();
  }
});

test('a house that cannot be opened closes what it has opened until then', async (context) => {
  const broken = { assignments: [{ principal: { group: 'makers' }, role: 'No Such Role', scope: '/' }] };
  const file = configure(context, { access: broken });
  for (const attempt of [1, 2])
    await assert.rejects(openHouse(loadConfig(file), options), { code: 'access_role_unknown' }, `attempt ${attempt}`);
  writeFileSync(file, stringify({ data: 'data', identity: { provider } }));
  await (await openHouse(loadConfig(file), options)).close();
});

test('the command line says that the port is taken and what to do, and ends with 1', async (context) => {
  const { port } = (await hold(context, '127.0.0.1'))!;
  const file = configure(context, { listen: `127.0.0.1:${port}`, log: { level: 'silent' } });
  const { code, out, error } = await genkan(['start', '--config', file]);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(error, new RegExp(`^Another program is already listening on 127\\.0\\.0\\.1:${port}\\.\n.*--port`));
  assert.doesNotMatch(error, /defect|\n\s+at /);
  assert.ok(!existsSync(runningFile(loadConfig(file))));
});

test('the trial says that its port is taken, perhaps by itself, and ends with 1', async (context) => {
  const { port } = (await hold(context, '127.0.0.1'))!;
  const data = path.join(path.dirname(configure(context, {})), 'data');
  const { code, error } = await genkan(['trial', 'start', '--port', `${port}`, '--data', data]);
  assert.equal(code, 1);
  assert.match(error, /^Another program is already listening on 127\.0\.0\.1:\d+\.\nIf it is a trial/);
  assert.ok(!existsSync(path.join(data, 'running.json')));
});
