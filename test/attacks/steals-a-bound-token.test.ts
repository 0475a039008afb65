// Attack (DPoP): a token that is bound to a key is used without the key, or with a proof that was overheard or made for something else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { sweep } from '../../src/identity/oidc-adapter.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorize, discover, insecure, register } from '../support/oauth-client.ts';
import { athOf, makeProof } from '../support/proof.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../support/token-request.ts';
import * as oauth from 'oauth4webapi';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(publicKey);

const proof = (
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key = privateKey,
): Promise<string> => makeProof({ privateKey: key, jwk }, claims, header);

async function boundToken() {
  const house = await startIdentityHouse();
  const { publicUrl, identity } = house;
  const resource = `${publicUrl}/mcp/files`;
  const agent = await registerAgent(house, 'reporter', { resources: ['/mcp/files'] });
  const askedAt = `${publicUrl}/oauth/token`;
  const server = await discover(publicUrl);
  const headers = new Headers({ dpop: await proof({ htm: 'POST', htu: askedAt }) });
  const answer = await oauth.clientCredentialsGrantRequest(
    server,
    agent.client,
    agent.authentication,
    { resource },
    { ...insecure, headers },
  );
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const ath = athOf(token);
  const show = async (given: string | undefined, scheme = 'DPoP', request = { method: 'POST', url: resource }) => {
    const from = { sourceIP: '', userAgent: '', ...request, proof: given };
    const verdict = await identity.verify(`${scheme} ${token}`, resource, from);
    return verdict.outcome === 'allow' ? 'allow' : verdict.code;
  };
  return { house, agent, token, resource, show, good: { htm: 'POST', htu: resource, ath } };
}

test('a stolen token is worth nothing without its key, shown either way', async () => {
  const { house, show, good } = await boundToken();
  await using _ = house;
  assert.equal(await show(undefined, 'Bearer'), 'identity_token_bound');
  assert.equal(await show(await proof(good), 'Bearer'), 'identity_token_bound');
  assert.equal(await show(undefined), 'identity_proof_invalid');
  const thief = await generateKeyPair('ES256', { extractable: true });
  const thiefs = await proof(good, { jwk: await exportJWK(thief.publicKey) }, thief.privateKey);
  assert.equal(await show(thiefs), 'identity_proof_invalid');
  assert.equal(await show(await proof(good)), 'allow', 'control: with the key it is good');
  assert.match(
    house.identity.challenge({ outcome: 'challenge', code: 'identity_token_bound', params: {} }, house.publicUrl),
    /^DPoP /,
  );
});

test('a proof is good once, now, for this method, address and token', async () => {
  const { house, show, good, resource } = await boundToken();
  await using _ = house;
  const now = Math.floor(Date.now() / 1000);
  const overheard = {
    'for another address': await proof({ ...good, htu: `${house.publicUrl}/mcp/azure` }),
    'for another machine': await proof({ ...good, htu: 'https://elsewhere.example/mcp/files' }),
    'for an address that begins alike': await proof({ ...good, htu: `${resource}/more` }),
    'for no address': await proof({ ...good, htu: undefined }),
    'for another method': await proof({ ...good, htm: 'GET' }),
    'for another token': await proof({ ...good, ath: athOf('other') }),
    'for no token': await proof({ ...good, ath: undefined }),
    'of two minutes ago': await proof({ ...good, iat: now - 120 }),
    'of tomorrow': await proof({ ...good, iat: now + 86_400 }),
    'without a time': await proof({ ...good, iat: undefined }),
    'without an id': await proof({ ...good, jti: undefined }),
    'of another type': await proof(good, { typ: 'JWT' }),
    'with a private key': await proof(good, { jwk: await exportJWK(privateKey) }),
    'too long': 'a'.repeat(5000),
  };
  for (const [name, given] of Object.entries(overheard))
    assert.equal(await show(given), 'identity_proof_invalid', name);
  const once = await proof(good);
  assert.equal(await show(once), 'allow');
  assert.equal(await show(once), 'identity_proof_invalid', 'replayed');
  const query = await proof({ ...good, htu: `${resource}?a=b#c` });
  assert.equal(await show(query), 'allow', 'control: query and fragment do not count (RFC 9449 §4.3)');
});

test('eight at once with one proof, at two doors of one database: one comes in', async () => {
  const { house, token, resource, good } = await boundToken();
  await using _ = house;
  await using other = await startIdentityHouse({ directory: house.directory, publicUrl: house.publicUrl });
  const given = await proof(good);
  const from = { sourceIP: '', userAgent: '', method: 'POST', url: resource, proof: given };
  const outcomes = await Promise.all(
    Array.from(
      { length: 8 },
      async (_each, index) =>
        (index % 2 === 0 ? house : other).identity.verify(`DPoP ${token}`, resource, from) as Promise<{
          outcome: string;
        }>,
    ),
  );
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'allow').length, 1);
});

test('control: a proof whose use was forgotten works a second time', async () => {
  const { house, show, good } = await boundToken();
  await using _ = house;
  const given = await proof(good);
  assert.equal(await show(given), 'allow');
  await house.database.deleteFrom('oidc_record').where('kind', '=', 'SingleUse').execute();
  assert.equal(await show(given), 'allow');
});

test('a proof is used up for as long as it could be shown, also one whose clock is ahead', async () => {
  const { house, show, good } = await boundToken();
  await using _ = house;
  const iat = Math.floor(house.now() / 1000) + 50;
  const [given, other] = [await proof({ ...good, iat }), await proof({ ...good, iat })];
  assert.equal(await show(given), 'allow');
  house.advance(105_000);
  await sweep(house.database, house.now());
  assert.equal(await show(given), 'identity_proof_invalid');
  assert.equal(await show(other), 'allow', 'control: it would still be accepted');
});

test('an agent cannot launder a bound token of a person into one that is not bound', async () => {
  await using house = await startIdentityHouse({
    settings: { tokenExchange: [{ client: 'helper', resources: ['/mcp/files'] }] },
  });
  const { publicUrl, identity } = house;
  const resource = `${publicUrl}/mcp/files`;
  const helper = await registerAgent(house, 'helper', { resources: ['/mcp/files'] });
  const person = await authorize(await register(publicUrl), { resource });
  const key = oauth.DPoP(person.client, { privateKey, publicKey } as oauth.CryptoKeyPair);
  const given = await oauth.authorizationCodeGrantRequest(
    person.server,
    person.client,
    oauth.None(),
    oauth.validateAuthResponse(person.server, person.client, person.callback, person.asked.state),
    person.redirectUri,
    person.asked.verifier,
    { ...insecure, DPoP: key },
  );
  const { access_token: token } = (await given.json()) as { access_token: string };
  const parameters = { subject_token: token, subject_token_type: accessTokenType, resource };
  assert.equal((await requestToken(publicUrl, helper, exchangeGrant, parameters)).outcome, 'invalid_dpop_proof');
  const own = oauth.DPoP(helper.client, await oauth.generateKeyPair('ES256'));
  assert.equal(
    (await requestToken(publicUrl, helper, exchangeGrant, parameters, { DPoP: own })).outcome,
    'invalid_dpop_proof',
  );
  const same = oauth.DPoP(helper.client, { privateKey, publicKey } as oauth.CryptoKeyPair);
  const exchanged = await requestToken(publicUrl, helper, exchangeGrant, parameters, { DPoP: same });
  assert.equal(exchanged.outcome, 'tokens', 'control: whoever holds the key may');
  assert.equal(
    (await identity.verify(`Bearer ${exchanged.token}`, resource)).outcome,
    'challenge',
    'and it stays bound',
  );
});
