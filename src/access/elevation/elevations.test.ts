// Tests of elevation: who may ask for what, that it begins with the approval and ends to the millisecond, and what is told of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, dana, noon, openElevationGround, person, sena } from '../../../test/support/elevation-ground.ts';
import type { ElevationGround } from '../../../test/support/elevation-ground.ts';
import { isRefusal } from '../../base/errors.ts';
import type { Activator, Elevation } from './elevation.ts';

const hourMs = 3_600_000;
const scope = '/servers/files';
const group = { group: 'makers' };
const approvers = [{ principalType: 'Group', principalId: 'security-team-group-id' }];
const asked = { approvalSettings: { approvers }, activationSettings: { maximumDuration: 'PT4H' } };
const atOnce = {
  approvalSettings: { isApprovalRequired: false, isApprovalRequiredForExtension: false },
  activationSettings: { maximumDuration: 'PT4H' },
};
const settings = (rules: object, more: object = {}): object => ({
  elevation: { settings: rules, eligible: [{ principal: group, role: 'MCP User', scope: '/servers', ...more }] },
});
const wish = { role: 'MCP User', scope, justification: 'incident 4711' };
const yes = { verdict: 'approved', comment: '' } as const;

async function held(ground: ElevationGround, more: object = {}): Promise<Elevation> {
  const given = await ground.desk.request(dana, { ...wish, ...more });
  assert.ok(!isRefusal(given) && given.state === 'active', codeOf(given));
  return given.elevation;
}
const grants = async ({ desk, clock }: ElevationGround): Promise<number> =>
  (await desk.list()).filter(({ endsAtMs = 0 }) => endsAtMs > clock.nowMs).length;
const actions = ({ entries }: ElevationGround): string[] => entries.map(({ action }) => action);

test('begins when it is approved, ends by itself, and each step is told once', async () => {
  const ground = await openElevationGround(settings(asked));
  const { desk, approvals, clock, entries, notices } = ground;
  const given = await desk.request(dana, { ...wish, durationMs: hourMs });
  assert.ok(!isRefusal(given) && given.state === 'pending');
  const { approval } = given;
  assert.equal(approval.subject, `MCP User at ${scope} for PT1H`);
  assert.equal(approval.details['enforcedBy'], 'genkan');
  assert.equal(await grants(ground), 0, 'asking is not having');

  clock.nowMs += hourMs;
  assert.equal(codeOf(await approvals.decide(approval.id, sena, yes)), 'none');
  await desk.look();
  const [assignment] = await desk.list();
  assert.deepEqual(
    [assignment?.principal, assignment?.source, assignment?.startsAtMs, assignment?.endsAtMs],
    [{ kind: 'user', id: 'dana' }, 'elevation', noon + hourMs, noon + 2 * hourMs],
    'it runs from the approval on',
  );
  await desk.look();
  assert.deepEqual(actions(ground), ['elevation.start']);
  assert.equal(entries[0]?.details['enforcedBy'], 'genkan');
  assert.equal(entries[0]?.details['approvedBy'], 'sena');

  clock.nowMs = noon + 2 * hourMs - 1;
  assert.equal(await grants(ground), 1);
  clock.nowMs += 1;
  assert.equal(await grants(ground), 0, 'the end is not part of it');
  clock.nowMs += 5000;
  await desk.look();
  await desk.look();
  assert.deepEqual(actions(ground), ['elevation.start', 'elevation.end']);
  assert.equal(entries[1]?.details['endedAt'], new Date(noon + 2 * hourMs).toISOString(), 'its true end');
  assert.equal(entries[1]?.details['reason'], 'time');
  assert.deepEqual(
    notices.map(({ kind }) => kind),
    ['elevation.started', 'elevation.ended'],
  );
});

test('what ended while nothing ran is told at the next start, with its true time', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const { endsAtMs } = await held(ground);
  ground.clock.nowMs = endsAtMs + 9 * hourMs;
  const restarted = await ground.again(settings(atOnce));
  await restarted.desk.look();
  assert.deepEqual(actions(restarted), ['elevation.end']);
  assert.equal(restarted.entries[0]?.details['endedAt'], new Date(endsAtMs).toISOString());
});

