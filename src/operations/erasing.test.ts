// Tests of erasing a person from the record as an administrator does it: what the record says of it, and whom nobody erases.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from '../../test/support/audit-directory.ts';
import { dana, standInHouse } from '../../test/support/operations-house.ts';
import { createLog } from '../base/log.ts';
import { createRecordDesk } from '../record/desk.ts';
import type { Hold } from '../record/holds.ts';
import { recordSettings } from '../record/settings.ts';
import type { Leases } from '../state/leases.ts';
import { perform } from './perform.ts';
import { auditOperations } from './audit.ts';

const alice = '0a1b@tid';

async function opened(t: TestContext, holds: readonly Hold[] = [], others = 0) {
  const record = await openRecord(dataDirectory(t), { subjectKeys: subjectKeysInMemory() });
  t.after(record.close);
  const leases = { hold: (_name: string, work: () => Promise<unknown>) => work() } as unknown as Leases;
  const recordDesk = createRecordDesk(recordSettings.parse({}).retention, {
    record,
    holds: { list: async () => holds } as never,
    erasures: { others: async () => others, announce: async () => undefined, since: async () => new Set() },
    clock: { now: () => 1_000 },
    leases,
    hasSecondFactor: undefined,
    log: createLog('silent'),
  });
  const { house } = standInHouse({ rights: ['genkan/audit/erase-subject'], record });
  const people = { find: async (name: string) => (name === 'alice@example.com' ? { id: alice } : undefined) };
  const erase = (user: string) =>
    perform(
      auditOperations.find(({ id }) => id === 'audit.erase-subject')!,
      { user, reason: 'request 4711' },
      dana,
      {
        ...house,
        recordDesk,
        people,
      } as never,
    );
  await record.append(auditEntry({ user: alice, actor: { name: 'alice@example.com' } }));
  return { record, erase };
}

test('the record of an erasure tells how much was erased and why, never the person, nor the pseudonym beside a reason', async (t) => {
  const held: Hold[] = [{ id: 'h1', reason: 'case 7', user: alice, placedBy: 'omar', placedAtMs: 0 }];
  const { record, erase } = await opened(t, held);
  assert.equal(((await erase('alice@example.com')) as { code?: string }).code, 'record_held');
  held.pop();
  const { output } = (await erase('alice@example.com')) as { output?: { pseudonym: string; records: number } };
  assert.equal(output?.records, 1);
  const told = await record.list({ action: 'audit.erase-subject' });
  assert.deepEqual(
    told.map(({ result, details }) => [result, details]),
    [
      ['allowed', { input: { reason: 'request 4711' }, records: 1, left: 0 }],
      ['intent', { input: { reason: 'request 4711' } }],
      ['denied', { input: { reason: 'request 4711' }, code: 'record_held' }],
      ['intent', { input: { reason: 'request 4711' } }],
    ],
  );
});

test('nobody erases themselves, and nobody erases what Genkan did by itself, the operator, or who is erased already', async (t) => {
  const { record, erase } = await opened(t);
  const own = await record.append(auditEntry({ user: 'genkan', action: 'export.missed', details: { records: 900 } }));
  for (const user of ['', 'operator']) await record.append(auditEntry({ user }));
  assert.equal(((await erase(dana.principal.id)) as { code?: string }).code, 'record_erase_self');
  for (const user of ['genkan', 'operator', 'subject:AAAAAAAAAAAAAAAAAAAAAA'])
    assert.equal(((await erase(user)) as { code?: string }).code, 'operation_not_found', user);
  assert.notEqual((await erase('')).outcome, 'allow');
  const { subject, details } = (await record.show(own))!.entry;
  assert.deepEqual([subject, details], [undefined, { records: 900 }], 'what Genkan says needs no key to be read');
  assert.deepEqual((await record.verify()).problems, []);
});

test('with other logs about, a hold on the person stops it wherever their records lie', async (t) => {
  const hold: Hold = { id: 'h1', reason: 'case 7', user: alice, fromMs: 2 ** 45, placedBy: 'omar', placedAtMs: 0 };
  const alone = await opened(t, [hold]);
  assert.equal((await alone.erase(alice)).outcome, 'allow', 'no record of this log is on hold');
  const together = await opened(t, [hold], 1);
  assert.equal(((await together.erase(alice)) as { code?: string }).code, 'record_held');
});
