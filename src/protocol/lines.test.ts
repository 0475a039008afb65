// Newline framing: lines in any chunks, bounded, and messages that stay on one line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameLine, LineDecoder } from './lines.ts';

const decode = (text: string, size: number): string[] => {
  const bytes = Buffer.from(text);
  const decoder = new LineDecoder(1000);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    lines.push(...decoder.push(bytes.subarray(at, at + size)).map(String));
  }
  return lines;
};

test('finds the same lines however the bytes are cut', () => {
  const text = 'one\r\ntwo 日本\n\n\nthree\nnot finished';
  for (let size = 1; size <= text.length; size++) assert.deepEqual(decode(text, size), ['one', 'two 日本', 'three']);
});

test('gives up on a line beyond the bound, in one chunk or in many', () => {
  assert.throws(() => new LineDecoder(10).push(Buffer.from('12345678901\n')), { code: 'inspect_body_too_large' });
  const decoder = new LineDecoder(10);
  decoder.push(Buffer.from('1234567890'));
  assert.throws(() => decoder.push(Buffer.from('1')), { code: 'inspect_body_too_large' });
  assert.equal(new LineDecoder(10).push(Buffer.from('1234567890\n1234567890\n')).length, 2);
});

test('collects a long line from small chunks without copying it again and again', () => {
  const decoder = new LineDecoder(8 << 20);
  const chunk = Buffer.alloc(64, 'x');
  const startedAt = process.cpuUsage();
  for (let count = 0; count < 100_000; count++) decoder.push(chunk);
  assert.equal(decoder.push(Buffer.from('\n'))[0]?.length, 6_400_000);
  assert.ok(process.cpuUsage(startedAt).user < 2_000_000, 'quadratic work would take minutes');
});

test('frames a message that has line breaks between its tokens as one line', () => {
  const raw = Buffer.from('{\r\n  "a": "b\\n"\n}');
  assert.equal(frameLine(raw).toString(), '{    "a": "b\\n" }\n');
  assert.equal(raw.toString(), '{\r\n  "a": "b\\n"\n}', 'the original is left as it was');
});
