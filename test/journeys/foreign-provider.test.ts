// Dana signs in at glewlwyd, an OpenID provider that we did not write, with a real browser; her client then uses a tool through Genkan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { createBrowser } from '../support/browser.ts';
import { launchChromium, withoutChromium } from '../support/chromium.ts';
import { hasGlewlwyd, startGlewlwyd } from '../support/glewlwyd.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import { authorizationRequest, exchange, refresh, register } from '../support/oauth-client.ts';
import { startDualEraServer } from '../support/sdk-servers.ts';
import { unless } from '../support/skipping.ts';

const skip = unless(hasGlewlwyd, 'no glewlwyd on this machine') || withoutChromium;
const secretVariable = 'GENKAN_TEST_GLEWLWYD_SECRET';
// glewlwyd takes a secret from a Basic header as it stands (RFC 6749 §2.3.1 wants it form-encoded): letters and digits survive both.
const secret = 'glewlwyd4593';
const redirectUri = 'http://127.0.0.1/callback';
const dana = {
  username: 'dana',
  name: 'Dana Sato',
  email: 'dana@example.com',
  password: 'correct horse battery staple',
  groups: ['makers', 'readers'],
};

/** The pages of glewlwyd: password, then which of her data Genkan may see. */
async function signInAtGlewlwyd(page: Page): Promise<void> {
  await page.locator('#username').fill(dana.username);
  await page.locator('#password').fill(dana.password);
  await page.locator('#password').press('Enter');
  await page.locator('#grant-profile').check();
  await page.locator('#grant-email').check();
  await page.getByRole('button', { name: 'Grant access' }).click();
  await page.getByText('What do you wish for?').waitFor();
  await page.getByTitle('Continue to client application').click();
}

/** Calls the tool `echo` with this token. */
async function echo(resource: string, token: string): Promise<unknown> {
  const client = new Client({ name: 'hiroba', version: '1' });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { requestInit: { headers } }));
  try {
    return (await client.callTool({ name: 'echo', arguments: { text: 'from afar' } })).content;
  } finally {
    await client.close();
  }
}

test('a person of a foreign provider signs in, and a client works in their name', { skip }, async () => {
  await using provider = await startGlewlwyd();
  process.env[secretVariable] = secret;
  const clientSecret = { source: 'env', name: secretVariable };
  await using upstream = await startDualEraServer();
  await using house = await openTestHouse({
    identity: { provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'genkan', clientSecret } },
    servers: { sample: { url: upstream.url } },
    access: makersUse('sample'),
  });
  const ownRedirect = `${house.url}/auth/callback`;
  await provider.addClient({ id: 'genkan', secret, redirectUri: ownRedirect });
  await provider.addPerson(dana);

  const resource = `${house.url}/mcp/sample`;
  const registered = await register(house.url, { redirect_uris: [redirectUri], client_name: 'Hiroba' });
  const asked = await authorizationRequest(registered, { resource });
  await using chrome = await launchChromium();
  const page = await chrome.newPage();
  // Nobody listens at the client: what the browser would fetch there is all that matters.
  let callback: URL | undefined;
  await page.route(`${redirectUri}?*`, (route) => {
    callback = new URL(route.request().url());
    return route.fulfill({ body: 'the client has what it needs' });
  });
  await page.goto(asked.url.href);
  await signInAtGlewlwyd(page);
  assert.match(await page.locator('main').innerText(), /Dana Sato/);
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.waitForURL(`${redirectUri}?*`);

  const tokens = await exchange({ ...registered, browser: createBrowser(), redirectUri, callback: callback!, asked });
  assert.ok(
    decodeJwt(tokens.access_token).sub?.startsWith(`${provider.issuer}#`),
    'she is known by issuer and subject',
  );
  assert.deepEqual(await echo(resource, tokens.access_token), [{ type: 'text', text: 'from afar' }]);

  const renewed = (await (await refresh(registered, tokens.refresh_token!)).json()) as { access_token: string };
  assert.notEqual(renewed.access_token, tokens.access_token);
  assert.deepEqual(await echo(resource, renewed.access_token), [{ type: 'text', text: 'from afar' }]);
});
