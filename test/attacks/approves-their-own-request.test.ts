// Attack: somebody who may approve asks for a role, and says yes to it themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleter, devGroups, devWeb, mfa, openElevationHouse } from '../support/elevation-house.ts';
import type { ElevationHouse } from '../support/elevation-house.ts';

let here: ElevationHouse;
before(async () => {
  // Sena approves, and is eligible herself; dana is the other approver, by id.
  const approvers = [
    { principalType: 'Group', principalId: 'security-team-group-id' },
    { principalType: 'Group', principalId: 'makers' },
  ];
  const eligible = ['makers', 'security-team-group-id'].map((group) => ({
    principal: { group },
    role: deleter,
    scope: devGroups,
  }));
  here = await openElevationHouse({ elevation: { settings: { approvalSettings: { approvers } }, eligible } });
});
after(() => here[Symbol.asyncDispose]());

const wish = { role: deleter, scope: devWeb, duration: '5m', justification: 'web-1 does not answer' };

test('nobody approves what they have asked for, by any door, while another approver does', async () => {
  const { house, api, order } = here;
  const sena = await house.apiToken('sena', mfa);
  const { id } = (await api(sena, 'elevation/request', wish)).body.elevation;
  assert.equal((await api(sena, 'approval/approve', { id })).code, 'access_approval_own');
  const anotherClient = await house.apiToken('sena', mfa);
  assert.equal((await api(anotherClient, 'approval/approve', { id })).code, 'access_approval_own');
  assert.equal((await order('approval/approve', { id })).code, 'access_approval_not_approver', 'nor the machine');
  assert.equal((await api(sena, 'elevation/list', { active: true })).body.elevations.length, 0);
  const { body } = await api(sena, 'approval/show', { id });
  assert.deepEqual([body.approval.mayDecide, body.approval.whyNot], [false, 'access_approval_own']);

  const dana = await house.apiToken('dana', mfa);
  assert.equal((await api(dana, 'approval/approve', { id })).code, '', 'control: another approver');
  assert.equal((await api(sena, 'elevation/list', { active: true })).body.elevations.length, 1);
});

test('control: the same person with the same token approves what somebody else has asked for', async () => {
  const { house, api } = here;
  const [dana, sena] = [await house.apiToken('dana', mfa), await house.apiToken('sena', mfa)];
  const { id } = (await api(dana, 'elevation/request', wish)).body.elevation;
  assert.equal((await api(sena, 'approval/approve', { id })).code, '');
});
