// Tests of RFC 9728 documents and of the challenge that leads to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../base/errors.ts';
import { challenge, resourceMetadata } from './resource-metadata.ts';

const issuer = 'https://mcp.example.com';
const resources = [`${issuer}/mcp`, `${issuer}/mcp/files`, `${issuer}/api`];
const wellKnown = '/.well-known/oauth-protected-resource';

test('each resource has its document, and nothing else has one', () => {
  const named = (path: string) =>
    (resourceMetadata(wellKnown + path, issuer, resources) as { resource?: string })?.resource;
  assert.equal(named('/mcp/files'), `${issuer}/mcp/files`);
  assert.equal(named('/api'), `${issuer}/api`);
  assert.equal(named(''), `${issuer}/mcp`);
  for (const path of [
    '/mcp/other',
    '/mcp/',
    '/mcp/files/',
    '/mcp%2ffiles',
    '/MCP',
    'x',
    '@evil.example/mcp',
    '//evil.example',
  ])
    assert.equal(named(path), undefined, path);
});

test('a challenge says where to go, and why only to those who came with a token', () => {
  const first = challenge(refuse('identity_token_missing'), `${issuer}/mcp/files`);
  const place = `resource_metadata="${issuer}${wellKnown}/mcp/files"`;
  assert.equal(first, `Bearer scope="mcp", ${place}, DPoP algs="ES256 EdDSA PS256 RS256"`);
  assert.match(
    challenge(refuse('identity_token_expired'), `${issuer}/api`),
    /^Bearer error="invalid_token", .*scope="admin"/,
  );
  const step = challenge(refuse('identity_scope_missing', { scope: 'mcp' }), `${issuer}/mcp`);
  assert.match(step, /^Bearer error="insufficient_scope"/);
  assert.doesNotMatch(step, /DPoP/, 'a wider scope is had in the same way as the narrower one');
});

test('where tokens have to be bound to a key, nobody is told to come without one', () => {
  for (const [code, scheme] of [
    ['identity_token_missing', 'scope='],
    ['identity_token_expired', 'error="invalid_token"'],
    ['identity_scope_missing', 'error="insufficient_scope"'],
  ] as const) {
    const value = challenge(refuse(code), `${issuer}/mcp`, undefined, 'required');
    assert.match(value, new RegExp(`^DPoP ${scheme}.*, algs="ES256[^"]*"$`));
    assert.doesNotMatch(value, /Bearer/);
  }
  const [required, optional] = (['required', 'optional'] as const).map((proofs) =>
    resourceMetadata(`${wellKnown}/mcp`, issuer, resources, undefined, proofs),
  ) as { dpop_bound_access_tokens_required: boolean }[];
  assert.deepEqual(
    [required, optional].map((each) => each!.dpop_bound_access_tokens_required),
    [true, false],
  );
});

test('nothing in a challenge can end its quotes or its line', () => {
  const resource = `${issuer}/mcp/"\r\nset-cookie: x`;
  const value = challenge(refuse('identity_token_audience', { resource }), resources[0]!);
  assert.match(value, /^[\x20-\x7e]+$/);
  assert.equal(value.split('"').length - 1, 10, 'five quoted values');
});
