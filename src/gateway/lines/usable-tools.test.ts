// Tests of leaving out tools that no client may use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
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
