// Attack: a token that was given for little is exchanged or refreshed for more: another resource, scope, lifetime, or nobody's consent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { HouseOptions } from '../support/identity-house.ts';
import { discover, insecure, obtainTokens, postToken, refresh } from '../support/oauth-client.ts';
import { registerAgent } from '../support/registered-agent.ts';
import type { RegisteredAgent } from '../support/registered-agent.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../support/token-request.ts';

const policy = ['helper', 'second', 'third', 'fourth'].map((client) => ({
  client,
  resources: ['/mcp/files', '/mcp', '/api'],
}));

async function lendingHouse(settings: HouseOptions['settings'] = { tokenExchange: policy }) {
  const house = await startIdentityHouse({ settings });
  const { publicUrl } = house;
  const agent = (name: string) =>
    registerAgent(house, name, { resources: ['/mcp/files', '/mcp', '/api', '/mcp/azure'] });
  const exchange = (by: RegisteredAgent, token: string, changes: Record<string, string | undefined> = {}) =>
    requestToken(publicUrl, by, exchangeGrant, {
      subject_token: token,
      subject_token_type: accessTokenType,
      resource: `${publicUrl}/mcp/files`,
      ...changes,
    });
  const person = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
  return { house, agent, exchange, person, token: person.tokens.access_token };
}

