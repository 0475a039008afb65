// Learning the least from recorded use: what is suggested, that it is enough, and that it is never more than before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCompany, dayMs, firstDayMs, subscription } from '../../../test/support/recorded-company.ts';
import { bind } from '../assignment.ts';
import type { Grant } from '../assignment.ts';
import { collectRoles } from '../roles.ts';
import { judgeLearning } from './judgement.ts';
import { knownActions, listedOperations } from './known-actions.ts';
import { learn, withSuggestions } from './learning.ts';
import { recordedCalls } from './recorded-call.ts';
import type { RecordedEntry } from './recorded-call.ts';
import { createReplay } from './replay.ts';
import { collectUse } from './usage.ts';
import type { Window } from './usage.ts';

const company = createCompany(5);
const days = 90;
const record = [...company.entries(days)];
const window = { fromMs: firstDayMs, toMs: firstDayMs + days * dayMs };
const options = { nowMs: window.toMs, minAgeMs: 30 * dayMs };

async function* scan({ fromMs, toMs }: Window): AsyncGenerator<RecordedEntry> {
  for (const entry of record) if (entry.timestamp >= fromMs && entry.timestamp < toMs) yield entry;
}

test('a policy learned from 60 days refuses little of the next 30, and leaves little danger in it', async () => {
  const judgement = await judgeLearning(company, scan, window, options);
  const { learned, judged, refused, refusedShare, unusedHighRisk, lacking } = judgement;
  console.log(
    `learned from ${learned.calls} calls, judged by ${judged.calls}: ${refused} refused (${(refusedShare * 100).toFixed(2)} %); ` +
      `unused high-risk rights ${unusedHighRisk.before} before, ${unusedHighRisk.after} after; lacking ${JSON.stringify(lacking.slice(0, 3))}`,
  );
  assert.ok(learned.calls > 15_000 && judged.calls > 7_000);
  assert.ok(refusedShare > 0, 'a company that changes does things that nobody could have learned');
  assert.ok(refusedShare < 0.05);
  assert.ok(unusedHighRisk.before > 100);
  assert.ok(unusedHighRisk.after < unusedHighRisk.before / 20);
});

test('what is suggested allows every call that it was learned from', async () => {
  const usage = await collectUse(scan(window), window);
  const suggestions = (await learn(company, usage, options)).flatMap(({ suggestion }) => suggestion ?? []);
  const replay = createReplay({ grants: withSuggestions(company, suggestions) }, options.nowMs);
  let [calls, refused] = [0, 0];
  for await (const call of recordedCalls(scan(window))) {
    if (!call.allowed) continue;
    calls += 1;
    if (replay(call).decision.outcome !== 'allow') refused += 1;
  }
  assert.ok(calls > 25_000);
  assert.equal(refused, 0);
});

test('the most dangerous excess comes first, and unused assignments go', async () => {
  const usage = await collectUse(scan(window), window);
  const learned = await learn(company, usage, options);
  const names = learned.map(({ holding }) => holding.holder.id);
  assert.equal(learned[0]!.holding.risk, 'critical');
  assert.ok(names.indexOf('security-team') < names.indexOf('reporter'));
  const of = (id: string) => learned.find(({ holding }) => holding.holder.id === id)!;
  // Owner of a resource group in which they never did anything.
  const single = of('https://login.example.com#dev-team-3');
  assert.equal(single.holding.assignments[0]!.use, undefined);
  assert.deepEqual([single.suggestion?.remove.length, single.suggestion?.assign], [1, []]);
  // Nobody in security ever changed an assignment.
  const { suggestion } = of('security-team');
  assert.ok(suggestion!.remove.length >= 1);
  assert.ok(!suggestion!.assign.some(({ role }) => role === 'User Access Administrator'));
  // Whoever only reads keeps Reader: it is a built-in role and grants nothing but reading.
  assert.equal(of('reporter').suggestion, undefined);
});

