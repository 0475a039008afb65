// Attack (token passthrough): a token that Entra ID issued, for the app itself or for Microsoft Graph, in place of one of ours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createBrowser } from '../support/browser.ts';
import { clientSecret, startExpressApp } from '../support/express-app.ts';
import type { ExpressApp } from '../support/express-app.ts';
import { post } from '../support/mcp-post.ts';

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** What any other application of the tenant gets for a person, and could send on. */
async function tokenOfEntra({ entra, app, dana, url }: ExpressApp, scope: string): Promise<string> {
  entra.signsIn = dana.oid;
  const redirectUri = `${url}/auth/callback`;
  const asked = new URL(`${entra.authority}/oauth2/v2.0/authorize`);
  const parameters = { client_id: app.clientId, response_type: 'code', redirect_uri: redirectUri, scope, state: 'x' };
  for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value);
  const { url: back } = await createBrowser().follow(asked, ({ href }) => href.startsWith(redirectUri));
  const answer = await fetch(`${entra.authority}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: app.clientId,
      client_secret: clientSecret,
      code: back.searchParams.get('code')!,
      redirect_uri: redirectUri,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

let house: ExpressApp;
before(async () => void (house = await startExpressApp({ program: 'examples/express/server.ts' })));
after(() => house[Symbol.asyncDispose]());

test('control: a server that believes whatever its tenant signed takes the token of another resource', async () => {
  const notes = house.entra.addApp({ displayName: 'Notes', scopes: ['Notes.Read'] });
  const token = await tokenOfEntra(house, `openid ${notes.scope('Notes.Read')}`);
  const keys = createRemoteJWKSet(new URL(`${house.entra.authority}/discovery/v2.0/keys`));
  const verifier = {
    async verifyAccessToken(given: string) {
      const { payload } = await jwtVerify(given, keys);
      return { token: given, clientId: 'any', scopes: [], expiresAt: payload.exp };
    },
  };
  const app = express();
  app.post('/mcp', requireBearerAuth({ verifier }), (_request, response) => void response.json({}));
  await using opened = new AsyncDisposableStack();
  const listener = app.listen(0, '127.0.0.1');
  opened.defer(() => void listener.close());
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  assert.equal((await post(`http://127.0.0.1:${port}/mcp`, ping, { token })).status, 200);
});

test('only tokens that Genkan issued for this very resource open the server', async () => {
  const notes = house.entra.addApp({ displayName: 'Notes', scopes: ['Notes.Read'] }).scope('Notes.Read');
  for (const scope of [
    `openid ${notes}`,
    `openid ${house.graph.url}/User.Read`,
    `openid ${house.app.scope('access')}`,
  ]) {
    const token = await tokenOfEntra(house, scope);
    assert.equal(token.split('.').length, 3);
    for (const address of ['/mcp', '/message?sessionId=x'])
      assert.equal((await post(house.url + address, ping, { token })).status, 401, `${scope} at ${address}`);
  }
});
