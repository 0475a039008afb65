// Tests of the scopes: what clients of all kinds ask for, and what it becomes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectsIn, grantableScope, holdsFor, permissionsIn, scopeOf, withGrantableScope } from './scopes.ts';

const files = 'https://mcp.example.com/mcp/files';
const api = 'https://mcp.example.com/api';

test('administration has a scope of its own', () => {
  assert.equal(scopeOf(files), 'mcp');
  assert.equal(scopeOf('https://mcp.example.com/mcp'), 'mcp');
  assert.equal(scopeOf('https://mcp.example.com/mcp/api'), 'mcp');
  assert.equal(scopeOf(api), 'admin');
});

test('whatever is asked for becomes the scope of the resource, never more', () => {
  const asked = [undefined, '', 'mcp', 'admin', 'openid profile email', 'mcp admin', 'mcp:tools'];
  for (const scope of asked) {
    assert.equal(grantableScope(scope, files), 'mcp');
    assert.equal(grantableScope(scope, api), 'admin');
  }
  assert.equal(grantableScope('openid offline_access', files), 'mcp offline_access');
});

test('requests that name several resources or scopes are left for the provider to refuse', () => {
  for (const query of ['', 'scope=mcp', `resource=${files}&resource=${api}`, `resource=${files}&scope=a&scope=b`]) {
    const parameters = new URLSearchParams(query);
    assert.equal(withGrantableScope(parameters).toString(), parameters.toString());
  }
  assert.equal(withGrantableScope(new URLSearchParams({ resource: files })).get('scope'), 'mcp');
});

test('contexts are asked for as they are offered, to the letter, and nothing else is', () => {
  const offer = { least: false, contexts: ['c1', 'urn:example:strong'] };
  const asked = 'mcp auth:c1 auth:urn:example:strong auth:c2 AUTH:C1 auth: offline_access';
  assert.equal(grantableScope(asked, files, offer), 'mcp auth:c1 auth:urn:example:strong offline_access');
  assert.equal(grantableScope('auth:c1', api, offer), 'admin auth:c1');
  assert.equal(grantableScope('mcp auth:c1', files), 'mcp', 'where none is configured none is asked for');
  assert.deepEqual(permissionsIn(['mcp', 'auth:c1', 'offline_access']), ['mcp'], 'a proof is no permission');
});

test('with least scopes a client that does not say what it needs reads; one that says so gets just that', () => {
  const least = { least: true, contexts: [] };
  assert.equal(grantableScope(undefined, files, least), 'mcp:read');
  assert.equal(grantableScope('openid', api, least), 'admin');
  assert.equal(grantableScope('mcp:destroy', files, least), 'mcp:read mcp:destroy', 'nobody deletes blindly');
  assert.equal(
    grantableScope('mcp:destroy', files),
    'mcp:read mcp:destroy',
    'less than everything is always to be had',
  );
  assert.equal(grantableScope('mcp mcp:write', files, least), 'mcp');
  assert.equal(grantableScope('mcp:write', api), 'admin');
  assert.deepEqual(effectsIn(['mcp:read', 'mcp:write']), ['mcp:read', 'mcp:write']);
  assert.equal(effectsIn(['mcp', 'mcp:read']), undefined);
  assert.equal(holdsFor(['mcp:write'], files), true);
  assert.equal(holdsFor(['mcp:write'], api), false);
  assert.equal(holdsFor(['auth:c1', 'offline_access'], files), false);
  assert.equal(holdsFor(['admin'], files), false);
});
