// Settings for Entra ID: what would let the wrong people in, or put a secret into a file, is a mistake that says what to write instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entraProvider } from './settings.ts';

const [tenant, other] = ['11111111-2222-4333-8444-555555555555', '99999999-2222-4333-8444-555555555555'];
const good = {
  tenant,
  clientId: 'AAAAAAAA-2222-4333-8444-555555555555',
  credential: { secret: { source: 'env', name: 'SECRET' } },
};
const mistakes = (changes: Record<string, unknown>): string =>
  entraProvider
    .safeParse({ ...good, ...changes })
    .error?.issues.map(({ message }) => message)
    .join('; ') ?? '';

test('little is needed, and the rest is Microsoft’s public cloud', () => {
  const { authorityHost, graphUrl, clientId } = entraProvider.parse(good);
  assert.equal(authorityHost, 'https://login.microsoftonline.com');
  assert.equal(graphUrl, 'https://graph.microsoft.com');
  assert.equal(clientId, good.clientId.toLowerCase());
});

test('a tenant is a GUID, or organizations with a list; common and consumers would let anybody in', () => {
  for (const open of ['common', 'consumers', 'Common'])
    assert.match(mistakes({ tenant: open }), /personal Microsoft accounts/);
  const personal = '9188040D-6C67-4C5B-B112-36A304B66DAD';
  assert.match(mistakes({ tenant: personal }), /personal Microsoft accounts/);
  assert.match(
    mistakes({ tenant: 'organizations', allowedTenants: [tenant, personal] }),
    /personal Microsoft accounts/,
  );
  assert.match(mistakes({ tenant: 'contoso.onmicrosoft.com' }), /az account show/);
  assert.match(mistakes({ tenant: 'organizations' }), /list the tenants/);
  assert.match(mistakes({ tenant: 'organizations', allowedTenants: [] }), /./);
  assert.match(mistakes({ allowedTenants: [tenant, other] }), /write organizations/);
  assert.equal(mistakes({ tenant: 'organizations', allowedTenants: [tenant, other] }), '');
  assert.equal(mistakes({ tenant: tenant.toUpperCase(), allowedTenants: [tenant] }), '');
});

test('every kind of credential is accepted, a literal secret and two at once are not', () => {
  const ref = { source: 'env', name: 'X' };
  for (const credential of [
    { secret: ref },
    { certificate: { certificate: ref, privateKey: ref } },
    { certificate: { certificate: ref, privateKey: ref, passphrase: ref } },
    { certificate: { pkcs12: ref, password: ref } },
    { federatedToken: { file: '/var/run/secrets/azure/tokens/azure-identity-token' } },
    { managedIdentity: {} },
    { managedIdentity: { clientId: tenant } },
  ])
    assert.equal(mistakes({ credential }), '', JSON.stringify(credential));
  for (const credential of [
    { secret: 'abc~literal' },
    { secret: ref, managedIdentity: {} },
    { certificate: { certificate: ref } },
    { certificate: { certificate: '-----BEGIN CERTIFICATE-----', privateKey: ref } },
    { federatedToken: { file: 'relative/token' } },
    {},
  ])
    assert.notEqual(mistakes({ credential }), '', JSON.stringify(credential));
});

test('the scope of our API is named in full, and is one', () => {
  for (const apiScope of ['api://genkan/access', `api://${tenant}/access`, 'https://genkan.example/api/access'])
    assert.equal(mistakes({ apiScope }), '', apiScope);
  for (const apiScope of ['access', 'User.Read', 'api://genkan/.default', 'api://genkan/a b', 'api://genkan'])
    assert.notEqual(mistakes({ apiScope }), '', apiScope);
});

test('Entra ID and Graph are reached by https, at an address without path', () => {
  assert.equal(
    entraProvider.parse({ ...good, authorityHost: 'https://login.microsoftonline.us/' }).authorityHost,
    'https://login.microsoftonline.us',
  );
  for (const address of [
    'http://login.microsoftonline.com',
    'https://login.microsoftonline.com/common',
    'login.microsoftonline.com',
  ])
    for (const name of ['authorityHost', 'graphUrl']) assert.notEqual(mistakes({ [name]: address }), '', address);
});
