// What people and administrators read when something is wrong at Entra ID: what, why and what to do, on the page, in the log and in the record.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/base/errors.ts';
import { createBrowser } from '../support/browser.ts';
import { openEntraDoor } from '../support/entra-door.ts';
import type { DoorOptions, EntraDoor } from '../support/entra-door.ts';
import { authorizationRequest } from '../support/oauth-client.ts';
import { textOf } from '../support/sign-in-walk.ts';
import { opening, startVsCode } from '../support/vscode-client.ts';

/** Policies would have names looked up, which would meet the same mistakes first. */
const open = (options: DoorOptions = {}): Promise<EntraDoor> =>
  openEntraDoor({ ...options, identity: { conditionalAccess: {} } });

/** Dana's way as far as it goes. @returns what she reads at its end */
async function signIn(door: EntraDoor, language = 'en'): Promise<{ host: string; page: string }> {
  await using vsCode = await startVsCode();
  const { server, clientId, resource } = await vsCode.introduce(
    await vsCode.send(`${door.url}/mcp/notes`, 'initialize', opening),
  );
  door.entra.signsIn = door.dana.oid;
  const registered = { server, client: { client_id: clientId, redirect_uris: [vsCode.redirectUri] } };
  const asked = await authorizationRequest(registered as never, { resource });
  const browser = createBrowser({ 'accept-language': language });
  const { url, page } = await browser.follow(asked.url, ({ href }) => href.startsWith(vsCode.redirectUri));
  return { host: url.origin, page: textOf(page ?? '') };
}

interface Told {
  readonly code: ErrorCode;
  /** What happened, and what to do about it. */
  readonly page: RegExp;
  readonly reason: RegExp;
}

async function assertTold(door: EntraDoor, { code, page, reason }: Told): Promise<void> {
  const shown = await signIn(door);
  assert.equal(shown.host, door.url);
  assert.match(shown.page, page);
  assert.ok(shown.page.includes(`Code: ${code}`));

  const line = door
    .output()
    .split('\n')
    .findLast((each) => each.includes('sign-in failed'))!;
  const logged = JSON.parse(line) as Record<string, string>;
  assert.equal(logged['code'], code);
  assert.match(logged['reason']!, reason);
  assert.ok(shown.page.includes(logged['advice']!), 'whoever reads the log is told the same');
  assert.ok(!line.includes('genkan-that-nobody-else-has'));

  const { out } = await door.run('audit', 'list', '--json', '--action', 'identity.signIn');
  const { records } = JSON.parse(out) as { records: { result: string; details: Record<string, string> }[] };
  const { result, details } = records.at(-1)!;
  assert.equal(result, 'failed');
  assert.equal(details['code'], code);
  assert.match(details['reason']!, /Trace ID: [\w-]{36} Correlation ID: [\w-]{36}$/, 'as its sign-in logs name it');
}

test('a wrong secret', async () => {
  await using door = await open({ secret: 'the~id-of-the-secret-instead-of-its-value' });
  await assertTold(door, {
    code: 'identity_credential_refused',
    page: /does not accept the credential of Genkan.*An administrator.*the value of the secret \(not its id\)/,
    reason: /^invalid_client AADSTS7000215: Invalid client secret/,
  });
});

test('a Conditional Access policy, a missing assignment, a missing consent, an expired secret', async () => {
  await using door = await open();
  const answers: [number, string, Told][] = [
    [
      53003,
      'Access has been blocked by Conditional Access policies.',
      {
        code: 'identity_policy_forbids',
        page: /Conditional Access policy of your organization does not allow.*Use a device.*sign-in logs/,
        reason: /AADSTS53003: Access has been blocked/,
      },
    ],
    [
      50105,
      'The signed in user is not assigned to a role for the application.',
      {
        code: 'identity_person_not_assigned',
        page: /not assigned to Genkan.*Enterprise applications → Genkan → Users and groups/,
        reason: /AADSTS50105/,
      },
    ],
    [
      65001,
      'The user or administrator has not consented to use the application.',
      {
        code: 'identity_consent_missing',
        page: /Nobody has consented.*Grant admin consent/,
        reason: /AADSTS65001/,
      },
    ],
    [
      7000222,
      'The provided client secret keys for app are expired.',
      {
        code: 'identity_credential_expired',
        page: /has expired.*adds a new one.*No restart is needed/,
        reason: /AADSTS7000222/,
      },
    ],
  ];
  for (const [number, text, told] of answers) {
    door.entra.failTokens(number, text);
    await assertTold(door, told);
  }
  door.entra.failTokens(50105, 'The signed in user is not assigned to a role for the application.');
  assert.match((await signIn(door, 'ja')).page, /お使いのアカウントは .*割り当てられていません/);
  assert.match((await signIn(door)).page, /wants to act for you/, 'and when it is mended, it works');
});

test('what Entra ID tells people by itself never comes back, and names what to mend', async () => {
  await using door = await open();
  const { redirectUris } = door.app.application.web;
  const registered = redirectUris.splice(0);
  const shown = await signIn(door);
  assert.equal(shown.host, door.entra.origin);
  assert.ok(shown.page.includes(`AADSTS50011: The redirect URI '${door.url}/auth/callback'`));
  redirectUris.push(...registered);
  assert.match((await signIn(door)).page, /wants to act for you/);
});

test('a wrong tenant', async () => {
  const tenant = randomUUID();
  await using door = await open({ provider: () => ({ tenant }) });
  const shown = await signIn(door);
  assert.equal(shown.host, door.entra.origin);
  assert.ok(shown.page.includes(`AADSTS90002: Tenant '${tenant}' not found`));
});
