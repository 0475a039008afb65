// Attack (CSRF, clickjacking): a page of somebody else makes the browser of a signed-in person say yes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import type { Arrival } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, open, register } from '../support/oauth-client.ts';

async function consentPages(publicUrl: string) {
  const browser = createBrowser();
  const registered = await register(publicUrl);
  const another = async () =>
    open(browser, await authorizationRequest(registered, { resource: `${publicUrl}/mcp/files` }));
  const [page, other] = [await another(), await another()];
  const tokenOf = (arrival: Arrival) => /name="token" value="([^"]+)"/.exec(arrival.page!)![1]!;
  const post = async (token: string | undefined, headers: Record<string, string>) => {
    const body = new URLSearchParams({ decision: 'approve', ...(token !== undefined && { token }) });
    const response = await browser.send(page.url, { method: 'POST', body, headers });
    return response.status;
  };
  return { page, other, tokenOf, post, browser, ours: { origin: publicUrl, 'sec-fetch-site': 'same-origin' } };
}

test('an approval that our own page did not send is refused', async () => {
  await using house = await startIdentityHouse();
  const { page, other, tokenOf, post, ours } = await consentPages(house.publicUrl);
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  assert.equal(await post(undefined, ours), 403, 'no form token');
  assert.equal(await post('a'.repeat(43), ours), 403, 'a guessed form token');
  assert.equal(await post(tokenOf(other), ours), 403, 'the form token of another request');
  assert.equal(await post(tokenOf(page), foreign), 403, 'the right token from a foreign page');
  assert.equal(await post(tokenOf(page), { origin: 'null' }), 403, 'a sandboxed frame');
  assert.equal(await post(tokenOf(page), { 'sec-fetch-site': 'same-site' }), 403, 'a neighbour on the same site');
  assert.ok(!house.records.some(({ action }) => action === 'identity.consent'));
  assert.equal(await post(tokenOf(page), ours), 303, 'control: the same approval from our page counts');
});

test('another browser cannot answer, even with the address and the form token', async () => {
  await using house = await startIdentityHouse();
  const { page, tokenOf, ours } = await consentPages(house.publicUrl);
  const body = new URLSearchParams({ decision: 'approve', token: tokenOf(page) });
  const response = await createBrowser().send(page.url, { method: 'POST', body, headers: ours });
  assert.equal(response.status, 400);
  assert.equal((await createBrowser().send(page.url)).status, 400);
});

test('the page cannot be framed, runs no script, and its form leads only to us and the redirect URI', async () => {
  await using house = await startIdentityHouse();
  const { page } = await consentPages(house.publicUrl);
  const policy = page.response!.headers.get('content-security-policy')!;
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/client\.example; /);
  assert.match(policy, /frame-ancestors 'none'; base-uri 'none'$/);
  assert.equal(page.response!.headers.get('x-frame-options'), 'DENY');
  assert.ok(!/<script|onclick|javascript:/i.test(page.page!));
});

test('a client cannot write on the page or into its policy', async () => {
  await using house = await startIdentityHouse();
  const name = '</title><script>alert(1)</script>\u202Eevil"\n\u0000';
  const registered = await register(house.publicUrl, { client_name: name });
  assert.ok(!/[\u202E\n\u0000]/.test(registered.client.client_name as string));
  const asked = await authorizationRequest(registered, {
    resource: `${house.publicUrl}/mcp/files`,
    state: '"><script>',
  });
  const { page } = await open(createBrowser(), asked);
  assert.ok(!page!.includes('<script'), 'control: the name would be a script, unescaped');
  assert.ok(page!.includes('&#60;script&#62;alert(1)'));
  await assert.rejects(
    register(house.publicUrl, { redirect_uris: ["https://a.example;script-src'unsafe-inline'/callback"] }),
  );
});

test('control: with the token of the page and no word of where it comes from, or with the cookies of her browser, the approval counts', async () => {
  await using house = await startIdentityHouse();
  const forged = await consentPages(house.publicUrl);
  assert.equal(await forged.post(forged.tokenOf(forged.page), {}), 303);
  const { page, tokenOf, ours, browser } = await consentPages(house.publicUrl);
  const cookies = Object.entries(browser.cookies(page.url)).map(([name, value]) => `${name}=${value}`);
  const body = new URLSearchParams({ decision: 'approve', token: tokenOf(page) });
  const headers = { ...ours, cookie: cookies.join('; ') };
  const response = await fetch(page.url, { method: 'POST', body, headers, redirect: 'manual' });
  assert.equal(response.status, 303);
});
