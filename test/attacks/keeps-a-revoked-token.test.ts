// Attack: access that a client gave up goes on, because only one of its tokens was revoked; or a stranger ends that of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startIdentityHouse } from '../support/identity-house.ts';
import { obtainTokens, refresh } from '../support/oauth-client.ts';

async function connectedTwice(publicUrl: string) {
  const revoke = async (token: string, clientId: string): Promise<number> => {
    const body = new URLSearchParams({ token, client_id: clientId });
    return (await fetch(`${publicUrl}/oauth/revoke`, { method: 'POST', body })).status;
  };
  const resource = `${publicUrl}/mcp/files`;
  return {
    resource,
    revoke,
    mine: await obtainTokens(publicUrl, resource),
    other: await obtainTokens(publicUrl, resource),
  };
}

for (const kind of ['access_token', 'refresh_token'] as const)
  test(`revoking the ${kind} ends the whole grant at once, also what is in the cache, and no other grant`, async () => {
    await using house = await startIdentityHouse();
    const { resource, revoke, mine, other } = await connectedTwice(house.publicUrl);
    const verdictOn = async ({ tokens }: typeof mine) =>
      (await house.identity.verify(`Bearer ${tokens.access_token}`, resource)).outcome;
    assert.equal(await verdictOn(mine), 'allow', 'control: until then it is good, and kept in the cache');

    assert.equal(await revoke(mine.tokens[kind]!, other.client.client_id), 200);
    assert.equal(await verdictOn(mine), 'allow', 'another client revokes nothing');

    assert.equal(await revoke(mine.tokens[kind]!, mine.client.client_id), 200);
    assert.notEqual(await verdictOn(mine), 'allow');
    assert.equal((await refresh(mine, mine.tokens.refresh_token!)).status, 400);
    assert.equal(await verdictOn(other), 'allow');

    await revoke(mine.tokens[kind]!, mine.client.client_id);
    const revoked = house.records.filter(({ action }) => action === 'identity.grantRevoked');
    assert.equal(revoked.length, 1, 'a second time there is nothing to revoke and nothing to record');
  });

test('tokens that are none of ours are taken without a word', async () => {
  await using house = await startIdentityHouse();
  const { revoke, mine } = await connectedTwice(house.publicUrl);
  const [header, claims] = mine.tokens.access_token.split('.');
  for (const token of ['x', `${header}.${claims}.AAAA`, `${header}.e30.`, 'a'.repeat(20_000)])
    assert.equal(await revoke(token, mine.client.client_id), 200, token.slice(0, 20));
});

test('control: by signature, audience and time alone a revoked token is as good as before', async () => {
  await using house = await startIdentityHouse();
  const { resource, revoke, mine } = await connectedTwice(house.publicUrl);
  const { access_token: token, refresh_token: refreshToken } = mine.tokens;
  await revoke(refreshToken!, mine.client.client_id);
  const keys = createRemoteJWKSet(new URL(`${house.publicUrl}/oauth/jwks`));
  await jwtVerify(token, keys, { issuer: house.publicUrl, audience: resource });
  assert.notEqual((await house.identity.verify(`Bearer ${token}`, resource)).outcome, 'allow');
});
