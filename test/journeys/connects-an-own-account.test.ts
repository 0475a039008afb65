// A person's day with a server that asks for sign-in: connects an account of their own, works, is asked for more, is disconnected.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Recorder } from '../../src/record/entry.ts';
import { accountId } from '../../src/identity/accounts.ts';
import { createBrowser } from '../support/browser.ts';
import { openAddress, openConnectedHouse, untilCallback } from '../support/connected-house.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';
import { tokenOf } from '../support/protected-server.ts';
import { headingOf } from '../support/sign-in-walk.ts';

const addressIn = (error: unknown): string => {
  const { data, cause } = error as { data?: { url?: string }; cause?: unknown };
  return data?.url ?? addressIn(cause);
};

for (const mode of ['legacy', 'modern'] as const) {
  test(`a ${mode} client of the official SDK is told where to sign in, and then works as that person`, async () => {
    await using connected = await openConnectedHouse();
    const { notes, house } = connected;
    // A modern client gets in, so that it can be told with its first call.
    const first =
      mode === 'legacy' ? connected.client('dana', mode) : (await connected.client('dana', mode)).listTools();
    const refused = await first.then(
      () => assert.fail('it should have been refused'),
      (error: unknown) => error,
    );
    const address = addressIn(refused);
    assert.ok(address.startsWith(`${house.url}/connect/notes?ticket=`), address);

    const browser = createBrowser({ 'accept-language': 'ja' });
    const arrival = await openAddress(address, browser);
    assert.equal(arrival.response!.status, 200);
    assert.equal(headingOf(arrival.page!), 'notes に接続しました');
    assert.equal(arrival.url.search, '?connected', 'no code is left in the address');

    const client = await connected.client('dana', mode);
    const { content } = await client.callTool({ name: 'read', arguments: {} });
    assert.deepEqual(content, [{ type: 'text', text: 'dana@notes' }]);
    await client.close();
    // What the server got: its own token alone, never Genkan's; what it was asked for: this server and its scope.
    const genkans = await house.token('dana', 'notes');
    assert.ok(notes.seen.every((seen) => tokenOf(seen) !== genkans));
    const [asked] = notes.authority.requests;
    assert.equal(asked!.get('resource'), notes.url);
    assert.equal(asked!.get('scope'), 'notes:read');
    assert.equal(asked!.get('code_challenge_method'), 'S256');
    assert.equal(notes.authority.tokenRequests[0]!.get('resource'), notes.url);
  });
}

test('each person has an account of their own, and nobody sees it in the data directory', async () => {
  await using connected = await openConnectedHouse();
  const { notes, house } = connected;
  await openAddress((await connected.call('dana')).url!);
  connected.become('omar');
  notes.authority.account = 'omar@notes';
  await openAddress((await connected.call('omar')).url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  assert.equal((await connected.call('omar')).account, 'omar@notes');

  const secrets = [...notes.seen.map(tokenOf), 'a secret of the client'].filter((secret) => secret !== '');
  assert.ok(secrets.length > 2);
  const files = readdirSync(house.dataDirectory, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  for (const { parentPath, name } of files) {
    const content = readFileSync(path.join(parentPath, name), 'latin1');
    for (const secret of secrets) assert.ok(!content.includes(secret), name);
  }
});

test('tokens are refreshed ahead of their end, once for many calls, and rotated ones are kept', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  authority.seconds = 0; // due at once
  await openAddress((await connected.call('dana')).url!);
  authority.seconds = 3600;
  const { promise, resolve } = Promise.withResolvers<void>();
  authority.hold = promise;
  const calls = Array.from({ length: 5 }, () => connected.call('dana'));
  setImmediate(resolve);
  assert.deepEqual(
    (await Promise.all(calls)).map(({ account }) => account),
    Array(5).fill('dana@notes'),
  );
  const refreshes = authority.tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token');
  assert.equal(refreshes.length, 1);
  assert.equal(refreshes[0]!.get('resource'), connected.notes.url);
});

test('when the refresh token is revoked, the person is asked to sign in again, without a loop', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  await openAddress((await connected.call('dana')).url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  authority.revoke();
  const before = authority.tokenRequests.length;
  const { error, url } = await connected.call('dana');
  assert.equal(error?.data?.['reason'], 'upstream_sign_in_required');
  assert.equal(authority.tokenRequests.length, before + 1);
  await connected.call('dana');
  assert.equal(authority.tokenRequests.length, before + 1, 'what was refused is not tried again');
  await openAddress(url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  assert.equal(authority.registrations.length, 1, 'the client stays registered');
});

test('where another account is in the browser, the way out that the page offers leads to the own one', async () => {
  await using connected = await openConnectedHouse();
  const { house } = connected;
  const browser = createBrowser();
  connected.become('omar');
  const asked = await authorizationRequest(await register(house.url), { resource: `${house.url}/mcp/notes` });
  await browser.follow(asked.url, () => false);
  const refused = await openAddress((await connected.call('dana')).url!, browser);
  assert.match(refused.page!, /upstream_sign_in_other_person/);

  connected.become('dana');
  const [, wayOut = ''] = /href="(\/connect\/notes\?[^"]*)"/.exec(refused.page!) ?? [];
  const arrival = await openAddress(`${house.url}${wayOut.replaceAll('&#38;', '&')}`, browser);
  assert.equal(arrival.response!.status, 200);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
});

