// docs/export.md: its configuration in a running Genkan, towards a stand-in of Azure Monitor, and its commands as they are printed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { operations } from '../src/operations/registry.ts';
import { createTestAuthority } from './support/entra/https-server.ts';
import { startExportReceiver } from './support/export-receiver.ts';
import { openTestHouse } from './support/house.ts';
import { startLogIngestion } from './support/log-ingestion.ts';

const root = path.join(import.meta.dirname, '..');
const guide = readFileSync(path.join(root, 'docs/export.md'), 'utf8');
const [example] = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text!);

const authority = createTestAuthority();
const trusted = authority.trust();
after(() => (trusted[Symbol.dispose](), authority[Symbol.dispose]()));

async function until(condition: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 60_000; !condition(); await passed(50))
    assert.ok(Date.now() < endMs, 'it did not come about');
}

test('the example delivers to Azure Monitor, to the webhook what was refused, and to files; the commands say how far', async () => {
  await using ingestion = await startLogIngestion(authority);
  await using soc = await startExportReceiver();
  Object.assign(process.env, ingestion.env, { GENKAN_SOC_KEY: 'a-key-of-more-than-24-characters' });
  const { record } = parse(
    example!
      .replace(/https:\/\/genkan-audit-\S+/, ingestion.endpoint)
      .replace(/dcr-0+/, ingestion.rule)
      .replace(/https:\/\/soc\.\S+/, soc.url),
  ) as { record: object };
  await using house = await openTestHouse({ record });
  const folder = path.dirname(house.dataDirectory);
  const genkan = async (...words: string[]): Promise<string> => {
    const running = promisify(execFile)(process.execPath, [path.join(root, 'src/cli.ts'), ...words], { cwd: folder });
    return (await running).stdout;
  };
  // Who has no right to it is refused, which is on record.
  const refused = await fetch(`${house.url}/api/export/list`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await house.apiToken('omar')}`, 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(refused.status, 403);

  const lines = (): string[] =>
    readdirSync(path.join(folder, 'audit-archive'))
      .flatMap((file) => readFileSync(path.join(folder, 'audit-archive', file), 'utf8').split('\n'))
      .filter((line) => line.includes('"denied"'));
  await until(() => ingestion.rows.some(({ result }) => result === 'denied') && soc.received.length > 0);
  await until(() => lines().length > 0);
  const denied = ingestion.rows.find(({ result }) => result === 'denied')!;
  assert.equal(denied['action'], 'export.list');
  assert.equal(denied['userName'], 'omar@example.com');
  const sent = soc.received.flatMap(({ body }) => body.trimEnd().split('\n')).map((line) => JSON.parse(line) as object);
  assert.deepEqual(sent, [denied], 'the same row, and no other');
  assert.deepEqual(JSON.parse(lines()[0]!), denied);

  assert.match(await genkan('export', 'test', 'sentinel'), /^sentinel has acknowledged the test record after \d+ ms/);
  assert.ok(ingestion.rows.some(({ action, index }) => action === 'export.test' && index === -1));
  assert.match(await genkan('export', 'list'), /sentinel +azure-monitor/);

  ingestion.trouble = { status: 403, code: 'OperationFailed' };
  await assert.rejects(genkan('export', 'test', 'sentinel'), ({ stderr }: { stderr: string }) => {
    assert.match(stderr, /Monitoring Metrics Publisher/);
    return true;
  });
  ingestion.trouble = undefined;
  await assert.rejects(
    genkan('export', 'reset', 'sentinel', '--to', '100000'),
    /Delivery cannot begin at record 100000/,
  );

  const before = ingestion.rows.filter(({ index }) => index === 0).length;
  assert.match(await genkan('export', 'reset', 'sentinel', '--to', '0'), /sentinel goes on with record/);
  await until(() => ingestion.rows.filter(({ index }) => index === 0).length === before + 1);
  assert.match(await genkan('export', 'retry', 'sentinel'), /it has taken 0 and refuses 0/);
  const resets = (await house.house.audit.list({ action: 'export.reset', limit: 10 })).map(({ result }) => result);
  assert.deepEqual(resets, ['allowed', 'intent', 'denied', 'intent'], 'what was tried is on record');
});

test('the page names every operation, sink and metric that there is', () => {
  for (const { id } of operations)
    if (id.startsWith('export.')) assert.ok(guide.includes(`genkan ${id.replace('.', ' ')}`), id);
  const schema = readFileSync(path.join(root, 'src/record/export/settings.ts'), 'utf8');
  for (const type of ['azure-monitor', 'webhook', 'syslog', 'otlp', 'file'])
    assert.ok(guide.includes(`| \`${type}\``), type);
  assert.match(schema, /\[azureMonitor, webhook, syslog, otlp, file\]/);
  const watch = readFileSync(path.join(root, 'src/record/export/watch.ts'), 'utf8');
  for (const [name] of watch.matchAll(/genkan_export_[a-z_]+/g)) assert.ok(guide.includes(name), name);
});
