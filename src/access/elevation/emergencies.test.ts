// Tests of break-glass: at once and with an alarm, only for those named, and looked at afterwards by somebody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, dana, noon, openElevationGround, person, sena } from '../../../test/support/elevation-ground.ts';
import { isRefusal } from '../../base/errors.ts';

const settings = {
  breakGlass: {
    eligible: [{ principal: { user: 'dana' }, role: 'MCP User', scope: '/servers' }],
    maximumDuration: 'PT30M',
    reviewers: [{ group: 'security-team-group-id' }, { user: 'https://login.example.com#dana' }],
  },
};
const wish = { role: 'MCP User', scope: '/servers/files', justification: 'Entra is down' };
const operatorOf = person('operator', { kind: 'operator' });
const unproven = person('dana', { contexts: [] });

test('begins at once without approval or second factor, as an alarm, and is bounded', async () => {
  const { desk, entries, notices, clock } = await openElevationGround(settings);
  const taken = await desk.breakGlass(unproven, unproven, wish);
  assert.ok(!isRefusal(taken));
  assert.equal(taken.endsAtMs, noon + 30 * 60_000);
  assert.deepEqual(
    (await desk.list()).map(({ source }) => source),
    ['break-glass'],
  );
  const [alarm] = notices;
  assert.deepEqual(
    [alarm?.kind, alarm?.severity, alarm?.to],
    [
      'break-glass',
      'critical',
      [
        { kind: 'group', id: 'security-team-group-id' },
        { kind: 'user', id: 'https://login.example.com#dana' },
      ],
    ],
  );
  for (const language of ['en', 'ja', 'ko', 'zh-Hant'] as const) {
    const { title, lines } = alarm!.text(language);
    assert.match(`${title} ${lines.join(' ')}`, /dana@example\.com.*Entra is down/);
    assert.doesNotMatch(`${title} ${lines.join(' ')}`, /\{/);
  }
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['break-glass.start'],
  );
  clock.nowMs = taken.endsAtMs;
  await desk.look();
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['break-glass.start', 'break-glass.end'],
  );
});

test('is for those whom the configuration names, by themselves or by the operator, and for nobody else', async () => {
  const { desk } = await openElevationGround(settings);
  const assistant = person('dana', { actors: ['assistant'] });
  for (const [by, who, more, code] of [
    [sena, sena, {}, 'access_elevation_not_eligible'],
    [sena, dana, {}, 'access_elevation_person'],
    [assistant, assistant, {}, 'access_elevation_person'],
    [operatorOf, sena, {}, 'access_elevation_not_eligible'],
    [dana, dana, { scope: '/' }, 'access_elevation_not_eligible'],
    [dana, dana, { durationMs: 31 * 60_000 }, 'access_elevation_duration'],
    [dana, dana, { justification: 'quick' }, 'access_elevation_justification'],
    [operatorOf, dana, {}, 'none'],
  ] as const)
    assert.equal(codeOf(await desk.breakGlass(by, who, { ...wish, ...more })), code, `${by.id} for ${who.id}`);
});

test('is not had by an ordinary request, nor an ordinary role by break-glass', async () => {
  const { desk } = await openElevationGround(settings);
  assert.equal(codeOf(await desk.request(dana, wish)), 'access_elevation_not_eligible');
  const other = await openElevationGround({
    elevation: { eligible: [{ principal: { user: 'dana' }, role: 'MCP User', scope: '/servers' }] },
  });
  assert.equal(codeOf(await other.desk.breakGlass(dana, dana, wish)), 'access_elevation_not_eligible');
});

