// Tests of approvals of single calls: what one serves, how often, for how long, and how many may be asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import { openDatabase } from '../../state/database.ts';
import { createRevocations } from '../../state/revocations.ts';
import type { Approval } from './approval.ts';
import { createApprovals } from './approvals.ts';
import { createCallApprovals } from './call-approvals.ts';
import type { AskedCall } from './call-approvals.ts';

const person = (id: string): Principal => ({ id, kind: 'user', name: id, groups: [], clientId: 'code' });
const [dana, omar] = [person('dana'), person('omar')];
const weak = {
  rule: 'everywhere',
  approvers: [{ kind: 'user', id: 'omar' }],
  mfa: false,
  withinSeconds: 600,
} as const;
const call: AskedCall = {
  principal: dana,
  method: 'tools/call',
  server: 'notes',
  primitive: 'tools',
  name: 'destroy',
  arguments: { id: 1 },
  more: {},
  effect: 'destroy',
  demand: weak,
  sourceIP: '10.0.0.1',
};

async function open() {
  const database = await openDatabase(':memory:');
  const revocations = await createRevocations({ database, log: createLog('silent'), bell: () => () => undefined });
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs };
  const approvals = createApprovals({ database, revocations, hasSecondFactor: () => false, clock });
  const calls = createCallApprovals({ approvals, database, isIn: () => Promise.resolve(true), clock });
  const begin = async (of: AskedCall): Promise<Approval & { readonly isNew: boolean }> => {
    const begun = await calls.begin(of);
    assert.ok(!isRefusal(begun), JSON.stringify(begun));
    return begun;
  };
  const approved = async (of: AskedCall): Promise<Approval> => {
    const decided = await approvals.decide((await begin(of)).id, omar, { verdict: 'approved', comment: '' });
    assert.ok(!isRefusal(decided));
    return decided;
  };
  return { approvals, calls, clock, begin, approved };
}

test('a yes serves that very call under that very demand, and nothing else', async () => {
  const { approved, begin } = await open();
  await approved(call);
  assert.equal((await begin(call)).state, 'approved', 'the control');
  for (const other of [
    { demand: { ...weak, rule: 'from outside' } },
    { demand: { ...weak, approvers: [{ kind: 'user', id: 'sena' }] } },
    { demand: { ...weak, mfa: true } },
    { principal: { ...dana, clientId: 'cursor' } },
    { principal: { ...dana, actors: ['assistant'] } },
    { principal: person('mallory') },
    { method: 'completion/complete' },
    { server: 'other' },
    { name: 'destroy_all' },
    { arguments: { id: 2 } },
    { more: { task: { ttl: 1 } } },
  ] as Partial<AskedCall>[])
    assert.equal((await begin({ ...call, ...other })).state, 'pending', JSON.stringify(other));
});

test('a yes is good for one call, and not for ever', async () => {
  const { approved, calls, clock } = await open();
  const yes = await approved(call);
  const uses = await Promise.all([calls.use(yes, call), calls.use(yes, call)]);
  assert.equal(uses.filter((use) => use !== undefined).length, 1);
  const late = await approved({ ...call, name: 'late' });
  clock.nowMs += 600_000;
  assert.equal(await calls.use(late, { ...call, name: 'late' }), undefined);
});

test('whoever goes on with a call brings the state that the server gave, once, in time, and not without end', async () => {
  const { approved, calls, clock } = await open();
  const use = (await calls.use(await approved(call), call))!;
  assert.equal(await calls.goesOn(call, ''), undefined, 'the server has asked for nothing');
  for (let round = 1; round <= 8; round += 1) {
    await calls.interrupted(use, `state ${round}`);
    assert.equal(await calls.goesOn(call, 'guessed'), undefined);
    assert.equal(await calls.goesOn({ ...call, principal: person('mallory') }, `state ${round}`), undefined);
    assert.equal((await calls.goesOn(call, `state ${round}`))?.goesOn, true);
    assert.equal(await calls.goesOn(call, `state ${round}`), undefined, 'once');
  }
  await calls.interrupted(use, 'state 9');
  assert.equal(await calls.goesOn(call, 'state 9'), undefined, 'eight questions are enough');

  const other = { ...call, name: 'other' };
  const used = (await calls.use(await approved(other), other))!;
  await calls.interrupted(used, 'half way');
  clock.nowMs += 600_000;
  assert.equal(await calls.goesOn(other, 'half way'), undefined, 'too late');
});

test('taking requests back makes no room for ever new ones, and calls leave room for an elevation', async () => {
  const { approvals, calls, begin, clock } = await open();
  for (let n = 0; n < 60; n += 1) await approvals.withdraw((await begin({ ...call, arguments: { n } })).id, dana);
  const more = await calls.begin({ ...call, arguments: { n: 60 } });
  assert.equal(isRefusal(more) && more.code, 'access_approvals_too_many');
  const elevation = { kind: 'elevation', requester: dana, subject: '', details: {}, justification: '' } as const;
  const asked = await approvals.open({
    ...elevation,
    approvers: weak.approvers,
    mfa: false,
    expiresAtMs: clock.nowMs + 1,
  });
  assert.equal(isRefusal(asked), false);
  clock.nowMs += 3_600_001;
  await begin({ ...call, arguments: { n: 61 } });
});
