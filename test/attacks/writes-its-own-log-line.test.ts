// Attack (log injection): names, addresses, user agents and states that, when read in the record, look like lines of it or steer a terminal.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { createIdentityRecord } from '../../src/identity/identity-record.ts';
import type { IdentityEntry } from '../../src/identity/identity.ts';
import { createLog } from '../../src/base/log.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { answer, authorizationRequest, discover, open } from '../support/oauth-client.ts';
import { createBrowser } from '../support/browser.ts';

const acting = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
const hostile = 'Editor\n2026-01-01 admin allowed\u001b[2J\u009b31m\u202edeppots\u2028';

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

test('nothing that a client says of itself acts when the record is read', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, records } = house;
  const post = (path: string, body: string, type: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': type,
        'user-agent': 'Mozilla \x9b2J \x85 admin',
        'content-length': Buffer.byteLength(body),
      };
      request(`${publicUrl}${path}`, { method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, body: text }));
      })
        .on('error', reject)
        .end(body);
    });
  const registration = (redirectUri: string) =>
    post(
      '/oauth/register',
      JSON.stringify({ client_name: hostile, software_id: hostile, redirect_uris: [redirectUri] }),
      'application/json',
    );
  const registered = await registration('https://client.example/callback');
  assert.equal(registered.status, 201);
  for (const redirectUri of [
    `https://client.example/\n${hostile}`,
    'https://client.example/\u202ecallback',
    `${hostile}://x`,
  ])
    assert.equal((await registration(redirectUri)).status, 400, redirectUri);
  const client = JSON.parse(registered.body) as { client_id: string; client_name: string; redirect_uris: string[] };
  assert.doesNotMatch(client.client_name, acting);

  const server = await discover(publicUrl);
  const asked = await authorizationRequest({ server, client }, { resource: `${publicUrl}/mcp/files`, state: hostile });
  const browser = createBrowser();
  const { url } = await answer(browser, await open(browser, asked), 'approve');
  assert.equal(
    url.searchParams.get('state'),
    hostile,
    'control: the state goes back as it came, and is written nowhere',
  );
  for (const name of ['code', 'client_id', 'grant_type', 'scope', 'resource'])
    await post(
      '/oauth/token',
      new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: client.client_id,
        [name]: hostile,
      }).toString(),
      'application/x-www-form-urlencoded',
    );

  assert.ok(records.some(({ action }) => action === 'identity.clientRegistered'));
  assert.ok(records.some(({ action }) => action === 'identity.clientRefused'));
  assert.ok(records.some(({ userAgent }) => userAgent.startsWith('Mozilla')));
  for (const text of stringsIn(records)) assert.doesNotMatch(text, acting, JSON.stringify(text));
});

test('control: what is handed to the record does hold such characters, and would without the record’s own care', async () => {
  const written: IdentityEntry[] = [];
  const record = createIdentityRecord(
    (entry) => Promise.resolve(written.push(entry)),
    { now: Date.now },
    createLog('silent'),
  );
  const details = { reason: hostile, deep: [{ name: hostile }] };
  assert.match(stringsIn(details)[0]!, acting);
  await record.write({ action: 'identity.test', result: 'denied', details }, { sourceIP: '', userAgent: '' });
  for (const text of stringsIn(written)) assert.doesNotMatch(text, acting);
  assert.match(
    stringsIn(written[0]!.details)[0]!,
    /^Editor 2026-01-01 admin allowed/,
    'and the rest can still be read',
  );
});
