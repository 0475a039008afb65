// Attack: somebody of a company that is not let in, or with a token that only looks as if it were of one that is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addressesOf } from '../../src/identity/entra/addresses.ts';
import { createEntraFetch } from '../../src/identity/entra/entra-fetch.ts';
import { entraProvider, personalAccountsTenant } from '../../src/identity/entra/settings.ts';
import { createTenantKeys } from '../../src/identity/entra/tenant-keys.ts';
import type { TenantKeys } from '../../src/identity/entra/tenant-keys.ts';
import { createTokenJudge } from '../../src/identity/entra/tokens.ts';
import type { TokenJudge } from '../../src/identity/entra/tokens.ts';
import { startEntraHouse } from '../support/entra-house.ts';
import type { EntraHouse } from '../support/entra-house.ts';

const fabrikam = randomUUID();
const multiTenant = () =>
  startEntraHouse({
    app: { multiTenant: true },
    provider: async (entra) => {
      entra.addTenant(fabrikam);
      return { tenant: 'organizations', allowedTenants: [entra.tenant] };
    },
  });

/** The judge with some settings other than those of the house, or other keys. */
function judgeOf(
  house: EntraHouse,
  changes: Record<string, unknown> = {},
  keys = (keyOf: TenantKeys) => keyOf,
): TokenJudge {
  const settings = entraProvider.parse({ ...house.settings, ...changes });
  const { authorityHost } = settings;
  const clock = { now: house.now };
  const keyOf = createTenantKeys(createEntraFetch(fetch), clock, (tenant) => addressesOf(authorityHost, tenant).keys);
  return createTokenJudge(settings, keys(keyOf), clock);
}

test('a person of another tenant does not come in, however well they signed in there', async () => {
  await using house = await multiTenant();
  const eve = house.entra.addUser({ upn: 'eve@fabrikam.example', name: 'Eve', tenant: fabrikam });
  assert.equal((await house.signIn(eve)).response!.status, 403);
  assert.equal(house.records.at(-1)!.details['code'], 'identity_tenant_foreign');
  const open = judgeOf(house, { allowedTenants: [house.entra.tenant, fabrikam] });
  const { person } = await house.signInBy(house.beside(open).leg, eve);
  assert.equal(person.id, `${eve.oid}@${fabrikam}`, 'control: with the tenant on the list she does');
});

test('nor does a personal Microsoft account', async () => {
  await using house = await multiTenant();
  const eve = house.entra.addUser({ upn: 'eve@outlook.example', name: 'Eve' });
  house.entra.tamper = (claims) => ({
    ...claims,
    tid: personalAccountsTenant,
    iss: `${house.entra.origin}/${personalAccountsTenant}/v2.0`,
  });
  await assert.rejects(house.signInBy(house.beside().leg, eve), { code: 'identity_tenant_foreign' });
});

test('an allowed tenant with the issuer of another is refused, though the keys are Entra’s own', async () => {
  await using house = await multiTenant();
  const eve = house.entra.addUser({ upn: 'eve@contoso.example', name: 'Eve' });
  const ofFabrikam = { iss: `${house.entra.origin}/${fabrikam}/v2.0` };
  house.entra.tamper = (claims) => ({ ...claims, ...ofFabrikam });
  await assert.rejects(house.signInBy(house.beside().leg, eve), { code: 'identity_sign_in_failed', message: /iss/ });
  // Issuer confusion: the template of the metadata, taken literally, and an issuer with something behind it.
  for (const iss of ['{tenantid}', `${house.entra.tenant}/../${fabrikam}`, `${house.entra.tenant}@${fabrikam}`]) {
    house.entra.tamper = (claims) => ({ ...claims, iss: `${house.entra.origin}/${iss}/v2.0` });
    await assert.rejects(house.signInBy(house.beside().leg, eve), { code: 'identity_sign_in_failed' }, iss);
  }
  house.entra.tamper = (claims) => ({ ...claims, ...ofFabrikam, tid: fabrikam });
  const ofBoth = judgeOf(house, { allowedTenants: [house.entra.tenant, fabrikam] });
  const blind: TokenJudge = {
    idToken: ofBoth.idToken,
    apiToken: (_token, claims) => Promise.resolve({ ...claims, scp: '' }),
  };
  const { person } = await house.signInBy(house.beside(blind).leg, eve);
  assert.equal(person.id, `${eve.oid}@${fabrikam}`, 'control: it is the pair of tenant and issuer that was refused');
});

test('a key that is for personal accounts alone signs for nobody else', async () => {
  await using house = await multiTenant();
  house.entra.signWith(house.entra.personalKey);
  await assert.rejects(house.signInBy(house.beside().leg, house.dana), { message: /key that signed it is for/ });
  const careless = judgeOf(house, {}, (keyOf) => async (tenant, kid) => {
    const found = await keyOf(tenant, kid);
    return found && { key: found.key };
  });
  const { person } = await house.signInBy(house.beside(careless).leg, house.dana);
  assert.equal(
    person.id,
    `${house.dana.oid}@${house.entra.tenant}`,
    'control: where the issuer of a key is not looked at',
  );
});
