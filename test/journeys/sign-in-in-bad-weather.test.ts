// Sign-in when not everything is well: the identity provider is down, Genkan restarts, the record cannot be written.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { test } from 'node:test';
import { GenkanError } from '../../src/base/errors.ts';
import { createBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { startOidcStandIn } from '../support/oidc-stand-in.ts';
import {
  answer,
  authorizationRequest,
  authorize,
  exchange,
  obtainTokens,
  open,
  postToken,
  refresh,
  register,
} from '../support/oauth-client.ts';

test('a provider that is down delays nobody else, and sign-in goes on from the page once it is back', async () => {
  const absent = await startOidcStandIn(await freePort());
  await absent.close();
  await using house = await startIdentityHouse({ issuer: absent.issuer });
  const resource = `${house.publicUrl}/mcp/files`;
  const accountId = await house.identity.upsertAccount({ id: 'x#y', name: 'y', groups: [] });
  const token = await house.identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 60 });
  assert.equal((await house.identity.verify(`Bearer ${token}`, resource)).outcome, 'allow');

  const [browser, registered] = [createBrowser(), await register(house.publicUrl)];
  const asked = await authorizationRequest(registered, { resource });
  const failed = await open(browser, asked);
  assert.equal(failed.response!.status, 502);
  const retry = /class="button primary" href="([^"]+)"/.exec(failed.page!)![1]!;

  const back = await startOidcStandIn(Number(new URL(absent.issuer).port));
  try {
    const page = await browser.follow(new URL(retry, house.publicUrl), () => false);
    const { url } = await answer(browser, page, 'approve');
    assert.ok(url.searchParams.has('code'));
  } finally {
    await back.close();
  }
});

test('clients, consents, sign-ins and tokens outlive a restart', async () => {
  const directory = mkdtempSync(nodePath.join(tmpdir(), 'genkan-restart-'));
  try {
    const first = await startIdentityHouse({ directory, port: await freePort() });
    const { publicUrl } = first;
    const resource = `${publicUrl}/mcp/files`;
    const session = await obtainTokens(publicUrl, resource);
    await first[Symbol.asyncDispose]();

    await using second = await startIdentityHouse({ directory, port: Number(new URL(publicUrl).port) });
    assert.equal((await second.identity.verify(`Bearer ${session.tokens.access_token}`, resource)).outcome, 'allow');
    assert.equal((await refresh(session, session.tokens.refresh_token!)).status, 200);
    const silent = await open(session.browser, await authorizationRequest(session, { resource }));
    assert.ok(silent.url.searchParams.has('code'), 'the browser is still signed in, and the consent still stands');
    assert.equal(second.provider.requests.length, 0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('no code and no token leaves while it cannot be recorded', async () => {
  let broken = '';
  await using house = await startIdentityHouse({
    onRecord: ({ action }) => {
      if (action === broken) throw new GenkanError('record_unavailable');
    },
  });
  const registered = await register(house.publicUrl);
  const parameters = { resource: `${house.publicUrl}/mcp/files` };

  const outcome = async () => {
    const browser = createBrowser();
    const arrival = await open(browser, await authorizationRequest(registered, parameters));
    const asks = arrival.page?.includes('name="decision"') ?? false;
    return asks ? answer(browser, arrival, 'approve') : arrival;
  };

  for (const action of ['identity.signIn', 'identity.consent', 'identity.authorize']) {
    broken = action;
    const { response } = await outcome();
    assert.equal(response?.status, 503, action);
    assert.equal(response.headers.get('location'), null, action);
  }
  broken = '';
  const authorized = await authorize(registered, parameters);
  broken = 'identity.tokenIssued';
  const response = await postToken(authorized.server, {
    grant_type: 'authorization_code',
    code: authorized.callback.searchParams.get('code')!,
    client_id: authorized.client.client_id,
    redirect_uri: authorized.redirectUri,
    code_verifier: authorized.asked.verifier,
  });
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), { error: 'temporarily_unavailable' });
  broken = '';
  assert.ok((await exchange(await authorize(registered, parameters))).access_token, 'control');
});

test('a client that is described by a document at its URL goes the whole way', async () => {
  const document = {
    client_id: 'https://client.example/oauth/client.json',
    client_name: 'Described',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    token_endpoint_auth_method: 'none',
  };
  const send: typeof fetch = (input, init) =>
    String(input) === document.client_id ? Promise.resolve(Response.json(document)) : fetch(input, init);
  await using house = await startIdentityHouse({ fetch: send });
  const { publicUrl, identity } = house;
  const resource = `${publicUrl}/mcp/files`;
  const { server } = await register(publicUrl);
  assert.equal(server.client_id_metadata_document_supported, true);
  const described = { server, client: { client_id: document.client_id } };
  const authorized = await authorize(described, { resource, redirect_uri: 'http://127.0.0.1:50123/callback' });
  const tokens = await exchange(authorized);
  const verdict = await identity.verify(`Bearer ${tokens.access_token}`, resource);
  assert.ok(verdict.outcome === 'allow' && verdict.principal.clientId === document.client_id);
  assert.equal((await refresh(described, tokens.refresh_token!)).status, 200);
});

test('behind TLS every cookie is Secure, and those of the whole origin carry the __Host- prefix', async () => {
  await using house = await startIdentityHouse({ publicUrl: 'https://mcp.example.com' });
  const document = { redirect_uris: ['https://client.example/callback'] };
  const registered = await ask(house.listening, 'POST', '/oauth/register', JSON.stringify(document));
  const { client_id: clientId } = JSON.parse(registered.body) as { client_id: string };
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'https://client.example/callback',
    resource: 'https://mcp.example.com/mcp',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  const begun = await ask(house.listening, 'GET', `/oauth/authorize?${query.toString()}`);
  const interaction = begun.cookies.find((cookie) => cookie.startsWith('genkan_interaction='))!;
  const signIn = begun.location!;
  const cookie = begun.cookies.map((line) => line.split(';')[0]).join('; ');
  const sent = await ask(house.listening, 'GET', signIn, undefined, { cookie });
  const browser = sent.cookies.find((line) => line.includes('genkan_browser='))!;
  assert.match(browser, /^__Host-genkan_browser=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  assert.match(interaction, new RegExp(`path=${signIn};`));
  for (const line of begun.cookies) assert.match(line, /; samesite=lax; secure; httponly$/i);
  assert.match(sent.location!, /redirect_uri=https%3A%2F%2Fmcp\.example\.com%2Fauth%2Fcallback/);
});

interface Answered {
  readonly body: string;
  readonly cookies: readonly string[];
  readonly location: string | undefined;
}

/** A request as a proxy that ends TLS would pass it on. */
function ask(
  base: string,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = { method, headers: { host: 'mcp.example.com', ...type, ...headers } };
    const sending = request(base + path, options, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        const { 'set-cookie': cookies = [], location } = response.headers;
        resolve({ body: text, cookies, location });
      });
    });
    sending.on('error', reject).end(body);
  });
}
