// The order in which an operation is carried out, and what is on record whatever happens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { dana, standInHouse } from '../../test/support/operations-house.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Approval } from '../access/approvals/approval.ts';
import type { Effect } from '../access/decision.ts';
import { defineOperation } from './operation.ts';
import { operator } from './operator.ts';
import { perform, performAtDesk } from './perform.ts';
import { findOperation, operations } from './registry.ts';
import type { DeskOperation } from './operation.ts';

const probe = (effect: Effect, steps: string[], run: () => unknown = () => ({})) =>
  defineOperation({
    id: 'probe.run',
    summary: 'Show the order of things',
    action: 'genkan/probe/run',
    effect,
    doors: ['rest'],
    input: z.strictObject({ word: z.string(), apiKey: z.string().optional() }),
    output: z.object({}),
    resource: ({ word }) => `/words/${word}`,
    run: async () => {
      steps.push('run');
      return run() as Record<string, never>;
    },
  });

test('parses, authorises, records the intent, runs and records the outcome, in this order', async () => {
  const { house, steps, entries } = standInHouse({ rights: ['genkan/probe/run'] });
  const outcome = await perform(probe('write', steps), { word: 'x' }, dana, house);
  assert.equal(outcome.outcome, 'allow');
  assert.deepEqual(steps, ['allows genkan/probe/run', 'record intent', 'run', 'record allowed']);
  const [intent, result] = entries;
  assert.equal(intent?.correlationId, result?.correlationId);
  assert.equal(result?.user, dana.principal.id);
  assert.equal(result?.action, 'probe.run');
  assert.equal(result?.resource, '/words/x');
});

test('an operation that only reads needs no intent', async () => {
  const { house, steps } = standInHouse({ rights: ['genkan/probe/run'] });
  await perform(probe('read', steps), { word: 'x' }, dana, house);
  assert.deepEqual(steps, ['allows genkan/probe/run', 'run', 'record allowed']);
});

test('input that does not parse is refused, on record, before anything else is asked', async () => {
  const { house, steps, entries } = standInHouse({ rights: ['genkan/probe/run'] });
  const outcome = await perform(probe('write', steps), { wrod: 'x' }, dana, house);
  assert.equal('code' in outcome && outcome.code, 'operation_input_invalid');
  assert.deepEqual(steps, ['record denied']);
  assert.equal(entries[0]?.details['code'], 'operation_input_invalid');
});

test('a caller without the right is refused, on record, and nothing runs', async () => {
  const { house, steps } = standInHouse();
  const outcome = await perform(probe('write', steps), { word: 'x' }, dana, house);
  assert.equal('code' in outcome && outcome.code, 'access_action_missing');
  assert.deepEqual(steps, ['allows genkan/probe/run', 'record denied']);
});

test('an operation that refuses, by value or by error, is on record as refused', async () => {
  for (const run of [
    () => refuse('operation_not_found', { kind: 'role', name: 'x' }),
    () => {
      throw new GenkanError('operation_not_found', { kind: 'role', name: 'x' });
    },
  ]) {
    const { house, steps } = standInHouse({ rights: ['genkan/probe/run'] });
    const outcome = await perform(probe('write', steps, run), { word: 'x' }, dana, house);
    assert.equal('code' in outcome && outcome.code, 'operation_not_found');
    assert.deepEqual(steps.slice(-3), ['record intent', 'run', 'record denied']);
  }
});

test('a fault is on record as failed and goes on to the edge', async () => {
  const { house, steps } = standInHouse({ rights: ['genkan/probe/run'] });
  const failing = probe('write', steps, () => {
    throw new Error('disk on fire');
  });
  await assert.rejects(perform(failing, { word: 'x' }, dana, house), /disk on fire/);
  assert.deepEqual(steps.slice(-3), ['record intent', 'run', 'record failed']);
});

test('nothing runs when its intent cannot be made durable', async () => {
  const steps: string[] = [];
  const record = { append: () => Promise.reject(new GenkanError('record_unavailable')) };
  const { house } = standInHouse({ rights: ['genkan/probe/run'], record });
  await assert.rejects(perform(probe('write', steps), { word: 'x' }, dana, house), { code: 'record_unavailable' });
  assert.deepEqual(steps, []);
});

