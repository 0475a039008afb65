// Tests of the book of approvals: who may decide, that it is decided once, and that what follows is done with it or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import { openDatabase } from '../../state/database.ts';
import { createRevocations } from '../../state/revocations.ts';
import type { Approval, ApprovalRequest } from './approval.ts';
import { createApprovals } from './approvals.ts';

const person = (id: string, more: Partial<Principal> = {}): Principal => ({
  id,
  kind: 'user',
  name: `${id}@example.com`,
  groups: [],
  contexts: ['c1'],
  ...more,
});
const [dana, sena] = [person('dana'), person('sena', { groups: ['security-team'] })];
const wish: ApprovalRequest = {
  kind: 'elevation',
  requester: dana,
  subject: 'Contributor at /servers/files',
  details: { role: 'Contributor' },
  justification: 'incident 7',
  approvers: [
    { kind: 'group', id: 'security-team' },
    { kind: 'user', id: 'dana' },
  ],
  mfa: true,
  expiresAtMs: 2000,
};

async function open() {
  const database = await openDatabase(':memory:');
  const revocations = await createRevocations({ database, log: createLog('silent'), bell: () => () => undefined });
  const clock = { nowMs: 1000, now: () => clock.nowMs };
  const hasSecondFactor = ({ contexts = [] }: Principal): boolean => contexts.includes('c1');
  return { database, clock, approvals: createApprovals({ database, revocations, hasSecondFactor, clock }) };
}

const asked = async (approvals: Awaited<ReturnType<typeof open>>['approvals'], more = {}): Promise<Approval> => {
  const given = await approvals.open({ ...wish, ...more });
  assert.ok(!isRefusal(given));
  return given;
};
const codeOf = (given: object): string => (isRefusal(given) ? given.code : 'none');
const yes = { verdict: 'approved', comment: 'go on' } as const;

test('what is too long for a page is approved only by whoever says that they have read it, at whichever door', async () => {
  const { approvals } = await open();
  const changes = ['role "Deployer"', ...Array.from({ length: 1200 }, (_, at) => `    Actions ${at}`)];
  const { id } = await asked(approvals, { kind: 'policy-change', details: { changes, edits: [], restsOn: {} } });
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_unread');
  assert.equal(codeOf(await approvals.decide(id, { ...sena, id: 'dana' }, yes)), 'access_approval_own');
  assert.equal((await approvals.find(id))?.state, 'pending');
  assert.equal(codeOf(await approvals.decide(id, sena, { ...yes, readWhole: true })), 'none');
  // Nobody has to read all of what they turn down, nor is what is carried out, and not read, part of the length.
  const [other, short] = await Promise.all([
    asked(approvals, { kind: 'policy-change', details: { changes, edits: [], restsOn: {} } }),
    asked(approvals, { kind: 'policy-change', details: { changes: ['short'], edits: changes, restsOn: {} } }),
  ]);
  assert.equal(codeOf(await approvals.decide(other.id, sena, { verdict: 'denied', comment: '' })), 'none');
  assert.equal(codeOf(await approvals.decide(short.id, sena, yes)), 'none');
});

test('an approver says yes, and what was asked for is done with it', async () => {
  const { approvals, clock } = await open();
  const done: string[] = [];
  approvals.carryOut('elevation', ({ id }) => Promise.resolve(void done.push(id)));
  const { id } = await asked(approvals);
  const waiting = approvals.settled(id);
  clock.nowMs = 1500;
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'none');
  const approval = await waiting;
  assert.equal(approval.state, 'approved');
  assert.deepEqual(approval.decision, { by: 'sena', name: 'sena@example.com', comment: 'go on', atMs: 1500 });
  assert.deepEqual(done, [id]);
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_over');
  assert.deepEqual(done, [id]);
});

test('what cannot be done is not approved either', async () => {
  const { approvals } = await open();
  approvals.carryOut('elevation', () => Promise.reject(new Error('no room')));
  const { id } = await asked(approvals);
  await assert.rejects(approvals.decide(id, sena, yes), /no room/);
  assert.equal((await approvals.find(id))?.state, 'pending');
});

test('two yes at once are one', async () => {
  const { approvals } = await open();
  let times = 0;
  approvals.carryOut('elevation', () => Promise.resolve(void times++));
  const { id } = await asked(approvals);
  const other = person('yuki', { groups: ['security-team'] });
  const outcomes = await Promise.all([approvals.decide(id, sena, yes), approvals.decide(id, other, yes)]);
  assert.deepEqual(outcomes.map(codeOf).sort(), ['access_approval_over', 'none']);
  assert.equal(times, 1);
});

test('nobody decides but approvers, in their own name, with a second factor, and never on their own request', async () => {
  const { approvals } = await open();
  const { id } = await asked(approvals);
  for (const [by, code] of [
    [dana, 'access_approval_own'],
    [person('omar'), 'access_approval_not_approver'],
    [person('sena', { ...sena, actors: ['assistant'] }), 'access_approval_not_approver'],
    [person('application:bot', { kind: 'application', groups: ['security-team'] }), 'access_approval_not_approver'],
    [person('root', { kind: 'operator' }), 'access_approval_not_approver'],
    [person('sena', { ...sena, contexts: [] }), 'access_approval_mfa'],
  ] as const)
    assert.equal(codeOf(await approvals.decide(id, by, yes)), code, by.id);
  assert.equal((await approvals.find(id))?.state, 'pending');
  assert.equal(codeOf(await approvals.decide('nothing', sena, yes)), 'access_approval_unknown');
});

test('the operator of the machine decides where a policy says so', async () => {
  const { approvals } = await open();
  const { id } = await asked(approvals, { approvers: [{ kind: 'operator' }] });
  assert.equal(codeOf(await approvals.decide(id, person('root', { kind: 'operator', contexts: [] }), yes)), 'none');
});

test('what nobody decides in time expires, and is not decided any more', async () => {
  const { approvals, clock } = await open();
  const { id } = await asked(approvals);
  clock.nowMs = 2000;
  assert.equal((await approvals.settled(id)).state, 'expired');
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_over');
  assert.deepEqual((await approvals.list({ state: 'pending' })).length, 0);
  assert.deepEqual((await approvals.list({ state: 'expired' })).length, 1);
});

test('a requester takes a request back', async () => {
  const { approvals } = await open();
  const { id } = await asked(approvals);
  assert.equal(codeOf(await approvals.withdraw(id, dana)), 'none');
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_over');
});

test('one requester has a bounded number under way', async () => {
  const { approvals } = await open();
  const given = await Promise.all(Array.from({ length: 25 }, () => approvals.open(wish)));
  assert.equal(given.filter((each) => codeOf(each) === 'access_approvals_too_many').length, 5);
  assert.equal(codeOf(await approvals.open({ ...wish, requester: person('omar') })), 'none');
});

test('whoever waits may stop waiting', async () => {
  const { approvals } = await open();
  const { id } = await asked(approvals);
  const waiting = new AbortController();
  const settled = approvals.settled(id, waiting.signal);
  waiting.abort(new Error('the client left'));
  await assert.rejects(settled, /the client left/);
});
