// Threat: somebody who may carry out plans of the analysis, and nothing else, writes one by hand that makes them Owner.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isRefusal } from '../../src/base/errors.ts';
import { operator } from '../../src/operations/operator.ts';
import { perform } from '../../src/operations/perform.ts';
import { findOperation } from '../../src/operations/registry.ts';
import type { House } from '../../src/operations/house.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';

let house: TestHouse;
before(async () => {
  const role = { Name: 'Plans', Actions: ['genkan/access/apply', 'genkan/access/analyze'], AssignableScopes: ['/'] };
  house = await openTestHouse({
    access: { roles: [role], assignments: [{ principal: { group: 'makers' }, role: 'Plans', scope: '/' }] },
  });
});
after(() => house[Symbol.asyncDispose]());

const apply = findOperation('access', 'apply')!;

async function attack(at: House): Promise<{ readonly refused: string | undefined; readonly isOwner: boolean }> {
  const dana = (await house.house.people.find('dana'))!;
  const plan = {
    roles: [{ Name: 'Tidy', Actions: ['genkan/*', 'mcp/*'], AssignableScopes: ['/'] }],
    assign: [{ principal: { kind: 'user', id: dana.id }, role: 'Tidy', scope: '/' }],
  };
  const outcome = await perform(apply, { plan, yes: true }, { principal: dana, sourceIP: '', userAgent: 'test' }, at);
  return {
    refused: isRefusal(outcome) ? outcome.code : undefined,
    isOwner: house.house.access.allows(dana, 'genkan/role/assign', '/'),
  };
}

test('a plan is carried out only for whoever may do each thing in it', async () => {
  assert.deepEqual(await attack(house.house), { refused: 'access_action_missing', isOwner: false });
  const [newest] = await house.house.audit.list({ limit: 1 });
  assert.deepEqual([newest?.action, newest?.result], ['access.apply', 'denied']);
});

test('CONTROL: where the right to apply was enough, the plan would make them administrator', async () => {
  const { access } = house.house;
  // The one defence: what the plan does is asked for as well.
  const careless = {
    ...house.house,
    access: {
      ...access,
      allows: (...[who, action, ...rest]: Parameters<typeof access.allows>) =>
        action.startsWith('genkan/role/') || access.allows(who, action, ...rest),
    },
  };
  assert.deepEqual(await attack(careless), { refused: undefined, isOwner: true });
  const [{ number } = { number: 0 }] = await access.policy.history.list({ limit: 1 });
  await access.policy.changes.revert(number, false, { by: operator, why: 'control' });
});