test('stays open until a reviewer who is not its holder has written a finding, once, after its end', async () => {
  const { desk, clock } = await openElevationGround(settings);
  const taken = await desk.breakGlass(dana, dana, wish);
  assert.ok(!isRefusal(taken));
  const { emergencies } = desk;
  const review = async (by: typeof dana): Promise<string> =>
    codeOf(await emergencies.review(taken.id, by, 'as it should be'));
  assert.equal(await review(sena), 'access_break_glass_open');
  clock.nowMs = taken.endsAtMs;
  assert.equal((await emergencies.list({ unreviewed: true })).length, 1);
  const holder = person('dana', { groups: ['security-team-group-id'] });
  for (const [by, code] of [
    [holder, 'access_break_glass_reviewer'],
    [person('omar'), 'access_break_glass_reviewer'],
    [operatorOf, 'access_break_glass_reviewer'],
    [{ ...sena, actors: ['assistant'] }, 'access_break_glass_reviewer'],
    [{ ...sena, contexts: [] }, 'access_approval_mfa'],
    [sena, 'none'],
    [sena, 'access_break_glass_reviewed'],
  ] as const)
    assert.equal(await review(by), code, by.id);
  assert.equal((await emergencies.list({ unreviewed: true })).length, 0);
  assert.equal((await desk.find(taken.id))?.review?.finding, 'as it should be');
});

test('what somebody writes stays on its one line of the alarm, and shows all that is in it', async () => {
  const { desk, notices } = await openElevationGround(settings);
  const justification = 'Entra is down\nReviewed already by: \u202eanes\u200b.\u2066';
  assert.equal(codeOf(await desk.breakGlass(dana, dana, { ...wish, justification })), 'none');
  const { lines } = notices[0]!.text('en');
  assert.ok(lines.includes('Reason: Entra is down Reviewed already by: anes.'), lines.join('|'));
});

test('is one at a time for each of those named, and so many a day', async () => {
  const { desk, clock } = await openElevationGround(settings);
  for (let taken = 0; taken < 20; taken += 1) {
    const given = await desk.breakGlass(dana, dana, { ...wish, scope: `/servers/s${taken}` });
    assert.ok(!isRefusal(given), codeOf(given));
    assert.equal(codeOf(await desk.breakGlass(dana, dana, wish)), 'access_elevation_too_many');
    await desk.end(given.id, dana, 'holder');
  }
  assert.equal(codeOf(await desk.breakGlass(dana, dana, wish)), 'access_elevation_too_many');
  clock.nowMs += 24 * 3_600_000;
  assert.equal(codeOf(await desk.breakGlass(dana, dana, wish)), 'none');
});

test('the token that was given with it ends with it', async () => {
  const { desk, endedGrants } = await openElevationGround(settings);
  const taken = await desk.breakGlass(operatorOf, dana, wish);
  assert.ok(!isRefusal(taken));
  assert.ok(await desk.keepGrant(taken.id, 'grant-1'));
  assert.deepEqual(endedGrants, []);
  await desk.end(taken.id, dana, 'holder');
  assert.deepEqual(endedGrants, ['grant-1']);
});

test('a token made while it ends is not given, and is over at once', async () => {
  const { desk, endedGrants, clock } = await openElevationGround(settings);
  const first = await desk.breakGlass(operatorOf, dana, wish);
  assert.ok(!isRefusal(first));
  await desk.end(first.id, sena, 'administrator');
  assert.equal(await desk.keepGrant(first.id, 'grant-1'), false);
  assert.deepEqual(endedGrants, ['grant-1']);
  const second = await desk.breakGlass(operatorOf, dana, wish);
  assert.ok(!isRefusal(second));
  clock.nowMs = second.endsAtMs;
  assert.equal(await desk.keepGrant(second.id, 'grant-2'), false);
  assert.equal(await desk.keepGrant('nothing', 'grant-3'), false);
  assert.deepEqual(endedGrants, ['grant-1', 'grant-2', 'grant-3']);
});

test('who opened it for somebody else does not review it either, and nobody opens it for who may not come in', async () => {
  const reviewers = [{ operator: true }, { group: 'security-team-group-id' }];
  const { desk, people, clock } = await openElevationGround({ breakGlass: { ...settings.breakGlass, reviewers } });
  const taken = await desk.breakGlass(operatorOf, dana, wish);
  assert.ok(!isRefusal(taken));
  clock.nowMs = taken.endsAtMs;
  assert.equal(codeOf(await desk.emergencies.review(taken.id, operatorOf, 'fine')), 'access_break_glass_reviewer');
  assert.equal(codeOf(await desk.emergencies.review(taken.id, sena, 'fine')), 'none');
  people.delete('dana');
  assert.equal(codeOf(await desk.breakGlass(operatorOf, dana, wish)), 'access_elevation_not_eligible');
});
