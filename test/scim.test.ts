// Provisioning as the Microsoft Entra service does it, request by request, and what becomes of the people it is about.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createBrowser } from './support/browser.ts';
import { scimToken, startScimHouse } from './support/scim-house.ts';
import type { ScimHouse } from './support/scim-house.ts';
import { authorizationRequest, obtainTokens, open, refresh, register } from './support/oauth-client.ts';

const patchOp = (...Operations: object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

/** As Entra ID creates somebody, with more attributes than are kept. */
const userOf = (externalId: string, userName = `${externalId}@example.com`): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId,
  userName,
  active: true,
  displayName: 'Dana Sato',
  emails: [{ primary: true, type: 'work', value: userName }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Dana Sato', familyName: 'Sato', givenName: 'Dana' },
  roles: [],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'R&D' },
});

const groupOf = (displayName: string, externalId?: string): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  displayName,
  ...(externalId !== undefined && { externalId }),
  meta: { resourceType: 'Group' },
});

const tokens = (house: ScimHouse) => obtainTokens(house.publicUrl, `${house.publicUrl}/mcp/files`);
const verdict = async (house: ScimHouse, { tokens: held }: Awaited<ReturnType<typeof tokens>>) =>
  house.identity.verify(`Bearer ${held.access_token}`, `${house.publicUrl}/mcp/files`);

async function signInRefused(house: ScimHouse): Promise<void> {
  const registered = await register(house.publicUrl);
  const asked = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files` });
  const { page } = await open(createBrowser(), asked);
  assert.match(page!, /identity_sign_in_disabled/);
}

test('the connection test of Entra ID finds nobody, and says so with an empty list', async () => {
  await using house = await startScimHouse();
  const { status, body, headers } = await house.scim(
    'GET',
    '/Users?filter=userName+eq+"8a1c4ce9-1f6a-4a1a-9d2d-non-existent"',
  );
  assert.equal(status, 200);
  assert.match(headers.get('content-type')!, /^application\/scim\+json/);
  assert.deepEqual(body, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  });
});

test('a person is created, found, changed, deactivated, activated and deleted as Entra ID does it', async () => {
  await using house = await startScimHouse();
  const created = await house.scim('POST', '/Users', userOf('dana'));
  assert.equal(created.status, 201);
  const { id, meta } = created.body as { id: string; meta: { location: string; version: string } };
  assert.equal(created.headers.get('location'), meta.location);
  assert.equal(meta.location, `${house.publicUrl}/scim/v2/Users/${id}`);
  assert.equal(created.headers.get('etag'), meta.version);
  assert.equal((await house.scim('POST', '/Users', userOf('dana'))).body['scimType'], 'uniqueness');

  for (const filter of [
    'userName eq "DANA@example.com"',
    'externalId eq "dana"',
    'externalId eq "dana" and userName eq "dana@example.com"',
  ]) {
    const found = await house.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    assert.deepEqual(
      (found.body['Resources'] as { id: string }[]).map((user) => user.id),
      [id],
      filter,
    );
  }

  const changed = await house.scim(
    'PATCH',
    `/Users/${id}`,
    patchOp(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'dana.sato@example.com' },
      { op: 'Add', path: 'name.familyName', value: 'Satō' },
      { op: 'Replace', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'Sales' },
      { op: 'Replace', value: { displayName: 'D. Satō', 'name.givenName': 'D.' } },
    ),
  );
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.body['emails'], [{ primary: true, type: 'work', value: 'dana.sato@example.com' }]);
  assert.deepEqual(changed.body['name'], { formatted: 'Dana Sato', familyName: 'Satō', givenName: 'D.' });
  assert.equal(changed.body['displayName'], 'D. Satō');
  assert.equal(JSON.stringify(changed.body).includes('Sales'), false, 'what is not needed is not kept');

  const held = await tokens(house);
  assert.equal((await verdict(house, held)).outcome, 'allow');
  // Without the compatibility flag booleans are texts.
  const off = await house.scim('PATCH', `/Users/${id}`, patchOp({ op: 'Replace', path: 'active', value: 'False' }));
  assert.equal(off.body['active'], false);
  const refused = await verdict(house, held);
  assert.equal('code' in refused && refused.code, 'identity_principal_disabled');
  assert.equal((await refresh(held, held.tokens.refresh_token!)).status, 400);
  await signInRefused(house);

  const on = await house.scim('PATCH', `/Users/${id}`, patchOp({ op: 'Replace', value: { active: true } }));
  assert.equal(on.body['active'], true);
  assert.equal((await verdict(house, await tokens(house))).outcome, 'allow');

  const again = await tokens(house);
  assert.equal((await house.scim('DELETE', `/Users/${id}`)).status, 204);
  assert.equal((await verdict(house, again)).outcome, 'challenge');
  assert.equal((await house.scim('GET', `/Users/${id}`)).status, 404);
  await signInRefused(house); // whoever was deleted stays out
  const known = await house.identity.killSwitch.principals({ limit: 10 });
  assert.deepEqual(
    known.map(({ name, groups }) => [name, groups]),
    [[`${house.provider.issuer}#dana`, []]],
    'and is forgotten',
  );
  assert.equal(
    (await house.scim('POST', '/Users', userOf('dana'))).status,
    201,
    'until the directory brings them back',
  );
  assert.equal((await verdict(house, await tokens(house))).outcome, 'allow');

  const actions = house.records.map(({ action }) => action).filter((action) => action.startsWith('scim.'));
  assert.deepEqual(actions, [
    'scim.user.created',
    'scim.user.changed',
    'scim.user.changed',
    'scim.user.changed',
    'scim.user.deleted',
    'scim.user.created',
  ]);
});

