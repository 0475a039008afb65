// Checks what is read from the header by which a server asks for sign-in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChallenge, scopesOf, scopeUnion } from './challenge.ts';

const metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource';

test('a challenge says why, for which scopes, and where the metadata is', () => {
  const header = `Bearer error="insufficient_scope", scope="notes:read notes:write", resource_metadata="${metadata}"`;
  assert.deepEqual(readChallenge(header), {
    error: 'insufficient_scope',
    scope: 'notes:read notes:write',
    resourceMetadata: metadata,
  });
});

test('the Bearer challenge is found among others, and only it is read', () => {
  const header = `Basic realm="x", scope="no", Bearer realm="a \\"b\\"", scope=notes, DPoP scope="no", error="no"`;
  assert.deepEqual(readChallenge(header), { scope: 'notes' });
  assert.deepEqual(readChallenge(['Basic realm="x"', 'bearer scope="notes"']), { scope: 'notes' });
});

test('spaces, upper case and a bare scheme are allowed', () => {
  assert.deepEqual(readChallenge('BEARER  SCOPE = "notes" ,, error=invalid_token'), {
    error: 'invalid_token',
    scope: 'notes',
  });
  assert.deepEqual(readChallenge('Bearer'), {});
});

for (const header of [
  undefined,
  '',
  'Basic realm="Bearer scope=no"',
  'Bearer scope="open',
  'Bearer resource_metadata="no address"',
  '=,"="',
])
  test(`nothing usable is read from ${header}`, () => assert.deepEqual(readChallenge(header), {}));

test('a header made to be slow is read at once', () => {
  const startedMs = performance.now();
  readChallenge(`Bearer ${', '.repeat(100_000)}${'a="\\'.repeat(100_000)}`);
  assert.ok(performance.now() - startedMs < 5000);
});

test('scopes that no grammar allows are left out, and there is an end to them', () => {
  assert.deepEqual(scopesOf('a  b "c" d\u0000 a'), ['a', 'b']);
  assert.equal(scopesOf(Array.from({ length: 1000 }, (_, index) => `s${index}`).join(' ')).length, 64);
  assert.equal(scopeUnion('a b', undefined, 'b c'), 'a b c');
  assert.equal(scopeUnion(undefined, ''), undefined);
});
