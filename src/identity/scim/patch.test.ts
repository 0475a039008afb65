// PATCH against a model: whatever directories send, only known attributes are kept, in their types, and nothing else happens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeNamed, externalId, userAttributes } from './attributes.ts';
import type { Attribute, Resource } from './attributes.ts';
import { applyPatch, readOperations } from './patch.ts';
import { personIds } from './person-ids.ts';
import { ScimProblem } from './problem.ts';

const attributes = [...userAttributes, externalId];
const patched = (resource: Resource, ...Operations: object[]): Resource =>
  applyPatch(
    attributes,
    resource,
    readOperations({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }),
  );

const dana: Resource = {
  userName: 'dana',
  active: true,
  emails: [
    { type: 'work', value: 'a@example.com', primary: true },
    { type: 'home', value: 'b@example.com' },
  ],
};

test('values of a list are added, changed and removed by what they are', () => {
  const work = patched(dana, { op: 'replace', path: 'emails[type eq "work"].value', value: 'c@example.com' });
  assert.deepEqual((work['emails'] as object[])[0], { type: 'work', value: 'c@example.com', primary: true });
  assert.deepEqual(patched(dana, { op: 'remove', path: 'emails[type eq "home"]' })['emails'], [
    (dana['emails'] as object[])[0],
  ]);
  assert.equal(patched(dana, { op: 'remove', path: 'emails' })['emails'], undefined);
  const added = patched({ userName: 'x' }, { op: 'Add', path: 'emails[type eq "work"].value', value: 'n@example.com' });
  assert.deepEqual(added['emails'], [{ type: 'work', value: 'n@example.com' }], 'Entra ID adds where there is none');
  const twice = patched(dana, { op: 'add', path: 'emails', value: [{ type: 'home', value: 'b@example.com' }] });
  assert.equal((twice['emails'] as object[]).length, 2, 'what is there already is not added');
  assert.throws(() => patched(dana, { op: 'replace', path: 'emails[type eq "none"]', value: { value: 'x' } }), {
    scimType: 'noTarget',
  });
});

test('names are not case exact, and booleans may be texts', () => {
  assert.equal(patched(dana, { op: 'REPLACE', path: 'ACTIVE', value: 'False' })['active'], false);
  assert.equal(patched(dana, { op: 'replace', value: { Active: 'false' } })['active'], false);
  assert.throws(() => patched(dana, { op: 'remove', path: 'userName' }), { scimType: 'invalidValue' });
});

test('whatever is sent, what comes of it has known attributes in their types only, and the input is left as it was', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const paths = [
    'active',
    'userName',
    'externalId',
    'displayName',
    'name',
    'name.givenName',
    'name.none',
    'emails',
    'emails.value',
    'emails[type eq "work"]',
    'emails[type eq "work"].value',
    'emails[primary eq true].type',
    'emails[type eq "x"].primary',
    'roles',
    'groups',
    'id',
    'meta.version',
    '__proto__',
    'constructor.prototype',
    'emails[__proto__ eq "x"].value',
    'urn:ietf:params:scim:schemas:core:2.0:User:displayName',
    'urn:x:y',
    'a[',
    '',
    'name[x eq "y"]',
    undefined,
  ];
  const values = [
    true,
    'False',
    'text',
    '',
    null,
    undefined,
    7,
    [],
    {},
    ['x'],
    { value: 'x' },
    [{ value: 'x', type: 'work', roles: ['admin'] }],
    { active: 'True', roles: ['admin'], id: 'x', 'name.givenName': 'G' },
    JSON.parse('{"__proto__":{"active":true}}') as object,
    'x'.repeat(2000),
    { familyName: { deep: true } },
  ];
  const before = JSON.stringify(dana);
  let [carriedOut, refused] = [0, 0];
  for (let run = 0; run < 20_000; run++) {
    let resource = dana;
    for (let step = random(4); step >= 0; step--) {
      try {
        resource = patched(resource, {
          op: pick(['add', 'Replace', 'remove', 'move']),
          path: pick(paths),
          value: pick(values),
        });
        carriedOut++;
      } catch (error) {
        assert.ok(error instanceof ScimProblem && error.status === 400, String(error));
        refused++;
      }
    }
    checkTypes(attributes, resource);
    assert.equal(typeof resource['userName'], 'string');
  }
  assert.equal(JSON.stringify(dana), before);
  assert.equal(({} as { active?: unknown }).active, undefined);
  assert.ok(carriedOut > 5000 && refused > 5000, `${carriedOut} ${refused}`);
});

function checkTypes(known: readonly Attribute[], value: object): void {
  for (const [name, held] of Object.entries(value)) {
    const attribute = attributeNamed(known, name);
    assert.equal(attribute?.name, name, `${name} is not kept`);
    if (attribute!.multiValued) for (const one of held as object[]) checkTypes(attribute!.parts!, one);
    else if (attribute!.type === 'complex') checkTypes(attribute!.parts!, held as object);
    else assert.equal(typeof held, attribute!.type);
  }
}

test('at Entra ID a user is a person by object id and tenant, and by nothing that only looks like it', () => {
  const [oid, tenant] = ['AAAAAAAA-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001'];
  const settings = { personFrom: 'externalId', addsGroups: false, token: { source: 'env', name: 'T' } } as const;
  const inTenant = personIds(settings, { tenant });
  assert.equal(inTenant({ externalId: oid }), `${oid.toLowerCase()}@${tenant}`);
  assert.throws(() => inTenant({ externalId: 'dana' }), /map objectId/);
  assert.throws(() => inTenant({}), /externalId is missing/);
  assert.throws(() => personIds(settings, { tenant: 'organizations' })({ externalId: oid }), /identity\.scim\.tenant/);
  assert.equal(
    personIds({ ...settings, tenant }, { tenant: 'organizations' })({ externalId: oid }),
    `${oid.toLowerCase()}@${tenant}`,
  );
  assert.equal(
    personIds(settings, { issuer: 'https://idp.example' })({ externalId: 'dana' }),
    'https://idp.example#dana',
  );
});
