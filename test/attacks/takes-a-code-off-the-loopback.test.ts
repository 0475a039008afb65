// Threat: another program on this machine catches the code that the browser brings back, and redeems it first.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { test } from 'node:test';
import { listenOnLoopback } from '../../src/identity/local/loopback.ts';
import { startEntra } from '../support/entra.ts';

const listen = (port: number, host: string): Promise<Server | string> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code!));
    server.listen(port, host, () => resolve(server));
  });

/** The browser brings a code to `redirect`, and the thief shows it to the token endpoint without the verifier. */
async function redeemsCaught(challenge: string | undefined): Promise<number> {
  await using entra = await startEntra();
  using _trust = entra.trust();
  const redirect = 'http://localhost:1';
  const app = entra.addApp({ public: true, redirectUris: ['http://localhost'] });
  entra.signsIn = entra.addUser({ upn: 'dana@example.com', name: 'Dana' }).oid;
  const asked = new URL(`${entra.authority}/oauth2/v2.0/authorize`);
  const common = { client_id: app.clientId, redirect_uri: redirect, scope: 'openid profile' };
  asked.search = new URLSearchParams({
    ...common,
    response_type: 'code',
    state: 'state',
    nonce: 'nonce',
    ...(challenge !== undefined && { code_challenge: challenge, code_challenge_method: 'S256' }),
  }).toString();
  const back = await fetch(asked, { redirect: 'manual' });
  const code = new URL(back.headers.get('location')!).searchParams.get('code')!;
  const body = new URLSearchParams({ ...common, grant_type: 'authorization_code', code });
  const answer = await fetch(`${entra.authority}/oauth2/v2.0/token`, { method: 'POST', body });
  await answer.text();
  return answer.status;
}

test('control: a code that was asked for without PKCE is good for whoever has it', async () => {
  assert.equal(await redeemsCaught(undefined), 200);
});

test('a caught code is worth nothing without the verifier, which never leaves our process', async () => {
  assert.equal(await redeemsCaught(createHash('sha256').update('ours').digest('base64url')), 400);
});

test('control: at the name localhost, whoever has only one address leaves the other to the thief', async (context) => {
  const own = (await listen(0, '127.0.0.1')) as Server;
  const { port } = own.address() as { port: number };
  const thief = await listen(port, '::1');
  own.close();
  if (thief === 'EADDRNOTAVAIL' || thief === 'EAFNOSUPPORT') return context.diagnostic('there is no IPv6 here');
  assert.ok(typeof thief !== 'string');
  thief.close();
});

test('at the name localhost both addresses are ours', async (context) => {
  const loopback = await listenOnLoopback('localhost', 'state');
  const port = Number(new URL(loopback.redirectUri).port);
  assert.equal(await listen(port, '127.0.0.1'), 'EADDRINUSE');
  const other = await listen(port, '::1');
  if (other === 'EADDRNOTAVAIL' || other === 'EAFNOSUPPORT') context.diagnostic('there is no IPv6 here');
  else assert.equal(other, 'EADDRINUSE');
  loopback.close();
});

test('the listener is at no address but that of this machine itself', async () => {
  const loopback = await listenOnLoopback('127.0.0.1', 'state');
  const { port } = new URL(loopback.redirectUri);
  await assert.rejects(fetch(`http://127.0.0.2:${port}/?state=state`));
  loopback.close();
});
