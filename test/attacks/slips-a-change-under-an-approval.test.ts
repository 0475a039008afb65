// Threat: somebody has a harmless change approved, and sees to it that it is no longer harmless when the yes comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../src/access/approvals/approval.ts';
import { createAccess } from '../../src/access/access.ts';
import { accessSettings } from '../../src/access/settings.ts';
import { GenkanError, isRefusal } from '../../src/base/errors.ts';
import type { Principal } from '../../src/base/principal.ts';
import { openDatabase } from '../../src/state/database.ts';
import { policyGround } from '../support/policy-ground.ts';

const person = (id: string): Principal => ({ id, kind: 'user', name: id, groups: [] });
const [dana, sena, operator] = [person('dana'), person('sena'), { ...person('operator'), kind: 'operator' } as const];
const tiny = { Name: 'Tiny', Actions: ['mcp/servers/files/tools/read/call'], AssignableScopes: ['/'] };
const toDana = { principal: { kind: 'user', id: 'dana' }, role: 'Tiny', scope: '/' } as const;
const yes = { verdict: 'approved', comment: 'looks small' } as const;
const withActions = (actions: readonly string[]) => ({ ...tiny, Actions: actions });
const locked = { actions: ['mcp/servers/secrets/*'], notActions: [], dataActions: [], notDataActions: [] };
const isStale = (error: unknown): boolean => error instanceof GenkanError && error.code === 'access_policy_changed';

async function open(approvers: object[] = [{ user: 'https://login.example#sena' }]) {
  const clock = { now: () => 1_700_000_000_000 };
  const ground = await policyGround(await openDatabase(':memory:'), clock);
  const changes = { approval: 'required', approvers, operatorExempt: true };
  const readFile = (): never => assert.fail('no files here');
  const access = await createAccess(accessSettings.parse({ changes }), {
    running: ground,
    variables: {},
    readFile,
    clock,
  });
  const approver = { ...sena, id: 'https://login.example#sena' };
  const decide = (id: string) => ground.approvals.decide(id, approver, yes);
  const may = (): boolean => access.allows(dana, 'mcp/servers/secrets/tools/read/call', '/servers/secrets/tools/read');
  const setUp = { by: operator, why: 'set up' };
  await access.policy.changes.createRole(tiny, setUp);
  const pending = async (asked: Promise<{ outcome: object }>): Promise<Approval> => {
    const { outcome } = await asked;
    assert.ok('approval' in outcome);
    return outcome.approval as Approval;
  };
  return { ...ground, access, decide, may, pending, setUp, changes: access.policy.changes };
}

test('a role that grew while the assignment of it waited is not assigned with what was approved of the small one', async () => {
  const { access, changes, decide, may, pending, approvals } = await open();
  const assignment = await pending(changes.assign([toDana], { by: dana, why: 'reading' }));
  const growth = await pending(
    changes.updateRole(withActions(['*', 'mcp/servers/*']), { by: dana, why: 'nobody holds it' }),
  );
  assert.equal(isRefusal(await decide(growth.id)), false);
  await assert.rejects(decide(assignment.id), isStale);
  await access.refresh();
  assert.equal(may(), false);
  // It was not approved by halves, either.
  assert.equal((await approvals.find(assignment.id))?.state, 'pending');
});

test('what was approved of an item is not done to what it has become', async () => {
  const { changes, decide, pending, setUp, access } = await open();
  const narrowing = await pending(
    changes.updateRole({ ...tiny, NotActions: ['mcp/servers/secrets/*'] }, { by: dana, why: 'less' }),
  );
  await changes.updateRole(withActions(['mcp/servers/files/tools/list/call']), setUp);
  await assert.rejects(decide(narrowing.id), isStale);
  await access.refresh();
  assert.deepEqual(access.roles().find(({ name }) => name === 'Tiny')?.definition.Actions, [
    'mcp/servers/files/tools/list/call',
  ]);
});

test('a change that has been made otherwise meanwhile is not made twice, and a lapsed one not at all', async () => {
  const { changes, decide, pending, setUp, access, approvals } = await open();
  const first = await pending(changes.assign([toDana], { by: dana, why: 'reading' }));
  const again = await pending(changes.assign([toDana], { by: dana, why: 'reading' }));
  assert.equal(again.id, first.id, 'the same that waits already');
  await changes.deleteRole('Tiny', setUp);
  await assert.rejects(decide(first.id), isStale);
  await approvals.withdraw(first.id, dana);
  assert.ok(isRefusal(await decide(first.id)));
  await access.refresh();
  assert.deepEqual(access.assignments(), []);
});

