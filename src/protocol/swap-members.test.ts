// Tests of replacing ids and tokens in the bytes of a message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, RequestMessage } from './message.ts';
import { parseMessage } from './parse.ts';
import { swapMembers } from './swap-members.ts';

function written(text: string): RequestMessage {
  const message = parseMessage(Buffer.from(text), { maxBytes: 32 * 1024 * 1024, maxDepth: 64 });
  assert.ok('kind' in message && message.kind === 'request', text);
  return message;
}

const token = ['params', '_meta', 'progressToken'];

test('replaces the member that is meant, and nothing that looks like it', () => {
  const params =
    '{"arguments":{"id":1,"text":"\\"id\\":1, {]","n":[1.0,{"_meta":{"progressToken":2}}]}, "_meta" : {"x":12345678901234567890,"progressToken" :\n2 }}';
  const text = `{ "method":"m","params":${params},"jsonrpc":"2.0" ,"id" : 1}`;
  const swapped = swapMembers(written(text), [
    [['id'], 'ours'],
    [token, 'ours'],
  ]);
  assert.equal(swapped.raw.toString(), text.replace(/1}$/, '"ours"}').replace(/:\n2 }}/, ':\n"ours" }}'));
  assert.equal(swapped.id, 'ours');
  assert.equal((swapped.params['_meta'] as JsonObject)['progressToken'], 'ours');
  assert.deepEqual(swapped, { ...written(swapped.raw.toString()) });
});

test('finds members whose names are written with escapes', () => {
  const swapped = swapMembers(written('{"jsonrpc":"2.0","\\u0069d":1,"method":"m"}'), [[['id'], 'ö"']]);
  assert.equal(swapped.raw.toString(), '{"jsonrpc":"2.0","\\u0069d":"ö\\"","method":"m"}');
});

test('adds nothing where there is nothing to replace', () => {
  for (const params of [
    '',
    ',"params":{}',
    ',"params":{"_meta":{}}',
    ',"params":{"_meta":[1]}',
    ',"params":{"_meta":"x"}',
  ]) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"m"${params}}`;
    assert.equal(swapMembers(written(text), [[token, 'ours']]).raw.toString(), text);
  }
});

test('takes time in proportion to the size of a message, however it is written', () => {
  for (const filler of ['x', '\\\\', '\\"', '[],', '"",']) {
    const long = filler.repeat(2_000_000);
    const value = filler.length === 3 ? `[${long}0]` : `"${long}"`;
    const message = written(`{"jsonrpc":"2.0","params":{"arguments":{"a":${value}}},"id":1,"method":"m"}`);
    const startedMs = performance.now();
    assert.match(
      swapMembers(message, [[['id'], 2]])
        .raw.subarray(-30)
        .toString(),
      /"id":2,/,
    );
    assert.ok(performance.now() - startedMs < 5000, filler);
  }
});
