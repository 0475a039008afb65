// Signing in with Entra ID: who somebody is, from which tenant, with which groups and roles, and what they prove.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { idOf, startEntraHouse } from './support/entra-house.ts';
import type { EntraHouse } from './support/entra-house.ts';
import { startGraph } from './support/graph.ts';
import type { Graph } from './support/graph.ts';

const isIn = ({ page }: { page?: string }): boolean => page?.includes('name="decision"') ?? false;
const lastCode = (house: EntraHouse): unknown => house.records.at(-1)!.details['code'];

test('a person signs in, is known by object id and tenant, and comes with groups', async () => {
  await using house = await startEntraHouse();
  assert.ok(isIn(await house.signIn(house.dana)));
  const person = await house.personOf(house.dana);
  assert.deepEqual(person, { id: idOf(house.dana), name: 'dana@contoso.example', groups: house.dana.groups });
  const { params } = house.entra.requests.find(({ path }) => path.endsWith('/authorize'))!;
  assert.equal(params.get('code_challenge_method'), 'S256');
  assert.ok(params.get('nonce') && params.get('state') && !params.has('resource'));
  const scopes = [house.app.scope('access'), 'offline_access', 'openid', 'profile'];
  assert.deepEqual(params.get('scope')!.split(' ').sort(), scopes.sort());
  const { access_token: asked } = JSON.parse(params.get('claims')!) as Record<string, unknown>;
  assert.deepEqual(asked, { xms_cc: { values: ['CP1'] } });
});

test('the record of a sign-in names the person by what cannot change, and the credential of ours without its secret', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  const { details } = house.records.findLast(({ action }) => action === 'identity.signIn')!;
  const { oid, tid } = house.dana;
  assert.deepEqual(
    { oid: details['oid'], tid: details['tid'], credential: details['credential'] },
    { oid, tid, credential: { kind: 'secret', id: 'env GENKAN_SECRET' } },
  );
});

test('app roles stand among the groups as role:NAME', async () => {
  await using house = await startEntraHouse();
  house.dana.appRoles[house.app.clientId] = ['Operator'];
  await house.signIn(house.dana);
  assert.deepEqual((await house.personOf(house.dana))!.groups, [...house.dana.groups, 'role:Operator']);
});

test('groups by name sign nobody in, neither as groups nor without them, and nothing is kept', async () => {
  await using house = await startEntraHouse();
  for (const groups of [['CORP\\Leavers'], [...house.dana.groups, 'role:Owner', 'dev-team']]) {
    house.entra.tamper = (claims) => ({ ...claims, groups });
    assert.equal((await house.signIn(house.dana)).response!.status, 502);
    assert.equal(lastCode(house), 'identity_groups_named');
  }
  assert.equal(await house.personOf(house.dana), undefined);
  assert.equal(await house.sealed.get(idOf(house.dana), 'entra'), undefined);
});

for (const accessTokenVersion of [1, 2] as const)
  test(`tokens of version ${accessTokenVersion} for our own API are read right, contexts in them too`, async () => {
    await using house = await startEntraHouse({
      app: { accessTokenVersion, optionalClaims: { accessToken: ['acrs'] } },
    });
    house.entra.satisfied = ['c2'];
    const { contexts, person } = await house.signInBy(house.beside().leg, house.dana);
    assert.deepEqual(contexts, ['c2']);
    assert.equal(person.id, idOf(house.dana));
    assert.equal(
      (await house.beside().callerTokens.tokenFor(idOf(house.dana), [house.notes.scope('Notes.Read')])).token.split('.')
        .length,
      3,
    );
  });

