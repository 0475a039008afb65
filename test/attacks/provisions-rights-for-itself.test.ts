// Attack: a directory that was taken over, or is careless, writes more than it may: ids, rights, other people, or SQL in a filter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { startScimHouse } from '../support/scim-house.ts';

const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'dana', externalId: 'dana' };
const greedy = {
  ...user,
  id: 'chosen',
  person: 'https://other.example#admin',
  groups: [{ value: 'admins' }],
  roles: [{ value: 'Genkan Administrator' }],
  entitlements: ['genkan/*'],
  meta: { version: 'W/"x"', location: 'https://evil.example' },
  password: 'secret',
};

test('nothing but the attributes of the schema is read, however it is written', async () => {
  await using house = await startScimHouse({ addsGroups: true });
  const { body } = await house.scim(
    'POST',
    '/Users',
    `{"__proto__":{"active":false},${JSON.stringify(greedy).slice(1)}`,
  );
  assert.deepEqual(Object.keys(body).sort(), ['active', 'externalId', 'id', 'meta', 'schemas', 'userName']);
  assert.notEqual(body['id'], 'chosen');
  assert.equal(body['active'], true);
  const { id: _id, userName: _name, externalId: _external, ...more } = greedy;
  const patch = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'add', value: more }],
  };
  const patched = await house.scim('PATCH', `/Users/${String(body['id'])}`, patch);
  assert.deepEqual(Object.keys(patched.body).sort(), Object.keys(body).sort());
  await house.identity.upsertAccount({ id: `${house.provider.issuer}#dana`, name: 'dana', groups: [] });
  const [dana] = await house.identity.killSwitch.principals({ limit: 10 });
  assert.deepEqual([dana!.id, dana!.groups], [`${house.provider.issuer}#dana`, []]);
});

for (const addsGroups of [false, true])
  test(
    addsGroups
      ? 'control: where it is set so, a membership gives a group'
      : 'a membership gives nobody a group that the sign-in did not state',
    async () => {
      await using house = await startScimHouse({ addsGroups });
      const { body: dana } = await house.scim('POST', '/Users', user);
      await house.scim('POST', '/Groups', { displayName: 'admins', members: [{ value: dana['id'] }] });
      const accountId = await house.identity.upsertAccount({
        id: `${house.provider.issuer}#dana`,
        name: 'dana',
        groups: [],
      });
      const resource = `${house.publicUrl}/mcp/files`;
      const token = await house.identity.mintAccessToken({ accountId, resource, clientId: 'test', ttlSeconds: 60 });
      const verified = await house.identity.verify(`Bearer ${token}`, resource);
      assert.deepEqual(verified.outcome === 'allow' && verified.principal.groups, addsGroups ? ['admins'] : []);
    },
  );

test('a user does not become another person, and nobody is provisioned twice', async () => {
  await using house = await startScimHouse();
  const { body } = await house.scim('POST', '/Users', user);
  const other = { ...user, externalId: 'admin' };
  assert.equal((await house.scim('PUT', `/Users/${String(body['id'])}`, other)).body['scimType'], 'mutability');
  assert.equal((await house.scim('POST', '/Users', { ...user, userName: 'dana-2', active: true })).status, 409);
});

test('a filter that was written to become SQL finds nothing and changes nothing; control: as SQL it would find everybody', async () => {
  await using house = await startScimHouse();
  await house.scim('POST', '/Users', user);
  const injected = `x' OR '1'='1`;
  for (const filter of [
    `userName eq "${injected}"`,
    `externalId eq "'; DROP TABLE scim_user; --"`,
    `userName eq "x" or 1 eq 1`,
    `user_name eq "dana"`,
    `resource eq "x"`,
    `userName eq "a" and (${'('.repeat(500)}`,
  ]) {
    const { status, body } = await house.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    assert.ok(status === 400 || body['totalResults'] === 0, filter);
  }
  assert.equal((await house.scim('GET', '/Users')).body['totalResults'], 1);
  const { rows } = await sql.raw(`SELECT id FROM scim_user WHERE user_name = '${injected}'`).execute(house.database);
  assert.equal(rows.length, 1);
});
