// Attack: an access token that we did not sign, or that was signed for another purpose, is presented as ours.
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign as ecSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { EmbeddedJWK, SignJWT, UnsecuredJWT, jwtVerify } from 'jose';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';

type Claims = Record<string, unknown>;

async function forge(house: IdentityHouse) {
  const { identity, publicUrl, directory } = house;
  const resource = `${publicUrl}/mcp/files`;
  const accountId = await identity.upsertAccount({
    id: 'https://idp.example#dana',
    name: 'dana',
    groups: [],
  });
  const real = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
  const [header, claims] = real
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims);
  const { keys } = JSON.parse(readFileSync(path.join(directory, 'keys', 'oauth-signing.json'), 'utf8')) as {
    keys: Claims[];
  };
  const ours = createPrivateKey({ key: keys[0] as never, format: 'jwk' });
  const sign = (changes: Claims, key = ours, protectedHeader: Claims = {}) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ ...header, ...protectedHeader } as never).sign(key);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const verdictOn = async (token: string, scheme = 'Bearer') => {
    const verdict = await identity.verify(`${scheme} ${token}`, resource);
    return verdict.outcome === 'allow' ? 'allow' : verdict.code;
  };
  return { header: header!, claims: claims!, ours, sign, encode, verdictOn, resource };
}

test('control: the same claims signed with our key are accepted', async () => {
  await using house = await startIdentityHouse();
  const { sign, verdictOn } = await forge(house);
  assert.equal(await verdictOn(await sign({ jti: 'another' })), 'allow');
});

test('refuses tokens by another key, without signature, or with our public key as an HMAC secret', async () => {
  await using house = await startIdentityHouse();
  const { header, claims, ours, sign, encode, verdictOn } = await forge(house);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const unsigned = (alg: string) => `${encode({ ...header, alg })}.${encode(claims)}.`;
  const publicPem = createPublicKey(ours as never).export({ type: 'spki', format: 'pem' }) as string;
  const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  const confused = `${input}.${createHmac('sha256', publicPem).update(input).digest('base64url')}`;
  const signedAs = (protectedHeader: Claims): string => {
    const text = `${encode({ ...header, ...protectedHeader })}.${encode(claims)}`;
    return `${text}.${ecSign('sha256', Buffer.from(text), { key: ours, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  assert.equal(await verdictOn(signedAs({})), 'allow', 'control: signed like this without the extension');
  const [head, , signature] = (await sign({})).split('.');
  const forgeries = {
    'another key under our kid': await sign({}, foreign),
    'another key under its own kid': await sign({}, foreign, { kid: 'mine' }),
    'no kid': await sign({}, ours, { kid: undefined }),
    'a key inside the header': await sign({}, foreign, { kid: undefined, jwk: foreign.export({ format: 'jwk' }) }),
    'a critical extension': signedAs({ crit: ['unheard-of'], 'unheard-of': true }),
    'an unencoded payload': signedAs({ crit: ['b64'], b64: false }),
    'alg none': unsigned('none'),
    'alg NONE': unsigned('NONE'),
    'HS256 with our public key': confused,
    'claims exchanged after signing': `${head}.${encode({ ...claims, sub: 'https://idp.example#ada' })}.${signature}`,
    'not a token': 'abc',
  };
  for (const [name, token] of Object.entries(forgeries))
    assert.equal(await verdictOn(token), 'identity_token_invalid', name);
});

test('refuses tokens that we signed for something else', async () => {
  await using house = await startIdentityHouse();
  const { claims, ours, sign, verdictOn, resource } = await forge(house);
  const invalid = {
    'another issuer': await sign({ iss: 'https://elsewhere.example' }),
    'our issuer with a slash': await sign({ iss: `${house.publicUrl}/` }),
    'an ID token': await sign({}, ours, { typ: 'JWT' }),
    'two audiences': await sign({ aud: [resource, `${house.publicUrl}/mcp/azure`] }),
    'one audience in a list': await sign({ aud: [resource] }),
    'no audience': await sign({ aud: undefined }),
    'no grant': await sign({ grant: undefined }),
    'no subject': await sign({ sub: undefined }),
    'no expiry': await sign({ exp: undefined }),
    'not yet valid': await sign({ nbf: Math.floor(Date.now() / 1000) + 600 }),
  };
  for (const [name, token] of Object.entries(invalid))
    assert.equal(await verdictOn(token), 'identity_token_invalid', name);
  assert.equal(await verdictOn(await sign({ exp: Number(claims.iat) - 1 })), 'identity_token_expired');
  assert.equal(await verdictOn(await sign({ scope: 'admin' })), 'identity_scope_missing');
  assert.equal(await verdictOn(await sign({ grant: 'never-given' })), 'identity_grant_revoked');
  assert.equal(await verdictOn(await sign({ sub: 'https://idp.example#nobody' })), 'identity_grant_revoked');
});

test('refuses credentials that are not one bearer token in the header', async () => {
  await using house = await startIdentityHouse();
  const { sign, verdictOn } = await forge(house);
  const token = await sign({});
  for (const scheme of ['Basic', 'Bearer,'])
    assert.equal(await verdictOn(token, scheme), 'identity_token_missing', scheme);
  assert.equal(await verdictOn(token, 'DPoP'), 'identity_token_bound', 'it is bound to nothing');
  assert.equal(await verdictOn(`${token} ${token}`), 'identity_token_missing');
  assert.equal(await verdictOn('a'.repeat(9000)), 'identity_token_missing');
  assert.equal(await verdictOn(token, 'bearer'), 'allow', 'the scheme has no case (RFC 9110 §11.1)');
});

test('a token is not believed beyond its expiry or its revocation, also when it is in the cache', async () => {
  await using house = await startIdentityHouse();
  const { claims, sign, verdictOn } = await forge(house);
  const token = await sign({});
  assert.equal(await verdictOn(token), 'allow');
  // Another process ends the grant: this one learns of it when its verdict is no longer fresh.
  await house.database.deleteFrom('oidc_record').where('id', '=', String(claims.grant)).execute();
  house.advance(2001);
  assert.equal(await verdictOn(token), 'identity_grant_revoked');
  house.advance(600_000);
  assert.equal(await verdictOn(token), 'identity_token_expired');
});

test('control: whoever lets the token say how it is to be verified, or does not verify it, believes each of these', async () => {
  await using house = await startIdentityHouse();
  const { header, claims, ours, sign, encode, verdictOn } = await forge(house);
  const ada = { ...claims, sub: 'https://idp.example#ada' };
  const publicPem = createPublicKey(ours as never).export({ type: 'spki', format: 'pem' }) as string;
  const confused = `${encode({ ...header, alg: 'HS256' })}.${encode(ada)}`;
  const forgery = `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`;
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const brought = await sign({ sub: ada.sub }, foreign.privateKey, {
    jwk: foreign.publicKey.export({ format: 'jwk' }),
  });
  const believed = [
    (await jwtVerify(forgery, Buffer.from(publicPem))).payload,
    (await jwtVerify(brought, EmbeddedJWK)).payload,
    UnsecuredJWT.decode(`${encode({ alg: 'none' })}.${encode(ada)}.`).payload,
  ];
  for (const { sub } of believed) assert.equal(sub, ada.sub);
  for (const token of [forgery, brought]) assert.equal(await verdictOn(token), 'identity_token_invalid');
});
