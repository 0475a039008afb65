// Attack: tokens that name ever new keys make us fetch the key set of Entra ID again and again (JWKS flooding), until it locks us out.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addressesOf } from '../../src/identity/entra/addresses.ts';
import { createEntraFetch } from '../../src/identity/entra/entra-fetch.ts';
import { createTenantKeys } from '../../src/identity/entra/tenant-keys.ts';
import { createTokenJudge } from '../../src/identity/entra/tokens.ts';
import { startEntraHouse } from '../support/entra-house.ts';
import type { EntraHouse } from '../support/entra-house.ts';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (kid: string, tid: string): string =>
  `${encode({ alg: 'RS256', kid })}.${encode({ ver: '2.0', tid })}.AAAA`;

function judgeOf(house: EntraHouse, clock: { now: () => number }) {
  const { authorityHost } = house.settings;
  const keyOf = createTenantKeys(createEntraFetch(fetch), clock, (tenant) => addressesOf(authorityHost, tenant).keys);
  return createTokenJudge(house.settings, keyOf, clock);
}

test('a hundred unknown keys cost one request, and keys that are known go on being good', async () => {
  await using house = await startEntraHouse();
  const judge = judgeOf(house, { now: house.now });
  const attempts = Array.from({ length: 100 }, () => judge.idToken(tokenOf(randomUUID(), house.entra.tenant), 'n'));
  assert.ok((await Promise.allSettled(attempts)).every(({ status }) => status === 'rejected'));
  for (let time = 0; time < 100; time += 1)
    await assert.rejects(judge.idToken(tokenOf(randomUUID(), house.entra.tenant), 'n'), /no key of its tenant/);
  assert.equal(house.entra.counts.keys, 1);
  assert.match((await house.signIn(house.dana)).page!, /name="decision"/);

  const before = house.entra.counts.keys;
  let nowMs = house.now();
  const restless = judgeOf(house, { now: () => (nowMs += 30_000) });
  for (let time = 0; time < 20; time += 1)
    await assert.rejects(restless.idToken(tokenOf(randomUUID(), house.entra.tenant), 'n'));
  assert.equal(house.entra.counts.keys - before, 20, 'control: without a pause in between each costs one');
});

test('tokens of unknown tenants cost nothing at all', async () => {
  await using house = await startEntraHouse();
  const judge = judgeOf(house, { now: house.now });
  for (let time = 0; time < 100; time += 1)
    await assert.rejects(judge.idToken(tokenOf('k', randomUUID()), 'n'), { code: 'identity_tenant_foreign' });
  for (const tid of ['../../evil', 'common', '', '{tenantid}', house.entra.tenant.slice(1)])
    await assert.rejects(judge.idToken(tokenOf('k', tid), 'n'), { code: 'identity_sign_in_failed' });
  assert.equal(house.entra.counts.keys, 0);
});

test('while the keys cannot be had, that is asked for no more often', async () => {
  await using house = await startEntraHouse();
  house.entra.down = true;
  const judge = judgeOf(house, { now: house.now });
  for (let time = 0; time < 20; time += 1)
    await assert.rejects(judge.idToken(tokenOf('k', house.entra.tenant), 'n'), {
      code: 'identity_provider_unavailable',
    });
  assert.equal(house.entra.requests.length, 1);
});
