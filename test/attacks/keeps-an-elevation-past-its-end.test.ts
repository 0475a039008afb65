// Attack: somebody goes on with a role after its time, by an open session, a token that was verified, or an end that is moved.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { deleter, devWeb, mfa, openElevationHouse, until } from '../support/elevation-house.ts';
import type { ElevationHouse } from '../support/elevation-house.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

const atOnce = { approvalSettings: { isApprovalRequired: false, isApprovalRequiredForExtension: false } };
let here: ElevationHouse;
before(async () => {
  const eligible = [{ principal: { group: 'makers' }, role: deleter, scope: devWeb }];
  const activationSettings = { maximumDuration: '1h' };
  here = await openElevationHouse({ elevation: { settings: { ...atOnce, activationSettings }, eligible } });
});
after(() => here[Symbol.asyncDispose]());

const wish = { role: deleter, scope: devWeb, justification: 'web-1 does not answer' };
const tool = { name: 'compute_vm_delete', arguments: { 'resource-group': 'dev-web', 'vm-name': 'web-1' } };

test('when the time is over, neither an open session nor a verified token nor a late extension carries on', async () => {
  const { house, api, deletes } = here;
  const [dana, client] = [await house.apiToken('dana', mfa), await house.token('dana', 'azure')];
  const session = await openLegacySession(`${house.url}/mcp/azure`, client);
  const inSession = async () =>
    (
      await post(
        `${house.url}/mcp/azure`,
        { jsonrpc: '2.0', id: 7, method: 'tools/call', params: tool },
        { token: client, headers: session },
      )
    ).message;

  const { body } = await api(dana, 'elevation/request', { ...wish, duration: '2s' });
  const { id, endsAt } = body.elevation;
  assert.equal((await deletes(client)).error, undefined, 'control: while it is held');
  assert.equal((await inSession()).error, undefined, 'control: while it is held');

  await passed(Math.max(0, Date.parse(endsAt) - Date.now()));
  for (const refused of [await deletes(client), await inSession()])
    assert.equal(refused.error?.data?.['reason'], 'access_action_missing', 'the very moment after');
  const { justification } = wish;
  assert.equal(
    (await api(dana, 'elevation/extend', { id, justification, duration: '1h' })).code,
    'access_elevation_over',
  );
  assert.deepEqual((await api(dana, 'elevation/list', { active: true })).body.elevations, []);
});

test('an end that an administrator brings forward holds for what was verified before', async () => {
  const { house, api, order, deletes } = here;
  const [dana, client] = [await house.apiToken('dana', mfa), await house.token('dana', 'azure')];
  const { id } = (await api(dana, 'elevation/request', { ...wish, duration: '1h' })).body.elevation;
  assert.equal((await deletes(client)).error, undefined, 'control: it would last an hour');
  assert.equal((await order('elevation/end', { id })).code, '');
  assert.equal((await deletes(client)).error?.data?.['reason'], 'access_action_missing');
});

test('whoever is kept out holds nothing any more, also when they are let in again', async () => {
  const { house, api, order, deletes } = here;
  const dana = await house.apiToken('dana', mfa);
  assert.equal((await api(dana, 'elevation/request', { ...wish, duration: '1h' })).code, '');
  assert.equal((await order('principal/disable', { user: 'dana@example.com', reason: 'a lost laptop' })).code, '');
  const { house: rooms } = house;
  await until(async () => (await rooms.elevation.all({ active: true })).length === 0);
  assert.equal((await order('principal/enable', { user: 'dana@example.com', reason: 'found' })).code, '');
  const client = await house.token('dana', 'azure');
  assert.equal((await deletes(client)).error?.data?.['reason'], 'access_action_missing');
});
