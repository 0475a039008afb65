// Tests of what is kept of a child that has no owner yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notification } from '../protocol/message.ts';
import type { Message } from '../protocol/message.ts';
import { EarlyEvents } from './kept-children.ts';

const megabyte = 1024 * 1024;
const owner = (heard: Message[]) => ({
  onPush: (message: Message) => void heard.push(message),
  onFault() {},
  onOver() {},
});

test('hands over in order what was said before', async () => {
  const events = new EarlyEvents(megabyte);
  const heard: Message[] = [];
  const said = ['one', 'two', 'three'].map((method) => notification(method));
  said.forEach(events.onPush);
  events.adopt(owner(heard));
  await Promise.resolve();
  assert.deepEqual(heard, said);
});

for (const [what, count, message] of [
  ['in many short messages', 100_000, notification('a')],
  ['in few long ones', 20, notification('a', { data: 'x'.repeat(100_000) })],
] as const)
  test(`keeps nothing of a child that says too much ${what}`, async () => {
    const events = new EarlyEvents(megabyte);
    for (let said = 0; said < count; said++) events.onPush(message);
    assert.ok(events.over);
    const heard: Message[] = [];
    events.adopt(owner(heard));
    await Promise.resolve();
    assert.deepEqual(heard, []);
  });
