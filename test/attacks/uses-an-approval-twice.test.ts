// Attack: one yes is used for more than it was given for: again after the end, for two at once, for longer, or elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, dana, openElevationGround, sena } from '../support/elevation-ground.ts';
import type { ElevationGround } from '../support/elevation-ground.ts';
import { isRefusal } from '../../src/base/errors.ts';

const hourMs = 3_600_000;
const settings = {
  elevation: {
    settings: {
      approvalSettings: { approvers: [{ principalType: 'Group', principalId: 'security-team-group-id' }] },
      activationSettings: { maximumDuration: 'PT4H' },
    },
    eligible: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers' }],
  },
};
const wish = { role: 'MCP User', scope: '/servers/files', durationMs: hourMs, justification: 'incident 4711' };
const yes = { verdict: 'approved', comment: '' } as const;

async function approved(): Promise<{ ground: ElevationGround; id: string }> {
  const ground = await openElevationGround(settings);
  const asked = await ground.desk.request(dana, wish);
  assert.ok(!isRefusal(asked) && asked.state === 'pending');
  await ground.approvals.decide(asked.approval.id, sena, yes);
  return { ground, id: asked.approval.id };
}
const held = async ({ desk }: ElevationGround): Promise<number> => (await desk.list()).length;

test('an approval begins one elevation: not again after its end, and not twice at once', async () => {
  const { ground, id } = await approved();
  const { desk, approvals } = ground;
  assert.equal(await held(ground), 1);
  await desk.end(id, dana, 'holder');
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_over');
  assert.equal(await held(ground), 0);
  const again = await desk.request(dana, wish);
  assert.ok(!isRefusal(again) && again.state === 'pending', 'it is asked for anew');
  const both = await Promise.all([1, 2].map(() => approvals.decide(again.approval.id, sena, yes)));
  assert.deepEqual(both.map(codeOf).sort(), ['access_approval_over', 'none']);
  assert.equal(await held(ground), 1);
});

test('what was approved is what begins: its role, scope and length, and an extension needs a yes of its own', async () => {
  const { ground, id } = await approved();
  const { desk, approvals, clock } = ground;
  const [assignment] = await desk.list();
  assert.deepEqual(
    [assignment?.role, assignment?.scope, assignment?.endsAtMs],
    ['MCP User', '/servers/files', clock.nowMs + hourMs],
  );
  const more = await desk.extend(dana, id, { durationMs: 4 * hourMs, justification: wish.justification });
  assert.ok(!isRefusal(more) && more.state === 'pending');
  assert.equal((await desk.find(id))?.endsAtMs, clock.nowMs + hourMs);
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'access_approval_over');
  assert.equal((await desk.find(id))?.endsAtMs, clock.nowMs + hourMs);
});

test('even a book that forgets its decision begins no second elevation from it', async () => {
  const { ground, id } = await approved();
  const { desk, approvals, database } = ground;
  await desk.end(id, dana, 'holder');
  await database.updateTable('approval').set({ state: 'pending' }).where('id', '=', id).execute();
  await assert.rejects(approvals.decide(id, sena, yes), /UNIQUE/);
  assert.equal(await held(ground), 0);

  await database.deleteFrom('elevation').execute();
  assert.equal(codeOf(await approvals.decide(id, sena, yes)), 'none');
  assert.equal(
    await held(ground),
    1,
    'control: with neither the decision nor the elevation kept, one yes serves twice',
  );
});
