// Tests of the scopes: what clients of all kinds ask for, and what it becomes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantableScope, scopeOf, withGrantableScope } from './scopes.ts';

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
