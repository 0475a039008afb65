// Tests of the keeper's races: what is extended or given while it ends an elevation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dana, noon, openElevationGround } from '../../../test/support/elevation-ground.ts';
import { isRefusal } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import type { Database } from '../../state/database.ts';
import { createLeases } from '../../state/leases.ts';
import type { Revocations } from '../../state/revocations.ts';
import { noActivator } from './elevation.ts';
import type { EndReason } from './elevation.ts';
import { createElevationKeeper } from './elevation-keeper.ts';
import { createElevationStore } from './elevation-store.ts';
import type { ElevationStore } from './elevation-store.ts';

const hourMs = 3_600_000;
const eligible = [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers' }];
const settings = { elevation: { settings: { approvalSettings: { isApprovalRequired: false } }, eligible } };

/** A keeper before whose next change something else becomes durable, after it has read what it goes by. */
async function openKeeper(meanwhile: (store: ElevationStore, id: string, writer: Database) => Promise<void>) {
  const { desk, database, revocations, clock } = await openElevationGround(settings);
  const wish = { role: 'MCP User', scope: '/servers/files', durationMs: hourMs, justification: 'incident 4711' };
  const given = await desk.request(dana, wish);
  assert.ok(!isRefusal(given) && given.state === 'active');
  const { id } = given.elevation;
  const store = createElevationStore(database);
  const commit: Revocations['commit'] = async (change) => {
    await meanwhile(store, id, database);
    return revocations.commit(change);
  };
  const [ends, endedGrants]: [(EndReason | undefined)[], string[]] = [[], []];
  const why = { now: undefined as EndReason | undefined };
  const keeper = createElevationKeeper({
    store,
    eligibilities: { find: () => undefined },
    standing: { whyNot: async () => why.now },
    revocations: { ...revocations, commit },
    leases: createLeases({ database, clock }),
    activator: noActivator,
    notices: {
      waiting: async () => undefined,
      started: async () => undefined,
      ended: async ({ ended }) => void ends.push(ended?.reason),
    },
    record: async () => undefined,
    endGrant: async (grantId) => endedGrants.push(grantId),
    changed: async () => undefined,
    clock,
    log: createLog('silent'),
  });
  return { keeper, store, clock, id, why, ends, endedGrants };
}

test('does not end by time what was extended in the meantime', async () => {
  const { keeper, store, clock, id, ends } = await openKeeper((to, elevation, writer) =>
    to.prolong(writer, elevation, noon + 2 * hourMs),
  );
  clock.nowMs = noon + hourMs;
  await keeper.look();
  assert.equal((await store.find(id))?.ended, undefined);
  assert.deepEqual(ends, []);
});

test('ends what may no longer be held, extended in the meantime or not, with the token given in the meantime', async () => {
  const { keeper, store, id, why, ends, endedGrants } = await openKeeper(async (to, elevation, writer) => {
    await to.prolong(writer, elevation, noon + 2 * hourMs);
    await to.keepGrant(writer, elevation, 'grant-1');
  });
  why.now = 'person';
  await keeper.look(id);
  assert.equal((await store.find(id))?.ended?.reason, 'person');
  assert.deepEqual([ends, endedGrants], [['person'], ['grant-1']]);
});
