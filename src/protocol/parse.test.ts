// One message out of hostile bytes: what is accepted, what is refused, and that no text reads in two ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../base/errors.ts';
import { parseMessage } from './parse.ts';

const limits = { maxBytes: 1 << 20, maxDepth: 64 };
const parse = (text: string) => parseMessage(Buffer.from(text), limits);
const code = (text: string): string => {
  const message = parse(text);
  return isRefusal(message) ? message.code : message.kind;
};

test('keeps the bytes of a message as they came', () => {
  const raw = Buffer.from(' {"method" : "ping","id": 1.0,"jsonrpc":"2.0"}\n');
  const message = parseMessage(raw, limits);
  assert.ok(!isRefusal(message) && message.kind === 'request');
  assert.equal(message.raw, raw);
  assert.equal(message.id, 1);
  assert.deepEqual(message.params, {});
});

test('tells requests, notifications and responses apart', () => {
  assert.equal(code('{"jsonrpc":"2.0","id":"a","method":"ping"}'), 'request');
  assert.equal(code('{"jsonrpc":"2.0","method":"notifications/initialized"}'), 'notification');
  assert.equal(code('{"jsonrpc":"2.0","id":1,"result":{}}'), 'response');
  assert.equal(code('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}'), 'response');
  assert.equal(code('{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}'), 'response');
});

test('refuses what is not one JSON-RPC 2.0 message in the form that MCP allows', () => {
  const malformed = [
    '[]',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    'null',
    '7',
    '"text"',
    '{}',
    '{"id":1,"method":"ping"}',
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":2.0,"id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":""}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
    '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1e400,"method":"ping"}',
    '{"jsonrpc":"2.0","id":[1],"method":"ping"}',
    '{"jsonrpc":"2.0","id":true,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":1,"result":[]}',
    '{"jsonrpc":"2.0","id":1,"result":"done"}',
    '{"jsonrpc":"2.0","result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}',
    '{"jsonrpc":"2.0","id":1,"error":"no"}',
    '{"jsonrpc":"2.0","id":{},"error":{"code":1,"message":""}}',
  ];
  for (const text of malformed) assert.equal(code(text), 'inspect_not_jsonrpc', text);
});

test('refuses what is not JSON in UTF-8', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '{"a":}',
    "{'a':1}",
    '{"a":1,}',
    '{"a":NaN}',
    '{"a":01}',
    '{"a":"\u0001"}',
    '{} {}',
  ]) {
    assert.equal(code(text), 'inspect_not_json', text);
  }
  assert.equal(code('\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}'), 'inspect_not_json', 'byte order mark');
  const overlong = Buffer.from([...Buffer.from('{"jsonrpc":"2.0","id":1,"method":"p'), 0xc0, 0xaf, 0x22, 0x7d]);
  assert.equal((parseMessage(overlong, limits) as { code?: string }).code, 'inspect_not_json');
  const utf16 = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le');
  assert.equal((parseMessage(utf16, limits) as { code?: string }).code, 'inspect_not_json');
});

test('refuses a member name that an object repeats, in whatever spelling and at whatever depth', () => {
  const call = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
  const twice = [
    '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
    call('{"name":"a","name":"b"}'),
    call('{"name":"a","\\u006eame":"b"}'),
    call('{"arguments":{"a":[[{"x":1,"x":1}]]}}'),
    call('{"__proto__":1,"__proto__":2}'),
    call('{"":1,"":2}'),
    call('{"1":1,"1":2}'),
    '{"jsonrpc":"2.0","id":1,"result":{"content":[],"content":[{"type":"text","text":"other"}]}}',
  ];
  for (const text of twice) assert.equal(code(text), 'inspect_duplicate_key', text);
});

test('refuses names of parameters and arguments that differ in case only', () => {
  const call = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
  assert.equal(code(call('{"name":"a","Name":"b"}')), 'inspect_duplicate_key');
  assert.equal(code(call('{"arguments":{"scope":"a","\u017fcope":"b"}}')), 'inspect_duplicate_key', 'the long s');
  assert.equal(code(call('{"arguments":{"key":"a","\u212aey":"b"}}')), 'inspect_duplicate_key', 'the Kelvin sign');
  assert.equal(code(call('{"arguments":{"resourceGroup":"a","resource_group":"b"}}')), 'request');
});

test('does not mistake punctuation inside strings for structure', () => {
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: ':{[',
    method: 'a"b\\',
    params: { '"': '\\"', ':': ['{"a":1}', '\\', '\\\\"'], long: `${'x'.repeat(100)}\\"${':'.repeat(100)}{"` },
  });
  assert.equal(code(text), 'request');
});

test('keeps __proto__ a member like any other', () => {
  const message = parse('{"jsonrpc":"2.0","id":1,"method":"a","params":{"__proto__":{"polluted":true}}}');
  assert.ok(!isRefusal(message) && message.kind === 'request');
  assert.ok(Object.hasOwn(message.params, '__proto__'));
  assert.equal(message.params['polluted'], undefined);
});

test('refuses unpaired surrogates in calls, and takes paired and written-out ones', () => {
  const call = (text: string): string => `{"jsonrpc":"2.0","id":1,"method":"a","params":{"text":${text}}}`;
  assert.equal(code(call('"\\ud83d"')), 'inspect_not_jsonrpc');
  assert.equal(code('{"jsonrpc":"2.0","id":1,"method":"a","params":{"\\udc00":1}}'), 'inspect_not_jsonrpc');
  assert.equal(code(call('"\\ud83d\\ude00"')), 'request');
  assert.equal(code(call('"[\\\\ud800-\\\\udbff]"')), 'request', 'the text of a regular expression');
});

test('bounds size and depth', () => {
  const nested = (levels: number): string =>
    `{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
  assert.equal(code(nested(62)), 'request');
  assert.equal(code(nested(63)), 'inspect_too_deep');
  assert.equal(code('['.repeat(1_000_000)), 'inspect_too_deep');
  assert.equal(code('{"a":'.repeat(200_000)), 'inspect_too_deep');
  assert.equal(code(' '.repeat(limits.maxBytes + 1)), 'inspect_body_too_large');
});