test('an authorization server that has forgotten Genkan is registered at anew by the sign-in after the one that got lost', async () => {
  await using connected = await openConnectedHouse();
  const { notes } = connected;
  const { authority } = notes;
  await openAddress((await connected.call('dana')).url!);
  notes.needs = (method) => (method === 'tools/call' ? 'notes:write' : undefined);
  authority.forgetClients();
  const lost = await openAddress((await connected.call('dana')).url!);
  assert.equal(lost.url.origin, authority.issuer, 'the person is told there, and Genkan is told nothing');
  assert.equal(authority.registrations.length, 1);

  const arrival = await openAddress((await connected.call('dana')).url!);
  assert.equal(arrival.response!.status, 200);
  assert.equal(authority.registrations.length, 2);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
});

test('a client that was given up on is registered anew without spoiling the tokens that are held', async () => {
  await using connected = await openConnectedHouse();
  const { notes } = connected;
  const { authority } = notes;
  await openAddress((await connected.call('dana')).url!);
  notes.needs = (method) => (method === 'tools/call' ? 'notes:write' : undefined);
  const { url } = await connected.call('dana');
  for (const _ of [1, 2]) await untilCallback(url!); // left twice, never came back
  assert.equal(authority.registrations.length, 2);
  notes.needs = () => undefined;
  authority.expire();
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  const proof = authority.tokenRequests.at(-1)!;
  assert.equal(proof.get('grant_type'), 'refresh_token');
});

test('a call that needs more rights asks for those as well, and gives up when they are no remedy', async () => {
  await using connected = await openConnectedHouse();
  const { notes } = connected;
  const browser = createBrowser();
  await openAddress((await connected.call('dana')).url!, browser);
  notes.needs = (method) => (method === 'tools/call' ? 'notes:write' : undefined);
  await openAddress((await connected.call('dana')).url!, browser);
  assert.equal(notes.authority.requests.at(-1)!.get('scope'), 'notes:read notes:write');
  assert.equal((await connected.call('dana')).account, 'dana@notes');

  // The control is the call above. Here it is refused for what was granted.
  const { read } = notes.authority;
  Object.assign(notes.authority, { read: (token: string) => ({ ...read(token)!, scope: 'notes:read' }) });
  const { error } = await connected.call('dana');
  assert.equal(error?.data?.['reason'], 'upstream_unavailable');
});

test('an administrator sees connections and ends them; removing the person’s tokens takes effect at once', async () => {
  await using connected = await openConnectedHouse();
  const { house, provider } = connected;
  await openAddress((await connected.call('dana')).url!);
  const dana = accountId(provider.issuer, 'dana');
  const listed = await house.house.connections.list();
  assert.deepEqual(
    listed.map(({ person, server }) => [person, server]),
    [[dana, 'notes']],
  );
  assert.equal(await house.house.connections.remove(dana, 'notes'), true);
  assert.equal((await connected.call('dana')).error?.data?.['reason'], 'upstream_sign_in_required');
  const entries = await house.house.audit.list({ limit: 100 });
  const added = entries.find(({ action }) => action === 'connection.add');
  assert.deepEqual([added?.user, added?.resource, added?.result], [dana, '/servers/notes', 'allowed']);
});

