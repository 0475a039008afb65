// What a proposed policy would have done with the calls on record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCompany, dayMs, firstDayMs, subscription } from '../../../test/support/recorded-company.ts';
import { bind } from '../assignment.ts';
import type { Grant } from '../assignment.ts';
import { compileCondition } from '../conditions/compile.ts';
import { bindDeny } from '../deny/deny-assignment.ts';
import { collectRoles } from '../roles.ts';
import { recordedCalls } from './recorded-call.ts';
import type { RecordedCall, RecordedEntry } from './recorded-call.ts';
import { simulate } from './simulation.ts';

const company = createCompany(7);
const nowMs = firstDayMs + 30 * dayMs;
const before = { grants: company.grants };

async function* entries(days = 30): AsyncGenerator<RecordedEntry> {
  yield* company.entries(days);
}

const without = (id: string): Grant[] => company.grants.filter(({ assignment }) => assignment.id !== id);
const idOf = (holder: string, role: string): string =>
  company.grants.find(({ assignment }) => assignment.principal.id === holder && assignment.role === role)!.assignment
    .id;

test('under the policy in force nothing would be different', async () => {
  const { calls, same, refused, allowed } = await simulate(recordedCalls(entries()), { before, after: before, nowMs });
  assert.ok(calls > 5000);
  assert.deepEqual([same, refused, allowed], [calls, [], []]);
});

test('tells who could no longer do what, how often they did it and when last', async () => {
  const after = { grants: without(idOf('data-team', 'Key Vault Secrets User')) };
  const { refused, allowed } = await simulate(recordedCalls(entries()), { before, after, nowMs });
  assert.ok(refused.length >= 3);
  assert.deepEqual(allowed, []);
  for (const change of refused) {
    assert.match(change.principal, /#data-team-\d$/);
    assert.deepEqual(
      [change.kind, change.code, change.resource, change.missing.length],
      ['changed', 'access_action_missing', '/servers/azure/tools/keyvault_secret_get', 2],
    );
    assert.ok(change.count > 0 && change.lastMs > firstDayMs);
  }
});

test('tells what would be allowed that was refused', async () => {
  const roles = collectRoles([], () => '', {});
  const wish = { principal: { kind: 'group', id: 'data-team' }, role: 'Reader', scope: subscription } as const;
  const refused: RecordedEntry = {
    timestamp: nowMs - 1,
    user: 'https://login.example.com#data-team-1',
    action: 'tools/call',
    resource: '/servers/azure/tools/group_list',
    result: 'denied',
    correlationId: 'x',
    sourceIP: '',
    details: { code: 'access_out_of_scope' },
    effect: 'read',
    actionRequired: [
      { action: 'Microsoft.Resources/subscriptions/resourceGroups/read', data: false, scope: subscription },
    ],
    groups: ['data-team'],
  };
  const after = { grants: [...company.grants, bind({ ...wish, id: 'new', source: 'database' }, roles)] };
  const { allowed } = await simulate(recordedCalls(each(refused)), { before, after, nowMs });
  assert.deepEqual(
    allowed.map(({ kind, code, count }) => [kind, code, count]),
    [['changed', 'access_out_of_scope', 1]],
  );
});

test('what the policy in force refuses as well is told apart: an elevation, or something that has changed since', async () => {
  const after = { grants: without(idOf('reporter', 'Reader')) };
  const { refused } = await simulate(recordedCalls(entries()), { before: after, after, nowMs });
  assert.deepEqual([...new Set(refused.map(({ kind, name }) => `${kind} ${name}`))], ['today-already reporter']);
});

test('a deny assignment counts, and a condition on the place or time is held against that of the call', async () => {
  const denial = bindDeny({
    ...{ id: 'd', name: 'no updates', description: '', principals: 'everyone', excludePrincipals: [] },
    permissions: [
      { actions: ['Microsoft.Compute/virtualMachines/write'], notActions: [], dataActions: [], notDataActions: [] },
    ],
    ...{ scope: subscription, doNotApplyToChildScopes: false, source: 'configuration' },
  });
  const denied = await simulate(recordedCalls(entries()), { before, after: { ...before, denials: [denial] }, nowMs });
  assert.ok(denied.refused.some(({ code }) => code === 'access_denied_by_assignment'));

  const untilDay20 = `@Environment[UtcNow] DateTimeLessThan '${new Date(firstDayMs + 20 * dayMs).toISOString()}'`;
  const bound = company.grants.map((grant) => ({ ...grant, condition: compileCondition(untilDay20) }));
  const { refused, calls } = await simulate(recordedCalls(entries()), { before, after: { grants: bound }, nowMs });
  const count = refused.reduce((sum, change) => sum + change.count, 0);
  assert.ok(count > calls / 10 && count < calls, `${count} of ${calls}`);
  assert.ok(refused.every(({ lastMs }) => lastMs >= firstDayMs + 20 * dayMs));
});

test('replays a hundred thousand calls in seconds', async () => {
  const some: RecordedCall[] = [];
  for await (const call of recordedCalls(entries())) some.push(call);
  async function* many(): AsyncGenerator<RecordedCall> {
    for (let at = 0; at < 100_000; at += 1) yield some[at % some.length]!;
  }
  const beganMs = performance.now();
  const after = { grants: without(idOf('ops-team', 'Reader')) };
  const { calls } = await simulate(many(), { before, after, nowMs });
  const tookMs = performance.now() - beganMs;
  console.log(`100,000 calls replayed in ${tookMs.toFixed(0)} ms`);
  assert.equal(calls, 100_000);
  assert.ok(tookMs < 10_000);
});

async function* each(...all: RecordedEntry[]): AsyncGenerator<RecordedEntry> {
  yield* all;
}