test('somebody who was never here is kept out in advance', async () => {
  await using house = await startScimHouse();
  assert.equal((await house.scim('POST', '/Users', { ...userOf('dana'), active: 'False' })).status, 201);
  await signInRefused(house);
  const page = house.records.find(({ action, result }) => action === 'identity.signIn' && result === 'denied');
  assert.equal(page?.details['code'], 'identity_sign_in_disabled');
});

test('what an administrator has decided the directory does not undo, nor the other way round', async () => {
  await using house = await startScimHouse();
  const person = `${house.provider.issuer}#dana`;
  const { body } = await house.scim('POST', '/Users', userOf('dana'));
  const active = (value: boolean) =>
    house.scim('PATCH', `/Users/${String(body['id'])}`, patchOp({ op: 'replace', path: 'active', value }));
  const by = { by: 'admin', reason: 'incident' };
  await house.identity.killSwitch.disablePerson(person, by);
  await active(false);
  await active(true);
  assert.deepEqual(
    (await house.identity.killSwitch.disabled(person)).map(({ source }) => source),
    ['administrator'],
  );
  await active(false);
  await house.identity.killSwitch.enablePerson(person, by);
  assert.deepEqual(
    (await house.identity.killSwitch.disabled(person)).map(({ source }) => source),
    ['directory'],
  );
});

