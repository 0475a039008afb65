// Attack (ID-JAG): the word of a company's identity provider is forged, used twice, by another client, elsewhere, or for more than it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { sweep } from '../../src/identity/oidc-adapter.ts';
import { createCompanyProvider } from '../support/company-provider.ts';
import type { CompanyProvider } from '../support/company-provider.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { discover, register } from '../support/oauth-client.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { assertionGrant, requestToken } from '../support/token-request.ts';

const tenant = '11111111-2222-4333-8444-555555555555';
const typ = 'oauth-id-jag+jwt';

async function assertingHouse(trusted: object = {}, asserting?: CompanyProvider, send?: typeof fetch) {
  const company = asserting ?? (await createCompanyProvider());
  const house = await startIdentityHouse({
    settings: { enterpriseAssertions: [{ issuer: company.issuer, ...trusted }] },
    fetch: send ?? company.fetch,
  });
  const { publicUrl } = house;
  const agent = await registerAgent(house, 'assistant', { resources: ['/mcp/files', '/api'] });
  const resource = `${publicUrl}/mcp/files`;
  const claims = { sub: 'dana', aud: publicUrl, client_id: 'assistant', resource };
  const word = (changes: object = {}, header: object = {}, key = company.key) =>
    company.sign({ ...claims, ...changes }, { typ, ...header }, key);
  const show = (assertion: string, parameters: Record<string, string> = {}, by = agent) =>
    requestToken(publicUrl, by, assertionGrant, { assertion, ...parameters });
  return { house, company, agent, resource, word, show, claims };
}

test('the word is good once, for the client, the server and the resource that it names; for an hour it is no word', async () => {
  const { house, company, resource, word, show } = await assertingHouse();
  await using _ = house;
  const other = await registerAgent(house, 'other', { resources: ['/mcp/files'] });
  const foreign = (await generateKeyPair('ES256')).privateKey;
  const now = Math.floor(Date.now() / 1000);
  const unsigned = (await word())
    .split('.')
    .with(0, Buffer.from(JSON.stringify({ alg: 'none', typ })).toString('base64url'));
  const grants = {
    'of another key': await word({}, {}, foreign),
    'of a key in its header': await word({}, { kid: undefined, jwk: { kty: 'EC' } }, foreign),
    unsigned: `${unsigned[0]}.${unsigned[1]}.`,
    'an ID token': await word({}, { typ: 'JWT' }),
    'for another server': await word({ aud: 'https://elsewhere.example' }),
    'for two servers': await word({ aud: [house.publicUrl, 'https://elsewhere.example'] }),
    'for our token endpoint': await word({ aud: `${house.publicUrl}/oauth/token` }),
    'of another issuer': await word({ iss: 'https://elsewhere.example' }),
    'for another client': await word({ client_id: 'other' }),
    'for no client': await word({ client_id: undefined }),
    'about nobody': await word({ sub: undefined }),
    'without an id': await word({ jti: undefined }),
    'for an hour': await word({ exp: now + 3600 }),
    'of an hour ago': await word({ iat: now - 3600, exp: now + 60 }),
    expired: await word({ iat: now - 200, exp: now - 60 }),
    'too long': 'a'.repeat(9000),
  };
  for (const [name, assertion] of Object.entries(grants))
    assert.equal((await show(assertion)).outcome, 'invalid_grant', name);
  assert.equal((await show(await word({ resource: `${house.publicUrl}/mcp/azure` }))).outcome, 'invalid_target');
  assert.equal((await show(await word({ resource: undefined }))).outcome, 'invalid_target');
  assert.equal((await show(await word(), { resource: `${house.publicUrl}/api` })).outcome, 'invalid_target');
  assert.equal((await show(await word(), { scope: 'mcp admin' })).outcome, 'invalid_scope');
  assert.equal(
    (await show(await word({ resource: `${house.publicUrl}/api` }))).outcome,
    'invalid_scope',
    'administration must be said',
  );

  const good = await word();
  assert.equal((await show(good, {}, other)).outcome, 'invalid_grant', 'shown by another client');
  const answer = await show(good);
  assert.equal(answer.outcome, 'tokens', 'control: none of the refusals has used it up');
  assert.equal(answer.body.refresh_token, undefined);
  assert.equal((await show(good)).outcome, 'invalid_grant', 'a second time');
  const verdict = await house.identity.verify(`Bearer ${answer.token}`, resource);
  assert.ok(verdict.outcome === 'allow');
  assert.equal(verdict.principal.id, `${company.issuer}#dana`, 'as if she had signed in');
});

test('eight at once with one word: one token', async () => {
  const { house, word, show } = await assertingHouse();
  await using _ = house;
  const assertion = await word();
  const outcomes = await Promise.all(Array.from({ length: 8 }, async () => (await show(assertion)).outcome));
  assert.equal(outcomes.filter((outcome) => outcome === 'tokens').length, 1);
});

