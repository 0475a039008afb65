// Tests of the end of a review: what people say is never overwritten, nothing is done twice or forgotten, and nobody takes away alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../base/errors.ts';
import { dayMs, noonMs, operator, person, reviewGround } from '../../../test/support/review-ground.ts';
import { createReviewStore } from './review-store.ts';

const files = { role: 'MCP User', scope: '/servers/files' };
const team = { assignments: [{ principal: { group: 'team' }, ...files }] };
const ann = person('ann', ['team']);
const rev = person('rev');
const decision = (by: string, verdict: 'keep' | 'remove') => ({ verdict, by, name: by, comment: '', atMs: noonMs });

test('the rules decide what is undecided and nothing else, and nobody decides after the end', async () => {
  const { database, desk, start } = await reviewGround(team, [ann, person('bob', ['team'])]);
  const { id } = await start();
  const store = createReviewStore(database);
  assert.equal(await store.decide(id, 1, decision('rev', 'keep')), true);
  await store.decideTheRest(id, decision('policy', 'remove'));
  const said = async (): Promise<unknown[]> =>
    (await desk.items(id)).map(({ decision: each }) => `${each?.verdict} by ${each?.by}`);
  assert.deepEqual(await said(), ['keep by rev', 'remove by policy']);
  await store.complete(id, 'rev', noonMs);
  assert.equal(await store.decide(id, 1, decision('rev', 'remove')), false);
  assert.deepEqual(await said(), ['keep by rev', 'remove by policy']);
});

test('of two ends at once one ends it, and the other is told that it is over', async () => {
  const { desk, access, start } = await reviewGround(team, [ann]);
  const { id } = await start();
  const ends = await Promise.all([desk.complete(id, operator), desk.complete(id, operator)]);
  assert.deepEqual(
    ends.map((end) => (isRefusal(end) ? end.code : end.applied!.versions.length)),
    [1, 'access_review_over'],
  );
  assert.deepEqual(
    (await desk.items(id)).map(({ outcome }) => outcome),
    ['excluded'],
  );
  assert.deepEqual(access.assignments()[0]!.excludes, ['ann']);
});

test('an end that broke off after the rights were gone finds its version again, and is told of', async () => {
  const { desk, database, clock, start, told } = await reviewGround(team, [ann]);
  const { id } = await start();
  const ended = await desk.complete(id, operator);
  assert.ok(!isRefusal(ended));
  await database.updateTable('review').set({ applied: null }).where('id', '=', id).execute();
  await database.updateTable('review_item').set({ outcome: null }).execute();
  clock.nowMs += dayMs;
  await desk.look();
  assert.deepEqual((await desk.find(id))!.applied, ended.applied);
  assert.deepEqual(
    (await desk.items(id)).map(({ outcome }) => outcome),
    ['excluded'],
  );
  assert.deepEqual(
    told.map(({ action }) => action),
    ['review.complete'],
  );
  await desk.look();
  assert.equal(told.length, 1);
});

test('what one version does not take is removed in several, each of which can be taken back', async () => {
  const { desk, access, start } = await reviewGround(
    team,
    Array.from({ length: 1001 }, (_, index) => person(`p${index}`, ['team'])),
  );
  const { id } = await start();
  const ended = await desk.complete(id, operator);
  assert.ok(!isRefusal(ended));
  assert.equal(access.assignments()[0]!.excludes!.length, 1001);
  assert.equal(ended.applied!.versions.length, 2);
  for (const version of ended.applied!.versions)
    await access.policy.changes.revert(version, false, { by: operator, why: '' });
  assert.equal(access.assignments()[0]!.excludes, undefined);
});

for (const [verdict, outcome, excludes] of [
  ['approved', 'excluded', ['ann']],
  ['denied', 'refused', undefined],
] as const)
  test(`a removal for which four eyes are demanded is told as ${outcome} when it is ${verdict}`, async () => {
    const changes = { approval: 'required', approvers: [{ group: 'bosses' }], mfa: false };
    const { desk, access, approvals, start } = await reviewGround({ ...team, changes }, [ann]);
    const { id } = await start();
    const ended = await desk.complete(id, operator);
    assert.ok(!isRefusal(ended));
    await desk.look();
    const items = async (): Promise<unknown[]> => (await desk.items(id)).map((item) => item.outcome);
    assert.deepEqual(await items(), ['pending']);
    await approvals.decide(ended.applied!.approvals[0]!, person('boss', ['bosses']), { verdict, comment: '' });
    await access.refresh();
    await desk.look();
    assert.deepEqual(await items(), [outcome]);
    assert.deepEqual(access.assignments()[0]!.excludes, excludes);
    const { versions, waits } = (await desk.find(id))!.applied!;
    assert.deepEqual([versions.length, waits], [verdict === 'approved' ? 1 : 0, false]);
  });

test('a campaign without anybody who could decide waits until there is somebody', async () => {
  const campaign = { schedule: '0 * * * *', lasts: 'PT1H', reviewers: [{ user: 'late@example.com' }] };
  const { desk, people, clock, told } = await reviewGround({ ...team, reviews: { campaigns: { hourly: campaign } } }, [
    ann,
  ]);
  await desk.look();
  clock.nowMs += 2 * 3_600_000;
  await desk.look();
  assert.deepEqual(await desk.list({ limit: 10 }), []);
  people.push(person('late@example.com'));
  await desk.look();
  assert.equal((await desk.list({ limit: 10 })).length, 1);
  assert.deepEqual(
    told.map(({ action }) => action),
    ['review.start'],
  );
});

test('whoever begins a review does not decide in it', async () => {
  const { desk, start } = await reviewGround(team, [ann]);
  const own = await start('rev');
  const refused = await desk.decide(own.id, [1], rev, { verdict: 'remove', comment: '' });
  assert.equal(isRefusal(refused) && refused.code, 'access_review_own');
  const anothers = await start('ada');
  assert.ok(!isRefusal(await desk.decide(anothers.id, [1], rev, { verdict: 'remove', comment: '' })));
});

test('a line of the configuration to which a condition is added brings nobody back, and one that is gone and comes back neither', async () => {
  const { desk, database, start } = await reviewGround(team, [ann]);
  await desk.complete((await start()).id, operator);
  const condition = "@Request[genkan:tool] StringNotEquals 'delete'";
  for (const assignments of [[{ principal: { group: 'team' }, ...files, condition }], [], team.assignments]) {
    const { access } = await reviewGround({ assignments }, [ann], database);
    assert.deepEqual(
      access.assignments().map(({ excludes }) => excludes),
      assignments.map(() => ['ann']),
    );
    const call = { server: 'files', primitive: 'tools', name: 'read', arguments: {} } as const;
    assert.equal(access.decide(ann, call).outcome === 'allow', false);
  }
});

test('who is left out of a line that names them can be given the same again', async () => {
  const { desk, access, start } = await reviewGround({ assignments: [{ principal: { user: 'ann' }, ...files }] }, [
    ann,
  ]);
  await desk.complete((await start()).id, operator);
  const call = { server: 'files', primitive: 'tools', name: 'read', arguments: {} } as const;
  assert.notEqual(access.decide(ann, call).outcome, 'allow');
  await access.policy.changes.assign([{ principal: { kind: 'user', id: 'ann' }, ...files }], { by: operator, why: '' });
  assert.equal(access.decide(ann, call).outcome, 'allow');
});
