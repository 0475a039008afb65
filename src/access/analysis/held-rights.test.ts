// Tests of what is held against what was used: assignments that say little by themselves are left alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind } from '../assignment.ts';
import type { Assignment } from '../assignment.ts';
import { collectRoles } from '../roles.ts';
import { findHoldings } from './held-rights.ts';
import { learn } from './learning.ts';
import { collectUse } from './usage.ts';

const dayMs = 86_400_000;
const now = Date.parse('2026-11-21T12:00:00Z');
const roles = collectRoles([], () => '', {});
const window = { fromMs: now - 90 * dayMs, toMs: now };

/** Ann reads files every day; the records name the assignment `wide`. */
async function* entries() {
  for (let ago = 3; ago > 0; ago -= 1)
    yield {
      timestamp: now - ago * dayMs,
      user: 'ann',
      action: 'tools/call',
      resource: '/servers/files/tools/read',
      result: 'allowed',
      details: {},
      groups: ['team'],
      effect: 'read',
      actionRequired: [
        { action: 'mcp/servers/files/tools/read/call', data: false, scope: '/servers/files/tools/read' },
      ],
      because: [{ assignment: 'wide', role: 'MCP User', scope: '/servers' }],
      correlationId: String(ago),
      sourceIP: '',
    };
}
const usage = await collectUse(entries(), window);

const held = (more: Partial<Assignment> = {}) => {
  const team = { principal: { kind: 'group', id: 'team' }, role: 'MCP User', source: 'database' } as const;
  return [
    bind({ ...team, id: 'wide', scope: '/servers' }, roles),
    bind({ ...team, id: 'files', scope: '/servers/files', ...more }, roles),
  ];
};

test('what is bound to a time, a condition or some of a group counts only what it was named for, and is spared', async () => {
  const byItself = async (more: Partial<Assignment>) => {
    const [{ assignments } = assert.fail()] = await findHoldings(held(more), usage, { nowMs: now, minAgeMs: dayMs });
    const found = assignments.at(-1)!;
    return [found.use?.count, found.spared];
  };
  assert.deepEqual(await byItself({}), [3, undefined]);
  assert.deepEqual(await byItself({ endsAtMs: now + dayMs }), [undefined, 'bound']);
  assert.deepEqual(await byItself({ excludes: ['mallory'] }), [undefined, 'bound']);
  assert.deepEqual(await byItself({ id: 'wide', scope: '/servers', excludes: ['mallory'] }), [3, 'bound']);
});

test('no plan replaces an assignment from which a review has taken somebody out', async () => {
  const plans = async (more: Partial<Assignment>) => {
    const grants = held({ id: 'wide', scope: '/servers', createdAtMs: now - 200 * dayMs, ...more }).slice(1);
    const learned = await learn({ grants, roles: [...roles.values()] }, usage, { nowMs: now, minAgeMs: dayMs });
    return learned.map(({ suggestion }) => suggestion?.remove.length);
  };
  assert.deepEqual(await plans({}), [1]);
  assert.deepEqual(await plans({ excludes: ['mallory'] }), [undefined]);
});
