// Tests of what a refusal tells of grants that do not hold now: on a condition, or after an activation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { bind } from './assignment.ts';
import type { Assignment } from './assignment.ts';
import { createBuiltInRoles } from './built-in-roles.ts';
import { createDecider } from './decider.ts';

const s = '/subscriptions/00000000-0000-0000-0000-000000000001';
const roles = new Map(createBuiltInRoles().map((role) => [role.name, role]));
const grant = (id: string, role: string, scope: string, more: Partial<Assignment> = {}) =>
  bind({ id, principal: { kind: 'group', id: 'ops' }, role, scope, source: 'configuration', ...more }, roles);
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['ops'] };
const map = {
  tools: ['restart'],
  always: () => undefined,
  requirements: () => ({
    effect: 'write' as const,
    requirements: ['restart/action', 'read'].map((verb) => ({
      action: `Microsoft.Compute/virtualMachines/${verb}`,
      data: false,
      scope: `${s}/resourceGroups/web`,
    })),
  }),
};
const maps = new Map([['azure', map]]);
const restart = { server: 'azure', primitive: 'tools', name: 'restart', arguments: {} } as const;

test('a refusal names the roles that the caller could activate, three at most and the narrowest first', () => {
  const eligible = [
    grant('e0', 'Owner', '/'),
    grant('e1', 'Contributor', s),
    grant('e2', 'Virtual Machine Contributor', s),
    grant('e3', 'Virtual Machine Contributor', `${s}/resourceGroups/web`),
    grant('e4', 'Virtual Machine Contributor', `${s}/resourceGroups/db`),
    grant('e5', 'Reader', s),
  ];
  const { decide } = createDecider([grant('a', 'Reader', s)], maps, { eligible });
  const refused = decide(dana, restart);
  assert.ok(refused.outcome === 'deny');
  assert.deepEqual(refused.data?.['elevation'], [
    { role: 'Virtual Machine Contributor', scope: `${s}/resourceGroups/web`, eligibility: 'e3' },
    { role: 'Virtual Machine Contributor', scope: s, eligibility: 'e2' },
    { role: 'Contributor', scope: s, eligibility: 'e1' },
  ]);
  const stranger = decide({ ...dana, groups: [] }, restart);
  assert.ok(stranger.outcome === 'deny');
  assert.equal(stranger.data?.['elevation'], undefined);
});

test('a refusal for a condition names the assignment and what it demands, as far as that can be read', () => {
  const condition = `@Request[genkan:server] StringEquals '${'x'.repeat(5000)}'`;
  const { decide } = createDecider([grant('here', 'Contributor', s, { condition })], maps);
  const refused = decide(dana, restart);
  assert.ok(refused.outcome === 'deny');
  assert.equal(refused.code, 'access_condition_unmet');
  assert.equal(refused.data?.['assignment'], 'here');
  assert.match(String(refused.data?.['condition']), /^@Request\[genkan:server\] StringEquals 'x{400}/);
  const { message } = describe(refused);
  assert.match(message, /"Contributor".*\(assignment here\)/);
  assert.ok(message.length < 1000);
});

test('a policy that nothing binds does not read the clock', () => {
  const clock = { now: () => assert.fail('the clock was read') };
  const decider = createDecider([grant('a', 'Owner', '/')], maps, { clock });
  assert.equal(decider.decide(dana, restart).outcome, 'allow');
  assert.ok(decider.reaches(dana, 'files'));
  assert.equal(decider.nextChangeAtMs(0), undefined);
});

test('the next change is the next beginning or end, of anybody', () => {
  const decider = createDecider(
    [
      grant('a', 'Reader', s, { startsAtMs: 100, endsAtMs: 200 }),
      grant('b', 'Reader', s, { endsAtMs: 150 }),
      grant('c', 'Reader', s, { startsAtMs: 200 }),
    ],
    maps,
  );
  assert.deepEqual(
    [0, 99, 100, 149, 150, 199, 200].map((nowMs) => decider.nextChangeAtMs(nowMs)),
    [100, 100, 150, 150, 200, 200, undefined],
  );
});