test('a provider of one tenant names nobody of another', async () => {
  const { house, resource, word, show } = await assertingHouse({ tenant });
  await using _ = house;
  const oid = 'AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee';
  for (const changes of [{}, { oid }, { tid: tenant }, { oid, tid: oid }, { oid: '#dana', tid: tenant }])
    assert.equal((await show(await word(changes))).outcome, 'invalid_grant', JSON.stringify(changes));
  const { outcome, token } = await show(await word({ oid, tid: tenant }));
  assert.equal(outcome, 'tokens', 'control: its own people it may name');
  const verdict = await house.identity.verify(`Bearer ${token}`, resource);
  assert.equal(verdict.outcome === 'allow' && verdict.principal.id, `${oid.toLowerCase()}@${tenant}`);
});

test('a group of a tenant that is named like an app role, or like any group, gives nothing, and takes no role away', async () => {
  const { house, resource, word, show } = await assertingHouse({ tenant });
  await using _ = house;
  const [oid, group] = ['aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', 'CCCCCCCC-bbbb-4ccc-8ddd-eeeeeeeeeeee'];
  const groupsAfter = async (changes: object) => {
    const verdict = await house.identity.verify(
      `Bearer ${(await show(await word({ oid, tid: tenant, ...changes }))).token}`,
      resource,
    );
    assert.ok(verdict.outcome === 'allow', JSON.stringify(verdict));
    return verdict.principal.groups;
  };
  const named = ['role:Genkan.Admin', 'Domain Admins'];
  assert.deepEqual(await groupsAfter({ groups: named }), []);
  assert.deepEqual(
    await groupsAfter({ groups: [...named, group] }),
    [group.toLowerCase()],
    'control: an object id counts',
  );
  const account = { id: `${oid}@${tenant}`, name: 'dana', groups: ['role:Reader', group.toLowerCase()] };
  await house.identity.upsertAccount(account);
  assert.deepEqual(await groupsAfter({}), ['role:Reader', group.toLowerCase()]);
  assert.deepEqual(await groupsAfter({ groups: named }), ['role:Reader'], 'out of the group, and still in the role');
});

test('who is in more groups than a word holds comes in once a sign-in has said which', async () => {
  const { house, word, show } = await assertingHouse({ tenant });
  await using _ = house;
  const oid = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
  for (const more of [{ hasgroups: true }, { _claim_names: { groups: 'src1' } }])
    assert.equal((await show(await word({ oid, tid: tenant, ...more }))).outcome, 'invalid_grant');
  await house.identity.upsertAccount({ id: `${oid}@${tenant}`, name: 'dana', groups: [oid] });
  assert.equal(
    (await show(await word({ oid, tid: tenant, hasgroups: true, groups: [] }))).outcome,
    'tokens',
    'control',
  );
  const { groups } = (await house.identity.killSwitch.principals({ limit: 10 }))[0]!;
  assert.deepEqual(groups, [oid], 'and keeps what is known');
});

test('a sign-in of ten years ahead is one of now', async () => {
  const { house, resource, word, show } = await assertingHouse();
  await using _ = house;
  const now = Math.floor(Date.now() / 1000);
  const signedIn = async (auth_time: number): Promise<number> => {
    const verdict = await house.identity.verify(`Bearer ${(await show(await word({ auth_time }))).token}`, resource);
    assert.ok(verdict.outcome === 'allow');
    return verdict.signedInAtMs!;
  };
  assert.ok((await signedIn(now + 10 * 365 * 86_400)) <= Date.now());
  assert.equal(await signedIn(now - 60), (now - 60) * 1000, 'control');
});

test('a word is used up for as long as it is accepted, which is a little beyond its end', async () => {
  const { house, word, show } = await assertingHouse();
  await using _ = house;
  const now = Math.floor(Date.now() / 1000);
  const [good, other] = [await word({ exp: now + 60 }), await word({ exp: now + 60 })];
  assert.equal((await show(good)).outcome, 'tokens');
  house.advance(65_000);
  await sweep(house.database, house.now());
  assert.equal((await show(good)).outcome, 'invalid_grant');
  assert.equal((await show(other)).outcome, 'tokens', 'control: it would still be accepted');
});

test('a word for several resources is none for any of them', async () => {
  const { house, resource, word, show } = await assertingHouse();
  await using _ = house;
  assert.equal((await show(await word({ resource: [resource, `${house.publicUrl}/api`] }))).outcome, 'invalid_target');
  assert.equal((await show(await word({ resource: [resource] }))).outcome, 'tokens', 'control');
});

test('a word that is bound to a key is none without it, and with another one neither', async () => {
  const { house, word, agent } = await assertingHouse();
  await using _ = house;
  const [own, other] = await Promise.all([1, 2].map(() => oauth.generateKeyPair('ES256', { extractable: true })));
  const jkt = await calculateJwkThumbprint(await exportJWK(own!.publicKey));
  const shown = async (cnf: object, pair?: oauth.CryptoKeyPair): Promise<string> => {
    const parameters = { assertion: await word({ cnf }) };
    const proof = pair && { DPoP: oauth.DPoP(agent.client, pair) };
    return (await requestToken(house.publicUrl, agent, assertionGrant, parameters, proof)).outcome;
  };
  assert.equal(await shown({ jkt }), 'invalid_dpop_proof');
  assert.equal(await shown({ jkt }, other), 'invalid_dpop_proof');
  assert.equal(await shown({ 'x5t#S256': jkt }, own), 'invalid_dpop_proof', 'bound in a way that cannot be checked');
  assert.equal(await shown({ jkt }, own), 'tokens', 'control');
});

