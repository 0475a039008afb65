// Properties of decisions, on policies that chance writes: what is added, removed or put in another order, and who computes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasAccess } from './azure-evaluation.ts';
import type { Policy } from './azure-evaluation.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { ActionMap } from '../../src/access/action-map.ts';
import { bind } from '../../src/access/assignment.ts';
import type { Assignment } from '../../src/access/assignment.ts';
import { createBundle } from '../../src/access/bundle.ts';
import { compileCondition } from '../../src/access/conditions/compile.ts';
import { createDecider } from '../../src/access/decider.ts';
import type { AccessRequest } from '../../src/access/decision.ts';
import { bindDeny } from '../../src/access/deny/deny-assignment.ts';
import type { DenyAssignment } from '../../src/access/deny/deny-assignment.ts';
import { createRole } from '../../src/access/role.ts';
import { parseScope } from '../../src/access/scope.ts';

const s = '/subscriptions/00000000-0000-0000-0000-000000000001';
const t = '/subscriptions/00000000-0000-0000-0000-000000000002';
const literals = [
  '/',
  s,
  t,
  ...['dev-a', 'DEV-b', 'prod'].map((name) => `${s}/resourceGroups/${name}`),
  `${s}/resourceGroups/dev-a/providers/Microsoft.Compute/virtualMachines/web`,
  `${s}/resourceGroups/prod/providers/Microsoft.Compute/virtualMachines/web`,
  `${t}/resourceGroups/dev-a`,
];
const patterns = [
  `${s}/resourceGroups/dev-*`,
  `${s}/resourceGroups/*-a`,
  '/subscriptions/*/resourceGroups/dev-a',
  `${s}/resourceGroups/*/providers/Microsoft.Compute/virtualMachines/w*b`,
];
const actions = [
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/write',
  'MICROSOFT.Compute/virtualMachines/delete',
  'Microsoft.Compute/virtualMachines/extensions/write',
  'Microsoft.Storage/storageAccounts/listKeys/action',
];
const lines = [
  '*',
  '*/read',
  '*/write',
  'Microsoft.Compute/*',
  'microsoft.*/virtualMachines/*e',
  '*/DELETE',
  ...actions,
];
const conditions = [
  "@Request[genkan:location] StringEqualsIgnoreCase 'japaneast'",
  "!(ActionMatches{'*/write'}) OR @Request[genkan:publicIp] BoolEquals false",
  "@Environment[utcNow] DateTimeLessThan '2026-06-01T00:00:10Z'",
];
const startMs = Date.parse('2026-06-01T00:00:00Z');

