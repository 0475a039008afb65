// Tests of the principal that verification hands out: the rights that others remember for it depend on which object it is.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { startIdentityHouse } from '../../test/support/identity-house.ts';
import type { IdentityHouse } from '../../test/support/identity-house.ts';
import { registerAgent } from '../../test/support/registered-agent.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../../test/support/token-request.ts';
import { createAccounts } from './accounts.ts';
import { createDisabled } from './kill-switch/disabled.ts';
import { loadKeys } from './signing-keys.ts';
import { createVerifier } from './verify.ts';
import type { VerifierNeighbours } from './verify.ts';

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

/** A verifier of its own on the house, some of whose neighbours a test plays itself. */
function verifierIn(house: IdentityHouse, played: Partial<VerifierNeighbours>) {
  const clock = { now: house.now };
  return createVerifier({
    database: house.database,
    accounts: createAccounts(house.database, clock),
    disabled: createDisabled(house.database),
    agents: house.identity.agents,
    proofs: { check: () => Promise.reject(new Error('no proofs here')) },
    publicKeys: loadKeys(path.join(house.directory, 'keys')).publicKeys,
    issuer: house.publicUrl,
    clock,
    verdictSeconds: 60,
    ...played,
  });
}

const codeOf = (verdict: object): string => String('code' in verdict ? verdict.code : 'allow');
const cause = { by: 'admin', reason: 'left' };

for (const told of [true, false])
  test(
    told
      ? 'what was read before somebody was disabled is not believed after it'
      : 'control: a verifier that is not told lets them in on what it has read, and remembers that',
    async () => {
      await using house = await startIdentityHouse();
      const accountId = await house.identity.upsertAccount(dana);
      const resource = `${house.publicUrl}/mcp/files`;
      const token = await house.identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
      const disabled = createDisabled(house.database);
      let asked = 0;
      const [read, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const verifier = verifierIn(house, {
        disabled: {
          ...disabled,
          async among(principals, clients) {
            const found = await disabled.among(principals, clients);
            asked += 1;
            if (asked === 1) (read.resolve(), await goOn.promise);
            return found;
          },
        },
        // The one door beside it, which would notice by itself.
        accounts: {
          ...createAccounts(house.database, { now: house.now }),
          find: () => Promise.resolve({ ...dana, displayName: 'Dana' }),
        },
      });
      const grants = house.database.selectFrom('oidc_record').selectAll().where('kind', '=', 'Grant');
      const [grant] = await grants.execute();
      const verdict = verifier.verify(`Bearer ${token}`, resource);
      await read.promise;
      await house.identity.killSwitch.disablePerson(accountId, cause);
      await house.database.insertInto('oidc_record').values(grant!).execute(); // only one defence is looked at here
      if (told) verifier.forget('principal', accountId);
      goOn.resolve();
      assert.equal(codeOf(await verdict), told ? 'identity_principal_disabled' : 'allow');
    },
  );

for (const told of [true, false])
  test(
    told
      ? 'whoever is disabled while their proof is checked does not get in with the verdict from before'
      : 'control: a verifier that is not told lets them in',
    async () => {
      await using house = await startIdentityHouse();
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const bound = { DPoP: oauth.DPoP({}, { privateKey, publicKey } as oauth.CryptoKeyPair) };
      const agent = await registerAgent(house, 'reporter', { dpop: true });
      const resource = `${house.publicUrl}/mcp/files`;
      const { token } = await requestToken(house.publicUrl, agent, 'client_credentials', { resource }, bound);
      const thumbprint = await calculateJwkThumbprint(await exportJWK(publicKey));
      let ending = false;
      const verifier = verifierIn(house, {
        proofs: {
          async check() {
            if (ending) await house.identity.killSwitch.disablePerson('application:reporter', cause);
            if (ending && told) verifier.forget('principal', 'application:reporter');
            return { thumbprint };
          },
        },
      });
      assert.equal(codeOf(await verifier.verify(`DPoP ${token}`, resource)), 'allow');
      ending = true;
      const verdict = codeOf(await verifier.verify(`DPoP ${token}`, resource));
      assert.equal(verdict, told ? 'identity_principal_disabled' : 'allow');
    },
  );

test('a principal knows every grant that its token rests on: the person’s, and what was derived from it', async () => {
  await using house = await startIdentityHouse({
    settings: { tokenExchange: [{ client: 'helper', resources: ['/mcp/files'] }] },
  });
  const { identity, publicUrl } = house;
  const resource = `${publicUrl}/mcp/files`;
  const agent = await registerAgent(house, 'helper', {});
  const accountId = await identity.upsertAccount(dana);
  const subject = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
  const parameters = { subject_token: subject, subject_token_type: accessTokenType, resource };
  const { token } = await requestToken(publicUrl, agent, exchangeGrant, parameters);
  const grantIn = (given: string) => decodeJwt<{ grant: string }>(given).grant;
  const [own, lent] = [
    await identity.verify(`Bearer ${subject}`, resource),
    await identity.verify(`Bearer ${token}`, resource),
  ];
  assert.ok(own.outcome === 'allow' && lent.outcome === 'allow');
  assert.deepEqual([own.principal.grantId, own.principal.derivedGrants], [grantIn(subject), undefined]);
  assert.deepEqual([lent.principal.grantId, lent.principal.derivedGrants], [grantIn(subject), [grantIn(token)]]);
});

test('every agent in a chain must still be registered, also one that is not the client', async () => {
  const policy = ['helper', 'second'].map((client) => ({ client, resources: ['/mcp/files'] }));
  await using house = await startIdentityHouse({ settings: { tokenExchange: policy } });
  const { identity, publicUrl } = house;
  const resource = `${publicUrl}/mcp/files`;
  const accountId = await identity.upsertAccount(dana);
  let token = await identity.mintAccessToken({ accountId, resource, clientId: 'c', ttlSeconds: 600 });
  for (const name of ['helper', 'second']) {
    const parameters = { subject_token: token, subject_token_type: accessTokenType, resource };
    token = (await requestToken(publicUrl, await registerAgent(house, name, {}), exchangeGrant, parameters)).token;
  }
  assert.equal(codeOf(await identity.verify(`Bearer ${token}`, resource)), 'allow');
  // Without a word, so that nothing but the registration is looked at.
  await house.database.deleteFrom('agent').where('client_id', '=', 'helper').execute();
  house.advance(2001);
  assert.equal(codeOf(await identity.verify(`Bearer ${token}`, resource)), 'identity_grant_revoked');
});
