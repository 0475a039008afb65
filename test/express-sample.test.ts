// The well-known sample of an MCP server with Entra ID, built on Genkan: each weakness that the sample has is absent here.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { createBrowser } from './support/browser.ts';
import { openSseSession } from './support/http-sse-client.ts';
import { clientSecret, startExpressApp } from './support/express-app.ts';
import type { ExpressApp } from './support/express-app.ts';
import { openLegacySession, post } from './support/mcp-post.ts';
import { authorizationRequest, authorize, exchange, postToken, refresh, register } from './support/oauth-client.ts';

const program = 'test/support/express-sample-server.ts';
const stays = (): boolean => false;

let house: ExpressApp;
before(async () => void (house = await startExpressApp({ program })));
after(() => house[Symbol.asyncDispose]());

const tool = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'whoAmI', arguments: {} } };
const told = (result: unknown): Record<string, unknown> & { extra: Record<string, unknown> } =>
  JSON.parse((result as { content: [{ text: string }] }).content[0].text) as never;

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

/** Everything that lies in the data directory, as bytes. */
const stored = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

test('tools learn who calls, and see no token: neither that of the identity provider nor that of the client', async () => {
  const { access, client } = await house.signIn(house.dana);
  const headers = await openLegacySession(`${house.url}/mcp`, access);
  const { message } = await post(`${house.url}/mcp`, tool, { token: access, headers });
  const seen = told(message.result);
  assert.equal(seen.extra['user'], `${house.dana.oid}@${house.dana.tid}`);
  assert.equal(seen.extra['name'], 'dana@contoso.example');
  assert.deepEqual(seen.extra['groups'], house.dana.groups);
  assert.equal(seen['clientId'], client.client.client_id);
  assert.equal(seen['resource'], `${house.url}/mcp`);
  assert.equal(seen['expiresAt'], claimsOf(access)['exp'], 'in seconds');
  assert.deepEqual(seen['scopes'], ['mcp', 'mcp:read', 'mcp:write', 'mcp:destroy']);
  assert.ok(!JSON.stringify(seen).includes(access));
  assert.equal((await post(`${house.url}/mcp`, tool, { token: String(seen['token']), headers })).status, 401);

  for (const address of ['/of-v1', '/of-v2']) {
    const answer = await fetch(house.url + address, { headers: { authorization: `Bearer ${access}` } });
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { token: string }).token],
      [200, seen['token']],
      address,
    );
    const refused = await fetch(house.url + address, { headers: { authorization: 'Bearer nothing' } });
    assert.equal(refused.status, 401, address);
    assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  }
});

test('one person leaves, and the streams and sessions of the others go on', async () => {
  const [dana, omar] = [await house.signIn(house.dana), await house.signIn(house.omar)];
  const first = await openSseSession(`${house.url}/sse`, dana.access);
  const second = await openSseSession(`${house.url}/sse`, omar.access);
  const nameOn = async (client: typeof first, id: number) =>
    told((await client.request(id, 'tools/call', tool.params)).result).extra['name'];
  assert.deepEqual(await Promise.all([nameOn(first, 1), nameOn(second, 1), nameOn(first, 2)]), [
    'dana@contoso.example',
    'omar@contoso.example',
    'dana@contoso.example',
  ]);
  first.stream.leave();
  await first.stream.ended;
  assert.equal(await nameOn(second, 3), 'omar@contoso.example');
  second.stream.leave();
});

test('a client gets its code at the address that it asked for, with the issuer beside it, and only after the person said yes', async () => {
  const browser = createBrowser();
  house.entra.signsIn = house.dana.oid;
  await house.signIn(house.dana, { browser }); // the browser is signed in, and has said yes to another client
  const redirect_uris = ['https://client.example/callback', 'https://client.example/callback/other'];
  const registered = await register(house.url, { redirect_uris });
  const resource = `${house.url}/mcp`;
  const asked = await authorizationRequest(registered, { resource, redirect_uri: redirect_uris[1]! });
  const page = await browser.follow(asked.url, stays);
  assert.match(page.page ?? '', /name="decision"/);
  const isBack = ({ hostname }: URL): boolean => hostname === 'client.example';
  const { url } = await browser.submit(page.url, page.page!, { decision: 'approve' }, isBack);
  assert.equal(url.pathname, '/callback/other');
  assert.equal(url.searchParams.get('iss'), house.url);
  assert.equal(url.searchParams.get('state'), asked.state);

  const elsewhere = await authorizationRequest(registered, { resource, redirect_uri: 'https://client.example/third' });
  assert.equal((await browser.follow(elsewhere.url, stays)).response!.status, 400);
});

test('the way to Entra ID has a nonce and a challenge of its own, and no other browser can finish it', async () => {
  house.entra.signsIn = house.dana.oid;
  const browser = createBrowser();
  const asked = await authorizationRequest(await register(house.url), { resource: `${house.url}/mcp` });
  const toEntra = await browser.follow(asked.url, ({ origin }) => origin === house.entra.origin);
  const sent = toEntra.url.searchParams;
  assert.ok(sent.has('nonce'));
  assert.equal(sent.get('code_challenge_method'), 'S256');
  assert.notEqual(sent.get('code_challenge'), asked.url.searchParams.get('code_challenge'));
  assert.ok(!sent.has('resource'));
  const callback = await browser.follow(toEntra.url, ({ pathname }) => pathname === '/auth/callback');
  assert.equal((await createBrowser().follow(callback.url, stays)).response!.status, 400);
});

