// What a registration has to hold, compared with one that is there: others' entries stay, what is right is not written again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { federatedBy } from './order.ts';
import { permissionsFor } from './permissions.ts';
import { merged, partsOf, stableId } from './registration.ts';
import type { GraphApplication, RegistrationWish } from './registration.ts';

const wish: RegistrationWish = {
  displayName: 'Genkan',
  publicUrl: 'https://mcp.example.com',
  multiTenant: false,
  scope: 'access',
  appRoles: ['Genkan.Admin'],
  permissions: await permissionsFor(['rotate'], undefined),
};

/** As Graph does: of a complex property only what is named changes. */
function applied(there: Partial<GraphApplication>): Partial<GraphApplication> {
  const change = merged(partsOf(wish, there));
  return {
    ...there,
    ...change,
    web: { ...there.web, ...(change['web'] as object) },
    api: { ...there.api, ...(change['api'] as object) },
  };
}

test('once applied, nothing is left to change', () => {
  assert.deepEqual(merged(partsOf(wish, applied({}))), {});
});

test('what others have registered stays, and a scope that was switched off is the same one again', () => {
  const other = { id: 'x', value: 'other', isEnabled: true };
  const off = { id: stableId('scope', 'access'), value: 'access', isEnabled: false };
  const there = {
    groupMembershipClaims: 'ApplicationGroup',
    web: { redirectUris: ['https://old.example/auth/callback'] },
    api: { oauth2PermissionScopes: [other, off] },
    appRoles: [{ value: 'Theirs', isEnabled: true }],
    optionalClaims: { idToken: [{ name: 'email' }], accessToken: [] },
    requiredResourceAccess: [{ resourceAppId: 'y', resourceAccess: [{ id: 'z', type: 'Scope' }] }],
  };
  const after = applied(there);
  assert.deepEqual(after.web!.redirectUris, [
    'https://old.example/auth/callback',
    'https://mcp.example.com/auth/callback',
  ]);
  assert.deepEqual(after.api!.oauth2PermissionScopes, [other, { ...off, isEnabled: true }]);
  assert.deepEqual(
    after.appRoles!.map(({ value }) => value),
    ['Theirs', 'Genkan.Admin'],
  );
  assert.deepEqual(
    after.optionalClaims!.idToken!.map(({ name }) => name),
    ['email', 'acrs', 'auth_time', 'login_hint'],
  );
  assert.deepEqual(
    after.requiredResourceAccess!.map(({ resourceAppId }) => resourceAppId),
    ['y', '00000003-0000-0000-c000-000000000000'],
  );
  assert.equal(after.groupMembershipClaims, 'ApplicationGroup', 'which emits object ids, too');
});

test('ids of scopes and roles are GUIDs that never change', () => {
  assert.equal(stableId('scope', 'access'), '638c9d42-3bf9-87d3-831f-19256351ed50');
  assert.notEqual(stableId('role', 'access'), stableId('scope', 'access'));
});

test('issuer and subject of a federated credential are read from what Genkan proves itself with', () => {
  const clientAssertion = new UnsecuredJWT({
    iss: 'https://oidc.cluster.example',
    sub: 'system:serviceaccount:genkan:genkan',
  }).encode();
  const proof = { kind: 'federatedToken', id: '', auth: { clientAssertion } } as const;
  assert.deepEqual(federatedBy(proof, 'https://login.microsoftonline.us'), {
    name: 'genkan',
    issuer: 'https://oidc.cluster.example',
    subject: 'system:serviceaccount:genkan:genkan',
    audience: 'api://AzureADTokenExchangeUSGov',
  });
  assert.equal(
    federatedBy({ kind: 'secret', id: '', auth: { clientSecret: 'x' } }, 'https://login.microsoftonline.com'),
    undefined,
  );
});
