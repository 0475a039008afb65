// The attacker has a valid token and opens one subscription after the other, none of which ever ends by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventStream } from '../support/event-stream.ts';
import { openEventStream } from '../support/event-stream.ts';
import { startTelling } from '../support/legacy-listener.ts';
import type { Telling } from '../support/legacy-listener.ts';
import { modern } from '../support/mcp-post.ts';

async function openMany(telling: Telling, count: number): Promise<{ open: EventStream[]; refused: string[] }> {
  const open: EventStream[] = [];
  const refused: string[] = [];
  for (let id = 0; id < count; id++) {
    const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, id);
    const stream = await openEventStream(telling.url, body, { token: 'dana', headers });
    if (stream.response.headers['content-type'] === 'text/event-stream') open.push(stream);
    else refused.push(await stream.ended);
  }
  return { open, refused };
}

test('control: where as many are allowed, as many stay open', async () => {
  await using telling = await startTelling({ gateway: { maxListensPerUser: 1000 } });
  const { open } = await openMany(telling, 100);
  assert.equal(open.length, 100);
  for (const stream of open) stream.leave();
});

test('beyond the bound of one person they are refused, and nobody else notices', async () => {
  await using telling = await startTelling();
  const { open, refused } = await openMany(telling, 1000);
  assert.equal(open.length, 32);
  assert.ok(refused.every((text) => text.includes('gateway_listens_full')));
  const other = await telling.listen({ toolsListChanged: true }, { token: 'erin' });
  await telling.say('notifications/tools/list_changed');
  await other.until(/list_changed/);
  other.leave();
  open[0]!.leave();
  await telling.room.recorded(({ details }) => details['error'] === 'gateway_cancelled');
  assert.equal((await openMany(telling, 1)).open.length, 1, 'one that ended makes room for another');
});
