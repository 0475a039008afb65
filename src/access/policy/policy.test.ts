// Tests of the policy as it changes while running: versions, reverts, two who change at once, what cannot be, and what time does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { sql } from 'kysely';
import { assign, policyGround, unassign } from '../../../test/support/policy-ground.ts';
import { openPolicyProcess } from '../../../test/support/policy-process.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { openDatabase } from '../../state/database.ts';
import type { Database } from '../../state/database.ts';
import { policyMigration } from '../../state/policy-schema.ts';
import { createAccess } from '../access.ts';
import { accessSettings } from '../settings.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-policy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const dana: Principal = { id: 'dana', kind: 'user', name: 'dana@example.com', groups: ['dev-team'] };
const sena: Principal = { id: 'sena', kind: 'user', name: 'sena@example.com', groups: ['security'] };
const readFile = { server: 'files', primitive: 'tools', name: 'read_file', arguments: {} } as const;
const mcpUser = { principal: { kind: 'group', id: 'dev-team' }, role: 'MCP User', scope: '/servers/files' } as const;
const tiny = {
  Name: 'Tiny',
  Actions: ['mcp/servers/files/tools/read_file/call'],
  AssignableScopes: ['/servers/files'],
};
const wish = { by: sena, why: 'ticket 7' };
const fails = (code: string) => (error: unknown) => error instanceof GenkanError && error.code === code;

async function open(written: object = {}, database?: Database, variables = {}) {
  const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs };
  const given = database ?? (await openDatabase(':memory:'));
  const ground = await policyGround(given, clock);
  const settings = accessSettings.parse(written);
  const noFile = (): never => assert.fail('no files here');
  const access = await createAccess(settings, { running: ground, variables, readFile: noFile, clock });
  const { changes, history } = access.policy;
  const may = (): boolean => access.decide(dana, readFile).outcome === 'allow';
  return { access, changes, history, may, clock, ...ground };
}

test('each change is a version that says who made it, when, why, and what was before', async () => {
  const { access, changes, history } = await open();
  const { thing, outcome } = await changes.assign([mcpUser], wish);
  const { version } = outcome as { version: number };
  await unassign(access, thing[0]!.id);
  const versions = await history.list({ limit: 10 });
  const running = versions.filter(({ source }) => source === 'running');
  assert.deepEqual(
    running.map(({ by, why, added, changed, removed }) => [by.id, why, added, changed, removed]),
    [
      ['operator', 'test', 0, 0, 1],
      ['sena', 'ticket 7', 1, 0, 0],
    ],
  );
  const { changes: made } = await history.show(version);
  assert.equal(made.length, 1);
  assert.equal(made[0]!.before, undefined);
  assert.deepEqual(made[0]!.after, {
    ...mcpUser,
    createdBy: 'sena',
    createdAtMs: 1_700_000_000_000,
  });
  await assert.rejects(history.show(99), fails('access_policy_version_unknown'));
});

test('what changes nothing is no version', async () => {
  const { changes, history } = await open();
  await changes.assign([mcpUser], wish);
  const before = (await history.list({ limit: 10 })).length;
  assert.deepEqual((await changes.assign([mcpUser], wish)).outcome, { state: 'unchanged' });
  assert.equal((await history.list({ limit: 10 })).length, before);
});

test('a version is taken back by a new one, and that one too', async () => {
  const { changes, may, history } = await open();
  const made = (await changes.assign([mcpUser], wish)).outcome as { version: number };
  const back = (await changes.revert(made.version, false, wish)) as { version: number };
  assert.equal(may(), false);
  assert.ok(back.version > made.version);
  await changes.revert(back.version, false, wish);
  assert.equal(may(), true);
  assert.deepEqual(await history.diff(made.version, back.version + 1), []);
});

