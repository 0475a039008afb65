// Tests of leaving out tools that no client may use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { result } from '../../protocol/message.ts';
import { usableTools } from './usable-tools.ts';

const log = createLog('silent');
const good = { name: 'good', inputSchema: { properties: { at: { type: 'string', 'x-mcp-header': 'At' } } } };
const bad = { name: 'bad', inputSchema: { properties: { at: { type: 'object', 'x-mcp-header': 'At' } } } };

test('leaves out a tool with an annotation that is not allowed, and keeps the others and the rest of the result', () => {
  const listed = result(1, { tools: [bad, good], nextCursor: 'more' });
  assert.deepEqual(usableTools(listed, 'files', log).result, { tools: [good], nextCursor: 'more' });
});

test('keeps the bytes of a list in which all tools are usable', () => {
  const listed = result(1, { tools: [good, { name: 'plain' }, 'no tool at all'] });
  assert.equal(usableTools(listed, 'files', log), listed);
});

test('a list of very many tools is looked through once', () => {
  const [count, started] = [40_000, performance.now()];
  const tools = [
    ...Array.from({ length: count }, () => ({ ...good })),
    ...Array.from({ length: count }, () => ({ ...bad })),
  ];
  const { tools: left } = usableTools(result(1, { tools }), 'files', log).result as { tools: unknown[] };
  assert.equal(left.length, count);
  // Looking each one up among the others would take more than a minute.
  assert.ok(performance.now() - started < 20_000);
});

test('the log says a part of each name, and of few', () => {
  const said: { tools: string[]; dropped: number }[] = [];
  const listening = {
    warn: (detail: { tools: string[]; dropped: number }) => void said.push(detail),
  } as unknown as Log;
  const tools = Array.from({ length: 20 }, () => ({ ...bad, name: 'n'.repeat(100_000) as unknown }));
  tools[0]!.name = { toString: 'no function' };
  usableTools(result(1, { tools }), 'files', listening);
  assert.equal(said[0]?.dropped, 20);
  assert.ok(JSON.stringify(said).length < 6000);
});
