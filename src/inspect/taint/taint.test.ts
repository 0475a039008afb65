// What is labelled how, what counts as one conversation and when it is over, and which rule is about a flow.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Principal } from '../../base/principal.ts';
import { openDatabase } from '../../state/database.ts';
import type { Database } from '../../state/database.ts';
import { createLabels } from './labels.ts';
import type { Labelled } from './labels.ts';
import { taintSettings } from './settings.ts';
import { createTaint } from './taint.ts';
import type { Taint, TaintFinding } from './taint.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-taint-'));
const open: Database[] = [];
after(async () => {
  for (const database of open) await database.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const minuteMs = 60_000;
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: [], clientId: 'one' };
const vault = { server: 'vault', name: 'get', correlationId: 'c1' };
const web = { server: 'web', name: 'fetch', correlationId: 'c2' };
const sink: Labelled = { server: 'web', name: 'post', actions: [] };

interface Room {
  taint: Taint;
  database: Database;
  counted: TaintFinding[];
  pass(ms: number): void;
}

let rooms = 0;
/** @param beside another process with the same database */
async function room(settings: object, canAsk = true, beside?: string): Promise<Room & { file: string }> {
  const file = beside ?? path.join(folder, `${rooms++}.db`);
  const database = await openDatabase(file);
  open.push(database);
  const counted: TaintFinding[] = [];
  let now = 1_000_000_000_000;
  const taint = createTaint(taintSettings.parse(settings), {
    database,
    clock: { now: () => now },
    canAsk,
    count: (finding) => counted.push(finding),
  });
  return { taint, database, counted, file, pass: (ms) => void (now += ms) };
}

const action = async ({ taint }: Room, who = dana, sends: 'public' | 'internal' = 'public', about = sink) =>
  (await taint.check(who, about, sends))?.action;

test('of several labels the first that fits and says so counts, and Genkan’s own come last', () => {
  const labelsOf = createLabels(
    taintSettings.parse({
      labels: [
        { match: { servers: ['azure'], actions: ['microsoft.keyvault/vaults/keys/*'] }, reads: [] },
        { match: { servers: ['mail'], tools: ['read_*'] }, reads: ['private', 'untrusted'] },
        { match: { servers: ['mail'] }, sends: 'public' },
      ],
    }),
  );
  const azure = (...actions: string[]) => labelsOf({ server: 'azure', name: 'any', actions, openWorld: true });
  assert.deepEqual(labelsOf({ server: 'mail', name: 'read_mail', actions: [] }), {
    reads: ['private', 'untrusted'],
    sends: 'public',
  });
  assert.deepEqual(azure('Microsoft.KeyVault/vaults/keys/read'), { reads: [], sends: 'none' });
  assert.deepEqual(azure('Microsoft.KeyVault/vaults/secrets/getSecret/action').reads, ['private']);
  assert.deepEqual(azure('Microsoft.Web/sites/read'), { reads: [], sends: 'none' });
  assert.deepEqual(azure('Microsoft.OperationalInsights/workspaces/query/read').reads, ['private', 'untrusted']);
  assert.equal(azure('Microsoft.Communication/CommunicationServices/write').sends, 'public');
  assert.equal(azure('Microsoft.Web/sites/write').sends, 'internal');
});

test('a server’s word about itself makes a tool stricter and never freer', () => {
  const about = (openWorld?: boolean): Labelled => ({ server: 'any', name: 'tool', actions: [], openWorld });
  const hint = createLabels(taintSettings.parse({}));
  assert.deepEqual(hint(about(true)), { reads: ['untrusted'], sends: 'public' });
  for (const openWorld of [false, undefined]) assert.deepEqual(hint(about(openWorld)), { reads: [], sends: 'none' });
  const strict = createLabels(taintSettings.parse({ unlabelled: 'open' }));
  for (const openWorld of [true, false, undefined]) assert.equal(strict(about(openWorld)).sends, 'public');
  assert.equal(createLabels(taintSettings.parse({ unlabelled: 'closed' }))(about(true)).sends, 'none');
});

test('however the address of a resource is spelt, the stricter label counts', () => {
  const labelsOf = createLabels(
    taintSettings.parse({
      labels: [
        { match: { tools: ['file:///private/open/*'] }, reads: [] },
        { match: { tools: ['file:///private/*', 'vault://Plans/*'] }, reads: ['private'], sends: 'internal' },
      ],
    }),
  );
  const of = (name: string) => labelsOf({ server: 'files', name, actions: [] });
  for (const name of [
    'file:///private/a',
    'FILE:///private/a',
    'file:///PRIVATE/a',
    'file:///%70rivate/a',
    'file:///%2570rivate/a',
    'file:///x/../private/a',
    'file:///x/%2e%2e/private/a',
    'file:///x%2F..%2Fprivate%2Fa',
    'file:///x%3F/../private/a',
    'file:///private/open/../a',
    'file:////private//a',
    'file://localhost/private/a',
    'file:/private/a',
    'vault://plans/a',
    'vault://Plans/a',
    'VAULT://plans/x/../a',
  ])
    assert.deepEqual(of(name), { reads: ['private'], sends: 'internal' }, name);
  assert.deepEqual(of('file:///private/open/a').reads, []);
  assert.deepEqual(of('file:///public/a'), { reads: [], sends: 'none' });
  assert.deepEqual(of('file:///%zz%ff/a').reads, []);
  const open = createLabels(
    taintSettings.parse({
      unlabelled: 'open',
      labels: [{ match: { tools: ['web://ours/*'] }, reads: [], sends: 'none' }],
    }),
  );
  const ours = { server: 'web', name: 'web://ours/a', actions: [] };
  assert.deepEqual(open(ours), { reads: [], sends: 'none' });
  assert.deepEqual(open({ ...ours, name: 'web://OURS/a' }), { reads: ['untrusted'], sends: 'public' }, 'never freer');
  assert.deepEqual(labelsOf({ server: 'files', name: 'Read_File', actions: [] }).reads, []);
});

test('Azure’s operations on data, keys, queues and commands have labels, and an action that nobody knows sends inside', () => {
  const labelsOf = createLabels(taintSettings.parse({}));
  for (const [action, reads, sends] of [
    ['Microsoft.Storage/storageAccounts/tableServices/tables/entities/read', 'private', 'none'],
    ['Microsoft.Storage/storageAccounts/fileServices/fileshares/files/read', 'private', 'none'],
    ['Microsoft.Storage/storageAccounts/queueServices/queues/messages/read', 'private+untrusted', 'none'],
    ['Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action', 'private+untrusted', 'none'],
    ['Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read', 'private', 'none'],
    ['Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery', 'private', 'none'],
    ['Microsoft.ServiceBus/namespaces/messages/receive/action', 'private+untrusted', 'none'],
    ['Microsoft.EventHub/namespaces/messages/receive/action', 'private+untrusted', 'none'],
    ['Microsoft.Storage/storageAccounts/regenerateKey/action', 'private', 'internal'],
    ['Microsoft.Storage/storageAccounts/listKeys/action', 'private', 'none'],
    ['Microsoft.KeyVault/vaults/secrets/getSecret/action', 'private', 'none'],
    ['Microsoft.ServiceBus/namespaces/messages/send/action', '', 'internal'],
    ['Microsoft.Logic/workflows/triggers/run/action', '', 'public'],
    ['Microsoft.ContainerInstance/containerGroups/containers/exec/action', '', 'public'],
    ['Microsoft.Compute/virtualMachines/runCommand/action', '', 'public'],
    ['Microsoft.Compute/virtualMachines/runCommands/write', '', 'public'],
    ['Microsoft.Compute/virtualMachines/restart/action', '', 'internal'],
  ] as const) {
    const found = labelsOf({ server: 'azure', name: 'any', actions: [action], openWorld: true });
    assert.deepEqual([found.reads.join('+'), found.sends], [reads, sends], action);
  }
});

test('labels of short names are remembered, and those of long ones found anew: names are callers’ text', () => {
  const labelsOf = createLabels(taintSettings.parse({}));
  const of = (length: number) => labelsOf({ server: 'any', name: 'x'.repeat(length), actions: [] });
  assert.equal(of(512), of(512));
  assert.notEqual(of(513), of(513));
  assert.deepEqual(of(513), of(512));
});

test('by default private data alone is flagged, and with strangers’ words it waits for a person or is blocked', async () => {
  const ask = { approvers: [{ operator: true }] };
  for (const [settings, canAsk, expected] of [
    [{}, true, 'block'],
    [{ ask }, true, 'ask'],
    [{ ask }, false, 'block'],
  ] as const) {
    const here = await room(settings, canAsk);
    assert.equal(await action(here), undefined);
    await here.taint.remember(dana, ['private'], vault);
    assert.equal(await action(here), 'flag');
    await here.taint.remember(dana, ['untrusted'], web);
    assert.equal(await action(here), expected);
    assert.equal(await action(here, dana, 'internal'), undefined);
    assert.deepEqual(
      here.counted.map(({ action: done }) => done),
      ['flag', expected],
    );
  }
});

test('the first rule that fits counts, and one may let pass', async () => {
  const here = await room({
    rules: [
      { when: ['private'], match: { servers: ['web'], tools: ['search'] }, then: 'pass' },
      { when: ['private'], to: ['public', 'internal'], then: 'block' },
    ],
  });
  await here.taint.remember(dana, ['private'], vault);
  assert.equal(await action(here, dana, 'public', { ...sink, name: 'search' }), undefined);
  assert.equal(await action(here), 'block');
  assert.equal(await action(here, dana, 'internal'), 'block');
});

test('a conversation is a person’s, in all clients, unless each client is to be one', async () => {
  const elsewhere = { ...dana, clientId: 'two' };
  for (const [conversation, expected] of [
    ['person', 'flag'],
    ['client', undefined],
  ] as const) {
    const here = await room({ conversation });
    await here.taint.remember(dana, ['private'], vault);
    assert.equal(await action(here), 'flag');
    assert.equal(await action(here, elsewhere), expected);
    assert.equal(await action(here, { ...dana, id: 'omar' }), undefined);
  }
});

test('it goes on as long as it is used, is over after it was idle, and forgets what is long past', async () => {
  const here = await room({ idle: 'PT30M', longest: 'PT4H' });
  await here.taint.remember(dana, ['private'], vault);
  for (let used = 0; used < 6; used++) {
    here.pass(29 * minuteMs);
    assert.equal(await action(here), 'flag', `use ${used}`);
  }
  here.pass(35 * minuteMs);
  assert.equal(await action(here), undefined, 'idle');
  await here.taint.remember(dana, ['private'], vault);
  for (let used = 0; used < 8; used++) {
    here.pass(29 * minuteMs);
    assert.equal(await action(here), 'flag', `use ${used} of the second`);
  }
  here.pass(10 * minuteMs);
  assert.equal(await action(here), undefined, 'four hours on');
});

test('calls that neither read nor send keep it going just as well', async () => {
  const here = await room({ idle: 'PT30M' });
  await here.taint.remember(dana, ['private'], vault);
  for (let used = 0; used < 3; used++) {
    here.pass(29 * minuteMs);
    assert.equal(await here.taint.check(dana, { server: 'notes', name: 'list', actions: [] }, 'none'), undefined);
  }
  here.pass(29 * minuteMs);
  assert.equal(await action(here), 'flag');
});

test('asking again about what is under way neither keeps it going nor counts', async () => {
  const here = await room({ idle: 'PT30M' });
  await here.taint.remember(dana, ['private'], vault);
  here.pass(29 * minuteMs);
  assert.equal((await here.taint.check(dana, sink, 'public', true))?.action, 'flag');
  here.pass(10 * minuteMs);
  assert.equal(await action(here), undefined);
  assert.deepEqual(here.counted, []);
});

test('what one process has seen, all know, and so does one that starts later; what is cleared can be read anew', async () => {
  const here = await room({});
  const there = await room({}, true, here.file);
  await here.taint.remember(dana, ['private'], vault);
  assert.equal(await action(there), 'flag');
  assert.equal((await there.taint.marks.clear('dana')).length, 1);
  assert.equal(await action(here), undefined);
  await here.taint.remember(dana, ['private'], vault);
  assert.equal(await action(there), 'flag');
  assert.equal(await action(await room({}, true, here.file)), 'flag');
});

test('what it keeps is bounded by labels and servers, however many things are read', async () => {
  const here = await room({});
  for (let index = 0; index < 50; index++) {
    await here.taint.remember(dana, ['private', 'untrusted'], {
      ...vault,
      name: `vault://${index}${'x'.repeat(2000)}`,
    });
    here.pass(10 * minuteMs);
  }
  const marks = await here.taint.marks.list(100);
  assert.equal(marks.length, 2);
  assert.ok(marks.every(({ name }) => name.length <= 512));
  here.pass(60 * minuteMs);
  await here.taint.remember({ ...dana, id: 'omar' }, ['private'], vault);
  const { length } = await here.database.selectFrom('taint').selectAll().execute();
  assert.equal(length, 1, 'what is over is deleted');
});

test('an approval that nobody is named for is a mistake in the settings', () => {
  const rules = [{ when: ['private'], then: 'approval' }];
  assert.ok(!taintSettings.safeParse({ rules }).success);
  assert.ok(taintSettings.safeParse({ rules, ask: { approvers: [{ operator: true }] } }).success);
  assert.ok(!taintSettings.safeParse({ labels: [{ match: {} }] }).success);
  assert.ok(!taintSettings.safeParse({ idle: 'PT1S' }).success);
});