test('is asked for by people whom it is for, in their own name, within what they are eligible for', async () => {
  const window = { from: '2026-11-20T00:00:00Z', until: '2026-11-22T00:00:00Z' };
  const { desk, clock } = await openElevationGround(settings(asked, window));
  for (const [by, more, code] of [
    [person('omar'), {}, 'access_elevation_not_eligible'],
    [dana, { role: 'Genkan Operator' }, 'access_elevation_not_eligible'],
    [dana, { scope: '/' }, 'access_elevation_not_eligible'],
    [dana, { scope: 'files' }, 'access_scope_invalid'],
    [person('dana', { groups: ['makers'], actors: ['assistant'] }), {}, 'access_elevation_person'],
    [person('application:bot', { kind: 'application', groups: ['makers'] }), {}, 'access_elevation_person'],
    [person('operator', { kind: 'operator', groups: ['makers'] }), {}, 'access_elevation_person'],
    [dana, { durationMs: 4 * hourMs + 1 }, 'access_elevation_duration'],
    [dana, { durationMs: 1 }, 'access_elevation_duration'],
    [dana, { justification: '   because   ' }, 'access_elevation_justification'],
    [person('dana', { groups: ['makers'], contexts: [] }), {}, 'access_elevation_mfa'],
    [dana, {}, 'none'],
  ] as const)
    assert.equal(codeOf(await desk.request(by, { ...wish, ...more })), code, `${by.id} ${JSON.stringify(more)}`);
  const weak = await desk.request(person('dana', { groups: ['makers'], contexts: [] }), wish);
  assert.equal(
    isRefusal(weak) && weak.data?.['request'],
    'https://genkan.example.com/elevation?role=MCP+User&scope=%2Fservers%2Ffiles',
  );
  for (const atMs of [Date.parse('2026-11-19T12:00:00Z'), Date.parse('2026-11-22T00:00:00Z')]) {
    clock.nowMs = atMs;
    assert.equal(codeOf(await desk.request(dana, wish)), 'access_elevation_not_eligible');
  }
});

test('while it waits, the same request is the same; while it is held, there is no second', async () => {
  const ground = await openElevationGround(settings(asked));
  const { desk, approvals } = ground;
  const [first, second] = [await desk.request(dana, wish), await desk.request(dana, wish)];
  assert.ok(!isRefusal(first) && first.state === 'pending' && !isRefusal(second) && second.state === 'pending');
  assert.equal(first.approval.id, second.approval.id);
  const shorter = await desk.request(dana, { ...wish, durationMs: hourMs });
  assert.ok(!isRefusal(shorter) && shorter.state === 'pending');
  assert.match(shorter.approval.subject, /for PT1H$/, 'who asks for less is not answered with more');
  await approvals.decide(first.approval.id, sena, yes);
  assert.equal(codeOf(await desk.request(dana, wish)), 'access_elevation_active');
  await assert.rejects(approvals.decide(shorter.approval.id, sena, yes), { code: 'access_elevation_active' });
});

test('of two at once that nobody has to approve, one begins', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const outcomes = await Promise.all([ground.desk.request(dana, wish), ground.desk.request(dana, wish)]);
  assert.deepEqual(outcomes.map(codeOf).sort(), ['access_elevation_active', 'none']);
  assert.equal(await grants(ground), 1);
});

test('a name among the approvers is looked up once; whoever takes it later approves nothing', async () => {
  const byName = { approvalSettings: { approvers: [{ principalType: 'User', principalId: 'boss@example.com' }] } };
  const { desk, approvals, names, people, clock } = await openElevationGround(settings(byName));
  assert.equal(
    codeOf(await desk.request(dana, wish)),
    'access_elevation_approvers',
    'a name of nobody approves nothing',
  );
  assert.deepEqual(await desk.unknownApprovers(), ['boss@example.com']);
  names.set('boss@example.com', 'dana');
  clock.nowMs += 30_000; // it is not asked for at every request
  assert.equal(codeOf(await desk.request(dana, wish)), 'access_elevation_approvers', 'nor does who asks');
  names.set('boss@example.com', 'omar');
  people.set('kim', { groups: ['makers'] });
  const given = await desk.request(person('kim', { groups: ['makers'] }), wish);
  assert.ok(!isRefusal(given) && given.state === 'pending');
  assert.deepEqual(await desk.unknownApprovers(), []);
  assert.equal(codeOf(await approvals.decide(given.approval.id, person('omar'), yes)), 'access_approval_not_approver');
  assert.equal(
    codeOf(await approvals.decide(given.approval.id, dana, yes)),
    'none',
    'whom it meant when it was first known',
  );
});

