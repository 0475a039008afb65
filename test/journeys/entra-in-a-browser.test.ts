// Dana, an administrator, connects VS Code with a real browser: Entra ID, consent, a second factor for Azure, and the end of it all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import type { Browser, BrowserContext, Page, Response as PageResponse } from 'playwright-core';
import { launchChromium, withoutChromium as skip } from '../support/chromium.ts';
import { startHttpsServer } from '../support/entra/https-server.ts';
import { openEntraDoor } from '../support/entra-door.ts';
import type { EntraDoor } from '../support/entra-door.ts';
import type { User } from '../support/entra.ts';
import { challengeIn, clientDocument, opening, startVsCode } from '../support/vscode-client.ts';
import type { Tokens } from '../support/vscode-client.ts';

const phone = { width: 360, height: 740 };

/** A browser without script that has never been here. The test authority is none of those that it knows. */
const freshBrowser = (chrome: Browser, locale = 'en-US'): Promise<BrowserContext> =>
  chrome.newContext({ locale, viewport: phone, javaScriptEnabled: false, ignoreHTTPSErrors: true });

/** Everything that holds for each page of ours, whatever stands on it. */
async function assertReadable(page: Page, answer: PageResponse | null): Promise<void> {
  const { 'content-security-policy': policy = '', ...headers } = await answer!.allHeaders();
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action [^;*]+; frame-ancestors 'none'; base-uri 'none'$/,
  );
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.equal(headers['cache-control'], 'no-store');
  const { scrolls, small } = await measure(page);
  assert.equal(scrolls, 0, 'nobody has to scroll sideways');
  assert.deepEqual(small, [], 'a thumb hits what can be pressed');
}

/** By the browser itself: the pages run no script. */
async function measure(page: Page): Promise<{ scrolls: number; small: string[] }> {
  const wide = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  const small: string[] = [];
  for (const target of await page.locator('button, a').all()) {
    const box = await target.boundingBox();
    if (box === null || box.height < 44) small.push(`${await target.innerText()}: ${box?.height}`);
  }
  return { scrolls: wide, small };
}

for (const way of ['registers itself', 'names a document'] as const)
  test(
    `VS Code ${way}; its person signs in at Entra ID, steps up for Azure, stays connected, and takes it all back`,
    { skip },
    async () => {
      await using door = await openEntraDoor();
      await using vsCode = await startVsCode();
      await using documents = await startHttpsServer(door.entra.testAuthority, (_request, response) =>
        Promise.resolve(
          void response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify(clientDocument(document!))),
        ),
      );
      const document = way === 'names a document' ? `${documents.origin}/oauth/client-metadata.json` : undefined;
      await using chrome = await launchChromium();
      const browser = await freshBrowser(chrome);
      const page = await browser.newPage();
      const pages = new Map<string, PageResponse>();
      page.on('response', (answer) => void (answer.url().startsWith(door.url) && pages.set(answer.url(), answer)));
      const [notes, azure] = [`${door.url}/mcp/notes`, `${door.url}/mcp/azure`];
      const allow = async (): Promise<void> => {
        await assertReadable(page, pages.get(page.url())!);
        await page.getByRole('button', { name: 'Allow', exact: true }).click();
        await page.getByText('You can close this page now').waitFor();
      };

      // Nobody is known: the way from the refusal to the first call.
      const atNotes = await vsCode.introduce(await vsCode.send(notes, 'initialize', opening), document);
      const first = await vsCode.signIn(atNotes, atNotes.scopes, async (url) => {
        await page.goto(url);
        assert.equal(await page.title(), 'Pick an account');
        await page.getByRole('button', { name: /Dana Sato/ }).click();
        const said = await page.locator('main').innerText();
        assert.match(said, /Visual Studio Code wants to act for you/);
        assert.match(said, /Dana Sato[^]*dana@contoso\.example[^]*MCP server notes/);
        assert.ok(
          said.includes(document === undefined ? 'gave itself this name' : `Described by ${new URL(document).host}`),
        );
        await allow();
      });
      assert.equal(await vsCode.call(notes, 'echo', { text: 'notes of Dana' }, first.access_token), 'notes of Dana');

      // She is signed in, so Azure takes only her consent; but a policy asks administrators for more.
      const atAzure = {
        ...(await vsCode.introduce(await vsCode.send(azure, 'initialize', opening), document)),
        clientId: atNotes.clientId,
      };
      const weak = await vsCode.signIn(atAzure, atAzure.scopes, async (url) => {
        await page.goto(url);
        await allow();
      });
      const turnedAway = await vsCode.call(azure, 'echo', { text: 'too early' }, weak.access_token);
      assert.ok(typeof turnedAway === 'object' && turnedAway.status === 403);
      const challenge = challengeIn(turnedAway);
      assert.deepEqual([challenge.error, challenge.scopes], ['insufficient_scope', 'mcp auth:c1 auth:c2']);
      assert.equal(decodeJwt(weak.access_token)['acrs'], undefined);

      const strong = await vsCode.signIn(atAzure, challenge.scopes, async (url) => {
        await page.goto(url);
        assert.equal(await page.title(), 'Approve sign in request');
        assert.match(await page.locator('body').innerText(), /dana@contoso\.example[^]*Demanded: c1, c2/);
        await page.getByRole('button', { name: 'Approve' }).click();
        if (page.url().startsWith(door.url)) await allow();
      });
      const { acrs, scope, sub } = decodeJwt(strong.access_token);
      assert.deepEqual([acrs, scope, sub], [['c1', 'c2'], 'mcp auth:c1 auth:c2', idOf(door.dana)]);
      assert.equal(await vsCode.call(azure, 'echo', { text: 'proven' }, strong.access_token), 'proven');

      // The access goes on without her, until she gives it back.
      const renewed = await vsCode.refresh(atAzure, strong.refresh_token);
      assert.equal(renewed.status, 200);
      const last = (await renewed.json()) as Tokens;
      assert.equal(await vsCode.call(azure, 'echo', { text: 'still there' }, last.access_token), 'still there');
      assert.equal((await vsCode.revoke(atAzure, last.refresh_token)).status, 200);
      const ended = await vsCode.call(azure, 'echo', { text: 'over' }, last.access_token);
      assert.ok(typeof ended === 'object' && ended.status === 401, 'within two seconds at the most');
      const kept = await browser.cookies(door.url);
      assert.ok(kept.length > 0);
      for (const { name, secure, httpOnly, path } of kept) {
        assert.ok(name.startsWith('__Host-') && secure && httpOnly, name);
        assert.equal(path, '/');
      }
      await assertRecorded(door);
    },
  );

