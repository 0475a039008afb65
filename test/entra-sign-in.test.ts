// Signing in with Entra ID: who somebody is, what they prove, and how Genkan proves who it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, startEntraHouse } from './support/entra-house.ts';

test('a person signs in, is known by object id and tenant, and comes with groups', async () => {
  await using house = await startEntraHouse();
  const { page } = await house.signIn(house.dana);
  assert.match(page!, /name="decision"/);
  const person = await house.personOf(house.dana);
  assert.deepEqual(person, { id: idOf(house.dana), name: 'dana@contoso.example', groups: house.dana.groups });
  const { params } = house.entra.requests.find(({ path }) => path.endsWith('/authorize'))!;
  assert.equal(params.get('code_challenge_method'), 'S256');
  assert.ok(params.get('nonce') && params.get('state') && !params.has('resource'));
  assert.deepEqual(
    params.get('scope')!.split(' ').sort(),
    [house.app.scope('access'), 'offline_access', 'openid', 'profile'].sort(),
  );
  assert.deepEqual((JSON.parse(params.get('claims')!) as { access_token: unknown }).access_token, {
    xms_cc: { values: ['CP1'] },
  });
});

test('a server is called in the name of each of two people', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  await house.signIn(house.omar);
  const [dana, omar] = [await house.tokenFor(house.dana), await house.tokenFor(house.omar)];
  assert.equal(dana['oid'], house.dana.oid);
  assert.equal(omar['oid'], house.omar.oid);
  assert.equal(dana['aud'], house.notes.clientId);
});
