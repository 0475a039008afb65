// Attack: somebody without the data directory, or beyond this machine, asks the REST door for what is the operator's.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { refuse } from '../../src/base/errors.ts';
import { operatorKeyFile } from '../../src/operations/operator.ts';
import { createRestDoor } from '../../src/operations/rest-door.ts';
import { standInHouse } from '../support/operations-house.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-operator-'));
const keysDirectory = path.join(folder, 'keys');
const { house, entries } = standInHouse();
const door = createRestDoor(house, {
  verify: () => refuse('identity_token_invalid', {}, { outcome: 'challenge' }),
  challenge: () => 'Bearer',
  secondFactor: undefined,
  keysDirectory,
  sourceAddress: () => '127.0.0.1',
});
const server = createServer((request, response) => void door.handle(request, response));

before(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function status(headers: Record<string, string>): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/server/list`, { method: 'POST', headers });
  await response.text();
  return response.status;
}

const key = (): string => readFileSync(operatorKeyFile(keysDirectory), 'utf8').trim();

test('control: the key itself, from this machine, opens the door', async () => {
  assert.equal(await status({ authorization: `Operator ${key()}` }), 200);
});

test('refuses every other key, and the key in any other shape', async () => {
  const others = ['', ' ', 'x'.repeat(32), key().slice(1), `${key()}x`, key().split('').reverse().join('')];
  for (const other of others) assert.equal(await status({ authorization: `Operator ${other}` }), 401, other);
  for (const scheme of ['Bearer', 'operator', 'Basic'])
    assert.equal(await status({ authorization: `${scheme} ${key()}` }), 401);
  assert.equal(entries.at(-1)?.result, 'challenged');
});

test('refuses a request that a proxy on this machine brings along, even with the key', async () => {
  for (const header of ['forwarded', 'x-forwarded-for', 'via']) {
    assert.equal(await status({ authorization: `Operator ${key()}`, [header]: '203.0.113.9' }), 401, header);
  }
});

test('the key is for the owner of the data directory alone', { skip: process.platform === 'win32' }, () => {
  assert.equal(statSync(operatorKeyFile(keysDirectory)).mode & 0o077, 0);
  assert.ok(key().length >= 32);
});