test('a learned role lists what was used and nothing else, at the resource groups where it was', async () => {
  const usage = await collectUse(scan(window), window);
  const { suggestion } = (await learn(company, usage, options)).find(({ holding }) => holding.holder.id === 'nightly')!;
  assert.deepEqual(
    suggestion!.roles.map(({ Actions, NotActions, AssignableScopes }) => ({
      Actions,
      NotActions: NotActions.length,
      AssignableScopes,
    })),
    [
      {
        Actions: [
          'Microsoft.Compute/virtualMachines/instanceView/read',
          'Microsoft.Compute/virtualMachines/read',
          'Microsoft.Compute/virtualMachines/write',
        ],
        NotActions: 11, // Contributor's own, which somebody at Azure wanted kept out
        AssignableScopes: ['dev-api', 'dev-mobile', 'dev-web'].map(
          (group) => `${subscription}/resourceGroups/${group}`,
        ),
      },
    ],
  );
});

test('for whole types of resources, dangerous operations that nobody used are taken out', async () => {
  const usage = await collectUse(scan(window), window);
  const { suggestion } = (await learn(company, usage, { ...options, generalise: await listedOperations() })).find(
    ({ holding }) => holding.holder.id === 'nightly',
  )!;
  const [role] = suggestion!.roles;
  assert.deepEqual(role!.Actions, ['Microsoft.Compute/virtualMachines/*']);
  for (const line of [
    'Microsoft.Compute/virtualMachines/delete',
    'Microsoft.Compute/virtualMachines/runCommand/action',
  ])
    assert.ok(role!.NotActions.includes(line), line);
});

test('assignments that are young, or bound to a time or a condition, are not judged', async () => {
  const usage = await collectUse(scan(window), window);
  const young = company.grants.map((grant) => ({
    ...grant,
    assignment: { ...grant.assignment, createdAtMs: window.toMs - dayMs },
  }));
  assert.ok(
    (await learn({ ...company, grants: young }, usage, options)).every(({ suggestion }) => suggestion === undefined),
  );
  const bound = company.grants.map((grant) => ({
    ...grant,
    assignment: { ...grant.assignment, endsAtMs: window.toMs + dayMs },
  }));
  assert.ok(
    (await learn({ ...company, grants: bound }, usage, options)).every(({ suggestion }) => suggestion === undefined),
  );
});

// Small worlds of which every corner is tried.
const roles = collectRoles(
  [
    { Name: 'Builder', Actions: ['Microsoft.Compute/*'], NotActions: ['*/delete'], AssignableScopes: ['/'] },
    {
      Name: 'Odd',
      Actions: ['Microsoft.Storage/*/read', 'mcp/servers/files/*'],
      DataActions: ['*'],
      AssignableScopes: ['/'],
    },
  ],
  () => '',
  {},
);
const [sub, other] = [subscription, '/subscriptions/00000000-0000-0000-0000-000000000002'];
const held = [
  '/',
  sub,
  `${sub}/resourceGroups/dev-*`,
  `${sub}/resourceGroups/dev-a`,
  `${sub}/resourceGroups/dev-a/providers/Microsoft.Compute/virtualMachines/v1`,
  '/servers',
  '/servers/files',
];
const places = [
  '/',
  sub,
  other,
  ...['dev-a', 'dev-b', 'prod'].flatMap((group) => [
    `${sub}/resourceGroups/${group}`,
    `${sub}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/v1`,
  ]),
  '/servers/files/tools/read',
  '/servers/files/resources',
  '/servers/other/tools/x',
];
const actions = [
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/write',
  'microsoft.compute/virtualmachines/delete',
  'Microsoft.Storage/storageAccounts/read',
  'Microsoft.Storage/storageAccounts/listKeys/action',
  'Microsoft.Authorization/roleAssignments/write',
  'mcp/servers/files/tools/read/call',
  'mcp/servers/files/resources/read',
  'mcp/servers/other/tools/x/call',
];
const names = ['Owner', 'Contributor', 'Reader', 'Virtual Machine Contributor', 'MCP User', 'Builder', 'Odd'];
const people = ['p1', 'p2', 'p3'];
const groups = ['g1', 'g2'];