test('where a sign-in fails, no code is left in the address of the page that says so', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  const browser = createBrowser();
  const callback = await untilCallback((await connected.call('dana')).url!, browser);
  authority.revoke();
  const failed = await openAddress(callback.href, browser);
  assert.equal(failed.response!.status, 502);
  assert.match(failed.page!, /notes.*upstream_sign_in_failed/s);
  assert.equal(failed.url.search, '?failed=upstream_sign_in_failed&server=notes');
  const again = await openAddress(callback.href, browser);
  assert.equal(again.url.search, '?failed=upstream_sign_in_expired');

  const made = new URL('?failed=access_denied&server=<b>', failed.url);
  assert.match((await openAddress(made.href)).page!, /gateway_fault/, 'the address does not say what it likes');
});

test('an account is not connected before that is on record, and nobody is listed who never signed in', async () => {
  await using connected = await openConnectedHouse();
  const { recorded, connections } = connected.house.house;
  const record = recorded as unknown as Recorder; // the very log that everybody writes to
  const { append } = record;
  let failing = true;
  record.append = (entry) =>
    failing && entry.action === 'connection.add' && entry.result === 'allowed'
      ? Promise.reject(new Error('the disk is full'))
      : append(entry);
  const arrival = await openAddress((await connected.call('dana')).url!);
  assert.equal(arrival.response!.status, 502);
  const { account, url } = await connected.call('dana');
  assert.equal(account, undefined);
  assert.deepEqual(await connections.list(), []);

  failing = false;
  await openAddress(url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes', 'control');
  assert.equal((await connections.list()).length, 1);
});

test('a client that can open addresses is asked to, and comes back with its call', async () => {
  await using connected = await openConnectedHouse();
  const capabilities = { elicitation: { url: {} } };
  const { result } = await connected.call('dana', { capabilities });
  assert.equal(result?.['resultType'], 'input_required');
  const [[key, question]] = Object.entries(
    result?.['inputRequests'] as Record<string, { params: { url: string } }>,
  ) as [[string, { method: string; params: { mode: string; url: string } }]];
  assert.equal(question.method, 'elicitation/create');
  assert.equal(question.params.mode, 'url');
  await openAddress(question.params.url);
  const again = await connected.call('dana', {
    capabilities,
    params: { inputResponses: { [key]: { action: 'accept' } } },
  });
  assert.equal(again.account, 'dana@notes');
  const call = connected.notes.seen.findLast(({ message }) => message.method === 'tools/call');
  assert.equal(call?.message.params?.['inputResponses'], undefined, 'the server does not see how its person was asked');
});

test('whoever declines is not asked again in the same call', async () => {
  await using connected = await openConnectedHouse();
  const capabilities = { elicitation: { url: {} } };
  const { result } = await connected.call('dana', { capabilities });
  const [key] = Object.keys(result?.['inputRequests'] as object);
  const inputResponses = { [key!]: { action: 'decline' } };
  const declined = await connected.call('dana', { capabilities, params: { inputResponses } });
  assert.equal(declined.error?.data?.['reason'], 'upstream_sign_in_required');
});

test('a client of 2025-11-25 that can open addresses is told by the error that the revision has for it', async () => {
  await using connected = await openConnectedHouse({ spoken: { eras: ['legacy'] } });
  await openAddress((await connected.call('dana')).url!);
  const client = await connected.client('dana', 'legacy', { elicitation: { url: {} } });
  const plain = await connected.client('dana', 'legacy');
  connected.notes.authority.revoke();
  await assert.rejects(client.callTool({ name: 'read', arguments: {} }), (error: { code?: number; data?: unknown }) => {
    assert.equal(error.code, -32042);
    const [elicitation] = (error.data as { elicitations: [{ mode: string; url: string; elicitationId: string }] })
      .elicitations;
    assert.equal(elicitation.mode, 'url');
    assert.ok(elicitation.url.startsWith(`${connected.house.url}/connect/notes?ticket=`));
    assert.ok(elicitation.elicitationId.length > 16);
    return true;
  });
  await assert.rejects(plain.callTool({ name: 'read', arguments: {} }), { code: -31012 });
  await Promise.all([client.close(), plain.close()]);
});