test('a version is not taken back where later ones have changed the same, but the whole state before them is', async () => {
  const { access, changes, history } = await open();
  const first = (await changes.createRole(tiny, wish)).outcome as { version: number };
  const wider = { ...tiny, Actions: ['mcp/servers/files/*'] };
  await changes.updateRole(wider, wish);
  await changes.deny(
    {
      name: 'no',
      principals: 'everyone',
      excludePrincipals: [],
      scope: '/',
      doNotApplyToChildScopes: false,
      permissions: [{ actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }],
    },
    wish,
  );
  await assert.rejects(changes.revert(first.version, false, wish), (error) => {
    assert.ok(fails('access_policy_touched')(error));
    assert.match((error as Error).message, /role Tiny/);
    return true;
  });
  await changes.revert(first.version, true, wish);
  assert.deepEqual(access.denyAssignments(), []);
  const role = access.roles().find(({ name }) => name === 'Tiny')!;
  assert.deepEqual(role.definition.Actions, tiny.Actions);
  const newest = (await history.list({ limit: 1 }))[0]!;
  assert.deepEqual(await history.diff(first.version, newest.number), []);
  const [edit] = await history.diff(first.version + 1, first.version);
  assert.deepEqual([edit?.before?.['Actions'], edit?.after?.['Actions']], [wider.Actions, tiny.Actions]);
});

test('two processes that change the policy at the same time lose neither change, and hear of each other', async () => {
  const file = path.join(folder, 'two.db');
  await using one = await openPolicyProcess(file);
  await using two = await openPolicyProcess(file);
  await Promise.all([one.assign('one', 20), two.assign('two', 20)]);
  const endedAt = Date.now();
  for (const each of [one, two]) {
    let groups: readonly string[] = [];
    while (groups.length < 80 && Date.now() < endedAt + 10_000) groups = await each.groups();
    assert.equal(new Set(groups).size, 80);
  }
  const { history, database } = await open({}, await openDatabase(file));
  const versions = (await history.list({ limit: 100 })).filter(({ source }) => source === 'running');
  assert.equal(versions.length, 40);
  assert.equal(new Set(versions.map(({ by }) => by.id)).size, 2);
  await database.destroy();
});

test('a process that is killed in the middle of a change leaves all of it or nothing', async () => {
  const file = path.join(folder, 'killed.db');
  let groups = 0;
  for (let round = 0; round < 3; round += 1) {
    await using process = await openPolicyProcess(file);
    process.assign(`round-${round}`, 10_000).catch(() => undefined);
    const { access, database } = await open({}, await openDatabase(file));
    const reached = groups + 10;
    const until = Date.now() + 20_000;
    while (access.assignments().length < reached && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await access.refresh();
    }
    await database.destroy();
    await process.kill();
    const after = await open({}, await openDatabase(file));
    groups = after.access.assignments().length;
    assert.ok(groups >= reached);
    assert.equal(groups % 2, 0, 'both assignments of a version, or neither');
    // What the items are now is what the versions say, one after the other.
    const newest = (await after.history.list({ limit: 1 }))[0]!;
    const edits = (await after.history.diff(0, newest.number)).filter(({ source }) => source === 'running');
    const said = edits.map(({ kind, id, after: content }) => [`${kind} ${id}`, content] as const).sort();
    const are = after.access.policy
      .items('assignment')
      .map(({ kind, id, content }) => [`${kind} ${id}`, content] as const);
    assert.deepEqual(said, are.toSorted());
    await after.database.destroy();
  }
});

test('of two who change the same role, each from what they saw, the second is told', async () => {
  const file = path.join(folder, 'stale.db');
  const [one, two] = [await open({}, await openDatabase(file)), await open({}, await openDatabase(file))];
  await one.changes.createRole(tiny, wish);
  await two.access.refresh();
  const [seen] = two.access.policy.items('role');
  await one.changes.updateRole({ ...tiny, Description: 'first' }, wish);
  const stale = [
    { kind: 'role', id: 'Tiny', before: seen!.content, after: { ...seen!.content, Description: 'second' } },
  ];
  await assert.rejects(
    two.changes.put(() => stale, wish),
    fails('access_policy_changed'),
  );
  await Promise.all([one, two].map(({ database }) => database.destroy()));
});

test('a role is not deleted or narrowed under those who hold it, also where another process has just assigned it', async () => {
  const file = path.join(folder, 'held.db');
  const [one, two] = [await open({}, await openDatabase(file)), await open({}, await openDatabase(file))];
  await one.changes.createRole(tiny, wish);
  await two.access.refresh();
  const { id } = await assign(two.access, { ...mcpUser, role: 'Tiny' }, sena);
  // The first has not heard of it, and asks in the transaction.
  await assert.rejects(one.changes.deleteRole('Tiny', wish), (error) => {
    assert.ok(fails('access_policy_breaks')(error));
    assert.match((error as Error).message, new RegExp(`assignment ${id}`));
    return true;
  });
  await assert.rejects(
    one.changes.updateRole({ ...tiny, AssignableScopes: ['/servers/other'] }, wish),
    fails('access_policy_breaks'),
  );
  await one.access.refresh();
  assert.equal(one.may(), true);
  await unassign(one.access, id);
  assert.equal((await one.changes.deleteRole('Tiny', wish)).state, 'done');
  await Promise.all([one, two].map(({ database }) => database.destroy()));
});

