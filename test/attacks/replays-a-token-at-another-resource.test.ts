// Attack: a token that a person allowed for one server is used at another, or at the administration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startIdentityHouse } from '../support/identity-house.ts';
import { obtainTokens } from '../support/oauth-client.ts';

test('a token for one resource is refused at every other, also once it is known, and the refusal is recorded', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl, records } = house;
  const { tokens } = await obtainTokens(publicUrl, `${publicUrl}/mcp/files`);
  const authorization = `Bearer ${tokens.access_token}`;

  for (const round of ['unknown token', 'token in the cache']) {
    for (const path of ['/mcp/azure', '/mcp', '/api', '/mcp/files/', '/mcp/filesx']) {
      const verdict = await identity.verify(authorization, publicUrl + path, {
        sourceIP: '203.0.113.9',
        userAgent: 'thief',
      });
      assert.equal(
        verdict.outcome === 'allow' ? 'allow' : verdict.code,
        'identity_token_audience',
        `${path}, ${round}`,
      );
    }
    // Control: at its own resource the very same token passes, so it was the audience that stopped it.
    assert.equal((await identity.verify(authorization, `${publicUrl}/mcp/files`)).outcome, 'allow');
  }
  const refused = records.filter(({ action }) => action === 'identity.tokenRefused');
  assert.equal(refused.length, 10);
  assert.equal(refused[0]!.sourceIP, '203.0.113.9');
  assert.ok(!JSON.stringify(refused).includes(tokens.access_token));
});

test('a flood of refused tokens leaves a bounded number of records, and the count of the rest', async () => {
  await using house = await startIdentityHouse();
  const { identity, publicUrl, records } = house;
  const knock = () => identity.verify('Bearer x.y.z', `${publicUrl}/mcp`);
  for (let time = 0; time < 500; time += 1) await knock();
  assert.equal(records.length, 10);
  house.advance(60_001);
  await knock();
  assert.equal(records.length, 11);
  assert.equal(records[10]!.details.notRecordedBefore, 490);
});

test('control: by signature, issuer and time alone the token is good everywhere', async () => {
  await using house = await startIdentityHouse();
  const { tokens } = await obtainTokens(house.publicUrl, `${house.publicUrl}/mcp/files`);
  const keys = createRemoteJWKSet(new URL(`${house.publicUrl}/oauth/jwks`));
  await jwtVerify(tokens.access_token, keys, { issuer: house.publicUrl });
  const audience = `${house.publicUrl}/mcp/azure`;
  await assert.rejects(jwtVerify(tokens.access_token, keys, { issuer: house.publicUrl, audience }), /"aud"/);
});
