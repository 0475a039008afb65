// What is derived from the records fails without keeping anybody from recording; it is told, counted, and made up for.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { auditEntry, dataDirectory } from '../../test/support/audit-directory.ts';
import { parseMetrics } from '../../test/support/openmetrics-parser.ts';
import type { Log } from '../base/log.ts';
import { openAuditLog } from './audit-log.ts';
import { createDerivationWatch } from './derivation.ts';
import { prepareEntry } from './leaf.ts';
import { logFile } from './log-file.ts';
import { createMetrics } from './metrics.ts';
import { createSigner, generateSigningKey } from './note.ts';
import { openReader } from './reader.ts';
import { verifyLog } from './verify.ts';

const signer = createSigner(generateSigningKey('derivation.test/audit'));
const atMs = Date.UTC(2026, 5, 15, 12);

function watched(t: Parameters<typeof dataDirectory>[0]) {
  const directory = dataDirectory(t);
  const opened = openAuditLog(directory, signer, { mayBegin: true, nowMs: atMs });
  let isOpen = true;
  const close = (): void => {
    if (isOpen) opened.close();
    isOpen = false;
  };
  t.after(close);
  const log = { ...opened, close };
  const reader = openReader(directory);
  t.after(() => reader.close());
  const metrics = createMetrics();
  const said: string[] = [];
  const say = (level: string) => (what: { of: string }, text: string) => said.push(`${level} ${what.of}: ${text}`);
  const told = { error: say('error'), warn: say('warn') } as unknown as Log;
  const watch = createDerivationWatch({ read: reader.derived, metrics, log: told });
  return {
    directory,
    log,
    reader,
    said,
    look: watch.look,
    append(count: number): void {
      for (let at = 0; at < count; at += 100) {
        const group = Array.from({ length: Math.min(100, count - at) }, () =>
          prepareEntry(auditEntry({ timestamp: atMs, tool: 'a', server: 's' }), 16_384),
        );
        log.append(group, atMs);
      }
    },
    intrude(sql: string): void {
      const intruder = new DatabaseSync(logFile(directory), { timeout: 5000 });
      intruder.exec(sql);
      intruder.close();
    },
    counted: (of: string): number =>
      parseMetrics(metrics.render(), 'prometheus')
        .get('genkan_audit_derivation_failures_total')!
        .samples.find(({ labels }) => labels['of'] === of)!.value,
  };
}

const obstacle = (table: string): string =>
  ['INSERT', 'UPDATE']
    .map((act) => `CREATE TRIGGER no_${act} BEFORE ${act} ON ${table} BEGIN SELECT RAISE(ABORT, 'full'); END;`)
    .join('');
const noObstacle = 'DROP TRIGGER no_INSERT; DROP TRIGGER no_UPDATE;';

for (const [table, part, many] of [
  ['by_user', 'lists', 2100],
  ['rollup', 'figures', 16_500],
] as const) {
  test(`a failure of ${table} is told once, counted every minute, and made up for once its reason is gone`, (t) => {
    const { directory, log, reader, said, look, append, intrude, counted } = watched(t);
    append(100);
    log.settle();
    look();
    assert.deepEqual([said, counted(part)], [[], 0], 'the control: all is well');
    intrude(obstacle(table));
    append(50);
    look();
    log.settle();
    look();
    assert.deepEqual(said, [`error ${part}: what is derived from records stands`]);
    append(many); // the next batches fail as well, and nobody is kept from recording
    assert.equal(log.size(), many + 150);
    look();
    while (log.settle()); // as the writer does when nothing comes
    look();
    assert.deepEqual([said.length, counted(part)], [1, 3], said.join('\n'));
    intrude(noObstacle);
    append(20_000); // without a pause in which all would be written
    assert.ok(log.size() - reader.derived().next[part] < many, `${JSON.stringify(reader.derived())}`);
    look();
    assert.deepEqual(said.slice(1), [`warn ${part}: what is derived from records is written again`]);
    while (log.settle());
    const { size, next } = reader.derived();
    assert.deepEqual(next, { lists: size, figures: size });
    assert.deepEqual(verifyLog(directory, { verifierKey: signer.verifierKey }).problems, []);
  });
}

test('records that wait for their batch are no failure', (t) => {
  const { log, said, look, append, counted } = watched(t);
  for (let minute = 0; minute < 5; minute += 1) {
    append(100);
    look();
  }
  log.settle();
  look();
  look();
  assert.deepEqual([said, counted('lists'), counted('figures')], [[], 0, 0]);
});

test('a record that is damaged keeps none of the others from being counted', (t) => {
  const { directory, log, reader, append, intrude } = watched(t);
  append(3000);
  intrude("UPDATE record SET leaf = CAST('x' || CAST(leaf AS TEXT) AS BLOB) WHERE idx = 1200");
  assert.throws(() => JSON.parse(String(leafAt(directory, 1200))), 'the control: it is damaged');
  log.close();
  const again = openAuditLog(directory, signer, { mayBegin: false, nowMs: atMs }); // which reads them from the log
  while (again.settle());
  again.close();
  assert.equal(reader.derived().next.figures, 3000);
});

function leafAt(directory: string, index: number): unknown {
  const database = new DatabaseSync(logFile(directory), { readOnly: true });
  const row = database.prepare('SELECT CAST(leaf AS TEXT) AS leaf FROM record WHERE idx = ?').get(index);
  database.close();
  return row?.['leaf'];
}
