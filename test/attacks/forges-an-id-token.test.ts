// Attack: what comes back from a sign-in is a token that Entra ID did not sign, or signed for something else. MSAL would take it.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import type { IdClaims, TokenJudge } from '../../src/identity/entra/tokens.ts';
import { startEntraHouse } from '../support/entra-house.ts';
import type { EntraHouse } from '../support/entra-house.ts';

type Forger = (idToken: string, accessToken: string) => string | Promise<string>;

/** A house whose token endpoint is answered by somebody in between. */
function attacked(forgery: { forge: Forger }): Promise<EntraHouse> {
  const between = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    if (!new URL(String(input)).pathname.endsWith('/token')) return response;
    const body = (await response.json()) as { id_token: string; access_token: string };
    return Response.json({ ...body, id_token: await forgery.forge(body.id_token, body.access_token) });
  };
  return startEntraHouse({ fetch: between as typeof fetch });
}

/** What MSAL does with an ID token: it reads it. */
const believing: TokenJudge = {
  idToken: (token) => Promise.resolve({ ...(decodeJwt(token) as unknown as IdClaims), acrs: [], roles: [] }),
  apiToken: (_token, claims) => Promise.resolve({ ...claims, scp: 'access' }),
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

const asOmar = (house: EntraHouse, token: string) => ({ ...decodeJwt(token), oid: house.omar.oid });

async function refusedThenBelieved(
  house: EntraHouse,
  forgery: { forge: Forger },
  forge: Forger,
  name: string,
): Promise<void> {
  forgery.forge = forge;
  await assert.rejects(house.signInBy(house.beside().leg, house.dana), { code: 'identity_sign_in_failed' }, name);
  const { person } = await house.signInBy(house.beside(believing).leg, house.dana);
  assert.ok(person.id.startsWith(house.omar.oid), `control: without our judge, ${name} makes Dana Omar`);
}

test('an ID token without signature, or signed with the public key as if it were a shared secret, makes nobody somebody else', async () => {
  const forgery: { forge: Forger } = { forge: (token) => token };
  await using house = await attacked(forgery);
  await refusedThenBelieved(
    house,
    forgery,
    (token) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(asOmar(house, token))}.`,
    'none',
  );
  const hmac: Forger = (token) => {
    const { kid } = decodeProtectedHeader(token);
    const pem = createPublicKey(house.entra.state.keys.current().publicKey.export({ type: 'spki', format: 'pem' }));
    const text = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode(asOmar(house, token))}`;
    const secret = pem.export({ type: 'spki', format: 'pem' });
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  await refusedThenBelieved(house, forgery, hmac, 'HS256');
});

test('nor one that a stranger signed under the name of a key of Entra ID, or under the old signature', async () => {
  const forgery: { forge: Forger } = { forge: (token) => token };
  await using house = await attacked(forgery);
  const strangers: Forger = (token) =>
    new SignJWT(asOmar(house, token))
      .setProtectedHeader({ alg: 'RS256', kid: decodeProtectedHeader(token).kid! })
      .sign(stranger.privateKey);
  await refusedThenBelieved(house, forgery, strangers, 'a strange key');
  const brought: Forger = async (token) => {
    const jwk = stranger.publicKey.export({ format: 'jwk' });
    const header = { alg: 'RS256', kid: decodeProtectedHeader(token).kid!, jwk, jku: 'https://evil.example/keys' };
    return new SignJWT(asOmar(house, token)).setProtectedHeader(header as never).sign(stranger.privateKey);
  };
  await refusedThenBelieved(house, forgery, brought, 'a key that it brings along');
  const changed: Forger = (token) => {
    const [header, , signature] = token.split('.');
    return `${header}.${encode(asOmar(house, token))}.${signature}`;
  };
  await refusedThenBelieved(house, forgery, changed, 'changed claims');
});

test('a real token for another application, or for another purpose, is no ID token for us', async () => {
  const forgery: { forge: Forger } = { forge: (token) => token };
  await using house = await attacked(forgery);
  const attempt = () => house.signInBy(house.beside().leg, house.dana);
  for (const [name, changes] of Object.entries({
    'another audience': { aud: '11111111-2222-4333-8444-555555555555' },
    'several audiences without ours': { aud: ['a', 'b'] },
    'version 1': { ver: '1.0' },
    expired: { exp: 1, iat: 0, nbf: 0 },
    'no object id': { oid: undefined },
    'an object id that is none': { oid: 'admin' },
  })) {
    house.entra.tamper = (claims) => ({ ...claims, ...changes });
    await assert.rejects(attempt, { code: 'identity_sign_in_failed' }, name);
  }
  house.entra.tamper = (claims) => claims;
  forgery.forge = (_idToken, accessToken) => accessToken;
  await assert.rejects(attempt, { code: 'identity_sign_in_failed' }, 'our own access token');
  forgery.forge = (token) => token;
  assert.equal((await attempt()).person.id.split('@')[0], house.dana.oid, 'control: untouched it is accepted');
});
