// When checkpoints go out, what a witness that fails does, and when people hear of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory, openRecord } from '../../../test/support/audit-directory.ts';
import { openPublishing } from '../../../test/support/witness-listener.ts';
import { createLog } from '../../base/log.ts';
import { openDatabase } from '../../state/database.ts';
import { createMetrics } from '../metrics.ts';
import { NotKept } from './places/place.ts';
import type { Outgoing, Place } from './places/place.ts';
import { createSilenceWatch } from './silence.ts';
import type { Silent } from './silence.ts';

function keeper() {
  const taken: Outgoing[] = [];
  const state: { trouble?: Error } = {};
  const place: Place = {
    keep: (checkpoint) => {
      if (state.trouble !== undefined) return Promise.reject(state.trouble);
      taken.push(checkpoint);
      return Promise.resolve({});
    },
  };
  return { taken, state, place };
}

async function ground(t: TestContext) {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(() => record.close());
  await record.append(auditEntry());
  let nowMs = 1_790_000_000_000;
  return { directory, record, clock: { now: () => nowMs }, later: (minutes: number) => (nowMs += minutes * 60_000) };
}

test('publishes what is new, and nothing twice', async (t) => {
  const { directory, record } = await ground(t);
  const one = keeper();
  const publishing = await openPublishing(t, directory, record.publicKey(), { one: one.place });
  await publishing.publish();
  await publishing.publish();
  assert.deepEqual(
    one.taken.map(({ size }) => size),
    [1],
  );
  await record.append(auditEntry());
  assert.equal(publishing.list()[0]!.behind, 1);
  await Promise.all([publishing.publish(), publishing.publish()]);
  assert.deepEqual(
    one.taken.map(({ size }) => size),
    [1, 2],
  );
  const [log] = await publishing.book.logs();
  assert.equal(log!.published!.note, one.taken[1]!.note);
});

test('goes on where an earlier process has ended', async (t) => {
  const { directory, record } = await ground(t);
  const database = await openDatabase(':memory:');
  t.after(() => database.destroy());
  const [one, same] = [keeper(), keeper()];
  await (await openPublishing(t, directory, record.publicKey(), { one: one.place }, { database })).publish();
  await (await openPublishing(t, directory, record.publicKey(), { one: same.place }, { database })).publish();
  assert.deepEqual([one.taken.length, same.taken.length], [1, 0]);
});

test('a witness that fails keeps no other from its checkpoint; people hear of it once, after a while', async (t) => {
  const { directory, record, clock, later } = await ground(t);
  const [one, other] = [keeper(), keeper()];
  const metrics = createMetrics();
  const publishing = await openPublishing(
    t,
    directory,
    record.publicKey(),
    { one: one.place, other: other.place },
    { clock, metrics, settings: { witnessQuorum: 2 } },
  );
  await publishing.publish();
  assert.deepEqual(publishing.notes(), []);
  one.state.trouble = new NotKept('it answered 503');
  await record.append(auditEntry());
  for (let minute = 0; minute < 14; minute += 1) {
    await publishing.publish();
    later(1);
  }
  assert.deepEqual(
    other.taken.map(({ size }) => size),
    [1, 2],
  );
  assert.deepEqual([publishing.told, publishing.notes()], [[], []]);
  later(1);
  await publishing.publish();
  await publishing.publish();
  assert.deepEqual(
    publishing.told.map(({ witness, reason, contradicts }) => [witness, reason, contradicts]),
    [['one', 'it answered 503', false]],
  );
  assert.deepEqual(publishing.notes(), ['audit: 1 of 2 witnesses have lately taken a checkpoint']);
  assert.match(metrics.render(), /genkan_audit_witness_behind\{witness="one"\} 1\n/);
  assert.match(metrics.render(), /genkan_audit_witness_lag_seconds\{witness="one"\} 900\n/);
  assert.match(metrics.render(), /genkan_audit_witness_failures_total\{witness="one"\} 16\n/);
  delete one.state.trouble;
  await publishing.publish();
  assert.deepEqual([publishing.notes(), publishing.list()[0]!.failure], [[], undefined]);
});

test('with a quorum of one, one witness is enough', async (t) => {
  const { directory, record } = await ground(t);
  const [one, other] = [keeper(), keeper()];
  one.state.trouble = new NotKept('gone');
  const places = { one: one.place, other: other.place };
  const settings = { witnessQuorum: 1 };
  const publishing = await openPublishing(t, directory, record.publicKey(), places, { settings });
  assert.equal(publishing.notes().length, 1, 'before anybody has a checkpoint');
  await publishing.publish();
  assert.deepEqual(publishing.notes(), []);
});

test('what was recorded since the last minute goes out when Genkan stops', async (t) => {
  const { directory, record } = await ground(t);
  const one = keeper();
  const publishing = await openPublishing(t, directory, record.publicKey(), { one: one.place });
  publishing.attend();
  await publishing.publish();
  await record.append(auditEntry());
  await publishing.close();
  assert.equal(one.taken.at(-1)!.size, 2);
});

test('a log under a name that another has already is refused', async (t) => {
  const { directory, record } = await ground(t);
  const database = await openDatabase(':memory:');
  t.after(() => database.destroy());
  await openPublishing(t, directory, record.publicKey(), {}, { database });
  const other = await openRecord(dataDirectory(t));
  t.after(() => other.close());
  await assert.rejects(openPublishing(t, directory, other.publicKey(), {}, { database }), {
    code: 'record_unavailable',
  });
});

test('of a log that shows itself no longer, whoever runs its witness hears once', async () => {
  const told: Silent[] = [];
  let [nowMs, cosignedAtMs] = [0, 0];
  const watch = createSilenceWatch(15, {
    witness: {
      list: async () => [
        { origin: 'log.example/a', size: 3, cosignedAtMs },
        { origin: 'new.example', size: 0 },
      ],
    },
    clock: { now: () => nowMs },
    log: createLog('silent'),
    metrics: createMetrics(),
    alarm: (silent) => void told.push(silent),
  });
  for (nowMs = 0; nowMs < 20 * 60_000; nowMs += 60_000) await watch.look();
  assert.deepEqual(told, [{ origin: 'log.example/a', sinceMs: 0 }]);
  cosignedAtMs = nowMs;
  await watch.look();
  nowMs += 16 * 60_000;
  await watch.look();
  assert.equal(told.length, 2, 'and again once it was there in between');
});
