// A day with elevation: dana is refused a delete, requests the role, sena approves, the call passes, the time is over, and the record tells it all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleter, devWeb, mfa, openElevationHouse, until } from '../support/elevation-house.ts';
import type { ElevationHouse } from '../support/elevation-house.ts';

let here: ElevationHouse;
before(async () => void (here = await openElevationHouse()));
after(() => here[Symbol.asyncDispose]());

test('refused, requested, approved, done, over, refused: six records tell the story', { timeout: 60_000 }, async () => {
  const { house, api, deletes, records } = here;
  const [client, dana, sena] = [
    await house.token('dana', 'azure'),
    await house.apiToken('dana', mfa),
    await house.apiToken('sena', mfa),
  ];

  const refused = (await deletes(client)).error!.data!;
  assert.equal(refused['reason'], 'access_action_missing');
  const [hint] = refused['elevation'] as { role: string; scope: string; request: string }[];
  assert.equal(hint!.role, deleter);
  assert.match(hint!.request, new RegExp(`^${house.url}/elevation\\?role=Virtual\\+Machine\\+Contributor&scope=`));

  const wish = { role: hint!.role, scope: devWeb, duration: '3s', justification: 'web-1 does not answer, INC-7' };
  const { body: asked } = await api(dana, 'elevation/request', wish);
  assert.equal(asked.elevation.state, 'pending', JSON.stringify(asked));
  assert.equal(asked.elevation.enforcedBy, 'genkan');
  assert.equal((await deletes(client)).error!.data!['reason'], 'access_action_missing', 'asking is not having');

  const { body: waiting } = await api(sena, 'approval/list');
  assert.equal(waiting.approvals.length, 1);
  assert.equal(waiting.approvals[0].mayDecide, true);
  assert.equal(waiting.approvals[0].url, `${house.url}/approvals/${asked.elevation.id}`);
  const { status } = await api(sena, 'approval/approve', { id: waiting.approvals[0].id, comment: 'go on' });
  assert.equal(status, 200);

  const done = await deletes(client);
  assert.equal(done.error, undefined, JSON.stringify(done));
  const { body: held } = await api(dana, 'elevation/list', { active: true });
  const { endsAt } = held.elevations[0];

  const over = await until(async () => {
    const { error } = await deletes(client);
    return error && { error, atMs: Date.now() };
  });
  assert.equal(over.error.data!['reason'], 'access_action_missing');
  assert.ok(over.atMs >= Date.parse(endsAt), 'not before its time');

  const ended = await until(async () => (await records()).find(({ action }) => action === 'elevation.end'));
  assert.equal(ended.details['endedAt'], endsAt, 'the true time');
  const story = (await records())
    .toSorted((a, b) => a.index - b.index)
    .filter(
      ({ action, result }) =>
        result !== 'intent' && /^(tools\/call|elevation\.(request|start|end)|approval\.approve)$/.test(action),
    )
    .map(({ action, result, details }) => [
      action,
      result,
      details['elevation'] ?? (details['input'] as { id?: string } | undefined)?.id,
    ]);
  const { id } = asked.elevation;
  const told = story.filter(([action, result], index) => action !== 'tools/call' || result !== 'denied' || index === 0);
  assert.deepEqual(
    told.filter(([action]) => action !== 'tools/call'),
    [
      ['elevation.request', 'allowed', id],
      ['elevation.start', 'allowed', id],
      ['approval.approve', 'allowed', id],
      ['elevation.end', 'allowed', id],
    ],
  );
  assert.equal(told[0]![0], 'tools/call');
  assert.equal(told.filter(([action, result]) => action === 'tools/call' && result === 'allowed').length > 0, true);
});