test('custom roles are Azure JSON with variables filled in once, and never take the name of another', async () => {
  const { access, changes } = await open({ roles: [{ ...tiny, Name: 'Mine' }] }, undefined, {
    place: '/servers/files',
  });
  for (const [written, code] of [
    [{ Name: 'X', Action: [], AssignableScopes: ['/'] }, 'access_role_malformed'],
    [{ Name: 'X', Actions: ['*'], AssignableScopes: ['{nowhere}'] }, 'access_role_malformed'],
    [{ Name: 'X', Actions: ['*'], AssignableScopes: ['/../'] }, 'access_scope_invalid'],
    [{ ...tiny, Name: 'OWNER' }, 'access_role_taken'],
    [{ ...tiny, Name: 'mine' }, 'access_role_taken'],
  ] as const)
    await assert.rejects(changes.createRole(written, wish), fails(code), JSON.stringify(written));
  await assert.rejects(changes.updateRole({ ...tiny, Name: 'Mine' }, wish), fails('access_role_fixed'));
  await assert.rejects(changes.deleteRole('Owner', wish), fails('access_role_fixed'));
  await assert.rejects(changes.deleteRole('Nobody', wish), fails('access_role_unknown'));
  await changes.createRole({ ...tiny, AssignableScopes: ['{place}'] }, wish);
  assert.deepEqual(access.roles().find(({ name }) => name === 'Tiny')?.definition.AssignableScopes, ['/servers/files']);
});

test('a role that the configuration takes the name of has no effect any more, and stops nothing', async () => {
  const { access, changes, database } = await open();
  await changes.createRole(tiny, wish);
  await assign(access, { ...mcpUser, role: 'Tiny' }, sena);
  const later = await open({ roles: [{ ...tiny, Actions: ['mcp/servers/files/tools/other/call'] }] }, database);
  assert.equal(later.may(), false);
  assert.equal((await later.changes.deleteRole('Tiny', wish)).state, 'done');
});

test('deny assignments made while running hold at once, and one name is taken once at a scope', async () => {
  const { access, changes, may } = await open();
  await assign(access, mcpUser, sena);
  const written = {
    name: 'No reading',
    principals: [{ group: 'dev-team' }],
    excludePrincipals: [],
    permissions: [{ actions: ['mcp/servers/files/*'], notActions: [], dataActions: [], notDataActions: [] }],
    scope: '/servers/files',
    doNotApplyToChildScopes: false,
  };
  const { thing } = await changes.deny(written, wish);
  assert.equal(may(), false);
  await assert.rejects(changes.deny({ ...written, name: 'no READING' }, wish), fails('access_deny_taken'));
  await assert.rejects(
    changes.deny({ ...written, name: 'x', condition: 'nonsense' }, wish),
    fails('access_condition_invalid'),
  );
  await assert.rejects(
    changes.deny({ ...written, name: 'x', scope: '/{nowhere}' }, wish),
    fails('access_deny_invalid'),
  );
  await changes.undeny(thing.id, wish);
  assert.equal(may(), true);
  await assert.rejects(changes.undeny(thing.id, wish), fails('access_deny_unknown'));
});

test('an assignment grants from its beginning until its end, and neither before nor after', async () => {
  const { access, changes, may, clock } = await open();
  const startsAtMs = clock.nowMs + 1000;
  await assign(access, { ...mcpUser, startsAtMs, endsAtMs: startsAtMs + 1000 }, sena);
  assert.equal(may(), false);
  clock.nowMs = startsAtMs;
  assert.equal(may(), true);
  clock.nowMs += 999;
  assert.equal(may(), true);
  clock.nowMs += 1;
  assert.equal(may(), false);
  await assert.rejects(changes.assign([{ ...mcpUser, endsAtMs: clock.nowMs }], wish), fails('access_times_invalid'));
  const backwards = { startsAtMs: clock.nowMs + 10, endsAtMs: clock.nowMs + 10 };
  await assert.rejects(changes.assign([{ ...mcpUser, ...backwards }], wish), fails('access_times_invalid'));
});

