// Tests of who has a sign-in name: exactly one person, or nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import { openDatabase } from '../state/database.ts';
import type { Graph } from './conditional-access/directory.ts';
import { createPersonNamed } from './person-named.ts';
import type { IdentitySettings } from './settings.ts';

const log = createLog('silent');
const [tenant, object] = ['00000000-0000-0000-0000-00000000000b', '0000AAAA-0000-0000-0000-00000000000a'];
const entra = { tenant } as unknown as IdentitySettings['provider'];
const oidc = { issuer: 'https://login.example.com' } as unknown as IdentitySettings['provider'];

test('of those who have signed in, the only one with the name', async () => {
  const database = await openDatabase(':memory:');
  const add = (id: string, name: string) =>
    database.insertInto('account').values({ id, name, groups: '[]', profile: '{}', updated_at: 0 }).execute();
  const personNamed = createPersonNamed(oidc, { database, log });
  assert.equal(await personNamed('boss@example.com'), undefined);
  await add('https://login.example.com#1', 'Boss@example.com');
  assert.equal(await personNamed('boss@example.com'), 'https://login.example.com#1');
  await add('https://login.example.com#2', 'boss@EXAMPLE.com');
  assert.equal(await personNamed('boss@example.com'), undefined, 'a name that two have is nobody’s');
});

test('at Entra ID the directory says it, and nobody who signs in', async () => {
  const database = await openDatabase(':memory:');
  const values = { id: 'x@y', name: 'boss@example.com', groups: '[]', profile: '{}', updated_at: 0 };
  await database.insertInto('account').values(values).execute();
  let answer: unknown = { value: [{ id: object }] };
  const asked: string[] = [];
  const graph: Graph = {
    async request(_method, path) {
      asked.push(decodeURIComponent(path));
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const personNamed = createPersonNamed(entra, { database, graph, log });
  assert.equal(await personNamed("o'hara@example.com"), `${object.toLowerCase()}@${tenant}`);
  assert.match(asked[0]!, /\$filter=userPrincipalName eq 'o''hara@example\.com'$/);
  for (const other of [
    { value: [] },
    { value: [{ id: object }, { id: object }] },
    { value: [{ id: 'x' }] },
    {},
    new Error('503'),
  ]) {
    answer = other;
    assert.equal(await personNamed('boss@example.com'), undefined, JSON.stringify(other));
  }
  assert.equal(await createPersonNamed(entra, { database, log })('boss@example.com'), undefined, 'no directory to ask');
});
