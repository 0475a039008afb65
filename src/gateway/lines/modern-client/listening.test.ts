// Tests of listening at a server whose own stream may not stand yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../../../protocol/message.ts';
import type { Message } from '../../../protocol/message.ts';
import { createListening } from './listening.ts';

/** Lets whatever is ready be done. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a server that never begins its stream is not waited for longer than five seconds', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: string[] = [];
  const listening = createListening({
    capabilities: { resources: { subscribe: true } },
    heard: () => new Promise(() => undefined),
    ask: (_method, uri) => Promise.resolve(asked.push(uri) > 0),
    onFirst: () => () => undefined,
  });
  const said: Message[] = [];
  const leave = new AbortController();
  const ended = listening.listen(
    request(1, 'subscriptions/listen', { notifications: { resourceSubscriptions: ['file:///a'] } }),
    {
      outlet: { closed: false, behind: false, interim: (message) => void said.push(message) },
      signal: leave.signal,
    },
  );
  context.mock.timers.tick(4999);
  await turn();
  assert.deepEqual([said.length, asked], [0, []]);
  context.mock.timers.tick(1);
  await turn();
  assert.deepEqual([said.length, asked], [1, ['file:///a']]);
  leave.abort(new Error('left'));
  await assert.rejects(ended, /left/);
});
