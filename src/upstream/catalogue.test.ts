// Tests of the catalogue: what may be used, what changes while running, and what is still there after a restart.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openDatabase } from '../state/database.ts';
import type { Database } from '../state/database.ts';
import { startDualEraServer } from '../../test/support/sdk-servers.ts';
import { hostileServer, plainNeighbours } from '../../test/support/upstream-neighbours.ts';
import { createCatalogue } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import type { Upstream } from './channel.ts';
import { serverSettings, upstreamSettings } from './settings.ts';

const stdio = (more: object = {}) => serverSettings.parse({ command: hostileServer(), ...more });
const configured = upstreamSettings.parse({
  files: { command: hostileServer(), title: 'Files' },
  poisoned: { command: hostileServer(), approved: false },
});

interface Started {
  readonly catalogue: Catalogue;
  readonly database: Database;
  readonly changes: () => number;
  readonly restart: (configuration?: typeof configured) => Promise<Catalogue>;
}

async function start(context: TestContext): Promise<Started> {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-'));
  const database = await openDatabase(path.join(folder, 'genkan.db'));
  let changes = 0;
  const create = (configuration: typeof configured) =>
    createCatalogue(configuration, { ...plainNeighbours, database, onChange: () => changes++ });
  const catalogue = await create(configured);
  context.after(async () => {
    await catalogue.close();
    await database.destroy();
    rmSync(folder, { recursive: true });
  });
  return {
    catalogue,
    database,
    changes: () => changes,
    restart: (configuration = configured) => create(configuration),
  };
}

const codeOf = (refused: unknown): unknown => (refused as { code?: string } | undefined)?.code;
const connect = (upstream: unknown, onClose: (reason: string) => void = () => {}) =>
  (upstream as Upstream).connect({ era: 'legacy', onPush: () => {}, onClose });

test('offers what is configured and approved', async (context) => {
  const { catalogue } = await start(context);
  assert.deepEqual(catalogue.names(), ['files']);
  assert.equal((catalogue.get('files') as Upstream).name, 'files');
  assert.equal(codeOf(catalogue.get('poisoned')), 'upstream_not_approved');
  assert.equal(codeOf(catalogue.get('nobody')), 'upstream_unknown');
  for (const name of ['constructor', '__proto__', '']) assert.equal(codeOf(catalogue.get(name)), 'upstream_unknown');
});

test('says of each server what it is, that it is not isolated, and what went wrong', async (context) => {
  const { catalogue } = await start(context);
  await using server = await startDualEraServer();
  await catalogue.add('remote', serverSettings.parse({ url: server.url }), 'ada');
  await catalogue.add('broken', serverSettings.parse({ command: ['/no/such/program'] }), 'ada');
  await (catalogue.get('remote') as Upstream).eraFor('modern');
  await assert.rejects(connect(catalogue.get('broken')));
  await connect(catalogue.get('files'));
  const rows = catalogue.list().map(({ name, kind, addedBy, approved, isolated, eras, open }) => ({
    ...{ name, kind, addedBy, approved, isolated, eras, open },
  }));
  const common = { approved: true, isolated: false, eras: undefined, open: 0 };
  assert.deepEqual(rows, [
    { ...common, name: 'broken', kind: 'stdio', addedBy: 'ada' },
    { ...common, name: 'files', kind: 'stdio', addedBy: 'configuration', open: 1 },
    { ...common, name: 'poisoned', kind: 'stdio', addedBy: 'configuration', approved: false },
    { ...common, name: 'remote', kind: 'http', addedBy: 'ada', eras: ['modern'] },
  ]);
  assert.match(catalogue.list()[0]!.lastError ?? '', /No such file|ENOENT/);
});

test('a server added while running works at once and after a restart', async (context) => {
  const { catalogue, changes, restart } = await start(context);
  assert.equal(await catalogue.add('new', stdio({ description: 'added' }), 'ada'), undefined);
  assert.equal(changes(), 1);
  assert.deepEqual(catalogue.names(), ['files', 'new']);
  await connect(catalogue.get('new'));
  const again = await restart();
  assert.deepEqual(again.names(), ['files', 'new']);
  assert.equal(again.list().find(({ name }) => name === 'new')!.description, 'added');
  await again.close();
});

