// Attack: an assistant that works for an approver, or an agent with rights of its own, says yes in their place.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { deleter, devWeb, mfa, openElevationHouse } from '../support/elevation-house.ts';
import type { ElevationHouse } from '../support/elevation-house.ts';
import { modern, post } from '../support/mcp-post.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../support/token-request.ts';

let here: ElevationHouse;
/** A request of dana's that waits. */
let id: string;
before(async () => {
  const tokenExchange = [{ client: 'helper', resources: ['/api', '/mcp/azure'] }];
  here = await openElevationHouse({ identity: { tokenExchange } });
});
after(() => here[Symbol.asyncDispose]());
beforeEach(async () => {
  const dana = await here.house.apiToken('dana', mfa);
  const wish = { role: deleter, scope: devWeb, duration: '5m', justification: 'web-1 does not answer' };
  id = (await here.api(dana, 'elevation/request', wish)).body.elevation.id;
});

const state = async (): Promise<string | undefined> => (await here.house.house.approvals.find(id))?.state;

test('the token with which an assistant works for an approver opens no door to approvals', async () => {
  const { house, api } = here;
  const sena = (await house.house.people.find('sena'))!;
  for (const resource of [`${house.url}/mcp`, `${house.url}/mcp/azure`]) {
    const { token } = await house.house.trial!.token({ ...sena, contexts: [mfa] }, resource);
    for (const operation of ['approval/approve', 'approval/list', 'elevation/request', 'break-glass/open'])
      assert.equal((await api(token, operation, { id })).status, 401, operation);
    for (const name of ['approval_approve', 'approval.approve', 'genkan_approval_approve']) {
      const { body, headers } = modern('tools/call', { name, arguments: { id } });
      const { message } = await post(resource, body, { token, headers });
      assert.ok(message.error !== undefined, `there is no tool ${name}`);
    }
    const { body, headers } = modern('tools/list');
    const { message } = await post(resource, body, { token, headers });
    assert.doesNotMatch(JSON.stringify(message), /approv|elevat|break.?glass/i);
  }
  assert.equal(await state(), 'pending');
});

test('an agent that acts in the name of an approver decides nothing, whatever token it was lent', async () => {
  const { house, api } = here;
  const helper = await registerAgent({ identity: { agents: house.house.clients } as never }, 'helper', {
    resources: ['/api', '/mcp/azure'],
  });
  const lent = await requestToken(house.url, helper, exchangeGrant, {
    subject_token: await house.apiToken('sena', mfa),
    subject_token_type: accessTokenType,
    resource: `${house.url}/api`,
  });
  assert.equal(lent.outcome, 'tokens', JSON.stringify(lent.body));
  assert.equal((await api(lent.token, 'approval/approve', { id })).code, 'access_approval_not_approver');
  const own = await requestToken(house.url, helper, 'client_credentials', { resource: `${house.url}/api` });
  assert.equal(own.outcome, 'tokens', JSON.stringify(own.body));
  assert.equal((await api(own.token, 'approval/approve', { id })).code, 'access_approval_not_approver');
  assert.deepEqual((await api(own.token, 'approval/list')).body.approvals, [], 'nor does it see them');
  const wish = { role: deleter, scope: devWeb, justification: 'because I can' };
  assert.equal((await api(lent.token, 'elevation/request', wish)).code, 'access_elevation_person');
  assert.equal(await state(), 'pending');
});

test('control: whose token an assistant has may decide; only that it is not for this door, and not their own, stops it', async () => {
  const { house } = here;
  const sena = { ...(await house.house.people.find('sena'))!, contexts: [mfa] };
  const yes = { verdict: 'approved', comment: '' } as const;
  const lent = await house.house.approvals.decide(id, { ...sena, actors: ['helper'] }, yes);
  assert.equal('code' in lent && lent.code, 'access_approval_not_approver');
  await house.house.approvals.decide(id, sena, yes);
  assert.equal(await state(), 'approved');
});
