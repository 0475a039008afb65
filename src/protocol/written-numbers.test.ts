// Numbers keep their source text from one message into the next, whatever stands around them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../base/errors.ts';
import { isJsonObject, notification, request, result } from './message.ts';
import type { JsonObject, Message } from './message.ts';
import { parseMessage } from './parse.ts';
import { shorterList } from './shorter-list.ts';
import { asWritten } from './written-numbers.ts';

const limits = { maxBytes: 65_536, maxDepth: 32 };

function parsed<Kind extends Message['kind']>(text: string, _kind: Kind): Extract<Message, { kind: Kind }> {
  const message = parseMessage(Buffer.from(text), limits);
  assert.ok(!isRefusal(message), text);
  return message as Extract<Message, { kind: Kind }>;
}

const call = (args: string) =>
  parsed(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":${args}}}`, 'request');
const answer = (value: string) => parsed(`{"jsonrpc":"2.0","id":1,"result":${value}}`, 'response');

/** The arguments in a message that was built from another. */
const passedOn = (args: string): string => {
  const { raw } = request(2, 'tools/call', { arguments: asWritten(call(args)).params['arguments'] });
  return /"arguments":(.*)}}$/.exec(raw.toString())![1]!;
};

test('numbers that JavaScript would write differently keep their text', () => {
  const args =
    '{"id":9007199254740993,"price":1.10,"zero":-0,"one":1.0,"big":1E+3,"list":[[-9223372036854775808]],"n":12}';
  assert.equal(passedOn(args), args);
  const { arguments: plain } = call(args).params;
  assert.notEqual(JSON.stringify(plain), args, 'it takes more than parsing and writing again');
});

test('texts that look like numbers, and names with escapes, stay what they are', () => {
  for (const args of [
    '{"a":"1.10","b":"\\"1.10","c":"9007199254740993","d\\"1.10":1.10}',
    '{"__proto__":{"a":1.10},"constructor":1.0}',
    '{"\\\\":1.10,"\\n":[1.10,"\\\\1.10"]}',
  ])
    assert.equal(passedOn(args), args);
  assert.equal(passedOn('{"\\u0061":1.10}'), '{"a":1.10}');
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test('a message in which nothing would change is the very same', () => {
  for (const args of ['{}', '{"a":1,"b":-5,"c":0.5,"d":1e+21,"e":"1.10"}']) {
    const message = call(args);
    assert.equal(asWritten(message), message);
  }
});

test('what is built is judged by numbers as JavaScript reads them', () => {
  const written = asWritten(call('{"a":{"id":9007199254740993},"b":[1.10]}'));
  assert.equal(isJsonObject((written.params['arguments'] as { a: JsonObject }).a['id']), false);
  const { params } = request(2, 'tools/call', written.params);
  assert.deepEqual(params['arguments'], { a: { id: 9007199254740992 }, b: [1.1] });
  assert.deepEqual(notification('n', written.params).params, params);
  assert.deepEqual(result(1, asWritten(answer('{"a":1.10}')).result!).result, { a: 1.1 });
});

test('ids and codes are read in any spelling', () => {
  const failed = asWritten(
    parsed('{"jsonrpc":"2.0","id":7.0,"error":{"code":-32602.0,"message":"no","data":{"row":1.10}}}', 'response'),
  );
  assert.deepEqual([failed.id, failed.error!.code], [7, -32602]);
  assert.equal(JSON.stringify(failed.error!.data), '{"row":1.10}');
  assert.equal(asWritten(parsed('{"jsonrpc":"2.0","id":1.0,"method":"ping"}', 'request')).id, 1);
});

test('a list that loses items keeps the others as they were written', () => {
  const list = answer(
    '{"tools":[{"name":"a","max":1.10},{"name":"b","max":9007199254740993},{"name":"c"}],"ttlMs":1.0}',
  );
  const [, second, third] = list.result!['tools'] as JsonObject[];
  const { raw, result: shown } = shorterList(list, 'tools', [second, third], { nextCursor: 'x' });
  assert.equal(
    raw.toString(),
    '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"b","max":9007199254740993},{"name":"c"}],"ttlMs":1.0,"nextCursor":"x"}}',
  );
  assert.equal((shown!['tools'] as JsonObject[]).length, 2);
});

test('numbers beyond all that JavaScript knows are refused in requests, and kept in results', () => {
  for (const number of ['1e400', '-1E999', `1${'0'.repeat(309)}`, `1${'0'.repeat(309)}.5`, '0.1e400']) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"a":[{"b":${number}}]}}}`;
    const refusal = parseMessage(Buffer.from(text), limits);
    assert.ok(isRefusal(refusal) && refusal.code === 'inspect_number_too_large', number);
    assert.ok(result(1, asWritten(answer(`{"a":${number}}`)).result!).raw.includes(`{"a":${number}}`));
  }
  for (const fine of ['1e300', '"1e400"', '1e-400', `"${'1'.repeat(400)}"`, `0.${'1'.repeat(400)}`])
    call(`{"a":${fine}}`);
});

test('a long message of such numbers is read about as fast as it is long', () => {
  const list = Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"list":[${'1.10,'.repeat(200_000)}1]}}`);
  const message = parseMessage(list, { ...limits, maxBytes: list.length });
  assert.ok(!isRefusal(message) && message.kind === 'response');
  const beganMs = performance.now();
  assert.deepEqual(result(1, asWritten(message).result!).raw, list);
  assert.ok(performance.now() - beganMs < 5000);
});
