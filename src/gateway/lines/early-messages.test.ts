// Tests of what is kept of a server that speaks before there is anybody to hear it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notification } from '../../protocol/message.ts';
import { createEarlyMessages } from './early-messages.ts';

test('keeps what was said in its order, and once', () => {
  const early = createEarlyMessages();
  const said = ['one', 'two'].map((method) => notification(method));
  said.forEach(early.keep);
  assert.deepEqual(early.release(), said);
  assert.deepEqual(early.release(), []);
});

test('keeps no more than a thousand messages, or a mebibyte', () => {
  const [many, long] = [createEarlyMessages(), createEarlyMessages()];
  for (let said = 0; said < 100_000; said++) many.keep(notification('a'));
  assert.equal(many.release().length, 1024);
  for (let said = 0; said < 20; said++) long.keep(notification('a', { data: 'x'.repeat(100_000) }));
  assert.equal(long.release().length, 10);
});
