// What was used of everybody's rights, counted from audit records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHoldingGroups } from './holding-groups.ts';
import type { RecordedEntry } from './recorded-call.ts';
import { collectUse } from './usage.ts';

const window = { fromMs: 0, toMs: 10 * 86_400_000 };
const read = {
  action: 'Microsoft.Compute/virtualMachines/read',
  data: false,
  scope: '/subscriptions/s/resourceGroups/a',
};
const write = { ...read, action: 'Microsoft.Compute/virtualMachines/write' };
const ground = { assignment: 'a1', role: 'Contributor', scope: '/subscriptions/s' };

let index = 0;
const entry = (changes: Partial<RecordedEntry> = {}): RecordedEntry => ({
  timestamp: 1000,
  user: 'dana',
  action: 'tools/call',
  resource: '/servers/azure/tools/compute_vm_update',
  result: 'allowed',
  correlationId: `c${++index}`,
  sourceIP: '',
  details: {},
  actor: { name: 'dana@example.com' },
  client: 'editor',
  effect: 'write',
  actionRequired: [write, read],
  because: [ground, ground],
  groups: ['makers'],
  ...changes,
});

async function* each(...entries: RecordedEntry[]): AsyncGenerator<RecordedEntry> {
  yield* entries;
}

test('counts each call once for its assignment, and each action at its scope with its first and last use', async () => {
  const usage = await collectUse(
    each(entry({ timestamp: 5 }), entry({ timestamp: 9, effect: 'read', actionRequired: [read], because: [ground] })),
    window,
  );
  const dana = usage.principals.get('dana')!;
  assert.deepEqual(dana.calls, { count: 2, firstMs: 5, lastMs: 9 });
  assert.deepEqual([...dana.groups], ['makers']);
  assert.deepEqual(dana.assignments.get('a1'), {
    role: 'Contributor',
    scope: '/subscriptions/s',
    count: 2,
    firstMs: 5,
    lastMs: 9,
  });
  assert.deepEqual(
    dana.requirements.map(({ action, effect, count, lastMs }) => [action, effect, count, lastMs]),
    [
      [write.action, 'write', 1, 5],
      [read.action, 'write', 2, 9],
    ],
  );
});

test('counts a call by its outcome, and by its intent where Genkan ended before there was one', async () => {
  const usage = await collectUse(
    each(
      entry({ correlationId: 'whole', result: 'intent', timestamp: 3 }),
      entry({ correlationId: 'whole', timestamp: 3 }),
      entry({ correlationId: 'broken', result: 'intent', timestamp: 7 }),
      { ...entry({ correlationId: 'broken', result: 'unknown' }), details: { reason: 'stopped', intent: 2 } },
      entry({ correlationId: 'under way', result: 'intent' }),
    ),
    window,
  );
  assert.equal(usage.calls, 2);
  assert.equal(usage.principals.get('dana')!.calls!.lastMs, 7);
});

test('a refused call is no use, and is counted as refused', async () => {
  const usage = await collectUse(each(entry({ result: 'denied', details: { code: 'access_out_of_scope' } })), window);
  const { calls, refused, requirements } = usage.principals.get('dana')!;
  assert.deepEqual([calls, refused?.count, requirements.length], [undefined, 1, 0]);
});

test('passes over records that tell of nothing that roles were asked about, or were cut', async () => {
  const usage = await collectUse(
    each(
      entry({ actionRequired: undefined }),
      entry({ actionRequired: [] }),
      entry({ actionRequired: [{ action: 1 }] }),
      entry({ actionRequired: undefined, details: { notice: 'details cut', beginning: '{' } }),
    ),
    window,
  );
  assert.deepEqual([usage.calls, usage.firstMs], [0, 1000]);
});

test('beyond what it can remember, a use counts at the scope of its assignment: wider, never lost', async () => {
  const calls = ['a', 'b', 'c'].map((group) =>
    entry({
      actionRequired: [{ ...read, scope: `/subscriptions/s/resourceGroups/${group}` }],
      because: [ground],
    }),
  );
  const usage = await collectUse(each(...calls), window, 2);
  assert.equal(usage.coarse, true);
  assert.deepEqual(
    usage.principals.get('dana')!.requirements.map(({ scope, count }) => [scope, count]),
    [
      ['/subscriptions/s/resourceGroups/a', 1],
      ['/subscriptions/s/resourceGroups/b', 1],
      ['/subscriptions/s', 1],
    ],
  );
});

test("of a person's groups only those are named that hold something, as of the policy in force", () => {
  let held = ['makers'];
  let version = 1;
  const holding = createHoldingGroups({
    assignments: () => held.map((id) => ({ principal: { kind: 'group', id } })),
    denyAssignments: () => [{ principals: 'everyone', excludePrincipals: [{ kind: 'group', id: 'spared' }] }],
    version: () => version,
  });
  const dana = { id: 'dana', kind: 'user', name: 'dana', groups: ['choir', 'makers', 'ops', 'spared'] } as const;
  assert.deepEqual(holding(dana), ['makers', 'spared']);
  [held, version] = [['makers', 'ops'], 2];
  assert.deepEqual(holding(dana), ['makers', 'ops', 'spared']);
  const many = Array.from({ length: 500 }, (_, at) => `g${at}`);
  [held, version] = [many, 3];
  assert.equal(holding({ ...dana, groups: many }).length, 64);
});
