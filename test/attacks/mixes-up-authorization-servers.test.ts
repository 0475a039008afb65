// Attack (mix-up): a client that talks to several authorization servers is made to send our code to another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { answer, authorizationRequest, open, register } from '../support/oauth-client.ts';

test('every answer names its issuer, refusals too, so that a client can tell whom it comes from', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const registered = await register(publicUrl);
  const resource = `${publicUrl}/mcp/files`;
  const arrive = async (decision: 'approve' | 'deny', parameters: Record<string, string | undefined> = {}) => {
    const browser = createBrowser();
    const asked = await authorizationRequest(registered, { resource, ...parameters });
    const arrival = await open(browser, asked);
    const back = arrival.page === undefined ? arrival : await answer(browser, arrival, decision);
    return { url: back.url, state: asked.state };
  };
  const denied = await arrive('deny'); // first: what was approved once is not asked again
  const approved = await arrive('approve');
  assert.equal(denied.url.searchParams.get('error'), 'access_denied');
  const withoutResource = await arrive('approve', { resource: undefined });
  assert.equal(withoutResource.url.searchParams.get('error'), 'invalid_target');
  for (const { url } of [approved, denied, withoutResource]) assert.equal(url.searchParams.get('iss'), publicUrl);

  const { client, server } = registered;
  const honest: oauth.AuthorizationServer = {
    issuer: 'https://honest.example',
    authorization_response_iss_parameter_supported: true,
  };
  assert.throws(() => oauth.validateAuthResponse(honest, client, approved.url, approved.state), /"iss"/);
  oauth.validateAuthResponse(server, client, approved.url, approved.state);
  // Control: without `iss` the client of the honest server would take our code for one of its own.
  const nameless = new URL(approved.url);
  nameless.searchParams.delete('iss');
  oauth.validateAuthResponse({ issuer: 'https://honest.example' }, client, nameless, approved.state);
  assert.throws(() => oauth.validateAuthResponse(server, client, nameless, approved.state), /"iss"/);
});

test('a sign-in that the person called off comes back to the client as access_denied', async () => {
  await using house = await startIdentityHouse();
  house.provider.person = undefined;
  const registered = await register(house.publicUrl);
  const asked = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files` });
  const { url } = await open(createBrowser(), asked);
  assert.equal(url.searchParams.get('error'), 'access_denied');
  assert.equal(url.searchParams.get('iss'), house.publicUrl);
});
