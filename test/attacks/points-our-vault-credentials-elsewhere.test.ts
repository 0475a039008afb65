// The attacker may write a reference to a secret, or stands where the vault should, and wants our Azure credentials or secrets of others.
import assert from 'node:assert/strict';
import https from 'node:https';
import type { RequestOptions } from 'node:https';
import { after, beforeEach, mock, test } from 'node:test';
import { systemClock as clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { secretReference } from '../../src/base/secret.ts';
import { createVaultCache } from '../../src/config/secrets-vault.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { isVaultUrl } from '../../src/state/key-vault-settings.ts';
import { allowedVaults, createKeyVaults } from '../../src/state/key-vault.ts';
import { createTestAuthority } from '../support/entra/https-server.ts';
import { startKeyVault } from '../support/key-vault.ts';

const authority = createTestAuthority();
const trusted = authority.trust();
after(() => (trusted[Symbol.dispose](), authority[Symbol.dispose]()));

const graph = 'https://graph.microsoft.com';
let redirectTo: string | undefined;
const ours = await startKeyVault(authority);
/** Stands where a vault should, and wants a token for something else. */
const impostor = await startKeyVault(authority, { resource: graph });
/** Belongs to the attacker, who wants to see our token. */
const foreign = await startKeyVault(authority, {
  answerInstead(request, response) {
    if (redirectTo === undefined || request.headers.authorization === undefined) return false;
    response.writeHead(302, { location: redirectTo }).end();
    return true;
  },
});
after(() => Promise.all([ours, impostor, foreign].map((vault) => vault[Symbol.asyncDispose]())));
ours.put('admin-password', 'a secret of somebody else');
Object.assign(process.env, ours.env);
beforeEach(() => {
  redirectTo = undefined;
  for (const vault of [ours, impostor, foreign]) {
    vault.requests.length = vault.tokensFor.length = vault.bearers.length = 0;
  }
});

/** Follows a reference as Genkan does. @param allowed vaults of the configuration, with their addresses */
function follow(reference: unknown, allowed: Record<string, string>): Promise<string> {
  const vaults = createKeyVaults({ managedIdentity: {} }, new Map(Object.entries(allowed)));
  const vault = createVaultCache(vaults, { cacheSeconds: 300, staleSeconds: 0 }, { clock, log: createLog('silent') });
  const secret = createSecrets({ env: {}, folder: '/', vault });
  return secret(secretReference.parse(reference));
}
const toVault = (vaultName: string, secretName = 'admin-password') => ({ source: 'keyvault', vaultName, secretName });

test('a reference to a vault that the configuration does not name reaches nobody', async () => {
  await assert.rejects(follow(toVault('their-vault'), { 'our-vault': ours.url }), /does not allow this vault/);
  assert.deepEqual([...ours.bearers, ...ours.tokensFor], []);
});

test('a name that would become another host or another path is no name of a vault or of a secret', () => {
  for (const name of [
    'evil.example/x',
    'evil.example#',
    'a@evil.example',
    '127.0.0.1',
    'our-vault.vault.azure.net',
    'a',
    '',
  ]) {
    assert.equal(secretReference.safeParse(toVault(name)).success, false, name);
  }
  for (const name of ['../keys/k', 'a/versions', 'a?api-version=1', '%2e%2e']) {
    assert.equal(secretReference.safeParse(toVault('our-vault', name)).success, false, name);
  }
});

test('only hosts of Key Vault, and loopback for tests, may be the address of a vault', () => {
  for (const url of [
    'https://our-vault.vault.azure.net',
    'https://our-vault.vault.azure.cn/',
    'https://our-vault.vault.usgovcloudapi.net',
    'https://localhost:8443',
  ]) {
    assert.equal(isVaultUrl(url), true, url);
  }
  for (const url of [
    'http://our-vault.vault.azure.net',
    'https://our-vault.vault.azure.net.evil.example',
    'https://evil.example/our-vault.vault.azure.net',
    'https://our-vault.vault.azure.net@evil.example',
    'https://our-vault.vault.azure.net:8443',
    'https://our-vault.vault.azure.net/x',
    'https://vault.azure.net',
    'https://a.b.vault.azure.net',
    'https://169.254.169.254',
    'https://[::ffff:10.0.0.1]',
  ]) {
    assert.equal(isVaultUrl(url), false, url);
  }
  assert.deepEqual(
    [...allowedVaults({ vaults: undefined }, ['Our-Vault'])],
    [['our-vault', 'https://Our-Vault.vault.azure.net']],
  );
});

test('an address that slipped past the settings still gets no token', async () => {
  await assert.rejects(follow(toVault('our-vault'), { 'our-vault': 'https://evil.example' }), /none of Key Vault/);
});

test('a vault that sends us on to another host does not take our token there', async () => {
  redirectTo = `${ours.url}/secrets/admin-password/`;
  await assert.rejects(follow(toVault('foreign'), { foreign: foreign.url }), { code: 'config_secret_unavailable' });
  assert.ok(
    foreign.bearers.some((bearer) => bearer.startsWith('Bearer ')),
    'it had our token when it sent us on',
  );
  assert.deepEqual(ours.bearers, []);
});

/** Whoever is at the address of a vault of Azure, as far as this process can tell, is the stand-in. */
function inPlaceOf(host: string, standIn: string): Disposable {
  const request = https.request;
  const mocked = mock.method(https, 'request', (options: RequestOptions, ...rest: never[]) =>
    Reflect.apply(request, https, [
      options.hostname === host
        ? { ...options, hostname: 'localhost', port: new URL(standIn).port, servername: 'localhost' }
        : options,
      ...rest,
    ]),
  );
  return { [Symbol.dispose]: () => mocked.mock.restore() };
}

test('whoever stands in the place of a vault gets no token for anything else', async () => {
  using _ = inPlaceOf('our-vault.vault.azure.net', impostor.url);
  const url = 'https://our-vault.vault.azure.net';
  await assert.rejects(follow(toVault('our-vault'), { 'our-vault': url }), { code: 'config_secret_unavailable' });
  assert.ok(impostor.bearers.length > 0, 'it was asked');
  assert.deepEqual([...new Set(impostor.bearers)], ['']);
  assert.deepEqual(ours.tokensFor, []);
});

test('control: a vault that is allowed gets the token and gives the secret', async () => {
  assert.equal(await follow(toVault('their-vault'), { 'their-vault': ours.url }), 'a secret of somebody else');
  assert.ok(ours.bearers.some((bearer) => bearer.startsWith('Bearer ')));
});

test('control: where the resource is not compared with the host, as for a stand-in, it gets a token for Microsoft Graph', async () => {
  await assert.rejects(follow(toVault('our-vault'), { 'our-vault': impostor.url }));
  assert.deepEqual([...new Set(ours.tokensFor)], [graph]);
  assert.ok(impostor.bearers.some((bearer) => bearer.startsWith('Bearer ')));
});