const someOf = <Item>(items: readonly Item[], most: number) => fc.array(fc.constantFrom(...items), { maxLength: most });
const instant = fc.integer({ min: 0, max: 20_000 }).map((afterMs) => startMs + afterMs);
const assignee = fc.constantFrom(
  { kind: 'user', id: 'dana' } as const,
  { kind: 'user', id: 'omar' } as const,
  { kind: 'group', id: 'team' } as const,
  { kind: 'group', id: 'others' } as const,
  { kind: 'application', id: 'agent' } as const,
);
const people: readonly Principal[] = [
  { id: 'dana', kind: 'user', name: 'dana', groups: ['team'] },
  { id: 'omar', kind: 'user', name: 'omar', groups: ['team', 'others'] },
  { id: 'application:agent', kind: 'application', clientId: 'agent', name: 'agent', groups: [] },
];
const role = fc.record({
  Actions: someOf(lines, 3),
  NotActions: someOf(lines, 2),
  DataActions: someOf(lines, 2),
  NotDataActions: someOf(lines, 1),
});
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const assignment = fc.record({
  principal: assignee,
  role: fc.nat(3),
  scope: fc.constantFrom(...literals, ...patterns),
  startsAtMs: maybe(instant),
  lastsMs: maybe(fc.integer({ min: 1, max: 10_000 })),
  condition: maybe(fc.constantFrom(...conditions)),
});
const deny = fc.record({
  principals: fc.oneof(fc.constant('everyone' as const), fc.array(assignee, { minLength: 1, maxLength: 2 })),
  excludePrincipals: fc.array(assignee, { maxLength: 1 }),
  permissions: fc.array(
    fc.record({
      actions: fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 2 }),
      notActions: someOf(lines, 1),
      dataActions: someOf(lines, 1),
      notDataActions: someOf(lines, 1),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  scope: fc.constantFrom(...literals, ...patterns),
  doNotApplyToChildScopes: fc.boolean(),
  condition: maybe(fc.constantFrom(...conditions)),
});
const policy = fc.record({
  roles: fc.array(role, { minLength: 4, maxLength: 4 }),
  assignments: fc.array(assignment, { minLength: 1, maxLength: 6 }),
  denies: fc.array(deny, { maxLength: 3 }),
});
const question = fc.record({
  person: fc.constantFrom(...people),
  needs: fc.array(fc.record({ action: fc.constantFrom(...actions), data: fc.boolean() }), {
    minLength: 1,
    maxLength: 2,
  }),
  scope: fc.constantFrom(...literals),
  nowMs: instant,
  attributes: fc.record({
    location: maybe(fc.constantFrom('japaneast', 'eastus')),
    publicIp: maybe(fc.boolean()),
  }),
});
type Drawn = typeof policy extends fc.Arbitrary<infer Value> ? Value : never;
type Question = typeof question extends fc.Arbitrary<infer Value> ? Value : never;

/** Calls carry what they need, at one scope. */
const map = (always: Question['needs']): ActionMap => ({
  tools: ['call'],
  always: () => always,
  requirements: (_tool, { needs, scope }) => ({
    effect: 'write',
    requirements: (needs as Question['needs']).map((need) => ({ ...need, scope: String(scope) })),
  }),
  attributes: (_tool, args) => args['attributes'] as Question['attributes'],
});

/** The same map, which says what is needed together. */
const joint = (separate: ActionMap): ActionMap => ({
  ...separate,
  requirements(tool, args) {
    const needs = separate.requirements(tool, args);
    if ('outcome' in needs) return needs;
    const scope = parseScope(String(args['scope']), 'literal')!;
    const half = needs.requirements.length >> 1;
    const parts = [needs.requirements.slice(0, half), needs.requirements.slice(half)];
    return { ...needs, together: parts.map((part) => ({ scope, bundle: createBundle(part) })) };
  },
});

function written({ roles, assignments, denies }: Drawn): Policy {
  return {
    roles: roles.map((each, at) => ({ Name: `Role ${at}`, Description: '', AssignableScopes: ['/'], ...each })),
    assignments: assignments.map(({ role: which, startsAtMs, lastsMs, condition, ...each }, at): Assignment => {
      const endsAtMs = lastsMs === undefined ? undefined : (startsAtMs ?? startMs) + lastsMs;
      const bounds = {
        ...(startsAtMs && { startsAtMs }),
        ...(endsAtMs && { endsAtMs }),
        ...(condition && { condition }),
      };
      return { ...each, id: `a${at}`, role: `Role ${which}`, source: 'configuration', ...bounds };
    }),
    denyAssignments: denies.map(({ condition, ...each }, at): DenyAssignment => ({
      ...each,
      id: `d${at}`,
      name: `Deny ${at}`,
      source: 'configuration',
      ...(condition && { condition }),
    })),
  };
}

function deciderOf(held: Policy, clock: { nowMs: number }, always: Question['needs'] = [], shape = same) {
  const roles = new Map(held.roles.map((each) => [each.Name, createRole(each, 'test', {})]));
  return createDecider(
    held.assignments.map((each) => bind(each, roles)),
    new Map([['azure', shape(map(always))]]),
    { denials: held.denyAssignments.map((each) => bindDeny(each)), clock: { now: () => clock.nowMs } },
  );
}

const same = (each: ActionMap): ActionMap => each;

const requestOf = ({ needs, scope, attributes }: Question): AccessRequest => ({
  server: 'azure',
  primitive: 'tools',
  name: 'call',
  arguments: { needs, scope, attributes },
});

const isAllowed = (held: Policy, asked: Question): boolean =>
  deciderOf(held, asked).decide(asked.person, requestOf(asked)).outcome === 'allow';

/** @param oneIn the suite makes one of so many runs, the proofs all of them; a failure prints its seed */
export function deciderProperties(oneIn: number): void {
  const holds = <Drawn>(runs: number, property: fc.IProperty<Drawn>): void =>
    fc.assert(property, { numRuns: runs / oneIn });

  test('what is needed together is decided as if each action were asked for by itself', () => {
    const manyNeeds = fc.array(fc.record({ action: fc.constantFrom(...actions), data: fc.boolean() }), {
      minLength: 2,
      maxLength: 6,
    });
    holds(
      1000,
      fc.property(
        policy,
        fc.array(fc.tuple(question, manyNeeds), { minLength: 8, maxLength: 8 }),
        (drawn, questions) => {
          const held = written(drawn);
          const clock = { nowMs: startMs };
          const [apart, together] = [deciderOf(held, clock), deciderOf(held, clock, [], joint)];
          for (const [one, needs] of questions) {
            const asked = { ...one, needs };
            clock.nowMs = asked.nowMs;
            assert.deepEqual(
              together.decide(asked.person, requestOf(asked)),
              apart.decide(asked.person, requestOf(asked)),
            );
            // Why each is granted or not is told by the slow way, which looks at one action and every assignment.
            const { requirements } = together.explain(asked.person, requestOf(asked));
            const decision = together.decide(asked.person, requestOf(asked));
            const isAllowed = requirements.every(({ outcome }) => outcome === 'granted');
            assert.equal(decision.outcome === 'allow', isAllowed);
          }
        },
      ),
    );
  });

  test('decides as the steps of the documentation do', () => {
    const seen = { allow: 0, deny: 0 };
    holds(
      1500,
      fc.property(policy, fc.array(question, { minLength: 8, maxLength: 8 }), (drawn, questions) => {
        const held = written(drawn);
        const clock = { nowMs: startMs };
        const { decide } = deciderOf(held, clock);
        for (const asked of questions) {
          const { person: principal, needs, scope, nowMs, attributes } = asked;
          const expected = needs.every((need) => {
            const requirement = { ...need, scope };
            const circumstances = { principal, request: requestOf(asked), requirement, attributes, nowMs };
            const judge = (text: string) => compileCondition(text).judge(circumstances);
            return hasAccess(held, { ...requirement, principal, nowMs, holds: judge });
          });
          seen[expected ? 'allow' : 'deny'] += 1;
          clock.nowMs = nowMs;
          const { outcome } = decide(principal, requestOf(asked));
          assert.equal(outcome === 'allow', expected, JSON.stringify(asked));
        }
      }),
    );
    assert.ok(seen.allow > 200 / oneIn && seen.deny > 200 / oneIn, `both answers are drawn: ${JSON.stringify(seen)}`);
  });

  test('an assignment more takes no right away, and a deny assignment more gives none', () => {
    holds(
      1000,
      fc.property(policy, assignment, deny, question, (drawn, one, forbidden, asked) => {
        const before = isAllowed(written(drawn), asked);
        const more = written({ ...drawn, assignments: [one, ...drawn.assignments] });
        if (before) assert.ok(isAllowed(more, asked), 'still allowed');
        if (!before) assert.ok(!isAllowed(written({ ...drawn, denies: [...drawn.denies, forbidden] }), asked));
      }),
    );
  });

  test('a deny assignment fewer takes no right away', () => {
    holds(
      1000,
      fc.property(policy, question, fc.nat(2), (drawn, asked, at) => {
        if (isAllowed(written(drawn), asked))
          assert.ok(isAllowed(written({ ...drawn, denies: drawn.denies.toSpliced(at, 1) }), asked));
      }),
    );
  });

  test('the order of assignments, roles and deny assignments decides nothing', () => {
    const shuffled = policy.chain((drawn) =>
      fc.record({
        drawn: fc.constant(drawn),
        assignments: fc.shuffledSubarray(drawn.assignments, { minLength: drawn.assignments.length }),
        denies: fc.shuffledSubarray(drawn.denies, { minLength: drawn.denies.length }),
      }),
    );
    holds(
      1000,
      fc.property(shuffled, question, ({ drawn, assignments, denies }, asked) => {
        const other = written({ ...drawn, assignments, denies });
        assert.equal(isAllowed(other, asked), isAllowed(written(drawn), asked));
      }),
    );
  });

  test('what some call is allowed for is visible, and its server is reached', () => {
    let allowed = 0;
    holds(
      2000,
      fc.property(policy, question, (drawn, asked) => {
        const { decide, visible, reaches } = deciderOf(written(drawn), asked, asked.needs);
        if (decide(asked.person, requestOf(asked)).outcome !== 'allow') return;
        allowed += 1;
        assert.ok(visible(asked.person, { server: 'azure', primitive: 'tools', name: 'call' }), 'visible');
        assert.ok(reaches(asked.person, 'azure'), 'reached');
      }),
    );
    assert.ok(allowed > 20 / oneIn, `${allowed} calls were allowed`);
  });

  test('answers change at the instants that are told, and at no other', () => {
    const untimed = conditions.filter((text) => !text.includes('utcNow'));
    holds(
      500,
      fc.property(policy, question, instant, (drawn, asked, laterMs) => {
        const held = written(drawn);
        const steady = (each: { readonly condition?: string }): boolean =>
          each.condition === undefined || untimed.includes(each.condition);
        const kept = {
          ...held,
          assignments: held.assignments.filter(steady),
          denyAssignments: held.denyAssignments.filter(steady),
        };
        const clock = { nowMs: asked.nowMs };
        const { decide, visible, reaches, nextChangeAtMs } = deciderOf(kept, clock, asked.needs);
        const tool = { server: 'azure', primitive: 'tools', name: 'call' } as const;
        const answers = () => [
          decide(asked.person, requestOf(asked)).outcome,
          visible(asked.person, tool),
          reaches(asked.person, 'azure'),
        ];
        const first = answers();
        const untilMs = nextChangeAtMs(asked.nowMs) ?? Infinity;
        assert.ok(untilMs > asked.nowMs);
        clock.nowMs = Math.max(asked.nowMs, Math.min(laterMs, untilMs - 1));
        assert.deepEqual(answers(), first);
        // Whatever was remembered before a change, nobody hears of it afterwards.
        clock.nowMs = laterMs;
        const fresh = deciderOf(kept, clock, asked.needs);
        assert.deepEqual(answers(), [
          fresh.decide(asked.person, requestOf(asked)).outcome,
          fresh.visible(asked.person, tool),
          fresh.reaches(asked.person, 'azure'),
        ]);
      }),
    );
  });
}