test('a server added as not approved waits for approval, also over a restart', async (context) => {
  const { catalogue, restart } = await start(context);
  await catalogue.add('new', stdio({ approved: false }), 'ada');
  assert.equal(codeOf(catalogue.get('new')), 'upstream_not_approved');
  assert.equal(codeOf((await restart()).get('new')), 'upstream_not_approved');
  assert.equal(await catalogue.approve('new', 'sena'), undefined);
  assert.ok('connect' in catalogue.get('new'));
  const again = await restart();
  assert.ok('connect' in again.get('new'));
  assert.equal(again.list().find(({ name }) => name === 'new')!.addedBy, 'ada');
});

test('an approval of a configured server is kept, and is none of another server of that name', async (context) => {
  const { catalogue, changes, restart } = await start(context);
  assert.equal(await catalogue.approve('poisoned', 'sena'), undefined);
  assert.equal(changes(), 1);
  assert.deepEqual(catalogue.names(), ['files', 'poisoned']);
  assert.deepEqual((await restart()).names(), ['files', 'poisoned']);

  const without = await restart(upstreamSettings.parse({}));
  assert.deepEqual(without.list(), []);
  await without.add('poisoned', stdio({ approved: false }), 'ada');
  assert.equal(codeOf(without.get('poisoned')), 'upstream_not_approved');
  assert.equal(codeOf((await restart(upstreamSettings.parse({}))).get('poisoned')), 'upstream_not_approved');
});

test('a server taken out of use is out at once, also over a restart, and works again once approved', async (context) => {
  const { catalogue, restart } = await start(context);
  await catalogue.add('new', stdio(), 'ada');
  for (const name of ['files', 'new']) {
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const { channel } = await connect(catalogue.get(name), resolve);
    assert.equal(await catalogue.disable(name, 'sena'), undefined);
    assert.equal(codeOf(catalogue.get(name)), 'upstream_not_approved');
    await assert.rejects(channel.send({ kind: 'notification', method: 'x', params: {}, raw: Buffer.from('{}') }));
    assert.match(await ended, /closed/);
    assert.equal(codeOf((await restart()).get(name)), 'upstream_not_approved');
    await catalogue.approve(name, 'sena');
    await connect(catalogue.get(name));
  }
  assert.equal(codeOf(await catalogue.disable('nobody', 'sena')), 'upstream_unknown');
});

test('removing a server ends its conversations at once and for good', async (context) => {
  const { catalogue, changes, restart } = await start(context);
  await catalogue.add('new', stdio(), 'ada');
  const { channel } = await connect(catalogue.get('new'));
  assert.equal(await catalogue.remove('new'), undefined);
  assert.equal(changes(), 2);
  assert.equal(codeOf(catalogue.get('new')), 'upstream_unknown');
  await assert.rejects(channel.send({ kind: 'notification', method: 'x', params: {}, raw: Buffer.from('{}') }));
  assert.deepEqual((await restart()).names(), ['files']);
});

test('refuses to add a name twice, to remove what is configured, and to touch what is unknown', async (context) => {
  const { catalogue } = await start(context);
  assert.equal(codeOf(await catalogue.add('files', stdio(), 'ada')), 'upstream_name_taken');
  const [one, other] = await Promise.all([catalogue.add('new', stdio(), 'ada'), catalogue.add('new', stdio(), 'omar')]);
  assert.deepEqual([codeOf(one), codeOf(other)], [undefined, 'upstream_name_taken']);
  assert.equal(codeOf(await catalogue.remove('files')), 'upstream_configured');
  assert.equal(codeOf(await catalogue.remove('nobody')), 'upstream_unknown');
  assert.equal(codeOf(await catalogue.approve('nobody', 'ada')), 'upstream_unknown');
  await assert.rejects(catalogue.add('a__b', stdio(), 'ada'), /lower-case/);
});

test('leaves out a stored server that the rules no longer permit', async (context) => {
  const { database, restart } = await start(context);
  const settings = JSON.stringify({ command: ['azmcp', 'server', 'start', '--mode', 'single'] });
  await database
    .insertInto('server')
    .values({ name: 'old', settings, approved: 1, added_by: 'ada', added_at: 0 })
    .execute();
  assert.equal(codeOf((await restart()).get('old')), 'upstream_unknown');
});
