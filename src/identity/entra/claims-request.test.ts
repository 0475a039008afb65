// The claims parameter: what is demanded from several sides goes into one, and nothing else gets in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextClaims, mergedClaims, readClaims } from './claims-request.ts';

const parsed = (text: string | undefined): unknown => JSON.parse(text!);

test('an authentication context is asked for as Entra ID documents it, several as a list', () => {
  assert.equal(contextClaims([]), undefined);
  assert.deepEqual(parsed(contextClaims(['c1'])), { id_token: { acrs: { essential: true, value: 'c1' } } });
  assert.deepEqual(parsed(contextClaims(['c1', 'c2'])), {
    id_token: { acrs: { essential: true, values: ['c1', 'c2'] } },
  });
});

test('demands of several sides are kept beside each other', () => {
  const nbf = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
  const acrs = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  assert.equal(mergedClaims(undefined, undefined), undefined);
  assert.deepEqual(parsed(mergedClaims(nbf, acrs, contextClaims(['c2']))), {
    access_token: { nbf: { essential: true, value: '1' }, acrs: { essential: true, value: 'c1' } },
    id_token: { acrs: { essential: true, value: 'c2' } },
  });
});

test('demands that would not fit into an address together give way to the last', () => {
  const long = (name: string): string => JSON.stringify({ access_token: { [name]: { value: 'x'.repeat(3000) } } });
  assert.equal(mergedClaims(long('a'), long('b')), long('b'));
});

test('what is no claims request, or asks for other things, is refused', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '"x"',
    '{"userinfo":{"email":null}}',
    '{"access_token":[]}',
    '{"__proto__":{}}',
    `{"id_token":{"a":"${'a'.repeat(8192)}"}}`,
  ])
    assert.throws(() => readClaims(text), { code: 'identity_request_invalid' }, text.slice(0, 40));
});
