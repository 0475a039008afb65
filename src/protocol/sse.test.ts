// Server-sent events by the letter of the HTML standard, in any chunks, bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSseEvent, SseDecoder } from './sse.ts';

function decode(text: string | Buffer, size = Infinity, maxBytes = 1000) {
  const bytes = Buffer.from(text);
  const decoder = new SseDecoder(maxBytes);
  const events: object[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (const { data, ...fields } of decoder.push(bytes.subarray(at, Math.min(bytes.length, at + size)))) {
      const present = Object.entries(fields).filter(([, value]) => value !== undefined);
      events.push({ ...Object.fromEntries(present), data: data.toString() });
    }
  }
  return { events, lastEventId: decoder.lastEventId, retryMs: decoder.retryMs };
}

test('follows the grammar: comments, line ends of three kinds, data in several lines, fields without a colon', () => {
  const { events } = decode(
    '\ufeff: comment\ndata: one\r\ndata:two\rdata\n\nevent: ping\ndata:  two blanks\n\ndatax: no\n data: no\n\n',
  );
  assert.deepEqual(events, [{ data: 'one\ntwo\n' }, { event: 'ping', data: ' two blanks' }]);
});

test('dispatches only events with data, but remembers ids and the reconnection time of others', () => {
  const { events, lastEventId, retryMs } = decode(
    'id: 7\n\nretry: 1500\n\nretry: soon\n\nid: 8\ndata:\n\nid: b\0d\n\n',
  );
  assert.deepEqual(events, [{ id: '8', data: '' }]);
  assert.equal(lastEventId, '8');
  assert.equal(retryMs, 1500);
});

test('drops an event that the end of the stream cut off', () => {
  assert.deepEqual(decode('data: whole\n\ndata: cut').events, [{ data: 'whole' }]);
});

test('finds the same events however the bytes are cut, even inside a character or a CRLF', () => {
  const text = '\ufeffid: 1\r\ndata: 日本\rdata: b\n\n: c\nevent: x\r\ndata: {"a":"é"}\r\n\r\nretry: 10\r\r\rdata\n\n';
  const whole = decode(text);
  assert.equal(whole.events.length, 3);
  for (let size = 1; size < Buffer.byteLength(text); size++)
    assert.deepEqual(decode(text, size), whole, `size ${size}`);
});

test('gives up on an event beyond the bound, as one line or as many', () => {
  const tooLarge = { code: 'inspect_body_too_large' };
  assert.throws(() => decode(`data: ${'x'.repeat(1000)}\n\n`), tooLarge);
  assert.throws(() => decode(`data: ${'x'.repeat(1000)}\n\n`, 7), tooLarge);
  assert.throws(() => decode('data: xxxxxxxxx\n'.repeat(200)), tooLarge);
  assert.equal(decode('data: xxxxxxxxx\n\n'.repeat(200)).events.length, 200, 'the bound is for one event');
});

test('decodes what it encodes, on one line', () => {
  const encoded = encodeSseEvent({ id: '5', event: 'message', data: Buffer.from('{\r\n"a": "b\\n"}') });
  assert.equal(encoded.toString(), 'id: 5\nevent: message\ndata: {  "a": "b\\n"}\n\n');
  assert.deepEqual(decode(encoded).events, [{ id: '5', event: 'message', data: '{  "a": "b\\n"}' }]);
});

test('encodes an id to come back with, before there is anything to say', () => {
  const encoded = encodeSseEvent({ id: '1.0', retryMs: 500, data: Buffer.alloc(0) });
  assert.equal(encoded.toString(), 'id: 1.0\nretry: 500\ndata: \n\n');
});

test('does not let an id or an event name break out of its line', () => {
  assert.throws(() => encodeSseEvent({ id: '1\ndata: forged', data: Buffer.alloc(0) }), TypeError);
  assert.throws(() => encodeSseEvent({ event: 'x\r\r', data: Buffer.alloc(0) }), TypeError);
});
