// What of a task is kept, and what is too much to keep.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { result } from '../protocol/message.ts';
import type { TaskOrigin } from './task-book.ts';
import { keepTask } from './tasks.ts';

const dana = { id: 'dana', kind: 'user', name: 'Dana', groups: [], clientId: 'code' } as const;
const use = { server: 'jobs', primitive: 'tools', name: 'run', arguments: {} } as const;
const needs = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ action: 'mcp/x', data: false, scope: `/servers/jobs/tools/${at}` }));

test('a task keeps the rights that its call needed; one that needed more than can be kept is not given out', async () => {
  const kept: TaskOrigin[] = [];
  const book = {
    keep: (_owner: string, origin: TaskOrigin) => Promise.resolve(void kept.push(origin)),
    find: () => Promise.resolve(new Map<string, TaskOrigin>()),
  };
  const tooMuch = { requirements: needs(65), effect: 'write' } as const;
  const created = result(1, { resultType: 'task', taskId: 'one', ttlMs: null });
  await keepTask(book, dana, use, { requirements: needs(64), effect: 'write' }, created);
  assert.deepEqual(kept, [{ server: 'jobs', tool: 'run', requirements: needs(64), effect: 'write' }]);
  await assert.rejects(keepTask(book, dana, use, tooMuch, created), { code: 'upstream_answer_invalid' });
  await keepTask(book, dana, use, tooMuch, result(1, { resultType: 'complete', content: [] }));
  assert.equal(kept.length, 1);
});
