// What becomes of a result before it leaves: how long its client may keep it, and what it says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { result } from '../protocol/message.ts';
import type { Access } from '../access/decision.ts';
import type { Principal } from '../base/principal.ts';
import type { Conversation } from './conversations/conversation.ts';
import { declareChanges, filterList, keepPrivate } from './lists.ts';

const listed = (ttlMs: unknown, cacheScope = 'public') =>
  result(1, { resultType: 'complete', tools: [], ttlMs, cacheScope });

test('a result is kept for a minute at most, and never longer than the right behind it', () => {
  for (const [ttlMs, leftMs, kept] of [
    [3_600_000, undefined, 60_000],
    [5000, undefined, 5000],
    [3_600_000, 1500.5, 1500],
    [3_600_000, -20, 0],
    [-1, undefined, 0],
    ['1000', undefined, 0],
  ] as const) {
    const { ttlMs: given, cacheScope } = keepPrivate(listed(ttlMs), leftMs).result!;
    assert.deepEqual([given, cacheScope], [kept, 'private']);
  }
});

test('a result in which nothing changes keeps its bytes', () => {
  const own = listed(5000, 'private');
  assert.equal(keepPrivate(own, 6000), own);
  const able = result(1, { capabilities: { tools: { listChanged: true }, logging: {} } });
  assert.equal(declareChanges(able), able);
});

test('the lists of a server change with rights, even where it says that its own never do; what it lacks it still lacks', () => {
  const { capabilities } = declareChanges(
    result(1, { capabilities: { tools: {}, resources: { subscribe: true }, logging: {} } }),
  ).result!;
  assert.deepEqual(capabilities, {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    logging: {},
  });
});

test('what pins hold meanwhile is left out of a list that was kept from before', () => {
  const kept = result(1, { tools: [{ name: 'a' }, { name: 'b' }] });
  const conversation = { origin: (_: string, name: string) => ({ server: 's', name }) } as unknown as Conversation;
  const access = { visible: () => true } as unknown as Access;
  const lists = { primitive: 'tools', member: 'tools', identifier: 'name' } as const;
  const shown = (held: string) =>
    filterList(kept, lists, {} as Principal, conversation, access, undefined, {
      holds: (server, kind, name) => `${server} ${kind} ${name}` === held,
    });
  assert.deepEqual(shown('s tools a').response.result, { tools: [{ name: 'b' }] });
  assert.equal(shown('s tools c').response, kept);
});