for (const [name, method, body] of [
  ['a replacement that does not speak of it', 'PUT', { ...userOf('dana'), active: undefined }],
  ['a replacement by null', 'PUT', { ...userOf('dana'), active: null }],
  ['a change to null', 'PATCH', patchOp({ op: 'Replace', path: 'active', value: null })],
  ['a change to nothing', 'PATCH', patchOp({ op: 'Replace', value: { active: '' } })],
  ['a removal', 'PATCH', patchOp({ op: 'Remove', path: 'active' })],
] as const)
  test(`who was kept out stays out after ${name}, and who was not comes in as before`, async () => {
    await using house = await startScimHouse();
    const person = `${house.provider.issuer}#dana`;
    const { body: created } = await house.scim('POST', '/Users', userOf('dana'));
    const [place, active] = [
      `/Users/${String(created['id'])}`,
      (value: boolean) => patchOp({ op: 'replace', path: 'active', value }),
    ];
    const sources = async () => (await house.identity.killSwitch.disabled(person)).map(({ source }) => source);
    assert.equal((await house.scim(method, place, body)).body['active'], true);
    assert.deepEqual(await sources(), []);
    await house.scim('PATCH', place, active(false));
    assert.equal((await house.scim(method, place, body)).body['active'], false);
    assert.deepEqual(await sources(), ['directory']);
    await house.scim('PATCH', place, active(true));
    assert.deepEqual(await sources(), [], 'control: what is said counts');
  });

test('a change that was begun before somebody was kept out does not let them in again', async () => {
  let asked = 0;
  await using house = await startScimHouse({}, { secret: () => Promise.resolve(((asked += 1), scimToken)) });
  const { body } = await house.scim('POST', '/Users', userOf('dana'));
  const place = `/Users/${String(body['id'])}`;
  asked = 0;
  // Both have come as far as the database before either of them gets there.
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const holding = house.database.transaction().execute(() => held);
  const off = house.scim('PATCH', place, patchOp({ op: 'replace', path: 'active', value: false }));
  while (asked < 1) await setImmediate();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  const renamed = house.scim('PATCH', place, patchOp({ op: 'replace', path: 'displayName', value: 'Dana S.' }));
  while (asked < 2) await setImmediate();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  release();
  await holding;
  assert.deepEqual(
    (await Promise.all([off, renamed])).map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await house.scim('GET', place)).body['active'], false);
  assert.equal((await house.identity.killSwitch.disabled(`${house.provider.issuer}#dana`)).length, 1);
});

test('who is let in again while they are being deleted is out', async () => {
  await using house = await startScimHouse();
  const person = `${house.provider.issuer}#dana`;
  const { killSwitch } = house.identity;
  const { body } = await house.scim('POST', '/Users', userOf('dana'));
  let again: Promise<boolean> | undefined;
  house.revocations.follow(({ act }) => {
    if (act === 'disable') again ??= killSwitch.enablePerson(person, { by: 'other', reason: 'active' }, 'directory');
  });
  assert.equal((await house.scim('DELETE', `/Users/${String(body['id'])}`)).status, 204);
  assert.equal(await again, true, 'in between');
  assert.equal((await killSwitch.disabled(person)).length, 1);
});

test('whoever is hired under the sign-in name of somebody who has left gets their user, and nothing else of theirs', async () => {
  await using house = await startScimHouse({ addsGroups: true });
  const out = async (id: string) => (await house.identity.killSwitch.disabled(`${house.provider.issuer}#${id}`)).length;
  const { body } = await house.scim('POST', '/Users', userOf('old', 'dana@example.com'));
  const place = `/Users/${String(body['id'])}`;
  const { body: group } = await house.scim('POST', '/Groups', {
    ...groupOf('makers'),
    members: [{ value: body['id'] }],
  });
  const link = { op: 'Replace', path: 'externalId', value: 'new' };
  const active = (value: string) => ({ op: 'Replace', path: 'active', value });
  const early = await house.scim('PATCH', place, patchOp(link));
  assert.deepEqual([early.status, early.body['scimType']], [400, 'mutability'], 'control: not while they are here');
  await house.scim('PATCH', place, patchOp(active('False')));
  const found = await house.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "dana@example.com"')}`);
  assert.equal(found.body['totalResults'], 1);
  // Although somebody has overruled the directory about the one who left.
  await house.identity.killSwitch.enablePerson(
    `${house.provider.issuer}#old`,
    { by: 'admin', reason: 'test' },
    'directory',
  );
  const linked = await house.scim('PATCH', place, patchOp(link, active('True')));
  assert.deepEqual([linked.status, linked.body['externalId'], linked.body['active']], [200, 'new', true]);
  assert.deepEqual([await out('old'), await out('new')], [1, 0]);
  assert.deepEqual((await house.scim('GET', `/Groups/${String(group['id'])}`)).body['members'], []);
  const { details } = house.records.findLast(({ action }) => action === 'scim.user.changed')!;
  assert.equal(details['former'], `${house.provider.issuer}#old`);
  await house.scim('PATCH', place, patchOp(active('False')));
  assert.deepEqual([await out('old'), await out('new')], [1, 1], 'and is the one who leaves next');
});

