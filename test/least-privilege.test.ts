// From recorded use to fewer rights in a real house: analyze, simulate, apply, take back; and policies tested from the command line.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { operator } from '../src/operations/operator.ts';
import { perform } from '../src/operations/perform.ts';
import { findOperation } from '../src/operations/registry.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { createCompany, dayMs, firstDayMs, subscription } from './support/recorded-company.ts';
import { genkan } from './support/trial-process.ts';

const recordedDays = 35;
let house: TestHouse;
const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-least-'));

before(async () => {
  const company = createCompany(11);
  const secretsUser = company.roles.find(({ name }) => name === 'Key Vault Secrets User')!.definition;
  house = await openTestHouse({
    access: {
      roles: [secretsUser],
      // What stands here can only be taken away here.
      assignments: [{ principal: { group: 'security-team' }, role: 'User Access Administrator', scope: subscription }],
    },
    record: { maxQueue: 100_000 },
  });
  const { policy } = house.house.access;
  const requests = company.grants
    .map(({ assignment: { principal, role, scope } }) => ({ principal, role, scope }))
    .filter(({ role }) => role !== 'User Access Administrator');
  await policy.changes.assign(requests, { by: operator, why: 'as one finds it' });
  // The company has been at work until now.
  const shiftMs = Date.now() - (firstDayMs + recordedDays * dayMs);
  const written = [...company.entries(recordedDays)].map((entry) =>
    house.house.record.append({ ...entry, timestamp: entry.timestamp + shiftMs }),
  );
  await Promise.all(written);
});

