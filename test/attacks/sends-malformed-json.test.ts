// The attacker sends bytes that two parsers read differently, that no parser likes, or that make one work without end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../src/base/errors.ts';
import { parseMessage } from '../../src/protocol/parse.ts';

const limits = { maxBytes: 4 << 20, maxDepth: 64 };
const parse = (bytes: Buffer | string) => parseMessage(Buffer.from(bytes), limits);
const call = (args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vm_update","arguments":${args}}}`;
const argumentsOf = (text: string): Record<string, unknown> => {
  const message = parse(text);
  assert.ok(!isRefusal(message) && message.kind === 'request');
  return message.params['arguments'] as Record<string, unknown>;
};

test('one argument for the gateway and another for the server: a repeated name', () => {
  const text = call('{"resource-group":"prod-web","resource-group":"dev-web"}');
  // Control: a parser that takes the last one decides on dev-web; the first one is there for whoever takes that.
  assert.equal(JSON.parse(text).params.arguments['resource-group'], 'dev-web');
  assert.equal((parse(text) as { code?: string }).code, 'inspect_duplicate_key');
  const escaped = call('{"resource-group":"prod-web","\\u0072esource-group":"dev-web"}');
  assert.equal((parse(escaped) as { code?: string }).code, 'inspect_duplicate_key');
  const otherCase = call('{"resource-group":"dev-web","Resource-Group":"prod-web"}');
  assert.equal((parse(otherCase) as { code?: string }).code, 'inspect_duplicate_key');
});

test('an argument hidden from the gateway: a name that the JavaScript engine was taught to misread', () => {
  // The first text teaches the engine which name follows `teach`; the second has other names that look like it.
  const lesson = call('{"teach":1,"\\\\u0073ubscri":1}');
  const hidden = call('{"teach":1,"\\u0073ubscription":"somebody-elses"}');
  JSON.parse(lesson);
  // Control: where the engine has the fault, it shows a name that nobody wrote, and the subscription is gone.
  const faulty = !Object.hasOwn(JSON.parse(hidden).params.arguments, 'subscription');
  if (faulty) assert.deepEqual(Object.keys(JSON.parse(hidden).params.arguments), ['teach', '\\u0073ubscri']);

  argumentsOf(lesson);
  assert.deepEqual(argumentsOf(hidden), { teach: 1, subscription: 'somebody-elses' });
  assert.deepEqual(argumentsOf(call('{"teach":1,"\\u65e5\\u672c":"ok"}')), { teach: 1, 日本: 'ok' });

  // A name that cannot be written without escapes is refused rather than misread.
  argumentsOf(call('{"learn":1,"\\\\":1}'));
  const quote = parse(call('{"learn":1,"\\"":2}'));
  assert.ok(isRefusal(quote) || Object.hasOwn((quote as { params: any }).params.arguments, '"'));
});

test('work without end: nesting, length, escapes', () => {
  const bombs = [
    '['.repeat(2_000_000),
    '{"a":'.repeat(800_000),
    call('['.repeat(1_000_000) + ']'.repeat(1_000_000)),
    `"${'\\"'.repeat(2_000_000)}`,
    `"${'\\\\'.repeat(2_000_000)}"`,
    `{${'"a":1,'.repeat(600_000)}"a":1}`,
    `{${Array.from({ length: 200_000 }, (_, at) => `"\\u0061${at}":1`).join()}}`,
    ':'.repeat(4_000_000),
    `[${'1e99999,'.repeat(500_000)}1]`,
    ' '.repeat(5_000_000),
  ];
  const startedAt = process.cpuUsage();
  for (const bomb of bombs) assert.ok(isRefusal(parse(bomb)), bomb.slice(0, 20));
  const { user } = process.cpuUsage(startedAt);
  assert.ok(user < 10_000_000, `${user / 1000} ms for ${bombs.length} bombs`);
});

test('a corpus of broken texts: each is refused with a reason, none throws', () => {
  const corpus: (string | Buffer)[] = [
    '',
    '\0',
    '\ufeff{}',
    '{"jsonrpc":"2.0"',
    '{"jsonrpc":"2.0","id":1,"method":"a"}}',
    '{"jsonrpc":"2.0","id":1,"method":"a"}{"jsonrpc":"2.0","id":2,"method":"b"}',
    '{"jsonrpc":"2.0","id":1,"method":"a"}\n{"jsonrpc":"2.0","id":2,"method":"b"}',
    '{"jsonrpc":"2.0","id":1,"method":"a",}',
    '{"jsonrpc":"2.0","id":0x1,"method":"a"}',
    '{"jsonrpc":"2.0","id":+1,"method":"a"}',
    '{"jsonrpc":"2.0","id":Infinity,"method":"a"}',
    '{"jsonrpc":"2.0","id":1e309,"method":"a"}',
    '{"jsonrpc":"2.0","id":1,"method":"\\x61"}',
    '{"jsonrpc":"2.0","id":1,"method":"\\u00"}',
    '{"jsonrpc":"2.0","id":1,"method":"a\nb"}',
    '{"jsonrpc":"2.0","id":1,/**/"method":"a"}',
    '{"jsonrpc":"2.0","id":1,"method":"a"}//',
    "{'jsonrpc':'2.0','id':1,'method':'a'}",
    '{"jsonrpc":"2.0","id":1,"method":"a","params":{"\\ud800":1}}',
    '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"a"}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","__proto__":{"params":{}}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","constructor":{}}',
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), // a surrogate in UTF-8
    Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]), // beyond U+10FFFF
    Buffer.from([0x22, 0xc0, 0x80, 0x22]), // overlong
    Buffer.alloc(1000, 0x80),
  ];
  for (const text of corpus) {
    const message = parse(text);
    assert.ok(isRefusal(message), text.toString());
    assert.match(message.code, /^inspect_/);
  }
});
