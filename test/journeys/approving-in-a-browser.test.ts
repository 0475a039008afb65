// Dana requests a role in her browser, Omar hears of it by mail, opens the link in his and approves with a second factor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, withoutChromium as skip } from '../support/chromium.ts';
import { openEntraDoor } from '../support/entra-door.ts';
import type { User } from '../support/entra.ts';
import { startMailServer } from '../support/smtp.ts';
import type { MailServer } from '../support/smtp.ts';

const phone = { width: 360, height: 740 };
const idOf = ({ oid, tid }: User): string => `${oid}@${tid}`;
const rules = {
  approvalSettings: {
    isApprovalRequired: true,
    approvers: [{ principalType: 'User', principalId: 'omar@contoso.example' }],
    approvalDuration: 'PT8H',
    isApprovalRequiredForExtension: true,
  },
  activationSettings: { maximumDuration: 'PT4H', isJustificationRequired: true, isMfaRequired: true },
};

/** A browser without script that nobody has used before. */
const freshPage = async (chrome: Browser, locale = 'en-US'): Promise<Page> => {
  const context = await chrome.newContext({
    locale,
    viewport: phone,
    javaScriptEnabled: false,
    ignoreHTTPSErrors: true,
  });
  return context.newPage();
};

/** Through Entra ID, with the second factor that the page has asked for. */
async function signIn(page: Page, name: RegExp): Promise<void> {
  assert.equal(await page.title(), 'Pick an account');
  await page.getByRole('button', { name }).click();
  assert.equal(await page.title(), 'Approve sign in request');
  await page.getByRole('button', { name: 'Approve' }).click();
}

const said = (page: Page): Promise<string> => page.locator('main').innerText();

/** Nobody has to scroll sideways, and a thumb hits what can be pressed. */
async function assertUsable(page: Page): Promise<void> {
  assert.equal(await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth), 0);
  for (const target of await page.locator('button, a, select, textarea, .choice').all()) {
    const box = await target.boundingBox();
    assert.ok(box !== null && box.height >= 44, `${await target.innerText()}: ${box?.height}`);
  }
}

async function linkIn(server: MailServer): Promise<string> {
  const deadline = Date.now() + 30_000;
  while (server.mails.length === 0) {
    assert.ok(Date.now() < deadline, 'no mail has come');
    await new Promise(setImmediate);
  }
  const [mail] = server.mails;
  assert.deepEqual(mail!.to, ['omar@contoso.example']);
  const text = mail!.data.replaceAll('=\n', '').replaceAll('=3D', '=');
  return /https:\/\/\S+\/approvals\/[\w-]+/.exec(text)![0];
}

test('a request in one browser, a mail, an approval in another', { skip, timeout: 120_000 }, async () => {
  await using mails = await startMailServer();
  await using door = await openEntraDoor({
    parts: ({ dana }) => ({
      access: {
        elevation: {
          settings: rules,
          eligible: [{ principal: { user: idOf(dana) }, role: 'MCP User', scope: '/servers/azure' }],
        },
      },
      notify: {
        channels: {
          mail: {
            type: 'mail',
            server: { host: '127.0.0.1', port: mails.port },
            from: 'genkan@example.com',
            kinds: ['approval.requested'],
          },
        },
      },
    }),
  });
  const states = async (): Promise<unknown[]> => {
    const { out } = await door.run('elevation', 'list', '--json');
    const { elevations } = JSON.parse(out) as { elevations: { state: string; person: { name: string } }[] };
    return elevations.map(({ state, person }) => `${person.name} ${state}`);
  };
  await using chrome = await launchChromium();

  // She comes by the address that a refused call has named.
  const hers = await freshPage(chrome);
  await hers.goto(`${door.url}/elevation?role=MCP+User&scope=/servers/azure`);
  await signIn(hers, /Dana Sato/);
  assert.match(await said(hers), /Request a role for a while[^]*MCP User[^]*\/servers\/azure[^]*at most 4 hours/);
  await assertUsable(hers);
  await hers.getByLabel('Justification').fill('The nightly job is down: <b>INC-7</b>');
  await hers.getByLabel('For how long').selectOption('PT30M');
  await hers.getByRole('button', { name: 'Request' }).click();
  assert.match(await said(hers), /Somebody asks for an elevation[^]*waits for a decision/);
  assert.match(await said(hers), /Nobody approves their own request/);
  assert.equal(await hers.getByRole('button', { name: 'Approve', exact: true }).count(), 0);

  // Mail scanners look at every link, without signing in.
  const link = await linkIn(mails);
  for (const method of ['GET', 'HEAD'])
    assert.equal((await fetch(link, { method, redirect: 'manual' })).status, 303, 'to the sign-in, and nothing else');
  assert.deepEqual(await states(), ['dana@contoso.example pending']);

  const his = await freshPage(chrome, 'ja-JP');
  await his.goto(link);
  await signIn(his, /Omar Haddad/);
  assert.match(await said(his), /昇格の申請[^]*dana@contoso\.example[^]*<b>INC-7<\/b>/);
  await assertUsable(his);
  assert.deepEqual(await states(), ['dana@contoso.example pending'], 'to look is not to decide');
  await his.getByLabel('コメント').fill('どうぞ');
  await his.getByRole('button', { name: '承認する' }).click();
  assert.match(await said(his), /承認済み[^]*omar@contoso\.example[^]*どうぞ/);
  assert.deepEqual(await states(), ['dana@contoso.example active']);

  // She ends it herself.
  await hers.goto(`${door.url}/elevation`);
  await hers.getByRole('button', { name: 'End it now' }).click();
  assert.deepEqual(await states(), ['dana@contoso.example ended']);
});
