// Dana signs in with a real browser, in Japanese: chooses herself, reads the consent page, allows the client.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createBrowser } from '../support/browser.ts';
import { launchChromium, withoutChromium as skip } from '../support/chromium.ts';
import { authorizationRequest, exchange, register } from '../support/oauth-client.ts';
import { startTrialProcess } from '../support/trial-process.ts';
import type { TrialProcess } from '../support/trial-process.ts';

const data = mkdtempSync(path.join(tmpdir(), 'genkan-browser-'));
// The client's side of the redirect: it only has to show that the browser arrived.
const client = createServer((_request, response) => response.end('the client has what it needs'));
let trial: TrialProcess;
let chrome: Browser;

before(async () => {
  if (skip !== false) return;
  await new Promise<void>((resolve) => client.listen(0, '127.0.0.1', resolve));
  trial = await startTrialProcess(data);
  chrome = await launchChromium();
});
after(async () => {
  await chrome?.close();
  await trial?.stop();
  client.close();
  rmSync(data, { recursive: true, force: true });
});

/** A page whose complaints (blocked styles, forms, failed loads) are kept. */
async function openPage(locale: string): Promise<{ page: Page; complaints: string[] }> {
  const context = await chrome.newContext({ locale });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

async function askToSignIn() {
  const redirectUri = `http://127.0.0.1:${(client.address() as AddressInfo).port}/callback`;
  const resource = `${trial.publicUrl}/mcp/files`;
  const registered = await register(trial.publicUrl, { redirect_uris: [redirectUri], client_name: 'ひろば' });
  return { redirectUri, resource, registered, asked: await authorizationRequest(registered, { resource }) };
}

test('signs in through both pages, and the client gets a token that opens the door', { skip }, async () => {
  const { redirectUri, resource, registered, asked } = await askToSignIn();
  const { page, complaints } = await openPage('ja-JP');

  await page.goto(asked.url.href);
  assert.equal(await page.locator('html').getAttribute('lang'), 'ja');
  assert.match(await page.locator('h1').innerText(), /どなたですか/);
  assert.match(await page.getByRole('note').innerText(), /だれにでもなれます/);
  await page.getByRole('button', { name: /Dana Sato/ }).click();

  assert.match(await page.locator('h1').innerText(), /ひろば があなたの代わりに操作しようとしています/);
  const consent = await page.locator('main').innerText();
  assert.match(consent, /Dana Sato/);
  assert.ok(consent.includes(resource) && consent.includes(new URL(redirectUri).host));
  const shadow = await page.locator('main').evaluate('(main) => getComputedStyle(main).boxShadow');
  assert.notEqual(shadow, 'none', 'the style of the page is blocked by its own policy');

  await page.getByRole('button', { name: '許可する', exact: true }).click();
  await page.waitForURL(`${redirectUri}?*`);
  const tokens = await exchange({
    ...registered,
    browser: createBrowser(),
    redirectUri,
    callback: new URL(page.url()),
    asked,
  });
  const answer = await fetch(resource, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens.access_token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hiroba', version: '1' } },
    }),
  });
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
  assert.deepEqual(complaints, [], 'the browser had nothing to complain about');
  await page.context().close();
});

test('reads the consent page in each of the four languages', { skip }, async () => {
  const { asked } = await askToSignIn();
  const { page, complaints } = await openPage('en-US');
  await page.goto(asked.url.href);
  await page.getByRole('button', { name: /Omar Haddad/ }).click();
  for (const [link, lang, button] of [
    ['日本語', 'ja', '許可する'],
    ['한국어', 'ko', '허용'],
    ['繁體中文', 'zh-Hant', '允許'],
    ['English', 'en', 'Allow'],
  ] as const) {
    await page.getByRole('link', { name: link }).click();
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    assert.ok(await page.getByRole('button', { name: button, exact: true }).isVisible());
  }
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.waitForURL((url) => url.searchParams.get('error') === 'access_denied');
  assert.deepEqual(complaints, []);
  await page.context().close();
});
