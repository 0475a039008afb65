// The command line as people and scripts use it: real processes, beside a trial that runs and without one.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { genkan, outputOf, spawnGenkan } from './support/genkan-process.ts';
import type { Ended } from './support/genkan-process.ts';
import { freePortPair } from './support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('beside a trial that runs', () => {
  const data = path.join(folder, 'trial');
  const run = (...words: string[]): Promise<Ended> => genkan([...words, '--data', data]);
  let trial: ChildProcess;
  let url = '';

  before(async () => {
    const port = await freePortPair();
    url = `http://127.0.0.1:${port}`;
    trial = spawnGenkan(['trial', 'start', '--data', data], { GENKAN_PORT: String(port) });
    await outputOf(trial, /Ctrl\+C/);
  });
  after(() => void trial.kill('SIGKILL'));

  test('prints a token, and nothing else, that opens the server it is for', async () => {
    const { code, out } = await run('trial', 'token', '--as', 'dana', '--for', 'azure');
    assert.equal(code, 0);
    assert.match(out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(out.split('.')[1]!, 'base64url').toString()) as { aud: string };
    assert.equal(claims.aud, `${url}/mcp/azure`);
    const withJson = await run('trial', 'token', '--as', 'dana', '--for', 'azure', '--json');
    assert.equal((JSON.parse(withJson.out) as { resource: string }).resource, `${url}/mcp/azure`);
  });

  test('explains a refusal', async () => {
    const words = [
      'access',
      'explain',
      '--as',
      'dana',
      '--server',
      'azure',
      '--tool',
      'compute_vm_delete',
      '--args',
      '{"resource-group":"dev-web"}',
    ];
    const { code, out } = await run(...words);
    assert.equal(code, 0);
    assert.match(out, /may NOT use compute_vm_delete/);
    assert.match(out, /NotActions Microsoft\.Compute\/virtualMachines\/delete/);
    const { out: json } = await run(...words, '--json');
    const explained = JSON.parse(json) as { outcome: string; missing: string[]; refusal: { code: string } };
    assert.equal(explained.outcome, 'deny');
    assert.equal(explained.refusal.code, 'access_action_excluded');
    assert.deepEqual(explained.missing, ['Microsoft.Compute/virtualMachines/delete']);
  });

  test('adds a server with rights for a group, at once, and takes both away again', async () => {
    const added = await run(
      'server',
      'add',
      '--name',
      'late',
      '--url',
      'http://127.0.0.1:9/mcp',
      '--allow',
      'dev-team',
    );
    assert.equal(added.code, 0, added.error);
    const explain = ['access', 'explain', '--as', 'dana', '--server', 'late', '--tool', 'any', '--json'];
    assert.equal((JSON.parse((await run(...explain)).out) as { outcome: string }).outcome, 'allow');
    const again = await run('server', 'add', '--name', 'late', '--command', 'true');
    assert.equal(again.code, 3);
    assert.match(again.error, /already a server "late"/);
    assert.equal((await run('server', 'remove', 'late')).code, 0);
    assert.doesNotMatch((await run('assignment', 'list')).out, /servers\/late/);
  });

  test('approves and disables a server', async () => {
    assert.match((await run('server', 'list')).out, /poisoned\s+stdio\s+off until approved/);
    assert.equal((await run('server', 'approve', '--name', 'poisoned')).code, 0);
    assert.match((await run('server', 'list')).out, /poisoned\s+stdio\s+on/);
    assert.equal((await run('server', 'disable', 'poisoned')).code, 0);
    assert.match((await run('server', 'list')).out, /poisoned\s+stdio\s+off until approved/);
  });

  test('assigns a role and takes it back by what it says', async () => {
    const what = ['--role', 'MCP User', '--user', 'omar', '--scope', '/servers/files'];
    const { code, out } = await run('role', 'assign', ...what, '--json');
    assert.equal(code, 0);
    const { assignment } = JSON.parse(out) as { assignment: { principal: { id: string } } };
    assert.match(assignment.principal.id, /#omar$/);
    assert.equal((await run('role', 'unassign', ...what)).code, 0);
    assert.equal((await run('role', 'unassign', ...what)).code, 2);
  });

  test('refuses to empty the trial under a server that runs', async () => {
    const { code, error } = await run('trial', 'reset');
    assert.equal(code, 3);
    assert.match(error, /while the server runs/);
  });

  test('reads the audit log beside its writer, and proves it', async () => {
    const { out } = await run('audit', 'list', '--action', 'server.add', '--json');
    const { records } = JSON.parse(out) as { records: { result: string; user: string }[] };
    assert.deepEqual(
      records.map(({ result }) => result),
      ['intent', 'allowed', 'intent', 'denied'],
    );
    assert.ok(records.every(({ user }) => user === 'operator'));
    assert.match((await run('audit', 'prove', '0')).out, /^c2sp\.org\/tlog-proof@v1/);
    assert.equal((await run('audit', 'verify')).code, 0);
  });

  test('puts on record whoever looks into the record, with what was asked, how much was found and how long it took', async () => {
    const query = 'MCPAuditLog | where user == "operator" | summarize count()';
    assert.equal((await run('audit', 'query', query)).code, 0);
    const asked = 'MCPAuditLog | where action in ("audit.list", "audit.query") | sort by index asc';
    const columns =
      'action, user, result, query = tostring(details.input.query), rows = toint(details.rows), durationMs';
    const { out } = await run('audit', 'query', `${asked} | project ${columns}`, '--json');
    const { rows } = JSON.parse(out) as { rows: unknown[][] };
    const durations = rows.map((row) => row.pop());
    assert.deepEqual(rows, [
      ['audit.list', 'operator', 'allowed', '', null],
      ['audit.query', 'operator', 'allowed', query, 1],
    ]);
    assert.ok(
      durations.every((ms) => typeof ms === 'number' && ms >= 0),
      String(durations),
    );
  });

  test('finds a single changed byte in a copy of the log', async () => {
    const copy = path.join(folder, 'copy');
    cpSync(data, copy, { recursive: true });
    assert.equal((await genkan(['audit', 'verify', '--data', copy])).code, 0);
    for (const name of readdirSync(copy).filter((file) => file.startsWith('audit.db'))) {
      const file = path.join(copy, name);
      const bytes = readFileSync(file);
      const at = bytes.lastIndexOf('server.add');
      if (at < 0) continue;
      bytes[at] = 'S'.charCodeAt(0);
      writeFileSync(file, bytes);
    }
    const { code, out } = await genkan(['audit', 'verify', '--data', copy]);
    assert.equal(code, 4, out);
    assert.match(out, /does NOT hold/);
  });

  test('stops in order when asked to, leaves no trace of running, and can then be emptied', async () => {
    trial.kill('SIGTERM');
    const [code] = (await once(trial, 'close')) as [number];
    assert.equal(code, 0);
    assert.ok(!readdirSync(data).includes('running.json'));
    assert.equal((await run('audit', 'verify')).code, 0);
    assert.equal((await run('trial', 'reset')).code, 0);
    assert.deepEqual(readdirSync(data), []);
    assert.equal((await run('audit', 'verify')).code, 2);
  });
});