test('authentication contexts are asked for, proven, and known afterwards; what nobody asked for is not', async () => {
  await using house = await startEntraHouse();
  const { leg } = house.beside();
  assert.deepEqual((await house.signInBy(leg, house.dana)).contexts, []);
  assert.deepEqual((await house.signInBy(leg, house.dana, { contexts: ['c1'] })).contexts, ['c1']);
  const several = await house.signInBy(leg, house.dana, { contexts: ['c1', 'c3'] });
  assert.ok(several.contexts.length > 0);
  const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c5' } } });
  await house.signInBy(leg, house.omar, { contexts: ['c1'], claims });
  const { params } = house.entra.requests.findLast(({ path }) => path.endsWith('/authorize'))!;
  const asked = JSON.parse(params.get('claims')!) as Record<string, Record<string, unknown>>;
  assert.deepEqual(asked['id_token']!['acrs'], { essential: true, value: 'c1' });
  assert.deepEqual(asked['access_token']!['acrs'], { essential: true, value: 'c5' });
  assert.deepEqual(asked['access_token']!['xms_cc'], { values: ['CP1'] });
});

test('people of two tenants sign in where both are allowed, and nobody of a third', async () => {
  await using house = await startEntraHouse({
    app: { multiTenant: true },
    provider: async (entra) => ({ tenant: 'organizations', allowedTenants: [entra.tenant, entra.addTenant(fabrikam)] }),
  });
  const fay = house.entra.addUser({ upn: 'fay@fabrikam.example', name: 'Fay', tenant: fabrikam });
  const eve = house.entra.addUser({ upn: 'eve@evil.example', name: 'Eve', tenant: house.entra.addTenant() });
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.ok(isIn(await house.signIn(fay)));
  assert.equal((await house.personOf(fay))!.id, `${fay.oid}@${fabrikam}`);
  assert.equal((await house.tokenFor(fay))['tid'], fabrikam, 'calls in her name go to her own tenant');
  assert.equal((await house.signIn(eve)).response!.status, 403);
  assert.equal(lastCode(house), 'identity_tenant_foreign');
});
const fabrikam = randomUUID();

test('keys roll over: a new one is met and fetched, one that was withdrawn is no good any more', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  house.entra.rotateKeys();
  house.advance(30_000);
  assert.ok(isIn(await house.signIn(house.dana)));
  const asked = house.entra.counts.keys;
  assert.ok(isIn(await house.signIn(house.omar)));
  assert.equal(house.entra.counts.keys, asked, 'known keys are not fetched again');
});

async function withManyGroups(): Promise<{ house: EntraHouse; graph: Graph } & AsyncDisposable> {
  let graph: Graph | undefined;
  const house = await startEntraHouse({
    provider: async (entra) => ({ graphUrl: (graph = await startGraph(entra)).url }),
  });
  house.dana.groups = Array.from({ length: 1100 }, (_, at) => house.entra.addGroup(`group ${at}`));
  return {
    house,
    graph: graph!,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await graph![Symbol.asyncDispose]();
    },
  };
}

test('who is in more groups than a token holds gets all of them from Microsoft Graph, page by page, also when it is busy', async () => {
  await using both = await withManyGroups();
  const { house, graph } = both;
  graph.throttle(1, 1);
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.deepEqual((await house.personOf(house.dana))!.groups.toSorted(), house.dana.groups.toSorted());
  assert.equal(graph.requests.length, 3, 'one that was turned away, and two pages');
});

test('without all groups nobody is signed in: neither with none nor with some', async () => {
  await using both = await withManyGroups();
  const { house, graph } = both;
  graph.fail(20, 500);
  assert.equal((await house.signIn(house.dana)).response!.status, 502);
  assert.equal(lastCode(house), 'identity_groups_unavailable');
  assert.equal(await house.personOf(house.dana), undefined);
});