test('what looks at rights only when they have changed looks again when an assignment begins and ends', async () => {
  const { access, clock } = await open();
  const real = Date.now() - clock.nowMs;
  clock.now = () => Date.now() - real;
  const startsAtMs = clock.now() + 60;
  await assign(access, { ...mcpUser, startsAtMs, endsAtMs: startsAtMs + 60 }, sena);
  const before = access.version();
  const deadline = Date.now() + 10_000;
  while (access.version() < before + 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(access.version(), before + 2);
  assert.ok(clock.now() >= startsAtMs + 60, 'not before the end');
  access.close();
});

test('a condition is checked when it is assigned', async () => {
  const { access, changes, may } = await open();
  await assert.rejects(
    changes.assign([{ ...mcpUser, condition: "@Request[x] ~~ 'y'" }], wish),
    fails('access_condition_invalid'),
  );
  assert.deepEqual(access.assignments(), []);
  assert.equal(may(), false);
});

test('what the configuration says is a version of its own when it has changed, and cannot be taken back while running', async () => {
  const line = { principal: { group: 'dev-team' }, role: 'MCP User', scope: '/servers/files' };
  const { database, history } = await open({ assignments: [line] });
  const [first] = await history.list({ limit: 10 });
  assert.deepEqual([first?.source, first?.by], ['configuration', { id: '', name: 'configuration' }]);
  await open({ assignments: [line] }, database);
  assert.equal((await history.list({ limit: 10 })).length, 1, 'the same again is none');
  const later = await open(
    { roles: [tiny], changes: { approval: 'required', approvers: [{ group: 'security' }] } },
    database,
  );
  const [second] = await later.history.list({ limit: 10 });
  const { changes } = await later.history.show(second!.number);
  assert.deepEqual(changes.map(({ kind, before, after }) => [kind, before === undefined, after === undefined]).sort(), [
    ['assignment', false, true],
    ['changes.approvers', true, false],
    ['role', true, false],
    ['setting', false, false],
  ]);
  await assert.rejects(later.changes.revert(second!.number, false, wish), fails('access_policy_configured'));
});

test('assignments from before there were versions are the first one', async () => {
  const database = await openDatabase(':memory:');
  for (const table of ['policy_item', 'policy_version', 'policy_change'])
    await database.schema.dropTable(table).execute();
  await sql`CREATE TABLE assignment (id TEXT PRIMARY KEY, principal_kind TEXT, principal TEXT, role TEXT, scope TEXT,
    created_by TEXT, created_at BIGINT)`.execute(database);
  for (const id of ['a1', 'a2'])
    await sql`INSERT INTO assignment VALUES (${id}, 'group', 'dev-team', 'MCP User', ${`/servers/${id}`}, 'sena', 7)`.execute(
      database,
    );
  await policyMigration.up(database as never);
  const { access, history, changes } = await open({}, database);
  assert.deepEqual(
    access.assignments().map(({ id, scope, createdBy, createdAtMs }) => [id, scope, createdBy, createdAtMs]),
    [
      ['a1', '/servers/a1', 'sena', 7],
      ['a2', '/servers/a2', 'sena', 7],
    ],
  );
  const [first] = (await history.list({ limit: 10 })).filter(({ source }) => source === 'running');
  assert.deepEqual([first?.number, first?.added], [1, 2]);
  // They are written as later ones are: what is compared with what was read is the same text.
  await changes.unassign('a1', wish);
  await changes.revert(1, false, wish).catch((error) => assert.ok(fails('access_policy_touched')(error)));
  assert.equal((await changes.unassign('a2', wish)).outcome.state, 'done');
});

test('with a server goes who was made eligible there, and nobody elsewhere', async () => {
  const { access, changes } = await open();
  const eligible = (id: string, scope: string) => ({ kind: 'eligibility', id, after: { ...mcpUser, scope } });
  const places = ['/servers/files', '/servers/files/tools/read_file', '/servers/files2', '/servers'];
  await changes.put(() => places.map((scope, index) => eligible(`e${index}`, scope)), wish);
  await changes.clearServer('files', wish);
  assert.deepEqual(
    access.policy
      .items('eligibility')
      .map(({ content }) => content['scope'])
      .sort(),
    ['/servers', '/servers/files2'],
  );
});
