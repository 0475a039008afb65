// Tests of what the log learns when a server's part of a list is missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../base/log.ts';
import { failure } from '../../protocol/message.ts';
import type { RequestMessage } from '../../protocol/message.ts';
import type { Line } from '../lines/line.ts';
import type { MergedLines } from './merged-lines.ts';
import { createMergedLists } from './merged-lists.ts';
import { createOrigins, createOwners } from './origins.ts';
import { createWaits } from './waits.ts';

test('of an error text of any length, one short line is logged', async () => {
  const message = `\u001b[2J${'no '.repeat(1_000_000)}`;
  const line = {
    request: ({ id }: RequestMessage) => Promise.resolve(failure(id, { code: -32000, message })),
  } as unknown as Line;
  const logged: Error[] = [];
  const log = { warn: ({ err }: { err: Error }) => void logged.push(err) } as unknown as Log;
  const servers = (): string[] => ['wordy'];
  const lists = createMergedLists({
    servers,
    lines: { to: () => Promise.resolve(line) } as unknown as MergedLines,
    origins: createOrigins(servers, createOwners()),
    waits: createWaits(10_000)('dana'),
    envelope: {},
    onLate: () => undefined,
    log,
  });
  const tools = { primitive: 'tools', member: 'tools', identifier: 'name' } as const;
  const { items, notice } = await lists.gather('tools/list', tools, 0);
  assert.deepEqual([items, notice], [[], { missing: ['wordy'] }]);
  assert.equal(logged.length, 1);
  assert.match(logged[0]!.message, /no no/);
  assert.ok(`${logged[0]!.message}${logged[0]!.stack}`.length < 3000);
  assert.ok(!logged[0]!.message.includes('\u001b'));
});