test('is extended by its holder, to at most the maximum in all, and beyond it by approval where the rules say so', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const { desk, clock } = ground;
  const { id } = await held(ground, { durationMs: hourMs });
  const more = { justification: wish.justification };
  assert.equal(codeOf(await desk.extend(sena, id, more)), 'access_elevation_unknown');
  assert.equal(codeOf(await desk.extend(dana, id, { ...more, durationMs: 5 * hourMs })), 'access_elevation_duration');
  clock.nowMs += hourMs / 2;
  const extended = await desk.extend(dana, id, { ...more, durationMs: 4 * hourMs });
  assert.ok(!isRefusal(extended) && extended.state === 'active');
  assert.equal(extended.elevation.endsAtMs, noon + 4 * hourMs, 'nobody carries it on for ever by themselves');
  assert.deepEqual(actions(ground), ['elevation.start', 'elevation.extended']);
  clock.nowMs += hourMs;
  assert.equal(codeOf(await desk.extend(dana, id, more)), 'access_elevation_duration');
  assert.equal((await desk.find(id))?.endsAtMs, noon + 4 * hourMs);
  clock.nowMs = noon + 4 * hourMs;
  assert.equal(codeOf(await desk.extend(dana, id, more)), 'access_elevation_over');

  const careful = await openElevationGround(
    settings({ ...atOnce, approvalSettings: { isApprovalRequired: false, approvers } }),
  );
  const first = await held(careful, { durationMs: hourMs });
  const waiting = await careful.desk.extend(dana, first.id, { ...more, durationMs: 2 * hourMs });
  assert.ok(!isRefusal(waiting) && waiting.state === 'pending');
  assert.equal((await careful.desk.find(first.id))?.endsAtMs, noon + hourMs);
  assert.equal(codeOf(await careful.approvals.decide(waiting.approval.id, sena, yes)), 'none');
  assert.equal((await careful.desk.find(first.id))?.endsAtMs, noon + 2 * hourMs);
  const shorter = await careful.desk.extend(dana, first.id, { ...more, durationMs: hourMs });
  assert.ok(!isRefusal(shorter) && shorter.state === 'pending');
  await careful.approvals.decide(shorter.approval.id, sena, yes);
  assert.equal((await careful.desk.find(first.id))?.endsAtMs, noon + 2 * hourMs, 'an extension takes nothing away');
  const late = await careful.desk.extend(dana, first.id, { ...more, durationMs: 3 * hourMs });
  assert.ok(!isRefusal(late) && late.state === 'pending');
  careful.clock.nowMs = noon + 2 * hourMs;
  await assert.rejects(careful.approvals.decide(late.approval.id, sena, yes), { code: 'access_elevation_over' });
});

test('an approval carries it beyond the maximum in all, to at most the maximum from then on', async () => {
  const { desk, approvals, clock } = await openElevationGround(settings(asked));
  const first = await desk.request(dana, wish);
  assert.ok(!isRefusal(first) && first.state === 'pending');
  await approvals.decide(first.approval.id, sena, yes);
  clock.nowMs += 3 * hourMs;
  const more = await desk.extend(dana, first.approval.id, { justification: wish.justification });
  assert.ok(!isRefusal(more) && more.state === 'pending');
  clock.nowMs += hourMs / 2;
  assert.equal(codeOf(await approvals.decide(more.approval.id, sena, yes)), 'none');
  assert.equal((await desk.find(first.approval.id))?.endsAtMs, clock.nowMs + 4 * hourMs);
});