const idOf = ({ oid, tid }: User): string => `${oid}@${tid}`;

/** What the record says of her, from the first sign-in to the end. */
async function assertRecorded(door: EntraDoor): Promise<void> {
  const { out } = await door.run('audit', 'list', '--json', '--limit', '1000', '--user', idOf(door.dana));
  const { records } = JSON.parse(out) as {
    records: { action: string; result: string; details: { contexts?: string[] } }[];
  };
  const access = ['identity.consent allowed', 'identity.authorize allowed', 'identity.tokenIssued allowed'];
  const call = ['initialize allowed', 'tools/call intent', 'tools/call allowed'];
  assert.deepEqual(
    records.map(({ action, result }) => `${action} ${result}`),
    [
      ...['identity.signIn allowed', ...access, ...call],
      ...[...access, 'identity.conditionalAccess challenged'],
      ...['identity.signIn allowed', ...access, ...call],
      ...['identity.tokenRefreshed allowed', ...call],
      'identity.grantRevoked allowed',
    ],
  );
  const signIns = records.filter(({ action }) => action === 'identity.signIn');
  assert.deepEqual(
    signIns.map(({ details }) => details.contexts),
    [undefined, ['c1', 'c2']],
    'what each sign-in proved',
  );
  const verified = await door.run('audit', 'verify');
  assert.equal(verified.code, 0, verified.out);
}

const headings = {
  'en-US': /^Visual Studio Code wants to act for you$/,
  'ja-JP': /^Visual Studio Code があなたの代わりに操作しようとしています$/,
  'ko-KR': /^Visual Studio Code 앱이 사용자를 대신하여 작업하려고 합니다$/,
  'zh-TW': /^Visual Studio Code 想要代表您進行操作$/,
};

test('the consent page speaks the language of the browser, on a phone and on a desk', { skip }, async () => {
  await using door = await openEntraDoor();
  await using vsCode = await startVsCode();
  const resource = `${door.url}/mcp/azure`;
  const introduced = await vsCode.introduce(await vsCode.send(resource, 'initialize', opening));
  await using chrome = await launchChromium();
  for (const [locale, heading] of Object.entries(headings)) {
    const browser = await freshBrowser(chrome, locale);
    const page = await browser.newPage();
    let answer: PageResponse | null = null;
    page.on('response', (each) => (answer = each));
    const asking = vsCode.signIn(introduced, 'mcp auth:c1 auth:c2 offline_access', async (url) => {
      await page.goto(url);
      await page.getByRole('button', { name: /Dana Sato/ }).click();
      await page.getByRole('button', { name: 'Approve' }).click();
      assert.match(await page.locator('h1').innerText(), heading);
      await assertReadable(page, answer);
      await page.setViewportSize({ width: 1280, height: 800 });
      await assertReadable(page, answer);
      await page.locator('button[value="approve"]').click();
      await page.getByText('You can close this page now').waitFor();
    });
    assert.ok((await asking).access_token, locale);
    await browser.close();
  }
});
