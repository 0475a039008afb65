// The OAuth face as a strict client meets it: oauth4webapi, which refuses whatever is not as its RFC says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { newSecret } from '../src/identity/agents/agents.ts';
import { createBrowser } from './support/browser.ts';
import { startIdentityHouse } from './support/identity-house.ts';
import type { HouseOptions, IdentityHouse } from './support/identity-house.ts';
import {
  answer,
  authorizationRequest,
  discover,
  exchange,
  insecure,
  obtainTokens,
  open,
  register,
} from './support/oauth-client.ts';
import { registerAgent } from './support/registered-agent.ts';
import { serveResource } from './support/proven-resource.ts';

test('metadata names every endpoint, and nothing that does not work (RFC 8414)', async () => {
  await using house = await startIdentityHouse();
  const server = await discover(house.publicUrl);
  assert.equal(server.issuer, house.publicUrl);
  assert.deepEqual(server.grant_types_supported, ['authorization_code', 'refresh_token', 'client_credentials']);
  assert.deepEqual(server.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(server.response_modes_supported, ['query']);
  assert.equal(server.authorization_response_iss_parameter_supported, true);
  for (const endpoint of [
    server.pushed_authorization_request_endpoint,
    server.introspection_endpoint,
    server.revocation_endpoint,
    server.token_endpoint,
  ])
    assert.notEqual((await fetch(endpoint!, { method: 'POST' })).status, 404, endpoint);
});

test('a request that was pushed leads to a code with iss, to tokens, and to new ones (RFC 9126, RFC 9207, PKCE)', async () => {
  await using house = await startIdentityHouse();
  const resource = `${house.publicUrl}/mcp/files`;
  const { server, client } = await register(house.publicUrl);
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
  const redirectUri = 'https://client.example/callback';
  const pushed = await oauth.processPushedAuthorizationResponse(
    server,
    client,
    await oauth.pushedAuthorizationRequest(
      server,
      client,
      oauth.None(),
      {
        response_type: 'code',
        redirect_uri: redirectUri,
        resource,
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      },
      insecure,
    ),
  );
  const url = new URL(server.authorization_endpoint!);
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri }).toString();
  const browser = createBrowser();
  const asked = { url, verifier, state };
  const arrival = await open(browser, asked);
  const { url: callback } = await answer(browser, arrival, 'approve');
  const tokens = await exchange({ server, client, browser, redirectUri, callback, asked });
  assert.equal((await house.identity.verify(`Bearer ${tokens.access_token}`, resource)).outcome, 'allow');

  const refreshed = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token!, insecure),
  );
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
});

test('access tokens are JWTs as RFC 9068 wants them, with the time of the sign-in', async () => {
  await using house = await startIdentityHouse();
  const resource = `${house.publicUrl}/mcp/files`;
  const signedInAt = Math.floor(Date.now() / 1000) - 90;
  house.provider.person = { sub: 'dana', name: 'Dana', auth_time: signedInAt };
  const { server, client, tokens } = await obtainTokens(house.publicUrl, resource);
  const request = new Request(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const claims = await oauth.validateJwtAccessToken(server, request, resource, insecure);
  assert.equal(claims.client_id, client.client_id);
  assert.equal(claims.auth_time, signedInAt);
  await assert.rejects(oauth.validateJwtAccessToken(server, request, `${house.publicUrl}/mcp/azure`, insecure));

  house.provider.person = { sub: 'omar', name: 'Omar' };
  const unknown = (await obtainTokens(house.publicUrl, resource)).tokens.access_token;
  assert.equal(decodeJwt(unknown).auth_time, undefined, 'none where the provider does not say when it was');
});

const agents = (settings: HouseOptions['settings'] = {}): Promise<IdentityHouse> => startIdentityHouse({ settings });

test('an agent with a key has tokens of its own, asks what they are worth, and gives them back', async () => {
  await using house = await agents();
  const resource = `${house.publicUrl}/mcp/files`;
  const agent = await registerAgent(house, 'reporter', { resources: ['/mcp/files'], introspects: true });
  const server = await discover(house.publicUrl);
  const tokens = await oauth.processClientCredentialsResponse(
    server,
    agent.client,
    await oauth.clientCredentialsGrantRequest(server, agent.client, agent.authentication, { resource }, insecure),
  );
  assert.equal(tokens.refresh_token, undefined);
  const request = new Request(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal((await oauth.validateJwtAccessToken(server, request, resource, insecure)).sub, 'reporter');
  const verdict = await house.identity.verify(`Bearer ${tokens.access_token}`, resource);
  assert.ok(verdict.outcome === 'allow');
  assert.equal(verdict.principal.kind, 'application');
  assert.equal(verdict.principal.id, 'application:reporter');

  const introspect = async (): Promise<oauth.IntrospectionResponse> =>
    oauth.processIntrospectionResponse(
      server,
      agent.client,
      await oauth.introspectionRequest(server, agent.client, agent.authentication, tokens.access_token, insecure),
    );
  const worth = await introspect();
  assert.deepEqual([worth.active, worth.sub, worth.aud, worth.token_type], [true, 'reporter', resource, 'Bearer']);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, agent.client, agent.authentication, tokens.access_token, insecure),
  );
  assert.equal((await introspect()).active, false);
  assert.notEqual((await house.identity.verify(`Bearer ${tokens.access_token}`, resource)).outcome, 'allow');
});

