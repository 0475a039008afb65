// The whole way of an MCP client through sign-in, consent, tokens, refresh and revocation, judged by a strict OAuth client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { startIdentityHouse } from '../support/identity-house.ts';
import { discover, insecure, obtainTokens, refresh } from '../support/oauth-client.ts';

test('a client registers, a person signs in and consents, and the token works until it is revoked', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl, provider, records } = house;
  const resource = `${publicUrl}/mcp/files`;

  const refusal = identity.verify(undefined, resource);
  assert.ok(!(refusal instanceof Promise) && refusal.outcome === 'challenge');
  const metadataUrl = /resource_metadata="([^"]+)"/.exec(identity.challenge(refusal, resource))![1]!;
  const document = await oauth.processResourceDiscoveryResponse(
    new URL(resource),
    await oauth.resourceDiscoveryRequest(new URL(resource), insecure),
  );
  assert.equal(metadataUrl, `${publicUrl}/.well-known/oauth-protected-resource/mcp/files`);
  assert.deepEqual(document.authorization_servers, [publicUrl]);

  const session = await obtainTokens(publicUrl, resource);
  assert.equal(session.callback.searchParams.get('iss'), publicUrl);
  assert.equal(provider.requests[0]!.get('resource'), null, 'resource is not for the identity provider');
  assert.equal(session.tokens.scope, 'mcp');

  const authorization = `Bearer ${session.tokens.access_token}`;
  const claims = await oauth.validateJwtAccessToken(
    session.server,
    new Request(resource, { headers: { authorization } }),
    resource,
    insecure,
  );
  assert.equal(claims.client_id, session.client.client_id);
  const verified = await identity.verify(authorization, resource);
  assert.ok(verified.outcome === 'allow');
  assert.deepEqual(verified.principal, {
    id: `${provider.issuer}#dana`,
    kind: 'user',
    name: 'dana@example.com',
    groups: ['dev-team'],
    clientId: session.client.client_id,
    grantId: claims.grant,
  });
  assert.ok(!(identity.verify(authorization, resource) instanceof Promise), 'the second time is answered from memory');

  const renewed = await oauth.processRefreshTokenResponse(
    session.server,
    session.client,
    await oauth.refreshTokenGrantRequest(
      session.server,
      session.client,
      oauth.None(),
      session.tokens.refresh_token!,
      insecure,
    ),
  );
  assert.notEqual(renewed.refresh_token, session.tokens.refresh_token);
  assert.equal((await identity.verify(`Bearer ${renewed.access_token}`, resource)).outcome, 'allow');

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(session.server, session.client, oauth.None(), renewed.refresh_token!, insecure),
  );
  const after = await identity.verify(authorization, resource);
  assert.equal(after.outcome === 'allow' ? 'allow' : after.code, 'identity_grant_revoked');
  assert.equal((await refresh(session, renewed.refresh_token!)).status, 400);

  assert.deepEqual(
    records.map(({ action, result }) => `${action} ${result}`),
    [
      'identity.clientRegistered allowed',
      'identity.signIn allowed',
      'identity.consent allowed',
      'identity.authorize allowed',
      'identity.tokenIssued allowed',
      'identity.tokenRefreshed allowed',
      'identity.grantRevoked allowed',
      'identity.tokenRefused challenged',
      'identity.tokenNotIssued denied',
    ],
  );
  const written = JSON.stringify(records);
  for (const secret of [session.tokens.access_token, session.tokens.refresh_token!, renewed.refresh_token!])
    assert.ok(!written.includes(secret), 'no token stands in the record');
});

test('server metadata is found at every address that clients try', async () => {
  await using house = await startIdentityHouse();
  const expected = await discover(house.publicUrl);
  for (const where of [
    'oauth-authorization-server/mcp/files',
    'oauth-authorization-server/mcp',
    'oauth-authorization-server/',
    'openid-configuration',
  ]) {
    const response = await fetch(`${house.publicUrl}/.well-known/${where}`, {
      headers: { origin: 'https://inspector.example' },
    });
    assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(expected)));
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
  }
  assert.deepEqual(expected.response_modes_supported, ['query']);
  for (const unknown of ['oauth-protected-resource/mcp/nothing', 'oauth-authorization-server/mcp/nothing'])
    assert.equal((await fetch(`${house.publicUrl}/.well-known/${unknown}`)).status, 404, unknown);
});
