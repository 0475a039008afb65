// Tests of reading batches: every member from its own bytes, all of them or none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../base/errors.ts';
import { isBatch, membersOf, parseBatch } from './batch.ts';

const limits = { maxBytes: 100_000, maxDepth: 16 };
const read = (text: string) => parseBatch(Buffer.from(text), limits);
const reason = (text: string): string => {
  const refusal = read(text);
  assert.ok(isRefusal(refusal), text);
  return `${refusal.code} ${String(refusal.params?.['reason'] ?? '')}`.trim();
};
const ping = (id: unknown): string => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"ping"}`;

test('each member keeps its own bytes, whatever stands in its strings', () => {
  const odd = `{"jsonrpc":"2.0","id":"a],[\\"","method":"tools/call","params":{"name":"x","arguments":{"b":["}]",{}]}}}`;
  const members = read(` [ ${ping(1)} ,\r\n\t${odd},{"jsonrpc":"2.0","method":"notifications/x"} ]\n`);
  assert.ok(!isRefusal(members));
  assert.deepEqual(
    members.map(({ raw }) => raw.toString()),
    [ping(1), odd, '{"jsonrpc":"2.0","method":"notifications/x"}'],
  );
  assert.deepEqual(
    members.map(({ kind }) => kind),
    ['request', 'request', 'notification'],
  );
});

test('an empty batch is no batch', () => {
  for (const text of ['[]', ' [ \n ] ']) assert.equal(reason(text), 'inspect_not_jsonrpc the batch is empty');
});

test('what is not JSON as a whole is refused as a whole', () => {
  const one = ping(1);
  for (const text of [
    `[${one}`,
    `[${one},]`,
    `[,${one}]`,
    `[${one} ${ping(2)}]`,
    `[${one}]]`,
    `[${one}}`,
    `[${one}][${ping(2)}]`,
    `[${one}] x`,
    `x[${one}]`,
    `\ufeff[${one}]`,
    '["',
    '[',
    '[{"a":[}]',
  ])
    assert.equal(reason(text), 'inspect_not_json', text);
});

test('a member is no array, no number and no string', () => {
  for (const text of [`[[${ping(1)}]]`, '[1]', '["x"]', '[null]']) assert.match(reason(text), /^inspect_not_jsonrpc/);
});

test('one member that cannot be read takes all others with it', () => {
  assert.equal(reason(`[${ping(1)},{"jsonrpc":"2.0","id":2,"id":3,"method":"ping"}]`), 'inspect_duplicate_key');
  assert.equal(
    reason(`[${ping(1)},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","Name":"b"}}]`),
    'inspect_duplicate_key',
  );
});

test('names that are written with escapes are read in each member as if it stood alone', () => {
  const escaped = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"n\\u0061me":"b"}}';
  const plain = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}';
  const members = read(`[${plain},${escaped}]`);
  assert.ok(!isRefusal(members));
  assert.deepEqual(
    members.map((member) => (member.kind === 'request' ? member.params['name'] : undefined)),
    ['a', 'b'],
  );
});

test('no two requests share an id, but 1 and "1" are two', () => {
  assert.match(reason(`[${ping(1)},${ping(1)}]`), /same id/);
  assert.ok(!isRefusal(read(`[${ping(1)},${ping('1')}]`)));
});

test('fifty members are read, one more is refused without reading on', () => {
  const many = (count: number) => `[${Array.from({ length: count }, (_, id) => ping(id)).join(',')}]`;
  assert.ok(!isRefusal(read(many(50))));
  assert.match(reason(many(51)), /at most 50/);
  assert.match(reason(`[${'{},'.repeat(30_000)}`), /at most 50/);
});

test('what a server wrote at once is taken apart, and left as it is where that cannot be done', () => {
  const parts = (text: string): string[] => membersOf(Buffer.from(text)).map(String);
  assert.deepEqual(parts(`[${ping(1)}, ${ping(1)}]`), [ping(1), ping(1)]);
  for (const text of [ping(1), `[${ping(1)}`, `[${'{},'.repeat(60)}{}]`, 'no JSON'])
    assert.deepEqual(parts(text), [text]);
  assert.deepEqual(parts('[]'), []);
});

test('only an array looks like a batch', () => {
  for (const text of ['[', ' \n[1']) assert.equal(isBatch(Buffer.from(text)), true);
  for (const text of ['', ' ', '{', '"[', '\ufeff[']) assert.equal(isBatch(Buffer.from(text)), false);
});