after(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Plan {
  readonly roles: { readonly Name: string; readonly Actions: string[] }[];
  readonly assign: { readonly principal: { readonly id: string }; readonly role: string; readonly scope: string }[];
  readonly remove: string[];
  readonly byHand: { readonly role: string }[];
}

async function act(verb: string, input: object): Promise<Record<string, any>> {
  const operation = findOperation('access', verb) ?? findOperation('policy', verb);
  const caller = { principal: operator, sourceIP: '', userAgent: 'test' };
  const outcome = await perform(operation!, input, caller, house.house);
  assert.equal(outcome.outcome, 'allow', JSON.stringify(outcome));
  const output = (outcome as { output: Record<string, any> }).output;
  return { ...output, printed: operation!.print?.(output), problems: operation!.problems?.(output) };
}

const mayDelete = (): boolean =>
  house.house.access.allows(
    { id: 'application:nightly', kind: 'application', name: 'nightly', groups: [], clientId: 'nightly' },
    'Microsoft.Compute/virtualMachines/delete',
    `${subscription}/resourceGroups/dev-web`,
  );

test('what is not used is found, and a plan makes it go without refusing anything on record', async () => {
  const { coverage, principals, plan, printed } = await act('analyze', { minDays: 0 });
  assert.ok(coverage.recordedDays > 34 && coverage.recordedDays < 36 && coverage.enough, JSON.stringify(coverage));
  assert.equal(principals[0].risk, 'critical');
  assert.ok(principals.some(({ principal }: { principal: { id: string } }) => principal.id === 'dev-team'));
  assert.match(printed, /^Recorded since .* days on record/);
  assert.match(printed, /in genkan.yaml, by hand: group security-team: "User Access Administrator"/);
  assert.deepEqual(
    (plan as Plan).byHand.map(({ role }) => role),
    ['User Access Administrator'],
  );

  const simulated = await act('simulate', { plan });
  assert.ok(simulated['calls'] > 5000);
  assert.deepEqual([simulated['refused'], simulated['problems']], [[], false]);
});

test('a plan is carried out as one version, only when it is told to, and is taken back as one', async () => {
  const { plan } = await act('analyze', { principals: ['nightly'], minDays: 0 });
  const [role] = (plan as Plan).roles;
  assert.deepEqual(
    role!.Actions.map((action) => action.split('/').at(-1)),
    ['read', 'read', 'write'],
  );

  const planned = await act('apply', { plan });
  assert.match(planned['printed'], /Nothing was changed; --yes carries it out/);
  assert.equal(mayDelete(), true);

  const { change } = await act('apply', { plan: { coverage: 'the whole answer does as well', plan }, yes: true });
  assert.equal(change.state, 'done');
  assert.equal(mayDelete(), false);
  assert.ok(house.house.access.roles().some(({ name }) => name === role!.Name));
  assert.equal((await act('analyze', { principals: ['nightly'], minDays: 0 }))['plan'].remove.length, 0);

  await act('revert', { version: change.version });
  assert.equal(mayDelete(), true);
  assert.ok(!house.house.access.roles().some(({ name }) => name === role!.Name));
});

test('with little history nothing is planned, and it says so', async () => {
  const { coverage, plan, printed } = await act('analyze', { minDays: 60 });
  assert.equal(coverage.enough, false);
  assert.deepEqual(plan, { roles: [], assign: [], remove: [], byHand: [] });
  assert.match(printed, /Not enough history to plan anything/);
});

test('assignments that were made just now are left alone', async () => {
  const { plan, principals } = await act('analyze', { minDays: 30 });
  assert.deepEqual((plan as Plan).remove, []);
  const spared = principals.flatMap(({ assignments }: any) => assignments.map((each: any) => each.spared));
  assert.ok(spared.includes('young'));
});

test('only what nobody used at all is removed where that is wished', async () => {
  const { plan } = (await act('analyze', { removeUnused: true, minDays: 0 })) as { plan: Plan };
  assert.deepEqual([plan.roles, plan.assign], [[], []]);
  const held = new Map(
    house.house.access.assignments().map(({ id, principal, role }) => [id, `${principal.id} ${role}`]),
  );
  assert.deepEqual(
    plan.remove.map((id) => held.get(id)),
    ['https://login.example.com#dev-team-3 Owner'],
  );
});

test('what was learned from two thirds of the days is judged by the last', async () => {
  const { judgement, printed } = await act('analyze', { days: recordedDays, judge: true });
  assert.ok(judgement.judgedCalls > 1000 && judgement.refusedPercent < 10, JSON.stringify(judgement));
  assert.ok(judgement.unusedHighRisk.after < judgement.unusedHighRisk.before / 4);
  assert.match(
    printed,
    /Learned from 23 days and judged by the 12 after them: \d+ of \d+ calls would have been refused/,
  );
});

test('a role that is too narrow is told by whom it would have refused, and ends with exit code 4', async () => {
  const role = {
    Name: 'Looks at machines',
    Actions: ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/instanceView/read'],
    AssignableScopes: [subscription],
  };
  const { refused, problems, printed } = await act('simulate', { role, principals: ['nightly'] });
  assert.equal(problems, true);
  assert.deepEqual(
    refused.map(({ principal, resource, missing, kind }: any) => [principal, resource, missing, kind]),
    [
      [
        'application:nightly',
        '/servers/azure/tools/compute_vm_update',
        ['Microsoft.Compute/virtualMachines/write'],
        'changed',
      ],
    ],
  );
  assert.match(printed, /Allowed then, refused by the proposal:/);
  const policy = { assignments: [{ principal: { application: 'nightly' }, role: 'Reader', scope: subscription }] };
  assert.equal((await act('simulate', { policy }))['problems'], true);
});

test('rights over Genkan itself count as used when somebody administers it', async () => {
  const { policy } = house.house.access;
  const wish = { principal: { kind: 'group', id: 'makers' }, role: 'Genkan Operator', scope: '/' } as const;
  await policy.changes.assign([wish], { by: operator, why: '' });
  const principal = (await house.house.people.find('dana'))!;
  const caller = { principal, sourceIP: '', userAgent: 'test' };
  await perform(findOperation('role', 'list')!, {}, caller, house.house);
  const { principals } = await act('analyze', { principals: ['makers'] });
  assert.deepEqual(
    principals[0].assignments.map(({ role, uses, spared }: any) => [role, uses, spared]),
    [['Genkan Operator', 1, 'young']],
  );
});

test('expectations are met by the policy of the trial, and one that is not ends with exit code 4', async () => {
  const examples = ['trial', 'night-shift'].map((name) => `examples/policy-tests/${name}.yaml`);
  const config = ['--config', 'examples/trial/genkan.yaml'];
  const good = await genkan('access', 'test', ...examples, ...config);
  assert.equal(good.exitCode, 0, good.output);
  assert.match(good.output, /25 expectations: 25 met, 0 not\./);

  const file = path.join(folder, 'wrong.yaml');
  const call = { server: 'files', tool: 'read_text_file', expect: { omar: 'allow', nobody: 'deny' } };
  const principals = { omar: { groups: ['ops-team'] } };
  writeFileSync(file, JSON.stringify({ principals: { ...principals, nobody: {} }, calls: [call] }));
  const bad = await genkan('access', 'test', file, ...config);
  assert.equal(bad.exitCode, 4, bad.output);
  assert.match(bad.output, /WRONG +omar +read_text_file of files +allow +access_action_missing/);

  writeFileSync(file, JSON.stringify({ principals, calls: [call] }));
  const mistaken = await genkan('access', 'test', file, ...config);
  assert.equal(mistaken.exitCode, 2, mistaken.output);
  assert.match(mistaken.output, /nobody is called "nobody" under principals/);
});
