// Tests of what ending somebody's access leaves behind: nothing that opens anything, whatever a request under way writes afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
import { openDatabase } from '../../state/database.ts';
import { createRevocations } from '../../state/revocations.ts';
import { createAdapterFactory } from '../oidc-adapter.ts';
import { endedAtMs } from './ending.ts';
import { createKillSwitch } from './kill-switch.ts';

const clock = { now: () => 1_000_000 };
const cause = { by: 'admin', reason: 'left' };

async function openSwitch() {
  const database = await openDatabase(':memory:');
  const revocations = await createRevocations({ database, log: createLog('silent') });
  const killSwitch = createKillSwitch({ database, revocations, clock, forget: () => Promise.resolve() });
  const adapter = createAdapterFactory({
    database,
    clock,
    refreshGraceSeconds: 0,
    endGrant: (grant) => killSwitch.endGrant(grant, cause),
  });
  return {
    database,
    killSwitch,
    adapter,
    async [Symbol.asyncDispose]() {
      await revocations.close();
      await database.destroy();
    },
  };
}

test('what a request under way has written again while somebody was disabled is gone when they are enabled', async () => {
  await using opened = await openSwitch();
  const { killSwitch, adapter } = opened;
  const grant = { accountId: 'dana', clientId: 'c', iat: 1 };
  await adapter('Grant').upsert('g', grant, 600);
  await killSwitch.disablePerson('dana', cause);
  assert.equal(await adapter('Grant').find('g'), undefined);
  await adapter('Grant').upsert('g', grant, 600); // by a request that has read it before
  await killSwitch.enablePerson('dana', cause);
  assert.equal(await adapter('Grant').find('g'), undefined);
  await adapter('Grant').upsert('g', grant, 600);
  assert.ok(await adapter('Grant').find('g'), 'control: what is given afterwards stands');
});

test('a browser that was signed out is not signed in again by a request that has read its session before', async () => {
  await using opened = await openSwitch();
  const { killSwitch, adapter } = opened;
  const session = { accountId: 'dana', uid: 'handle', iat: 1, loginTs: 1 };
  for (const [id, accountId] of [
    ['cookie', 'dana'],
    ['other', 'erin'],
  ] as const)
    await adapter('Session').upsert(id, { ...session, accountId, uid: `handle-${id}` }, 600);
  await killSwitch.endSessionsOf('dana', cause);
  await adapter('Session').upsert('cookie', session, 600);
  await adapter('Session').upsert('other', { ...session, accountId: 'erin', uid: 'handle-other', iat: 2 }, 600);
  assert.equal(await adapter('Session').find('cookie'), undefined);
  assert.deepEqual(await killSwitch.sessions({ person: 'dana', limit: 10 }), [], 'nor shown as open');
  assert.equal((await adapter('Session').find('other'))?.iat, 2, 'control: other sessions are stored again');
});

test('with one session end the sign-ins for pages of whose it was, and of nobody else', async () => {
  for (const kind of ['Session', 'Grant'] as const) {
    await using opened = await openSwitch();
    const { database, killSwitch, adapter } = opened;
    await adapter(kind).upsert('g', { accountId: 'dana', clientId: 'c', uid: 'handle', iat: 1, loginTs: 1 }, 600);
    assert.equal(await killSwitch.endSession('unheard-of', cause), false);
    assert.equal(await endedAtMs(database, 'dana'), undefined, 'control: they stand until then');
    assert.equal(await killSwitch.endSession(kind === 'Grant' ? 'g' : 'handle', cause), true);
    assert.equal(await endedAtMs(database, 'dana'), clock.now(), kind);
    assert.equal(await endedAtMs(database, 'erin'), undefined);
  }
});

test('what people agreed to for a client goes with the client, and with no other', async () => {
  await using opened = await openSwitch();
  const { database, killSwitch } = opened;
  const consent = (client_id: string) => ({
    account_id: 'dana',
    client_id,
    redirect_uri: 'https://c.example/',
    resource: 'https://g.example/mcp',
    scope: 'mcp',
    granted_at: 1,
  });
  await database
    .insertInto('consent')
    .values([consent('bad'), consent('good')])
    .execute();
  await killSwitch.revokeClient('bad', cause);
  const left = await database.selectFrom('consent').select('client_id').execute();
  assert.deepEqual(
    left.map(({ client_id }) => client_id),
    ['good'],
  );
  assert.deepEqual([await killSwitch.revoked('bad'), await killSwitch.revoked('good')], [true, false]);
});