test('members come and go in both dialects of Entra ID, and a group that is taken away counts no more', async () => {
  await using house = await startScimHouse();
  house.provider.person = { sub: 'dana', name: 'Dana', groups: ['dev-team', 'elsewhere'] };
  const held = await tokens(house);
  const groups = async (): Promise<readonly string[]> => {
    const verified = await verdict(house, held);
    assert.ok(verified.outcome === 'allow', JSON.stringify(verified));
    return verified.principal.groups;
  };
  const idOf = async (path: string, body: object) => String((await house.scim('POST', path, body)).body['id']);
  const dana = await idOf('/Users', userOf('dana'));
  const omar = await idOf('/Users', userOf('omar'));
  const group = await idOf('/Groups', groupOf('Developers', 'dev-team'));
  assert.deepEqual(await groups(), ['elsewhere'], 'the directory knows the group, and dana is not in it');
  const members = async () =>
    ((await house.scim('GET', `/Groups/${group}`)).body['members'] as { value: string }[])
      .map(({ value }) => value)
      .sort();

  const added = await house.scim(
    'PATCH',
    `/Groups/${group}`,
    patchOp({ op: 'Add', path: 'members', value: [{ $ref: null, value: dana }, { value: omar }] }),
  );
  assert.equal(added.status, 204);
  assert.deepEqual(await members(), [dana, omar].sort());
  assert.deepEqual(await groups(), ['dev-team', 'elsewhere']);

  await house.scim(
    'PATCH',
    `/Groups/${group}`,
    patchOp({ op: 'Remove', path: 'members', value: [{ $ref: null, value: dana }] }),
  );
  assert.deepEqual(await members(), [omar], 'the older dialect takes one away, and not all');
  assert.deepEqual(await groups(), ['elsewhere']);
  await house.scim('PATCH', `/Groups/${group}`, patchOp({ op: 'remove', path: `members[value eq "${omar}"]` }));
  assert.deepEqual(await members(), []);

  await house.scim('PATCH', `/Groups/${group}`, patchOp({ op: 'Replace', path: 'displayName', value: 'Makers' }));
  const filter = encodeURIComponent('displayName eq "Makers"');
  const found = await house.scim('GET', `/Groups?excludedAttributes=members&filter=${filter}`);
  assert.deepEqual(
    (found.body['Resources'] as object[]).map((one) => 'members' in one),
    [false],
  );
  assert.equal((await house.scim('DELETE', `/Groups/${group}`)).status, 204);
  assert.deepEqual(
    await groups(),
    ['dev-team', 'elsewhere'],
    'what the directory knows nothing of, the sign-in decides',
  );
});

