// Tests of what counts as use: whatever a right would have granted, whichever assignment a decision named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, filesRead, noonMs, person, reviewGround, used } from '../../../test/support/review-ground.ts';

const all = { roles: [], scope: '/' };
const files = { role: 'MCP User', scope: '/servers/files' };

test("who administers and approves with Genkan's own roles has used them", async () => {
  const { desk, entries } = await reviewGround(
    {
      assignments: [
        { principal: { user: 'ada' }, role: 'Genkan Operator', scope: '/' },
        { principal: { user: 'apo' }, role: 'Genkan Approver', scope: '/' },
        { principal: { user: 'ivo' }, role: 'Genkan Approver', scope: '/' },
      ],
    },
    ['ada', 'apo', 'ivo'].map((id) => person(id)),
  );
  entries.push(
    used('ada', 3, { action: 'genkan/role/assign', scope: '/' }),
    used('apo', 4, { action: 'genkan/approval/approve', scope: '/' }),
    used('ivo', 4, { action: 'genkan/role/assign', scope: '/' }),
  );
  assert.deepEqual(
    (await desk.preview(all)).map(({ name, uses, lastUseMs, reason }) => [name, uses, lastUseMs, reason]),
    [
      ['ada', 1, noonMs - 3 * dayMs, 'active'],
      ['apo', 1, noonMs - 4 * dayMs, 'active'],
      ['ivo', 0, undefined, 'unused'],
    ],
  );
});

test('a wide assignment for a while takes no credit from the standing one, and is itself asked about by nobody', async () => {
  const until = new Date(noonMs + 30 * dayMs).toISOString();
  const { desk, access, entries } = await reviewGround(
    {
      assignments: [
        { principal: { user: 'ann' }, role: 'MCP User', scope: '/servers', until },
        { principal: { user: 'ann' }, ...files },
        { principal: { user: 'ann' }, role: 'MCP User', scope: '/servers/mail' },
      ],
    },
    [person('ann')],
  );
  entries.push(used('ann', 2, filesRead, access.assignments()[0]!.id), used('ann', 1, filesRead));
  assert.deepEqual(
    (await desk.preview(all)).map(({ scope, uses, reason }) => [scope, uses, reason]),
    [
      ['/servers/files', 2, 'active'],
      ['/servers/mail', 0, 'unused'],
    ],
  );
});

test('who has come to a group after it was first looked at is young, and again when they come back', async () => {
  const team = { assignments: [{ principal: { group: 'team' }, ...files }] };
  const { desk, clock, people, entries } = await reviewGround(team, [person('old', ['team'])]);
  const reasons = async (): Promise<string[]> =>
    (await desk.preview(all)).map(({ name, reason }) => `${name} ${reason}`);
  entries.push(used('somebody', 20, filesRead));
  await desk.look();
  people.push(person('new', ['team']));
  clock.nowMs += 2 * 3_600_000;
  await desk.look();
  clock.nowMs += 80 * dayMs;
  assert.deepEqual(await reasons(), ['new young', 'old unused']);
  clock.nowMs += 11 * dayMs;
  assert.deepEqual(await reasons(), ['new unused', 'old unused']);
  people.pop();
  await desk.look();
  people.push(person('new', ['team']));
  assert.deepEqual(await reasons(), ['new young', 'old unused']);
});
