// The kill switch as administrators use it: who may, whom it spares, what it says, and what dies with a person.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTaskBook } from '../src/gateway/task-book.ts';
import { ownerOf } from '../src/gateway/owner.ts';
import type { Principal } from '../src/base/principal.ts';
import { openDatabase } from '../src/state/database.ts';
import { genkan } from './support/genkan-process.ts';
import { openTestHouse } from './support/house.ts';
import { post } from './support/mcp-post.ts';
import path from 'node:path';

const issuer = 'http://127.0.0.1:9';

async function openAdministered() {
  const house = await openTestHouse({
    access: { assignments: [{ principal: { user: `${issuer}#dana` }, role: 'Genkan Operator', scope: '/' }] },
  });
  const principal = (await house.house.people.find('dana'))!;
  const { token } = await house.house.trial!.token(principal, `${house.url}/api`);
  const ask = (operation: string, input: object, bearer = token) =>
    post(`${house.url}/api/${operation}`, input, { token: bearer });
  return { house, ask, token, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

test('an administrator keeps others out, but neither themselves nor the last of them without saying so', async () => {
  await using administered = await openAdministered();
  const { house, ask } = administered;
  const omar = await house.house.trial!.token((await house.house.people.find('omar'))!, `${house.url}/api`);
  assert.equal(
    (await ask('principal/disable', { user: 'dana@example.com', reason: 'x' }, omar.token)).status,
    403,
    'whoever has no right cannot',
  );
  assert.equal((await ask('principal/disable', { user: 'dana@example.com' })).status, 400, 'not without a reason');
  const self = await ask('principal/disable', { user: 'dana@example.com', reason: 'x' });
  assert.deepEqual([self.status, JSON.parse(self.body).code], [409, 'operation_principal_self']);
  assert.equal(
    (await ask('principal/disable', { user: 'danna@example.com', reason: 'x' })).status,
    404,
    'a slip of the pen disables nobody',
  );

  const done = await ask('principal/disable', { user: 'omar@example.com', reason: 'left' });
  assert.deepEqual(JSON.parse(done.body), { id: `${issuer}#omar`, sessions: 1 });
  assert.equal((await ask('session/list', {}, omar.token)).status, 401);
  const records = await house.house.audit.list({ limit: 20, action: 'principal.disable' });
  const record = records.find(({ result }) => result === 'allowed')!;
  assert.deepEqual(
    [record.user, record.resource, (record.details['input'] as { reason: string }).reason],
    [`${issuer}#dana`, '/principals/omar@example.com', 'left'],
  );

  const config = path.join(path.dirname(house.dataDirectory), 'genkan.yaml');
  const last = await genkan(['principal', 'disable', 'dana@example.com', '--reason', 'x', '--config', config]);
  assert.equal(last.code, 3, last.out + last.error);
  assert.match(last.error, /last person known here who may administer/);
  const forced = await genkan([
    'principal',
    'disable',
    'dana@example.com',
    '--reason',
    'x',
    '--force',
    '--config',
    config,
  ]);
  assert.match(forced.out, /is disabled; \d sessions? ended/, forced.error);
  assert.equal((await ask('principal/list', {})).status, 401);
  const listed = await genkan(['principal', 'list', '--config', config]);
  assert.match(listed.out, /dana@example\.com +http:\/\/127\.0\.0\.1:9#dana +disabled by administrator +x/);
  const enabled = await genkan(['principal', 'enable', `${issuer}#dana`, '--config', config]);
  assert.equal(enabled.out.trim(), `${issuer}#dana may sign in again`, enabled.error);
});

test('the help says what it does and what it does not', async () => {
  const disable = await genkan(['principal', 'disable', '--help']);
  assert.match(disable.out, /does not end their session at the identity provider/);
  const revoke = await genkan(['session', 'revoke', '--help']);
  assert.match(revoke.out, /session at the identity provider \(e\.g\. Entra ID\) goes on/);
});

test('an id names one and nobody beside them, whatever others call themselves', async () => {
  await using administered = await openAdministered();
  const { house, ask } = administered;
  const database = await openDatabase(path.join(house.dataDirectory, 'genkan.db'));
  const signIn = (id: string, name: string) =>
    database.insertInto('account').values({ id, name, groups: '[]', profile: '{}', updated_at: 1 }).execute();
  const [mallory, victim] = [`${issuer}#mallory`, `${issuer}#never-seen`];
  await signIn(mallory, 'mallory');
  await signIn('odd id', 'somebody');
  await signIn(`${issuer}#first`, mallory);
  await signIn(`${issuer}#second`, mallory);
  await signIn(`${issuer}#third`, victim);
  await signIn(`${issuer}#fourth`, 'odd id');
  await database.destroy();
  const disabled = async (user: string): Promise<unknown> =>
    JSON.parse((await ask('principal/disable', { user, reason: 'x' })).body).id;
  assert.equal(await disabled(mallory), mallory);
  assert.equal(await disabled(victim), victim, 'somebody who was never here');
  assert.equal(await disabled('odd id'), 'odd id');
  const entra = '0a0a0a0a-0000-4000-8000-000000000001@0b0b0b0b-0000-4000-8000-000000000002';
  assert.equal(await disabled(entra.toUpperCase()), entra);
  const shown = async (user: string): Promise<unknown> => JSON.parse((await ask('principal/show', { user })).body).id;
  assert.deepEqual([await shown(mallory), await shown(victim), await shown('odd id')], [mallory, victim, 'odd id']);
  assert.equal((await house.house.people.find(mallory))?.id, mallory);
  assert.equal((await house.house.people.find('odd id'))?.id, 'odd id');
  assert.equal(await house.house.people.find(`${issuer}#nobody`), undefined);
  assert.equal(await disabled('somebody'), 'odd id', 'control: a name finds whoever has it');
});

test("a person's tasks die with them, and nobody else's whose id begins alike", async () => {
  const database = await openDatabase(':memory:');
  const book = createTaskBook(database, { now: Date.now });
  const owner = (id: string) =>
    ownerOf({ id, kind: 'user', name: id, groups: [], clientId: 'https://c' } satisfies Principal);
  const origin = { server: 'notes', tool: 'read', requirements: [], effect: 'read' } as const;
  for (const id of ['https://i#a', 'https://i#a:b', 'https://i#a%3Ab', 'https://i#ab'])
    await book.keep(owner(id), origin, { taskId: 'one', ttlMs: null });
  await book.forget('https://i#a');
  const left = async (id: string) => (await book.find(owner(id), ['one'], undefined)).size;
  assert.deepEqual(
    [await left('https://i#a'), await left('https://i#a:b'), await left('https://i#a%3Ab'), await left('https://i#ab')],
    [0, 1, 1, 1],
  );
  await database.destroy();
});