test('a token that says something else than the sign-in does signs nobody in; control: what says the same does', async () => {
  await using house = await startEntraHouse();
  const other = house.entra.addApp({ displayName: 'Other' }).clientId;
  const same = (claims: Record<string, unknown>): Record<string, unknown> => claims;
  const refused = async (reason: RegExp): Promise<void> => {
    assert.notEqual((await house.signIn(house.dana)).page?.includes('name="decision"'), true);
    assert.match(String(house.records.at(-1)!.details['reason']), reason);
    assert.equal(await house.personOf(house.dana), undefined);
    assert.equal(await house.sealed.get(idOf(house.dana), 'entra'), undefined);
  };
  house.entra.tamperAccessToken = (claims) => ({ ...claims, oid: house.omar.oid });
  await refused(/token for our API: it is about somebody else/);
  house.entra.tamperAccessToken = (claims) => ({ ...claims, azp: other, appid: other });
  await refused(/token for our API: it was issued to another application/);
  house.entra.tamperAccessToken = same;
  house.entra.tamper = (claims) => ({ ...claims, scp: 'access' });
  await refused(/ID token: .*scp/);
  house.entra.tamper = same;
  await house.signIn(house.dana);
  assert.equal((await house.personOf(house.dana))?.id, idOf(house.dana));
});

test('groups that cannot be read do not pass for none', async () => {
  await using house = await startEntraHouse();
  for (const changes of [{ groups: 'dev-team' }, { groups: [7] }, { roles: 'Owner' }, { _claim_names: 'groups' }]) {
    house.entra.tamper = (claims) => ({ ...claims, ...changes });
    assert.equal((await house.signIn(house.dana)).response!.status, 400, JSON.stringify(changes));
  }
  assert.equal(await house.personOf(house.dana), undefined);
});

test('what Entra ID refuses is told as what it means', async () => {
  await using house = await startEntraHouse();
  for (const [number, code, status] of [
    [7000222, 'identity_credential_expired', 502],
    [7000215, 'identity_credential_refused', 502],
    [700213, 'identity_credential_refused', 502],
    [65001, 'identity_consent_missing', 403],
    [53003, 'identity_policy_forbids', 403],
    [50105, 'identity_person_not_assigned', 403],
    [700016, 'identity_application_unknown', 502],
    [650053, 'identity_scope_unknown', 502],
    [50011, 'identity_redirect_unregistered', 502],
    [90033, 'identity_provider_unavailable', 502],
    [99999, 'identity_sign_in_failed', 400],
  ] as const) {
    house.entra.failTokens(number, 'Trace ID: 1.');
    const { page, response } = await house.signIn(house.dana);
    assert.equal(response!.status, status, String(number));
    assert.match(page!, new RegExp(code), String(number));
    assert.match(String(house.records.at(-1)!.details['reason']), new RegExp(`AADSTS${number}`));
  }
});

test('who calls a sign-in off goes back to the client; who may not come in reads why', async () => {
  await using house = await startEntraHouse();
  house.entra.requireContext(house.app.clientId, 'c1');
  house.entra.mfa = 'fails';
  const { url } = await house.signIn(house.dana);
  assert.equal(url.searchParams.get('error'), 'access_denied');
  assert.equal(house.records.at(-1)!.result, 'denied');
  house.entra.mfa = 'passes';
  house.dana.accountEnabled = false;
  const refused = await house.signIn(house.dana);
  assert.equal(refused.response!.status, 400);
  assert.match(String(house.records.at(-1)!.details['reason']), /AADSTS50057/);
});

test('a scope of somebody else’s API is told as the mistake that it is', async () => {
  let notes = '';
  await using house = await startEntraHouse({
    provider: async (entra) => ({
      apiScope: (notes = entra.addApp({ displayName: 'Other', scopes: ['read'] }).scope('read')),
    }),
  });
  assert.equal((await house.signIn(house.dana)).response!.status, 502);
  assert.equal(lastCode(house), 'identity_scope_unknown');
  assert.ok(notes);
});

test('while Entra ID is down that is what people read, and afterwards they sign in', async () => {
  await using house = await startEntraHouse();
  const back = await house.untilCallback(house.dana);
  house.entra.down = true;
  const arrival = await back.browser.follow(back.callback, () => false);
  assert.equal(arrival.response!.status, 502);
  assert.match(arrival.page!, /identity_provider_unavailable/);
  house.entra.down = false;
  assert.ok(isIn(await house.signIn(house.dana)));
});
