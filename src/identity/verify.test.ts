// Tests of the principal that verification hands out: the rights that others remember for it depend on which object it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startIdentityHouse } from '../../test/support/identity-house.ts';
import type { IdentityHouse } from '../../test/support/identity-house.ts';

const dana = { id: 'https://idp.example#dana', name: 'dana', groups: ['makers'] };

async function holder({ identity, publicUrl }: IdentityHouse) {
  const accountId = await identity.upsertAccount(dana);
  const resource = `${publicUrl}/mcp/files`;
  const token = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
  return async () => {
    const verdict = await identity.verify(`Bearer ${token}`, resource);
    assert.ok(verdict.outcome === 'allow');
    return verdict.principal;
  };
}

test('requests that come at once, and later ones, get one and the same frozen principal', async () => {
  await using house = await startIdentityHouse();
  const principalOf = await holder(house);
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, principalOf));
  for (const other of others) assert.equal(other, first);
  assert.ok(Object.isFrozen(first) && Object.isFrozen(first!.groups));
  house.advance(2001);
  assert.equal(await principalOf(), first, 'also after it was looked up again and nothing had changed');
});

test('groups that changed at the next sign-in reach tokens that are out already, within the time of a verdict', async () => {
  await using house = await startIdentityHouse();
  const principalOf = await holder(house);
  const before = await principalOf();
  await house.identity.upsertAccount({ ...dana, groups: ['operators'] });
  house.advance(2001);
  const after = await principalOf();
  assert.notEqual(after, before);
  assert.deepEqual(after.groups, ['operators']);
});