test('codes belong to the client, the resource and one use; errors are those of OAuth', async () => {
  house.entra.signsIn = house.dana.oid;
  const [resource, thief] = [`${house.url}/mcp`, await register(house.url)];
  const authorized = await authorize(await register(house.url), { resource });
  const form = (clientId: string, code: string) => ({
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: authorized.redirectUri,
    code_verifier: authorized.asked.verifier,
    resource,
  });
  const code = authorized.callback.searchParams.get('code')!;
  const stolen = await postToken(authorized.server, form(thief.client.client_id, code));
  assert.deepEqual([stolen.status, ((await stolen.json()) as { error: string }).error], [400, 'invalid_grant']);
  const good = await authorize(authorized, { resource });
  const tokens = await exchange(good);
  assert.equal(claimsOf(tokens.access_token)['aud'], resource);
  const again = await postToken(good.server, {
    ...form(good.client.client_id, good.callback.searchParams.get('code')!),
    code_verifier: good.asked.verifier,
  });
  assert.deepEqual([again.status, ((await again.json()) as { error: string }).error], [400, 'invalid_grant']);
  const refused = await authorize(authorized, { resource: 'https://elsewhere.example/mcp' });
  assert.equal(refused.callback.searchParams.get('error'), 'invalid_target');
});

test('what the metadata promises holds: registration, refresh that rotates, revocation, and the documents of the resource', async () => {
  const challenge = await post(`${house.url}/mcp`, tool);
  assert.equal(challenge.status, 401);
  const [, metadata] = /resource_metadata="([^"]+)"/.exec(challenge.headers['www-authenticate'] ?? '')!;
  const document = (await (await fetch(metadata!)).json()) as Record<string, unknown>;
  assert.deepEqual([document['resource'], document['authorization_servers']], [`${house.url}/mcp`, [house.url]]);
  const older = await fetch(`${house.url}/sse`);
  assert.match(older.headers.get('www-authenticate') ?? '', /oauth-protected-resource\/sse"/);

  const { client, access, refresh: first } = await house.signIn(house.dana);
  assert.equal(client.server.issuer, house.url);
  assert.equal(client.server.client_id_metadata_document_supported, true);
  const renewed = (await (await refresh(client, first)).json()) as { access_token: string; refresh_token: string };
  assert.notEqual(renewed.refresh_token, first);
  const headers = await openLegacySession(`${house.url}/mcp`, renewed.access_token);
  const call = (token: string) => post(`${house.url}/mcp`, tool, { token, headers });
  assert.equal((await call(renewed.access_token)).status, 200);

  const stream = await openSseSession(`${house.url}/sse`, renewed.access_token);
  const options = { [oauth.allowInsecureRequests]: true };
  await oauth.revocationRequest(client.server, client.client, oauth.None(), renewed.refresh_token, options);
  await stream.stream.ended;
  for (const token of [access, renewed.access_token]) assert.equal((await call(token)).status, 401);
});

test('a restart keeps clients, grants and keys; nothing secret lies about or is logged', async () => {
  const { client, access, refresh: token } = await house.signIn(house.dana);
  await openLegacySession(`${house.url}/mcp`, access);
  const entraTokens = [...house.entra.state.refreshTokens.keys(), ...house.entra.state.issued.keys()].map(String);
  const secrets = [clientSecret, access, token, ...entraTokens].filter(
    (secret) => secret.length > 20 || secret === clientSecret,
  );
  await house.restart();
  const kept = stored(house.data);
  for (const secret of secrets) assert.ok(!kept.includes(secret), `${secret.slice(0, 6)}… lies in the data directory`);
  for (const secret of secrets) assert.ok(!house.output().includes(secret), `${secret.slice(0, 6)}… was logged`);
  assert.ok(!/[?&](code|state)=/.test(house.output()));

  await openLegacySession(`${house.url}/mcp`, access); // the token is still good
  assert.equal((await refresh(client, token)).status, 200);
  const actions = kept.includes('tools/call') || kept.includes('initialize');
  assert.ok(actions && kept.includes('identity.signIn') && kept.includes('identity.consent'), 'it is in the audit log');
});

test('nobody registers clients without end', async () => {
  const body = JSON.stringify({
    redirect_uris: ['https://client.example/callback'],
    token_endpoint_auth_method: 'none',
  });
  const headers = { 'content-type': 'application/json' };
  const registering = () => fetch(`${house.url}/oauth/register`, { method: 'POST', headers, body });
  const answers = await Promise.all(Array.from({ length: 25 }, registering));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201, 429]));
});

test('a stream whose clients are to post where nobody asks for a token is cut', async () => {
  await using careless = await startExpressApp({ program, env: { MESSAGES: '/unguarded' } });
  const { access } = await careless.signIn(careless.dana);
  const answer = fetch(`${careless.url}/sse`, { headers: { authorization: `Bearer ${access}` } });
  await assert.rejects(answer.then((response) => response.text()));
  assert.match(careless.output(), /names another path to post to/);
});
