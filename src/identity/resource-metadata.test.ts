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
  assert.equal(first, `Bearer scope="mcp", resource_metadata="${issuer}${wellKnown}/mcp/files"`);
  assert.match(
    challenge(refuse('identity_token_expired'), `${issuer}/api`),
    /^Bearer error="invalid_token", .*scope="admin"/,
  );
  const step = challenge(refuse('identity_scope_missing', { scope: 'mcp' }), `${issuer}/mcp`);
  assert.match(step, /^Bearer error="insufficient_scope"/);
});

test('nothing in a challenge can end its quotes or its line', () => {
  const resource = `${issuer}/mcp/"\r\nset-cookie: x`;
  const value = challenge(refuse('identity_token_audience', { resource }), resources[0]!);
  assert.match(value, /^[\x20-\x7e]+$/);
  assert.equal(value.split('"').length - 1, 8, 'four quoted values');
});
