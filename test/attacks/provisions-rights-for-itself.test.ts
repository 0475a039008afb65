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

for (const addsGroups of [false, true])
  test(`a directory that ${addsGroups ? 'gives groups' : 'only takes groups away'} lifts nothing that a policy asks of somebody`, async () => {
    const about = (displayName: string, users: object, mfa: string) => ({
      displayName,
      state: 'enabled',
      conditions: { users, applications: { includeApplications: ['All'] } },
      grantControls: { operator: 'OR', builtInControls: [mfa] },
    });
    const policies = [
      about('admins', { includeGroups: ['admins'] }, 'mfa'),
      about('auditors', { includeRoles: ['Auditor'] }, 'compliantDevice'),
      about('everybody', { includeUsers: ['All'], excludeGroups: ['break-glass'] }, 'federated'),
    ];
    const contexts = { mfa: 'c1', compliantDevice: 'c2', federated: 'c3' };
    const conditionalAccess = { policies, contexts, roles: { Auditor: ['auditors'] } };
    await using house = await startScimHouse(
      { addsGroups },
      { settings: { conditionalAccess, verdictSeconds: 1, accessTokenSeconds: 3600 } },
    );
    const asked = async (sub: string, groups: string[]): Promise<unknown> => {
      const id = `${house.provider.issuer}#${sub}`;
      const accountId = await house.identity.upsertAccount({ id, name: sub, groups });
      const resource = `${house.publicUrl}/mcp/files`;
      const token = await house.identity.mintAccessToken({ accountId, resource, clientId: 'test', ttlSeconds: 60 });
      const verdict = await house.identity.verify(`Bearer ${token}`, resource);
      return verdict.outcome === 'allow' ? 'allow' : (verdict.data?.['acr_values'] ?? verdict.code);
    };
    const { body: dana } = await house.scim('POST', '/Users', user);
    // Control: before the directory says anything about groups, the word of the sign-in includes and excludes.
    assert.equal(await asked('dana', ['admins', 'auditors']), 'c1 c2 c3');
    assert.equal(await asked('dana', ['break-glass']), 'allow');

    for (const displayName of ['admins', 'auditors']) await house.scim('POST', '/Groups', { displayName });
    const members = [{ value: dana['id'] }];
    const { body: glass } = await house.scim('POST', '/Groups', { displayName: 'break-glass', members });
    assert.equal(await asked('dana', ['admins', 'auditors']), 'c1 c2 c3', 'empty groups of these names lift nothing');
    assert.equal(await asked('dana', []), 'c3', 'nor does being put among those who are spared');
    assert.equal(await asked('dana', ['break-glass']), 'allow', 'control: both say so');
    await house.scim('DELETE', `/Groups/${String(glass['id'])}`);
    await house.scim('POST', '/Groups', { displayName: 'break-glass' });
    assert.equal(await asked('dana', ['break-glass']), 'c3');
    await house.scim('POST', '/Groups', { displayName: 'Admins', members });
    assert.equal(await asked('dana', []), 'c1 c3', 'a directory may ask more of somebody');
  });

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
