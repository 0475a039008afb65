// Somebody who may search the record asks so much, and such things, that nobody else gets an answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../../src/base/errors.ts';
import { searchSettings } from '../../src/record/search/settings.ts';
import { auditEntry, dataDirectory, openRecord } from '../support/audit-directory.ts';

const refusedAs = (code: string) => (error: unknown) => error instanceof GenkanError && error.code === code;
const count = { query: 'MCPAuditLog | count', asker: 'kim' };
/** Ends at its time limit, and works all the while. */
const long = 'range x from 1 to 1000000000 step 1 | where x < 0';
const arrays = Array.from({ length: 80 }, (_, at) => `a${at} = range(${at}, 1000000, 1)`);
/** Holds more than a thread may, before a row is there. */
const large = `print ${arrays.join(', ')} | count`;

test('one person has no more than two queries at a time, whatever they are, and others are answered', async (t) => {
  const search = searchSettings.parse({ maxSeconds: 3, maxRowsRead: 1_000_000_000 });
  const record = await openRecord(dataDirectory(t), { search });
  try {
    await record.append(auditEntry());
    const attack = (askers: readonly string[]) =>
      Promise.allSettled(askers.map((asker) => record.search({ query: long, asker })));
    const asked = attack(Array<string>(8).fill('mallory'));
    assert.deepEqual((await record.search(count)).rows, [[1]]);
    const refused = (await asked).map((one) =>
      one.status === 'rejected' ? (one.reason as GenkanError).code : 'answered',
    );
    assert.deepEqual(refused.slice(0, 2), ['record_query_too_much', 'record_query_too_much']);
    assert.deepEqual(refused.slice(2), Array(6).fill('record_query_yours'));
    // Control: where they do not count as one person, there is no room left.
    const many = attack(Array.from({ length: 8 }, (_, at) => `mallory${at}`));
    await assert.rejects(record.search(count), refusedAs('record_query_busy'));
    await record.close();
    await many;
  } finally {
    await record.close();
  }
});

test('a query that brings its thread down ends alone', async (t) => {
  const search = searchSettings.parse({ maxMegabytes: 16 });
  const record = await openRecord(dataDirectory(t), { search });
  try {
    await record.append(auditEntry());
    await record.search(count);
    let ended = 0;
    const attack = assert
      .rejects(record.search({ query: large, asker: 'mallory' }), refusedAs('record_query_too_much'))
      .finally(() => (ended += 1));
    // Before, beside and behind it.
    for (let turn = 0; ended === 0 && turn < 10_000; turn++) assert.deepEqual((await record.search(count)).rows, [[1]]);
    await attack;
    assert.deepEqual((await record.search(count)).rows, [[1]]);
  } finally {
    await record.close();
  }
});
