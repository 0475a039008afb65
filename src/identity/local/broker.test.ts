// The broker of the operating system, played by a plug-in of the test: found or not, believed only with the tenant's signature.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock as clock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { startEntra } from '../../../test/support/entra.ts';
import type { Entra, Registration } from '../../../test/support/entra.ts';
import { findBroker } from './broker.ts';
import { createPublicProvider } from './provider.ts';
import { publicProvider } from './settings.ts';
import { createWays } from './ways.ts';

const log = createLog('silent');

/** An ID token as the broker would bring it, by a code on another device. */
async function idTokenOf(entra: Entra, app: Registration): Promise<string> {
  const ask = async (path: string, form: Record<string, string>): Promise<Record<string, string>> => {
    const body = new URLSearchParams({ client_id: app.clientId, ...form });
    const response = await fetch(`${entra.authority}/oauth2/v2.0/${path}`, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  };
  const device = await ask('devicecode', { scope: 'openid profile' });
  entra.approveDevice(device['user_code']!);
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  return (await ask('token', { grant_type: grant, device_code: device['device_code']! }))['id_token']!;
}

async function brokered(change: (idToken: string) => string) {
  const entra = await startEntra();
  const trust = entra.trust();
  const app = entra.addApp({ public: true, redirectUris: ['http://localhost'] });
  const dana = entra.addUser({ upn: 'dana@example.com', name: 'Dana' });
  entra.signsIn = dana.oid;
  const idToken = change(await idTokenOf(entra, app));
  const account = {
    homeAccountId: `${dana.oid}.${entra.tenant}`,
    localAccountId: dana.oid,
    environment: entra.host,
    tenantId: entra.tenant,
    username: dana.upn,
  };
  const result = { idToken, account, accessToken: 'token-of-the-broker', expiresOn: new Date(Date.now() + 3_600_000) };
  const asked: string[] = [];
  class NativeBrokerPlugin {
    isBrokerAvailable = true;
    setLogger(): void {}
    getAllAccounts = () => Promise.resolve([]);
    getAccountById = () => Promise.resolve(account);
    acquireTokenSilent = () => Promise.resolve(result);
    acquireTokenInteractive(): Promise<object> {
      asked.push('window');
      return Promise.resolve(result);
    }
  }
  const provider = createPublicProvider(
    publicProvider.parse({ tenant: entra.tenant, clientId: app.clientId, authorityHost: entra.authorityHost }),
  );
  const broker = await findBroker(provider, provider.brokered!, log, () => Promise.resolve({ NativeBrokerPlugin }));
  const ways = createWays(provider, clock, () => Promise.resolve(broker));
  return {
    ways,
    asked,
    person: `${dana.oid}@${entra.tenant}`,
    async [Symbol.asyncDispose]() {
      trust[Symbol.dispose]();
      await entra[Symbol.asyncDispose]();
    },
  };
}

test('where the package is not installed there is no broker, and nothing fails', async () => {
  const provider = createPublicProvider(
    publicProvider.parse({ tenant: crypto.randomUUID(), clientId: crypto.randomUUID() }),
  );
  assert.equal(await findBroker(provider, provider.brokered!, log), undefined);
});

test('the broker says who it is, and keeps the tokens', async () => {
  await using machine = await brokered((idToken) => idToken);
  const kept = await machine.ways.byBroker();
  assert.equal(kept?.person.id, machine.person);
  assert.equal(kept?.refreshToken, undefined);
  assert.deepEqual(machine.asked, ['window']);
});

test('an ID token that the tenant has not signed is not believed, whoever brings it', async () => {
  await using machine = await brokered((idToken) => {
    const [head, , signature] = idToken.split('.');
    const forged = {
      ...(JSON.parse(Buffer.from(idToken.split('.')[1]!, 'base64url').toString()) as object),
      oid: crypto.randomUUID(),
    };
    return [head, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.');
  });
  await assert.rejects(machine.ways.byBroker(), /signature/);
});
