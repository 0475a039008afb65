// Tests of the settings: what is refused because it would weaken sign-in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identitySettings } from './settings.ts';

const accepts = (provider: Record<string, unknown>): boolean =>
  identitySettings.safeParse({ provider: { clientId: 'genkan', ...provider } }).success;

test('an issuer is https, or http on loopback when that is allowed', () => {
  assert.ok(accepts({ issuer: 'https://login.example.com/tenant/v2.0' }));
  assert.ok(accepts({ issuer: 'http://127.0.0.1:7301', allowInsecureIssuer: true }));
  assert.ok(!accepts({ issuer: 'http://127.0.0.1:7301' }));
  assert.ok(!accepts({ issuer: 'http://login.example.com', allowInsecureIssuer: true }));
  assert.ok(!accepts({ issuer: 'http://127.0.0.1.example.com', allowInsecureIssuer: true }));
  assert.ok(!accepts({ issuer: 'file:///etc/passwd' }));
});

test('a secret is a reference, never a literal', () => {
  const issuer = 'https://login.example.com';
  assert.ok(accepts({ issuer, clientSecret: { source: 'env', name: 'SECRET' } }));
  assert.ok(!accepts({ issuer, clientSecret: 'literal' }));
});

test('openid is always asked for, and defaults are those that the documentation states', () => {
  const provider = { issuer: 'https://login.example.com', clientId: 'genkan', scopes: ['profile'] };
  const settings = identitySettings.parse({ provider });
  assert.ok('scopes' in settings.provider);
  assert.deepEqual(settings.provider.scopes, ['openid', 'profile']);
  assert.equal(settings.accessTokenSeconds, 600);
  assert.equal(settings.refreshGraceSeconds, 10);
  assert.equal(settings.clientIdMetadata.allowPrivateAddresses, false);
  assert.ok(!identitySettings.safeParse({ provider, accessTokenSecond: 5 }).success, 'unknown keys are mistakes');
});