test('no answer leaves when its outcome cannot be made durable', async () => {
  const record = {
    append: ({ result }: { result: string }) =>
      result === 'intent' ? Promise.resolve(0) : Promise.reject(new GenkanError('record_unavailable')),
  };
  const { house } = standInHouse({ rights: ['genkan/probe/run'], record });
  await assert.rejects(perform(probe('write', []), { word: 'x' }, dana, house), { code: 'record_unavailable' });
});

test('the record shows the input without what may be secret', async () => {
  const { house, entries, steps } = standInHouse({ rights: ['genkan/probe/run'] });
  await perform(probe('read', steps), { word: 'npx x --token hunter2', apiKey: 'hunter2' }, dana, house);
  assert.doesNotMatch(JSON.stringify(entries[0]?.details), /hunter2/);
  assert.match(JSON.stringify(entries[0]?.details), /npx x --token \*+/);
});

test('at the desk, where the file system has decided, nothing is asked or recorded', async () => {
  const { house, steps } = standInHouse();
  const operation = findOperation('audit', 'verify') as DeskOperation;
  const outcome = await performAtDesk(operation, {}, { ...dana, principal: operator }, house);
  assert.equal(outcome.outcome, 'allow');
  assert.deepEqual(steps, []);
});

test('a server that is removed takes the rights at it along, so that no later namesake inherits them', async () => {
  const { house, steps } = standInHouse({ rights: ['genkan/server/remove'] });
  await perform(findOperation('server', 'remove')!, { name: 'files' }, dana, house);
  assert.ok(steps.indexOf('remove files') < steps.indexOf('unassign a1'));
  assert.ok(steps.indexOf('unassign a1') < steps.indexOf('end elevations'));
});

test('a server that is removed takes along what waits for an approval there, and nothing else that waits', async () => {
  const { house, steps } = standInHouse({ rights: ['genkan/server/remove'] });
  const edits = (scope: string): object => ({ edits: [{ kind: 'assignment', id: 'a', after: { role: 'x', scope } }] });
  const waiting = [
    { id: 'p1', kind: 'policy-change', details: edits('/servers/files/tools/read') },
    { id: 'p2', kind: 'policy-change', details: edits('/servers/files2') },
    { id: 'e1', kind: 'elevation', details: { scope: '/servers/files' } },
    { id: 'e2', kind: 'extension', details: { scope: '/servers' } },
    { id: 'c1', kind: 'call', details: { server: 'files', arguments: '{}' } },
    { id: 'c2', kind: 'call', details: { server: 'other', arguments: '/servers/files' } },
  ] as unknown as Approval[];
  const approvals: typeof house.approvals = {
    ...house.approvals,
    list: async ({ kind } = {}) => waiting.filter((each) => each.kind === kind),
    withdraw: async (id) => {
      steps.push(`withdraw ${id}`);
      return waiting[0]!;
    },
  };
  await perform(findOperation('server', 'remove')!, { name: 'files' }, dana, { ...house, approvals });
  assert.deepEqual(
    steps.filter((step) => step.startsWith('withdraw')),
    ['withdraw e1', 'withdraw p1', 'withdraw c1'],
  );
});

test('an operation that is open to anybody asks for no role, and no other operation is open than these', async () => {
  const { house, steps, entries } = standInHouse();
  const open = (rights: typeof house): ReturnType<typeof perform> =>
    perform({ ...probe('write', steps), audience: 'anybody' }, { word: 'x' }, dana, rights);
  assert.equal((await open(house)).outcome, 'allow');
  assert.deepEqual(
    steps.filter((step) => !step.startsWith('allows ')),
    ['record intent', 'run', 'record allowed'],
  );
  assert.equal(entries.at(-1)!.actionRequired, undefined);
  // Of a role that grants it, this is a use.
  const entitled = standInHouse({ rights: ['genkan/probe/run'] });
  await open(entitled.house);
  assert.deepEqual(entitled.entries.at(-1)!.actionRequired, [{ action: 'genkan/probe/run', data: false, scope: '/' }]);
  // What is here decides itself whose things it shows, and who may do what with them.
  const listed = operations.filter(({ audience }) => audience === 'anybody').map(({ id }) => id);
  assert.deepEqual(listed.sort(), [
    'approval.approve',
    'approval.deny',
    'approval.list',
    'approval.show',
    'approval.withdraw',
    'break-glass.list',
    'break-glass.open',
    'break-glass.review',
    'elevation.end',
    'elevation.extend',
    'elevation.list',
    'elevation.request',
    'elevation.show',
    'eligibility.list',
    'me.show',
    'review.decide',
    'review.list',
    'review.show',
  ]);
});
