// Attack: a client that introduces itself takes the rights that only an administrator gives: agents' grants, secrets, introspection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { shapeClient } from '../../src/identity/client-metadata.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { discover, insecure, obtainTokens, register } from '../support/oauth-client.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { accessTokenType, assertionGrant, exchangeGrant, requestToken } from '../support/token-request.ts';

const grants = ['client_credentials', exchangeGrant, assertionGrant];
const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
const jwks = { keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), alg: 'ES256' }] };

/** Everything that could make a client more than a public one. */
const greedy = {
  client_id: 'reporter',
  client_secret: 'chosen-by-me',
  client_secret_expires_at: 0,
  grant_types: [...grants, 'authorization_code'],
  agent_mark: 'agent',
  jwks,
  scope: 'mcp admin',
};

for (const method of ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
  test(`a registration that asks for ${method} and the grants of agents becomes a public client`, async () => {
    await using house = await startIdentityHouse();
    const { publicUrl } = house;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({
      redirect_uris: ['https://client.example/callback'],
      token_endpoint_auth_method: method,
      ...greedy,
    });
    const response = await fetch(`${publicUrl}/oauth/register`, { method: 'POST', headers, body });
    assert.equal(response.status, 201);
    const given = (await response.json()) as Record<string, unknown>;
    assert.notEqual(given.client_id, 'reporter');
    assert.equal(given.token_endpoint_auth_method, 'none');
    assert.deepEqual(given.grant_types, ['authorization_code']);
    for (const name of ['client_secret', 'jwks', 'agent_mark', 'scope']) assert.equal(given[name], undefined, name);

    const client = { client_id: String(given.client_id) };
    const person = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
    const parameters = {
      resource: `${publicUrl}/mcp/files`,
      subject_token: person.tokens.access_token,
      subject_token_type: accessTokenType,
    };
    for (const authentication of [
      oauth.None(),
      oauth.ClientSecretBasic('chosen-by-me'),
      oauth.ClientSecretPost('chosen-by-me'),
      oauth.PrivateKeyJwt(privateKey as oauth.CryptoKey),
    ])
      for (const grant of grants)
        assert.notEqual(
          (await requestToken(publicUrl, { client, authentication }, grant, parameters)).outcome,
          'tokens',
        );
    const agent = await registerAgent(house, 'reporter', { resources: ['/mcp/files'] });
    const { outcome } = await requestToken(publicUrl, agent, 'client_credentials', { resource: parameters.resource });
    assert.equal(outcome, 'tokens', 'control: whom an administrator has registered gets them');
  });

test('a document at a URL makes nobody more than a public client either', async () => {
  const url = 'https://client.example/client.json';
  const document = { ...greedy, client_id: url, client_secret: undefined, client_secret_expires_at: undefined };
  await using house = await startIdentityHouse({
    fetch: (input, init) =>
      String(input) === url
        ? Promise.resolve(
            Response.json({
              ...document,
              redirect_uris: ['https://client.example/callback'],
              token_endpoint_auth_method: 'private_key_jwt',
            }),
          )
        : fetch(input, init),
  });
  const client = { client_id: url };
  for (const authentication of [oauth.None(), oauth.PrivateKeyJwt(privateKey as oauth.CryptoKey)])
    for (const grant of grants) {
      const asked = requestToken(house.publicUrl, { client, authentication }, grant, {
        resource: `${house.publicUrl}/mcp`,
      });
      assert.notEqual((await asked).outcome, 'tokens');
    }
});

test('control: without the shape that is given to every client, the same metadata would be an agent’s', () => {
  const metadata: Record<string, unknown> = { ...greedy, redirect_uris: ['https://client.example/callback'] };
  assert.ok((metadata.grant_types as string[]).includes('client_credentials') && 'jwks' in metadata);
  shapeClient(metadata);
  assert.deepEqual(metadata.grant_types, ['authorization_code']);
  assert.ok(!('jwks' in metadata) && !('agent_mark' in metadata) && !('client_secret' in metadata));
});

test('what a token is worth is told to agents with the right, about their own resources, and to nobody else', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const server = await discover(publicUrl);
  const person = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
  const stranger = await register(publicUrl);
  const ask = async (client: oauth.Client, authentication: oauth.ClientAuth, token = person.tokens.access_token) => {
    const response = await oauth.introspectionRequest(server, client, authentication, token, insecure);
    const { active } = (await response.json()) as { active?: boolean };
    return active ?? response.status;
  };
  const agent = (name: string, settings: object) =>
    registerAgent(house, name, { resources: ['/mcp/files'], ...settings });
  const able = await agent('able', { introspects: true });
  const unable = await agent('unable', {});
  const elsewhere = await agent('elsewhere', { introspects: true, resources: ['/mcp/azure'] });
  assert.equal(await ask(stranger.client, oauth.None()), 401);
  assert.equal(await ask(person.client, oauth.None()), 401, 'not even about its own');
  assert.equal(await ask(unable.client, unable.authentication), false);
  assert.equal(await ask(elsewhere.client, elsewhere.authentication), false);
  for (const token of [person.tokens.refresh_token!, 'x', `${person.tokens.access_token}x`])
    assert.equal(await ask(able.client, able.authentication, token), false);
  assert.equal(await ask(able.client, able.authentication), true, 'control');
  assert.equal(
    (await house.identity.verify(`Bearer ${person.tokens.access_token}`, `${publicUrl}/mcp/files`)).outcome,
    'allow',
    'asking ends nothing',
  );
});