test('an agent with a secret, where an administrator chose that, signs in by header and by form', async () => {
  await using house = await agents();
  const { secret, credential } = newSecret();
  const resource = `${house.publicUrl}/mcp/files`;
  const { client } = await registerAgent(house, 'reporter', { resources: ['/mcp/files'], credential });
  const server = await discover(house.publicUrl);
  const attempt = async (authentication: oauth.ClientAuth): Promise<number> =>
    (await oauth.clientCredentialsGrantRequest(server, client, authentication, { resource }, insecure)).status;
  assert.equal(await attempt(oauth.ClientSecretBasic(secret)), 200);
  assert.equal(await attempt(oauth.ClientSecretPost(secret)), 200);
  assert.equal(await attempt(oauth.ClientSecretPost(`${secret}x`)), 401);
  assert.equal(await attempt(oauth.None()), 401);
});

test('an agent exchanges the token of a person for one that names both (RFC 8693)', async () => {
  await using house = await agents({ tokenExchange: [{ client: 'helper', resources: ['/mcp/files'] }] });
  const resource = `${house.publicUrl}/mcp/files`;
  const person = await obtainTokens(house.publicUrl, `${house.publicUrl}/mcp`);
  const { client, authentication } = await registerAgent(house, 'helper', { resources: ['/mcp/files'] });
  const server = await discover(house.publicUrl);
  const answered = await oauth.genericTokenEndpointRequest(
    server,
    client,
    authentication,
    'urn:ietf:params:oauth:grant-type:token-exchange',
    {
      subject_token: person.tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource,
    },
    insecure,
  );
  const tokens = await oauth.processGenericTokenEndpointResponse(server, client, answered);
  assert.equal(tokens.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
  const verdict = await house.identity.verify(`Bearer ${tokens.access_token}`, resource);
  assert.ok(verdict.outcome === 'allow');
  assert.equal(verdict.principal.kind, 'user');
  assert.deepEqual(verdict.principal.actors, ['application:helper']);
  assert.equal(verdict.principal.clientId, 'helper');
  const record = house.records.find(({ action }) => action === 'identity.tokenExchanged');
  assert.equal(record?.user, verdict.principal.id);
  assert.deepEqual(record?.actor?.act, ['application:helper']);
});

test('tokens that are bound to a key are good with a proof alone (RFC 9449)', async () => {
  await using house = await agents();
  await using protectedResource = await serveResource(house, '/mcp/files');
  const agent = await registerAgent(house, 'reporter', { resources: ['/mcp/files'], dpop: true });
  const server = await discover(house.publicUrl);
  const key = oauth.DPoP(agent.client, await oauth.generateKeyPair('ES256'));
  const ask = async (options: object): Promise<Response> =>
    oauth.clientCredentialsGrantRequest(
      server,
      agent.client,
      agent.authentication,
      { resource: protectedResource.resource },
      {
        ...insecure,
        ...options,
      },
    );
  assert.equal((await ask({})).status, 400, 'this agent was registered for bound tokens');
  const tokens = await oauth.processClientCredentialsResponse(server, agent.client, await ask({ DPoP: key }));
  assert.equal(tokens.token_type, 'dpop');
  const call = (options: object): Promise<Response> =>
    oauth.protectedResourceRequest(
      tokens.access_token,
      'POST',
      new URL(protectedResource.address),
      undefined,
      undefined,
      { ...insecure, ...options },
    );
  assert.equal((await call({ DPoP: key })).status, 200);
  assert.equal((await call({ DPoP: key })).status, 200, 'each with a proof of its own');
  await assert.rejects(call({}), oauth.WWWAuthenticateChallengeError);
});

test('a person’s client may bind its tokens as well, and then refreshes with the same key alone', async () => {
  await using house = await agents({ dpop: 'required' });
  const resource = `${house.publicUrl}/mcp/files`;
  await using protectedResource = await serveResource(house, '/mcp/files');
  const document = await fetch(`${house.publicUrl}/.well-known/oauth-protected-resource/mcp/files`);
  const { dpop_bound_access_tokens_required: required } = (await document.json()) as Record<string, unknown>;
  assert.equal(required, true, 'clients are told so (RFC 9728 §2)');
  const registered = await register(house.publicUrl);
  const { server, client } = registered;
  const key = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const browser = createBrowser();
  const asked = await authorizationRequest(registered, { resource });
  const { url: callback } = await answer(browser, await open(browser, asked), 'approve');
  const grant = async (options: object): Promise<Response> =>
    oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      oauth.validateAuthResponse(server, client, callback, asked.state),
      'https://client.example/callback',
      asked.verifier,
      { ...insecure, ...options },
    );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, await grant({ DPoP: key }));
  const call = await oauth.protectedResourceRequest(
    tokens.access_token,
    'POST',
    new URL(protectedResource.address),
    undefined,
    undefined,
    { ...insecure, DPoP: key },
  );
  assert.equal(call.status, 200);
  const other = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const renew = async (options: object): Promise<number> =>
    (
      await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token!, {
        ...insecure,
        ...options,
      })
    ).status;
  assert.equal(await renew({}), 400);
  assert.equal(await renew({ DPoP: other }), 400);
  assert.equal(await renew({ DPoP: key }), 200);
});