test('what an agent gets for a person’s token reaches no further than the token, the agent and the policy', async () => {
  const { house, agent, exchange, token } = await lendingHouse();
  await using _ = house;
  const { publicUrl } = house;
  const helper = await agent('helper');
  const narrow = await registerAgent(house, 'second', { resources: ['/mcp/azure'] });
  const outcome = async (changes: Record<string, string | undefined>, by = helper, given = token): Promise<string> =>
    (await exchange(by, given, changes)).outcome;

  for (const path of ['/mcp', '/mcp/azure', '/api', '/mcp/none', ''])
    assert.equal(await outcome({ resource: `${publicUrl}${path}` }), 'invalid_target', path);
  assert.equal(await outcome({ resource: 'https://elsewhere.example/mcp/files' }), 'invalid_target');
  assert.equal(await outcome({ audience: `${publicUrl}/mcp/files` }), 'invalid_target');
  assert.equal(await outcome({}, narrow), 'invalid_target', 'not a resource of this agent');
  assert.equal(await outcome({}, await agent('unnamed')), 'invalid_target', 'the policy names it nowhere');
  for (const scope of ['admin', 'mcp admin', 'offline_access', 'mcp openid'])
    assert.equal(await outcome({ scope }), 'invalid_scope', scope);
  for (const type of ['refresh_token', 'id_token', 'saml2'])
    assert.equal(
      await outcome({ requested_token_type: `urn:ietf:params:oauth:token-type:${type}` }),
      'invalid_request',
    );
  assert.equal(
    await outcome({ subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
    'invalid_request',
  );
  assert.equal(await outcome({ actor_token: token, actor_token_type: accessTokenType }), 'invalid_request');
  for (const given of ['', 'x', `${token}x`, 'a'.repeat(9000)])
    assert.equal(await outcome({}, helper, given), 'invalid_request', given.slice(0, 10));
  const lasting = await exchange(helper, token, { scope: 'mcp offline_access' });
  assert.deepEqual(
    [lasting.body.scope, lasting.body.refresh_token],
    ['mcp', undefined],
    'nothing outlasts what was lent',
  );
  const part = await exchange(helper, token, { scope: 'mcp:read' });
  assert.equal(part.body.scope, 'mcp:read');
  assert.equal(
    await outcome({ scope: 'mcp' }, helper, part.token),
    'invalid_scope',
    'what was given up does not come back',
  );
  assert.equal(await outcome({}), 'tokens', 'control: for just what was lent it is exchanged');
});

test('control: with the token, the agent or the policy as wide as the wish, each of these wishes is granted', async () => {
  const { house, agent, exchange } = await lendingHouse();
  await using _ = house;
  const { publicUrl } = house;
  const helper = await agent('helper');
  for (const [held, wanted] of [
    ['/mcp', '/mcp'],
    ['/mcp', '/mcp/files'],
    ['/api', '/api'],
  ] as const) {
    const { tokens } = await obtainTokens(publicUrl, `${publicUrl}${held}`);
    const { outcome, token } = await exchange(helper, tokens.access_token, { resource: `${publicUrl}${wanted}` });
    assert.equal(outcome, 'tokens', `${held} for ${wanted}`);
    assert.equal((await house.identity.verify(`Bearer ${token}`, `${publicUrl}${wanted}`)).outcome, 'allow');
  }
});

test('it ends with the token that it was made of, and with the person’s grant', async () => {
  const { house, agent, exchange, token, person } = await lendingHouse();
  await using _ = house;
  const helper = await agent('helper');
  const resource = `${house.publicUrl}/mcp/files`;
  house.advance(300_000);
  const lent = await exchange(helper, token);
  assert.ok(decodeJwt(lent.token).exp! <= decodeJwt(token).exp!);
  assert.equal(lent.body.refresh_token, undefined);
  const stands = async (): Promise<string> => (await house.identity.verify(`Bearer ${lent.token}`, resource)).outcome;
  assert.equal(await stands(), 'allow', 'control');
  const body = new URLSearchParams({ token: person.tokens.refresh_token!, client_id: person.client.client_id });
  assert.equal((await fetch(`${house.publicUrl}/oauth/revoke`, { method: 'POST', body })).status, 200);
  assert.equal(await stands(), 'challenge', 'at once, although it was in the cache');
  assert.equal((await exchange(helper, token)).outcome, 'invalid_request');
});

test('an agent that gives its token back ends that one alone; one that is removed ends all that it was lent', async () => {
  const { house, agent, exchange, token } = await lendingHouse();
  await using _ = house;
  const helper = await agent('helper');
  const resource = `${house.publicUrl}/mcp/files`;
  const stands = async (given: string): Promise<string> =>
    (await house.identity.verify(`Bearer ${given}`, resource)).outcome;
  const [first, second] = [await exchange(helper, token), await exchange(helper, token)];
  const server = await discover(house.publicUrl);
  await oauth.revocationRequest(server, helper.client, helper.authentication, first.token, insecure);
  assert.deepEqual(
    [await stands(first.token), await stands(second.token), await stands(token)],
    ['challenge', 'allow', 'allow'],
  );
  const third = await exchange(await agent('second'), second.token);
  assert.equal(await stands(third.token), 'allow');
  await house.identity.agents.remove('helper', 'operator');
  assert.deepEqual(
    [await stands(second.token), await stands(third.token), await stands(token)],
    ['challenge', 'challenge', 'allow'],
    'also what another agent has made of it',
  );
});

test('chains of agents are named in full and end somewhere; agents do not act for agents', async () => {
  const { house, agent, exchange, token } = await lendingHouse();
  await using _ = house;
  const [helper, second, third, fourth] = [
    await agent('helper'),
    await agent('second'),
    await agent('third'),
    await agent('fourth'),
  ];
  let current = token;
  for (const by of [helper, second, third]) current = (await exchange(by, current)).token;
  assert.deepEqual(decodeJwt(current).act, { sub: 'third', act: { sub: 'second', act: { sub: 'helper' } } });
  const verdict = await house.identity.verify(`Bearer ${current}`, `${house.publicUrl}/mcp/files`);
  assert.deepEqual(verdict.outcome === 'allow' && verdict.principal.actors, [
    'application:third',
    'application:second',
    'application:helper',
  ]);
  assert.equal((await exchange(fourth, current)).outcome, 'invalid_request', 'too long');
  const own = await requestToken(house.publicUrl, helper, 'client_credentials', {
    resource: `${house.publicUrl}/mcp/files`,
  });
  assert.equal((await exchange(second, own.token)).outcome, 'invalid_request');
});

test('a refresh gets what was agreed to and no more', async () => {
  const { house, person } = await lendingHouse();
  await using _ = house;
  const { server, client, tokens } = person;
  const renew = async (changes: Record<string, string>): Promise<string> => {
    const form = { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: tokens.refresh_token! };
    return String(((await (await postToken(server, { ...form, ...changes })).json()) as { error?: string }).error);
  };
  assert.equal(await renew({ scope: 'mcp admin' }), 'invalid_scope');
  assert.equal(await renew({ scope: 'admin' }), 'invalid_scope');
  assert.equal(await renew({ resource: `${house.publicUrl}/api` }), 'invalid_target');
  assert.equal(await renew({ resource: `${house.publicUrl}/mcp` }), 'invalid_target');
  assert.equal((await refresh(person, tokens.refresh_token!)).status, 200, 'control: none of it used the token up');
});