// What a map or the default action may ask for: our own actions at their own places, Azure's at Azure's.
const isAskedFor = (action: string, scope: string): boolean =>
  action.startsWith('mcp/') ? action.startsWith(`mcp${scope}/`) : !scope.startsWith('/servers');
const asked = actions.flatMap((action) =>
  places.flatMap((scope) => (isAskedFor(action, scope) ? [{ action, scope }] : [])),
);
const requirement = fc
  .tuple(fc.constantFrom(...asked), fc.integer({ min: 0, max: 9 }))
  .map(([each, at]) => ({ ...each, data: at === 0 }));
const world = fc.record({
  assigned: fc.array(
    fc.record({
      principal: fc.constantFrom(
        ...people.map((id) => ({ kind: 'user' as const, id })),
        ...groups.map((id) => ({ kind: 'group' as const, id })),
        { kind: 'application' as const, id: 'bot' },
      ),
      role: fc.constantFrom(...names),
      scope: fc.constantFrom(...held),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  calls: fc.array(
    fc.record({
      user: fc.constantFrom(...people, 'application:bot'),
      groups: fc.subarray(groups),
      requires: fc.array(requirement, { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 40 },
  ),
  generalise: fc.boolean(),
});

test('whatever is on record: the suggestion allows all of it, and nothing that was not allowed before', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ assigned, calls, generalise }) => {
      const grants: Grant[] = assigned.map((each, at) => bind({ ...each, id: `a${at}`, source: 'database' }, roles));
      const now = createReplay({ grants }, 100);
      const call = ({ user, groups: memberOf, requires }: (typeof calls)[number], timestamp: number) => ({
        ...{ timestamp, user, action: 'tools/call', resource: '/servers/azure/tools/t', sourceIP: '' },
        correlationId: `c${timestamp}`,
        result: 'allowed',
        details: {},
        client: user.startsWith('application') ? 'bot' : 'editor',
        effect: 'write',
        actionRequired: requires,
        groups: user.startsWith('application') ? [] : memberOf,
      });
      const told: RecordedEntry[] = [];
      for (const entry of calls.map(call)) {
        const { decision } = now(await one(entry));
        told.push(
          decision.outcome === 'allow'
            ? {
                ...entry,
                because: decision.because.map(({ assignment, role, scope }) => ({ assignment, role, scope })),
              }
            : { ...entry, result: 'denied' },
        );
      }
      const usage = await collectUse(from(told), { fromMs: 0, toMs: 100 });
      const wish = { nowMs: 100, minAgeMs: 0, ...(generalise && { generalise: knownActions() }) };
      const learned = await learn({ grants, roles: [...roles.values()] }, usage, wish);
      const suggestions = learned.flatMap(({ suggestion }) => suggestion ?? []);
      const then = createReplay({ grants: withSuggestions({ grants, roles: [...roles.values()] }, suggestions) }, 100);
      for (const entry of told)
        if (entry.result === 'allowed') assert.equal(then(await one(entry)).decision.outcome, 'allow');
      // Every single right of everybody, used or not.
      for (const user of [...people, 'application:bot'])
        for (const memberOf of [[], ['g1'], ['g1', 'g2']])
          for (const { action, scope } of asked) {
            const probe = await one(call({ user, groups: memberOf, requires: [{ action, scope, data: false }] }, 1));
            if (then(probe).decision.outcome === 'allow')
              assert.equal(now(probe).decision.outcome, 'allow', `${user} ${action} ${scope}`);
          }
    }),
    { numRuns: 30 },
  );
});

async function* from(entries: readonly RecordedEntry[]): AsyncGenerator<RecordedEntry> {
  yield* entries;
}

async function one(entry: RecordedEntry) {
  for await (const call of recordedCalls(from([entry]))) return call;
  throw new Error('that is no call');
}