for (const [name, answer, outcome] of [
  [
    'a discovery document that names another issuer leads to no keys',
    { issuer: 'https://elsewhere.example' },
    'invalid_grant',
  ],
  ['nor does one that has them in the open', { jwks_uri: 'http://company.example/keys' }, 'invalid_grant'],
  ['nor does one of more than 256 KB', { padding: 'x'.repeat(300_000) }, 'invalid_grant'],
  ['control: the same document without any of that does', {}, 'tokens'],
] as const)
  test(name, async () => {
    const company = await createCompanyProvider();
    const place = `${company.issuer}/.well-known/openid-configuration`;
    const document = { issuer: company.issuer, jwks_uri: `${company.issuer}/keys`, ...answer };
    const { show, house, word } = await assertingHouse({}, company, (input, init) =>
      String(input) === place
        ? Promise.resolve(Response.json(document))
        : company.fetch(String(input).replace('http://company', 'https://company'), init),
    );
    await using _ = house;
    assert.equal((await show(await word())).outcome, outcome);
  });

test('a client that has registered itself has no use for a stolen word, nor has anybody where no company is trusted', async () => {
  const { house, claims, word, company } = await assertingHouse();
  await using _ = house;
  const { client } = await register(house.publicUrl, { grant_types: [assertionGrant, 'authorization_code'] });
  const stolen = await company.sign({ ...claims, client_id: client.client_id }, { typ });
  const thief = { client, authentication: oauth.None() };
  const { outcome } = await requestToken(house.publicUrl, thief, assertionGrant, { assertion: stolen });
  assert.equal(outcome, 'invalid_request');

  await using closed = await startIdentityHouse({ fetch: company.fetch });
  const agent = await registerAgent(closed, 'assistant', { resources: ['/mcp/files'] });
  const assertion = await word({ aud: closed.publicUrl, resource: `${closed.publicUrl}/mcp/files` });
  assert.equal((await requestToken(closed.publicUrl, agent, assertionGrant, { assertion })).outcome, 'invalid_grant');
  const metadata = await discover(closed.publicUrl);
  assert.ok(!metadata.grant_types_supported!.includes(assertionGrant), 'and it is not offered');
});

test('keys that nobody has are not looked for again and again', async () => {
  const { house, company, word, show } = await assertingHouse();
  await using _ = house;
  for (let time = 0; time < 20; time += 1) await show(await word({}, { kid: `unknown-${time}` }));
  assert.deepEqual(company.asked, [`${company.issuer}/.well-known/openid-configuration`, `${company.issuer}/keys`]);
});

test('for somebody whom an administrator has disabled no word counts, and a disabled agent carries none', async () => {
  const { house, company, word, show, agent } = await assertingHouse();
  await using _ = house;
  const cause = { by: 'operator', reason: 'left' };
  assert.equal((await show(await word())).outcome, 'tokens', 'control');
  await house.identity.killSwitch.disablePerson(`${company.issuer}#dana`, cause);
  assert.equal((await show(await word())).outcome, 'invalid_grant');
  assert.equal((await show(await word({ sub: 'omar' }))).outcome, 'tokens');
  await house.identity.killSwitch.revokeClient('assistant', cause);
  assert.equal((await show(await word({ sub: 'omar' }), {}, agent)).outcome, 'invalid_client');
});

test('a form that is too large is refused before it is read to its end', async () => {
  const { house, agent, word } = await assertingHouse();
  await using _ = house;
  const padding = 'x'.repeat(200_000);
  const answered = await requestToken(house.publicUrl, agent, assertionGrant, { assertion: await word(), padding });
  assert.equal(answered.outcome, 'invalid_request');
});

test('control: a word whose use was forgotten is good a second time, and an agent with more rights gets more for it', async () => {
  const { house, word, show } = await assertingHouse();
  await using _ = house;
  const assertion = await word();
  assert.equal((await show(assertion)).outcome, 'tokens');
  assert.equal((await show(assertion)).outcome, 'invalid_grant');
  await house.database.deleteFrom('oidc_record').where('kind', '=', 'SingleUse').execute();
  assert.equal((await show(assertion)).outcome, 'tokens');
  const resource = `${house.publicUrl}/mcp/azure`;
  assert.equal((await show(await word({ resource }))).outcome, 'invalid_target');
  const other = await registerAgent(house, 'wider', { resources: ['/mcp/azure'] });
  assert.equal((await show(await word({ resource, client_id: 'wider' }), {}, other)).outcome, 'tokens');
});