test('an extension is for who is eligible now, of what was requested and not of an emergency', async () => {
  const window = { until: '2026-11-21T14:00:00Z' };
  const more = { justification: wish.justification };
  const left = await openElevationGround(settings(atOnce));
  const { id } = await held(left, { durationMs: hourMs });
  assert.equal(codeOf(await left.desk.extend(person('dana'), id, more)), 'access_elevation_not_eligible');
  const moved = await left.again(settings(atOnce, window));
  assert.equal(codeOf(await moved.desk.extend(dana, id, more)), 'access_elevation_not_eligible');

  const timed = await openElevationGround(settings({ ...atOnce, approvalSettings: { approvers } }, window));
  const first = await timed.desk.request(dana, { ...wish, durationMs: hourMs });
  assert.ok(!isRefusal(first) && first.state === 'pending');
  await timed.approvals.decide(first.approval.id, sena, yes);
  const row = timed.database.updateTable('elevation').set({ ends_at: noon + 4 * hourMs });
  await row.execute(); // as it was before the eligibility was given an end
  timed.clock.nowMs = Date.parse(window.until);
  assert.equal(codeOf(await timed.desk.extend(dana, first.approval.id, more)), 'access_elevation_not_eligible');
  assert.deepEqual(await timed.approvals.list({ kind: 'extension' }), [], 'nobody is asked for it');

  const emergency = { eligible: [{ principal: group, role: 'MCP User', scope: '/servers' }], maximumDuration: 'PT1H' };
  const burning = await openElevationGround({ breakGlass: { ...emergency, reviewers: [group] } });
  const taken = await burning.desk.breakGlass(dana, dana, wish);
  assert.ok(!isRefusal(taken));
  assert.equal(codeOf(await burning.desk.extend(dana, taken.id, more)), 'access_elevation_over');
  assert.equal((await burning.desk.find(taken.id))?.endsAtMs, noon + hourMs);
});

test('ends early by its holder, by an administrator, when nobody is eligible any more, and when the person is kept out', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const { desk, people, entries } = ground;
  const reasons = (): unknown => entries.at(-1)?.details['reason'];
  await desk.end((await held(ground)).id, dana, 'holder');
  assert.equal(await grants(ground), 0);
  assert.equal(reasons(), 'holder');
  const { id } = await held(ground);
  await desk.end(id, sena, 'administrator');
  assert.equal(reasons(), 'administrator');
  assert.equal(codeOf(await desk.end(id, sena, 'administrator')), 'access_elevation_over');
  assert.equal(codeOf(await desk.end('nothing', sena, 'administrator')), 'access_elevation_unknown');

  await held(ground);
  people.set('dana', { groups: [] });
  await desk.look();
  assert.equal(await grants(ground), 0);
  assert.equal(reasons(), 'eligibility');

  people.set('dana', { groups: ['makers'] });
  await held(ground);
  people.delete('dana');
  await desk.look();
  assert.equal(await grants(ground), 0);
  assert.equal(reasons(), 'person');

  people.set('dana', { groups: ['makers'] });
  await held(ground);
  const without = await ground.again({});
  await without.desk.look();
  assert.equal(await grants(without), 0, 'what the configuration no longer says');
});

test('nothing is approved that may no longer be had, and nothing outlasts what it rests on', async () => {
  const until = '2026-11-21T13:00:00Z';
  const ground = await openElevationGround(settings(asked, { until }));
  const given = await ground.desk.request(dana, wish);
  assert.ok(!isRefusal(given) && given.state === 'pending');
  assert.equal(codeOf(await ground.approvals.decide(given.approval.id, sena, yes)), 'none');
  assert.equal((await ground.desk.find(given.approval.id))?.endsAtMs, Date.parse(until));

  const other = await openElevationGround(settings(asked, { until }));
  const late = await other.desk.request(dana, wish);
  assert.ok(!isRefusal(late) && late.state === 'pending');
  other.clock.nowMs = Date.parse(until);
  await assert.rejects(other.approvals.decide(late.approval.id, sena, yes), { code: 'access_elevation_not_eligible' });
  assert.equal((await other.approvals.find(late.approval.id))?.state, 'pending');
});