test('what changes nothing, rests on what is not so, or that nobody known could approve, waits for no approval', async () => {
  const { changes, approvals } = await open();
  const wish = { by: dana, why: 'x' };
  assert.equal((await changes.updateRole(tiny, wish)).outcome.state, 'unchanged');
  const stale = { kind: 'role', id: 'Tiny', before: { Name: 'Tiny' }, after: { ...tiny, Actions: ['*'] } };
  await assert.rejects(
    changes.put(() => [stale], wish),
    isStale,
  );
  assert.deepEqual(await approvals.list(), []);
  const strangers = await open([{ user: 'nobody@example.com' }]);
  await assert.rejects(strangers.changes.assign([toDana], wish), { code: 'access_policy_no_approver' });
});

test('a role does not grow as one that nobody holds when somebody has been given it, or may request it, meanwhile', async () => {
  const wish = { by: dana, why: 'nobody holds it' };
  const grown = withActions(['*', 'mcp/servers/*']);
  const eligibility = { principal: toDana.principal, role: 'Tiny', scope: '/', kind: 'elevation' };
  for (const meanwhile of ['assignment', 'eligibility'] as const) {
    const { access, changes, decide, may, pending } = await open();
    const growth = await pending(changes.updateRole(grown, wish));
    const given = await pending(
      meanwhile === 'assignment'
        ? changes.assign([toDana], wish)
        : changes
            .put(() => [{ kind: 'eligibility', id: 'e1', after: eligibility }], wish)
            .then((outcome) => ({ outcome })),
    );
    assert.equal(isRefusal(await decide(given.id)), false);
    await assert.rejects(decide(growth.id), isStale);
    await access.refresh();
    assert.equal(may(), false);
  }
});

test('a role that others have been given, or lost, meanwhile changes nothing about the growth of this one', async () => {
  const { changes, decide, pending, setUp } = await open();
  await changes.createRole({ ...tiny, Name: 'Other' }, setUp);
  const growth = await pending(changes.updateRole(withActions(['mcp/servers/files/*']), { by: dana, why: 'more' }));
  await changes.assign([{ ...toDana, role: 'Other' }], setUp);
  assert.equal(isRefusal(await decide(growth.id)), false);
});

test('among hundreds of harmless edits the one that gives most is read first, and so is a lock that goes', async () => {
  const { changes, pending, setUp } = await open();
  const wish = { by: dana, why: 'readers' };
  const harmless = Array.from({ length: 300 }, (_, at) => ({
    principal: { kind: 'user', id: `reader-${at}` } as const,
    role: 'Tiny',
    scope: '/servers/files',
  }));
  const owner = { principal: { kind: 'user', id: 'mallory' }, role: 'Owner', scope: '/' } as const;
  const { subject, details } = await pending(changes.assign([...harmless, owner], wish));
  const first = '+ assignment of "Owner" to user mallory at /';
  assert.equal(subject, `${first} and 300 more`);
  assert.equal((details['changes'] as string[])[0], first);
  const lock = {
    name: 'No secrets',
    principals: 'everyone' as const,
    excludePrincipals: [],
    permissions: [locked],
    scope: '/',
  };
  const { thing } = await changes.deny({ ...lock, doNotApplyToChildScopes: false }, setUp);
  const removal = { kind: 'deny-assignment', id: thing.id };
  const mixed = changes.put(
    (items) => [
      { kind: 'role', id: 'Tiny', before: items.get('role Tiny')!.content, after: { ...tiny, Description: 'x' } },
      { ...removal, before: items.get(`deny-assignment ${thing.id}`)!.content },
    ],
    wish,
  );
  assert.match((await pending(mixed.then((outcome) => ({ outcome })))).subject, /^- deny-assignment .* and 1 more$/);
});

test('control: an approval that does not remember what the role was assigns the grown one', async () => {
  const { access, changes, decide, may, pending, database } = await open();
  const assignment = await pending(changes.assign([toDana], { by: dana, why: 'reading' }));
  const growth = await pending(
    changes.updateRole(withActions(['*', 'mcp/servers/*']), { by: dana, why: 'nobody holds it' }),
  );
  await decide(growth.id);
  const details = JSON.stringify({ ...assignment.details, restsOn: {} });
  await database.updateTable('approval').set({ details }).where('id', '=', assignment.id).execute();
  assert.equal(isRefusal(await decide(assignment.id)), false);
  await access.refresh();
  assert.equal(may(), true);
});
