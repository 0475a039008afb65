// Which texts of a message are looked at, and how their places are told: never in the words of whoever wrote the message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order } from '../../../test/support/plain-shield.ts';
import { failure, notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { partsOf } from './parts.ts';
import type { Part } from './parts.ts';

const partsIn = (message: Message, method = 'tools/call', listed?: string): Part[] => {
  const work = partsOf(message, method, listed);
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
};
const textsIn = (...given: Parameters<typeof partsIn>): string[] => partsIn(...given).map(({ text }) => text);
const blob = (bytes: Buffer | string): Message =>
  result(1, { contents: [{ uri: 'a:b', blob: typeof bytes === 'string' ? bytes : bytes.toString('base64') }] });

test('a place is told without names that may be words, and weighs no more for long ones', () => {
  const long = 'x '.repeat(50_000);
  const message = result(1, {
    content: [],
    structuredContent: {
      rows: [{ note: 'a b' }],
      [order]: { 'a/b': 'c d' },
      [long]: Array.from({ length: 100 }, () => 'y z'),
    },
  });
  const places = partsIn(message).map(({ at }) => at);
  assert.ok(places.includes('/result/structuredContent/rows/0/note'));
  assert.ok(places.includes('/result/structuredContent/#1'));
  assert.ok(places.includes('/result/structuredContent/#1/a~1b'));
  assert.ok(places.includes('/result/structuredContent/#2/99'));
  assert.ok(places.every((at) => at.length < 64));
});

test('of a value the nearest name is known, also in a list, and of a long one its end', () => {
  const structuredContent = {
    account: { passwords: ['a b'], password: { 1: 'c d' }, [`${'x'.repeat(200)}-pin`]: 'e f' },
  };
  const keys = partsIn(result(1, { structuredContent })).flatMap(({ key, isName }) => (isName ? [] : [key.slice(-9)]));
  assert.deepEqual(keys, ['passwords', 'password', 'xxxxx-pin']);
});

test('what the other side wants back is left alone where the protocol has it, and nowhere else', () => {
  const state = 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl';
  const meta = {
    'io.modelcontextprotocol/subscriptionId': state,
    'io.modelcontextprotocol/related-task': { taskId: state },
  };
  const kept: [Message, string?][] = [
    [result(1, { resultType: 'input_required', requestState: state }), 'tools/call'],
    [result(1, { tools: [], nextCursor: state }), 'tools/list'],
    [result(1, { taskId: state }), 'tasks/get'],
    [result(1, { task: { taskId: state } })],
    [result(1, { tasks: [{ taskId: state }] }), 'tasks/list'],
    [result(1, { _meta: meta })],
    [notification('notifications/progress', { progressToken: state, _meta: meta })],
    [notification('notifications/cancelled', { requestId: state })],
    [notification('notifications/tasks/status', { taskId: state })],
    [request(1, 'sampling/createMessage', { _meta: { progressToken: state, ...meta } })],
  ];
  for (const [message, method] of kept) assert.ok(!textsIn(message, method).includes(state), message.raw.toString());
  const elsewhere: Message[] = [
    failure(1, { code: 1, message: 'no', data: { taskId: order, requestId: order } }),
    result(1, { content: [{ type: 'text', text: 'a', taskId: order, requestState: order }] }),
    result(1, { content: [{ type: 'text', text: 'a', nextCursor: state }] }),
    result(1, { resultType: 'input_required', requestState: order }),
    result(1, { taskId: order }),
  ];
  for (const message of elsewhere)
    assert.ok(
      textsIn(message).some((text) => text === order || text === state),
      message.raw.toString(),
    );
});

test('names of the protocol itself are no words, and whoever writes words behind its prefix is read', () => {
  const named = (name: string): string[] => textsIn(result(1, { _meta: { [name]: 1 } }));
  assert.deepEqual(named('io.modelcontextprotocol/subscriptionId'), []);
  assert.deepEqual(named('io.modelcontextprotocol/related-task'), []);
  assert.equal(named(`io.modelcontextprotocol/${order}`).length, 1);
  assert.equal(named(`io.modelcontextprotocol/${order.replaceAll(' ', '-')}`).length, 1);
  assert.equal(textsIn(result(1, { [order]: 1 })).length, 1, 'a member of the result itself');
});

test('all of an error is read, whatever its members are called', () => {
  const error = { code: 1, message: 'a b', detail: 'c d', [order]: 1 } as unknown as { code: number; message: string };
  assert.deepEqual(textsIn(failure(1, error)), ['a b', 'c d', order]);
});

test('text is read in whatever way it is called binary', () => {
  const encoded = Buffer.from(order).toString('base64');
  const swapped = Buffer.from(`\ufeff${order}`, 'utf16le').swap16();
  const written: Record<string, Message> = {
    'with a byte that is no text': blob(Buffer.concat([Buffer.from(order), Buffer.from([0xff])])),
    'in UTF-16': blob(Buffer.from(order, 'utf16le')),
    'in UTF-16 with a mark': blob(swapped),
    'with accents in Latin-1': blob(Buffer.from(`Gr\u00fc\u00dfe. ${order}`, 'latin1')),
    'behind padding': blob(`aGk=${encoded}`),
    'behind bytes that are no text': blob(`////${encoded}`),
    'in lines': blob(encoded.replace(/.{20}/g, '$&\r\n')),
    'as it stands, and long': blob(`${order} ${'\u00e9 '.repeat(3000)}`),
  };
  for (const [how, message] of Object.entries(written))
    assert.ok(
      textsIn(message).some((text) => text.replaceAll('\0', '').includes(order)),
      how,
    );
  const joined = order.replaceAll(' ', '-').replaceAll('.', '_');
  assert.ok(textsIn(blob(joined)).includes(joined), 'words in the alphabet of base64');
});

test('what is binary is not read', () => {
  const bytes = Buffer.alloc(20_000);
  for (let index = 0, seed = 7; index < bytes.length; index++)
    bytes[index] = (seed = (seed * 16807) % 2147483647) >>> 8;
  const parts = partsIn(blob(bytes)).filter(({ member }) => member === 'blob');
  assert.ok(parts.every(({ encoded }) => !encoded));
});

test('a list is read item by item, and what stands beside it as descriptions', () => {
  const parts = partsIn(result(1, { tools: [{ name: 'a b' }], note: 'c d' } as JsonObject), 'tools/list', 'tools');
  assert.deepEqual(
    parts.map(({ at, direction, unit }) => [at, direction, unit.kind]),
    [
      ['/result/tools/0/name', 'descriptions', 'item'],
      ['/result/note', 'descriptions', 'text'],
    ],
  );
});
