// The keys that seal stored secrets, from the command line: listed, rotated while the server runs, missing, and given up.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { genkan, outputOf, spawnGenkan } from './support/genkan-process.ts';
import { openSealedHouse } from './support/sealed-house.ts';
import { freePortPair } from './support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-keys-'));
after(() => rmSync(folder, { recursive: true }));
const config = path.join(folder, 'genkan.yaml');
const data = path.join(folder, 'data');
const ring = path.join(data, 'keys', 'ring.json');
writeFileSync(
  config,
  `listen: 127.0.0.1:${await freePortPair()}
data: data
identity:
  provider: { issuer: http://127.0.0.1:9, allowInsecureIssuer: true, clientId: test }
`,
);
const run = (...args: string[]) => genkan([...args, '--config', config]);
interface Listed {
  readonly source: string;
  readonly keys: readonly { readonly id: string; readonly state: string; readonly dataKeys: number }[];
}
const list = async (): Promise<Listed> => JSON.parse((await run('key', 'list', '--json')).out) as Listed;

test('a running server goes on while its keys are rotated, and seals with the new one at once', async () => {
  const server = spawnGenkan(['start', '--config', config]);
  after(() => server.kill('SIGKILL'));
  await outputOf(server, /Genkan is open/);
  assert.equal(statSync(ring).mode & 0o777, 0o600);
  const before = await list();
  assert.deepEqual(
    before.keys.map(({ state }) => state),
    ['sealing'],
  );
  assert.equal(before.source, ring);

  const rotated = await run('key', 'rotate');
  assert.equal(rotated.code, 0, rotated.error);
  assert.match(rotated.out, /seals from now on; \d+ data keys/);
  const { keys } = await list();
  assert.deepEqual(
    keys.map(({ state }) => state),
    ['sealing', 'retired'],
  );
  assert.equal(keys[1]!.id, before.keys[0]!.id);

  // No key stands anywhere but in its file.
  const [{ key }] = (JSON.parse(readFileSync(ring, 'utf8')) as { keys: [{ key: string }] }).keys;
  const shown = [rotated.out, (await run('key', 'list')).out, (await run('config', 'show')).out].join();
  assert.ok(!shown.includes(key));
  const audit = await run('audit', 'list', '--json');
  assert.match(audit.out, /"key\.rotate"/);
  assert.ok(!audit.out.includes(key));
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
});

test('without its key the server does not start and says why; the command line tells, and can begin anew', async () => {
  {
    await using house = await openSealedHouse(data);
    await house.store.put('dana', 'token', 'x');
  }
  renameSync(ring, `${ring}.elsewhere`);
  const start = await run('start');
  assert.equal(start.code, 1);
  assert.match(start.error, /Key \S+, which seals stored secrets, is not in .*ring\.json any more/);
  assert.match(start.error, /--abandon-missing/);
  const missing = await run('key', 'list');
  assert.equal(missing.code, 4);
  assert.match(missing.out, /missing +1/);
  assert.equal((await run('key', 'rotate')).code, 1, 'it does not give up secrets by itself');

  const anew = await run('key', 'rotate', '--abandon-missing');
  assert.equal(anew.code, 4, 'people have to sign in again');
  assert.match(anew.out, /lost: 1 data keys/);
  const server = spawnGenkan(['start', '--config', config]);
  after(() => server.kill('SIGKILL'));
  await outputOf(server, /Genkan is open/);
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
});
