// Questions to a record that is being written: who was erased stays so, budgets hold, problems are shown where they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from '../../../test/support/audit-directory.ts';
import { GenkanError } from '../../base/errors.ts';
import { openSearchDesk } from '../../operations/offline-desk.ts';
import { problemWith } from './search.ts';
import { searchSettings } from './settings.ts';

const nowMs = Date.UTC(2026, 5, 15, 12);
const refusedAs = (code: string) => (error: unknown) => error instanceof GenkanError && error.code === code;

test('what is recorded is found at once; who is erased is found no more', async (t) => {
  const directory = dataDirectory(t);
  const subjectKeys = subjectKeysInMemory();
  const record = await openRecord(directory, { clock: { now: () => nowMs }, subjectKeys });
  try {
    await record.append(auditEntry({ timestamp: nowMs - 1, details: { secret: 'x' } }));
    await record.append(auditEntry({ timestamp: nowMs - 3 * 86_400_000, user: 'kim', correlationId: 'c1' }));
    const query =
      'MCPAuditLog | sort by timestamp desc | project user, secret = tostring(details.secret), sourceIP, withheld';
    assert.deepEqual((await record.search({ query })).rows, [
      ['dana', 'x', '127.0.0.1', ''],
      ['kim', '', '127.0.0.1', ''],
    ]);
    assert.equal((await record.search({ query, days: 2 })).rows.length, 1, 'only the last days');
    assert.deepEqual((await record.search({ query: 'MCPMetrics | summarize sum(count)', days: 2 })).rows, [[1]]);
    const erased = await record.erase('dana');
    assert.deepEqual((await record.search({ query })).rows[0], [erased!.pseudonym, '', '', 'erased']);
    assert.deepEqual((await record.search({ query: 'MCPAuditLog | where user == "dana" | count' })).rows, [[0]]);
  } finally {
    await record.close();
  }
  await assert.rejects(record.search({ query: 'print 1' }), refusedAs('record_unavailable'));
  const beside = openSearchDesk(directory);
  const { rows } = await beside({ query: 'MCPAuditLog | where user == "kim" | project action, withheld' });
  assert.deepEqual(rows, [['tools/call', 'no key']], 'without keys, a copy tells what is open');
  assert.throws(() => openSearchDesk(dataDirectory(t)), refusedAs('operation_log_missing'));
});

test('a query takes no more than it may, and no more run at a time than there is room for', async (t) => {
  const search = searchSettings.parse({ maxRows: 3, maxRowsRead: 5, maxSeconds: 1 });
  const record = await openRecord(dataDirectory(t), { search });
  try {
    await Promise.all(Array.from({ length: 6 }, (_, at) => record.append(auditEntry({ correlationId: `c${at}` }))));
    const tooMuch = refusedAs('record_query_too_much');
    await assert.rejects(record.search({ query: 'MCPAuditLog | take 4' }), tooMuch);
    await assert.rejects(record.search({ query: 'MCPAuditLog | sort by index asc | take 1' }), tooMuch);
    assert.equal((await record.search({ query: 'MCPAuditLog | take 3' })).rows.length, 3);
    assert.deepEqual((await record.search({ query: 'MCPAuditLog | count' })).rows, [[6]], 'counted where they lie');
    const many = await Promise.allSettled(
      Array.from({ length: 12 }, () => record.search({ query: 'MCPAuditLog | count' })),
    );
    const refused = many.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    assert.equal(refused.length, 4);
    assert.ok(refused.every(refusedAs('record_query_busy')));
  } finally {
    await record.close();
  }
});

test('a step that looks at no clock ends with its thread soon after its time, and the next query is answered', async (t) => {
  const record = await openRecord(dataDirectory(t), { search: searchSettings.parse({ maxSeconds: 1 }) });
  try {
    await record.search({ query: 'print 1' });
    // Minutes, in one look of a regular expression at one text.
    const query = `print t = strrep(strrep('a', 1024), 1024) | extend extract(@'(a{1,50}){1,15}([ab]{1,10})[^a]', 1, t)`;
    const startedMs = performance.now();
    await assert.rejects(record.search({ query }), /more than 1 s in the end/);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < 4500, `${Math.round(tookMs)} ms`);
    assert.deepEqual((await record.search({ query: 'print 1' })).rows, [[1]]);
  } finally {
    await record.close();
  }
});

test('a problem is shown below the line that has it, also behind wide characters', () => {
  const query = 'MCPAuditLog\n| where user == "玄関" and usr == 1';
  const from = query.indexOf('usr');
  const { params } = problemWith(query, { kind: 'unknown', message: 'no', from, to: from + 3 });
  assert.deepEqual([params['line'], params['column']], [2, 26]);
  const [line, caret] = String(params['excerpt']).split('\n') as [string, string];
  assert.equal(caret.indexOf('^'), line.indexOf('usr') + 2, 'two signs are two columns wide');
  assert.equal(caret.trim(), '^^^');
  const long = `${'x'.repeat(5000)}y`;
  const shown = problemWith(long, { kind: 'syntax', message: 'no', from: 5000, to: 5001 }).params['excerpt'];
  assert.ok(String(shown).length < 250);
});