test('pages, versions, discovery and mistakes are as RFC 7644 has them', async () => {
  await using house = await startScimHouse();
  for (let index = 0; index < 5; index++) await house.scim('POST', '/Users', userOf(`person-${index}`));
  const page = await house.scim('GET', '/Users?startIndex=2&count=2&attributes=userName');
  assert.deepEqual([page.body['totalResults'], page.body['startIndex'], page.body['itemsPerPage']], [5, 2, 2]);
  const [user] = page.body['Resources'] as { id: string }[];
  assert.deepEqual(Object.keys(user!).sort(), ['id', 'schemas', 'userName']);

  const one = await house.scim('GET', `/Users/${user!.id}`);
  const version = one.headers.get('etag')!;
  assert.equal((await house.scim('GET', `/Users/${user!.id}`, undefined, { 'if-none-match': version })).status, 304);
  assert.equal((await house.scim('DELETE', `/Users/${user!.id}`, undefined, { 'if-match': 'W/"other"' })).status, 412);

  const { body: group } = await house.scim('POST', '/Groups', groupOf('makers'));
  const stale = { 'if-match': (group['meta'] as { version: string }).version };
  const place = `/Groups/${String(group['id'])}`;
  await house.scim('PATCH', place, patchOp({ op: 'add', path: 'members', value: [{ value: user!.id }] }));
  assert.equal((await house.scim('DELETE', place, undefined, stale)).status, 412, 'somebody has come in since');
  const fresh = { 'if-match': (await house.scim('GET', place)).headers.get('etag')! };
  assert.equal((await house.scim('DELETE', place, undefined, fresh)).status, 204, 'control');

  assert.deepEqual((await house.scim('GET', '/ServiceProviderConfig')).body['patch'], { supported: true });
  assert.equal((await house.scim('GET', '/ResourceTypes')).body['totalResults'], 2);
  assert.equal((await house.scim('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')).status, 200);

  for (const [method, path, body, status, scimType] of [
    ['GET', '/Users?filter=userName+sw+"a"', undefined, 400, 'invalidFilter'],
    ['GET', '/Users?filter=password+eq+"a"', undefined, 400, 'invalidFilter'],
    ['PATCH', `/Users/${user!.id}`, { Operations: [] }, 400, 'invalidSyntax'],
    ['PATCH', `/Users/${user!.id}`, patchOp({ op: 'remove' }), 400, 'noTarget'],
    ['PATCH', `/Users/${user!.id}`, patchOp({ op: 'replace', path: 'a[b', value: 1 }), 400, 'invalidPath'],
    ['PATCH', `/Users/${user!.id}`, patchOp({ op: 'replace', path: 'active', value: 'perhaps' }), 400, 'invalidValue'],
    [
      'PATCH',
      `/Users/${user!.id}`,
      patchOp({ op: 'replace', path: 'externalId', value: 'somebody-else' }),
      400,
      'mutability',
    ],
    ['POST', '/Users', { userName: 'nobody' }, 400, 'invalidValue'],
    ['PUT', '/Users/none', {}, 404, undefined],
    ['POST', '/Bulk', {}, 404, undefined],
    ['DELETE', '/Users', undefined, 405, undefined],
  ] as const) {
    const answer = await house.scim(method, path, body);
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`);
    assert.equal(answer.body['scimType'], scimType, path);
    assert.deepEqual(
      [answer.body['schemas'], answer.body['status']],
      [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status)],
    );
  }
});

test('a group of a name that the directory has not known until now counts at once for everybody who has it from their sign-in', async () => {
  await using house = await startScimHouse();
  house.provider.person = { sub: 'dana', name: 'Dana', groups: ['makers', 'testers'] };
  const held = await tokens(house);
  const groups = async (): Promise<readonly string[]> => {
    const verified = await verdict(house, held);
    assert.ok(verified.outcome === 'allow', JSON.stringify(verified));
    return verified.principal.groups;
  };
  await house.scim('POST', '/Users', userOf('dana'));
  assert.deepEqual(await groups(), ['makers', 'testers']);
  const { body } = await house.scim('POST', '/Groups', groupOf('makers'));
  assert.deepEqual(await groups(), ['testers'], 'dana is no member, and so not among those whom the request names');
  const renamed = patchOp({ op: 'Replace', path: 'displayName', value: 'testers' });
  assert.equal((await house.scim('PATCH', `/Groups/${String(body['id'])}`, renamed)).status, 204);
  assert.deepEqual(await groups(), ['makers']);
});
