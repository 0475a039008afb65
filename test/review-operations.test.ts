// An access review at the door: begun by the operator, decided by a reviewer over REST, and a person who is out after it, and in again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleter, devGroups, mfa, openElevationHouse } from './support/elevation-house.ts';

const isRefused = (message: { error?: { data?: Record<string, unknown> } }): boolean =>
  message.error?.data?.['reason'] === 'access_action_missing' ||
  message.error?.data?.['reason'] === 'access_out_of_scope';

test('what a reviewer takes away is gone when the review ends, and can be given back', async () => {
  await using here = await openElevationHouse();
  const { house, api, order, deletes, records } = here;
  await order('role/assign', { role: deleter, group: 'makers', scope: devGroups });
  const [client, sena, dana] = [
    await house.token('dana', 'azure'),
    await house.apiToken('sena', mfa),
    await house.apiToken('dana', mfa),
  ];
  assert.equal((await deletes(client)).error, undefined);

  const { body: begun } = await order('review/start', { reviewerGroup: 'security-team-group-id', role: deleter });
  const { id, figures } = begun.review;
  assert.equal(figures.items, 1, JSON.stringify(begun));
  const { body: seen } = await api(sena, 'review/show', { id });
  assert.deepEqual(
    seen.items.map(({ name, uses, reason }: Record<string, unknown>) => [name, uses, reason]),
    [['dana@example.com', 1, 'active']],
  );

  const remove = { id, decision: 'remove', item: [1], comment: 'left the project' };
  assert.equal((await api(dana, 'review/decide', remove)).code, 'access_review_unknown', 'it is none of her business');
  assert.equal((await api(await house.apiToken('sena'), 'review/decide', remove)).code, 'access_approval_mfa');
  assert.equal((await api(sena, 'review/decide', remove)).status, 200);
  assert.equal(
    (await api(sena, 'review/complete', { id })).code,
    'access_action_missing',
    'that takes an administrator',
  );
  assert.equal((await deletes(client)).error, undefined, 'until the end she keeps it');

  const { body: ended } = await order('review/complete', { id });
  assert.equal(ended.review.figures.completionPercent, 100);
  assert.equal(isRefused(await deletes(client)), true);
  const { body: version } = await order('policy/show', { version: ended.review.policyVersion });
  assert.match(JSON.stringify(version), /exclusion of /);
  const { body: listed } = await order('assignment/list', { group: 'makers' });
  const { exclusions } = (await order('exclusion/list')).body;
  const [{ id: out, principal, state }] = exclusions;
  const leftOut = listed.assignments.flatMap(({ excludes = [] }: { excludes?: string[] }) => excludes);
  assert.deepEqual([state, leftOut], ['active', [principal]]);
  assert.equal((await order('exclusion/remove', { id: out })).body.change.state, 'done');
  assert.equal((await order('exclusion/remove', { id: out })).code, 'operation_not_found');
  assert.equal((await deletes(client)).error, undefined);

  const actions = (await records()).map(({ action, result }) => `${action} ${result}`);
  for (const told of [
    'review.start allowed',
    'review.decide denied',
    'review.decide allowed',
    'review.complete allowed',
  ])
    assert.ok(actions.includes(told), told);
});

test('who may begin reviews but not take roles away takes none away by a review', async () => {
  await using here = await openElevationHouse();
  const { house, api, order } = here;
  await order('role/assign', { role: deleter, group: 'makers', scope: devGroups });
  const role = { Name: 'Review Admin', Actions: ['genkan/review/*'], AssignableScopes: ['/'] };
  assert.equal((await order('role/create', { definition: role })).status, 200);
  await order('role/assign', { role: 'Review Admin', group: 'security-team-group-id', scope: '/' });
  await house.apiToken('dana'); // who has signed in is asked about
  const sena = await house.apiToken('sena', mfa);
  const wish = { reviewerGroup: 'security-team-group-id', role: deleter };
  assert.equal((await api(sena, 'review/start', wish)).code, 'access_action_missing');
  const { id } = (await order('review/start', wish)).body.review;
  await api(sena, 'review/decide', { id, decision: 'remove', item: [1] });
  assert.equal((await api(sena, 'review/complete', { id })).code, 'access_action_missing');
  await api(sena, 'review/decide', { id, decision: 'keep', item: [1] });
  assert.equal((await api(sena, 'review/complete', { id })).status, 200, 'it takes nothing away');
});