test('an approval gives nothing to who has left the group meanwhile, or may no longer come in; nor does an extension', async () => {
  const ground = await openElevationGround(settings(asked));
  const { desk, approvals, people } = ground;
  const gone = { code: 'access_elevation_not_eligible' };
  const first = await desk.request(dana, wish);
  assert.ok(!isRefusal(first) && first.state === 'pending');
  people.set('dana', { groups: [] });
  await assert.rejects(approvals.decide(first.approval.id, sena, yes), gone);
  people.delete('dana');
  await assert.rejects(approvals.decide(first.approval.id, sena, yes), gone);
  assert.equal((await approvals.find(first.approval.id))?.state, 'pending');
  assert.equal(await grants(ground), 0);

  people.set('dana', { groups: ['makers'] });
  assert.equal(codeOf(await approvals.decide(first.approval.id, sena, yes)), 'none');
  const more = await desk.extend(dana, first.approval.id, { justification: wish.justification });
  assert.ok(!isRefusal(more) && more.state === 'pending');
  people.set('dana', { groups: [] });
  await assert.rejects(approvals.decide(more.approval.id, sena, yes), gone);
  assert.equal((await desk.find(first.approval.id))?.endsAtMs, noon + 4 * hourMs);
});

test('trouble with one elevation reaches nobody else, neither what they ask for nor what ends', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const { desk, people, clock } = ground;
  await held(ground, { durationMs: hourMs });
  const find = people.get.bind(people);
  people.get = (id) => {
    if (id === 'dana') throw new Error('the disk is full');
    return find(id);
  };
  people.set('kim', { groups: ['makers'] });
  const kim = person('kim', { groups: ['makers'] });
  assert.equal(codeOf(await desk.request(kim, { ...wish, durationMs: 2 * hourMs })), 'none');
  await desk.look();
  clock.nowMs += 2 * hourMs;
  await desk.look();
  assert.equal(actions(ground).filter((action) => action === 'elevation.end').length, 2);
});

test('one person holds so many at a time and no more, also when they ask for all at once', async () => {
  const ground = await openElevationGround(settings(atOnce));
  const asks = Array.from({ length: 21 }, (_, index) =>
    ground.desk.request(dana, { ...wish, scope: `${scope}${index}` }),
  );
  const codes = (await Promise.all(asks)).map(codeOf);
  assert.deepEqual(
    codes.filter((code) => code !== 'none'),
    ['access_elevation_too_many'],
  );
  assert.equal(await grants(ground), 20);
  ground.clock.nowMs += 4 * hourMs;
  await ground.desk.look();
  await held(ground);
});

test('what is held at a place that is gone ends, there and below it', async () => {
  const ground = await openElevationGround(settings(atOnce));
  for (const place of [scope, `${scope}/tools/read`, `${scope}2`, '/servers']) await held(ground, { scope: place });
  await ground.desk.endAt(scope, sena);
  assert.deepEqual((await ground.desk.list()).map((each) => each.scope).sort(), ['/servers', `${scope}2`]);
  assert.equal(actions(ground).filter((action) => action === 'elevation.end').length, 2);
});

test('what enforces it elsewhere is told of every beginning, extension and end, until it has done it', async () => {
  const [done, down] = [[] as string[], { now: true }];
  const activator: Activator = {
    enforces: () => 'entra-pim',
    async activate({ startsAtMs, endsAtMs }) {
      if (down.now) throw new Error('Azure does not answer');
      done.push(`until ${(endsAtMs - noon) / hourMs} h`);
      return { state: 'active', status: 'Provisioned', fromMs: startsAtMs, untilMs: endsAtMs };
    },
    deactivate: async () => void done.push('over'),
  };
  const ground = await openElevationGround(settings(atOnce), { activator });
  await held(ground, { durationMs: hourMs });
  assert.deepEqual(actions(ground), [], 'what Azure does not know of has not begun there');
  down.now = false;
  await ground.desk.look();
  const [elevation] = await ground.desk.all();
  assert.equal(elevation?.enforcedBy, 'entra-pim');
  await ground.desk.extend(dana, elevation.id, { justification: wish.justification, durationMs: 2 * hourMs });
  await ground.desk.end(elevation.id, dana, 'holder');
  assert.deepEqual(done, ['until 1 h', 'until 2 h', 'over']);
  assert.deepEqual(actions(ground), ['elevation.start', 'elevation.extended', 'elevation.end']);
});