describe('without a server', () => {
  const data = path.join(folder, 'alone');

  test('opens the data directory itself, and puts on record what it did', async () => {
    const { code, out } = await genkan(['role', 'list', '--data', data]);
    assert.equal(code, 0);
    assert.match(out, /Azure MCP Developer\s+roles\/custom-role\.json/);
    assert.match((await genkan(['audit', 'list', '--data', data])).out, /operator\s+role\.list\s+\/\s+allowed/);
  });

  test('says that there is no log where there is none, and begins none by being asked for it', async () => {
    const elsewhere = path.join(folder, 'misspelt');
    const { code, error } = await genkan(['audit', 'list', '--data', elsewhere]);
    assert.equal(code, 2);
    assert.match(error, /misspelt/);
    assert.ok(!existsSync(elsewhere));
  });

  test('puts a search on record as well, and searches nothing where it cannot be recorded', async () => {
    const query = 'MCPAuditLog | where action == "audit.query" | project query = tostring(details.input.query)';
    const ask = (): Promise<Ended> => genkan(['audit', 'query', query, '--data', data, '--json']);
    assert.deepEqual((JSON.parse((await ask()).out) as { rows: unknown }).rows, []);
    assert.deepEqual((JSON.parse((await ask()).out) as { rows: unknown }).rows, [[query]]);
    const database = new DatabaseSync(path.join(data, 'audit.db'), { timeout: 5000 });
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    );
    const { code, out, error } = await ask();
    database.exec('DROP TRIGGER full');
    database.close();
    assert.deepEqual([code, out], [1, ''], error);
    assert.match(error, /record/i);
  });

  test('takes no notice of what a crashed server has left', async () => {
    writeFileSync(path.join(data, 'running.json'), JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:1' }));
    assert.equal((await genkan(['server', 'list', '--data', data])).code, 0);
    writeFileSync(path.join(data, 'running.json'), '{"pid":');
    assert.equal((await genkan(['server', 'list', '--data', data])).code, 0);
  });

  test('empties only what is its own', async () => {
    writeFileSync(path.join(data, 'precious.txt'), 'mine');
    assert.equal((await genkan(['trial', 'reset', '--data', data])).code, 0);
    assert.deepEqual(readdirSync(data), ['precious.txt']);
  });

  test('takes the configuration of the folder it is called in, and explains its mistakes', async () => {
    const own = path.join(folder, 'own');
    mkdirSync(own);
    writeFileSync(path.join(own, 'genkan.yaml'), 'lisen: 127.0.0.1:7300\n');
    const { code, out } = await genkan(['config', 'validate'], {}, own);
    assert.equal(code, 4);
    assert.match(out, /^genkan\.yaml:1:1: "identity" is missing/m);
    assert.match(out, /did you mean "listen"\?/);
    const started = await genkan(['start'], { LANG: 'ja_JP.UTF-8' }, own);
    assert.equal(started.code, 1);
    assert.match(started.error, /genkan\.yaml に誤りがあります: 2 件/);
    assert.equal((await genkan(['trial', 'reset'], {}, own)).code, 3);
  });

  test('does not start without a configuration, and says how to try it', async () => {
    const { code, error } = await genkan(['start'], {}, folder);
    assert.equal(code, 1);
    assert.match(error, /genkan trial start/);
  });

  test('refuses a port that is none', async () => {
    assert.equal((await genkan(['trial', 'start', '--port', '70000'])).code, 2);
    assert.equal((await genkan(['trial', 'start'], { GENKAN_PORT: 'abc' })).code, 2);
  });

  test('says nothing more to a reader who has gone', async () => {
    const child = spawnGenkan(['config', 'schema']);
    child.stdout!.destroy();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);
  });
});
