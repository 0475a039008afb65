// Tests of the shape that clients get: what the clients of today ask for at their registration, and what becomes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeClient } from './client-metadata.ts';

const bothGrants = ['authorization_code', 'refresh_token'];

const asked: Record<string, { metadata: Record<string, unknown>; type: 'web' | 'native' }> = {
  'like VS Code': {
    type: 'native',
    metadata: {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      grant_types: [...bothGrants, 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  },
  'like Cursor': {
    type: 'native',
    metadata: {
      client_name: 'Cursor',
      client_uri: 'https://cursor.com',
      grant_types: bothGrants,
      response_types: ['code'],
      redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
      token_endpoint_auth_method: 'none',
    },
  },
  'like Claude in the browser': {
    type: 'web',
    metadata: {
      client_name: 'Claude',
      grant_types: bothGrants,
      response_types: ['code'],
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      scope: 'claudeai',
      token_endpoint_auth_method: 'client_secret_post',
    },
  },
  'like Claude Code': {
    type: 'native',
    metadata: {
      client_name: 'Claude Code (genkan)',
      grant_types: bothGrants,
      response_types: ['code'],
      redirect_uris: ['http://localhost:49321/callback'],
      token_endpoint_auth_method: 'none',
    },
  },
};

for (const [name, { metadata, type }] of Object.entries(asked))
  test(`a client ${name} becomes a public client with its own redirect URIs and refresh tokens`, () => {
    const shaped = structuredClone(metadata);
    shapeClient(shaped);
    assert.deepEqual(shaped, {
      client_name: metadata.client_name,
      ...('client_uri' in metadata && { client_uri: metadata.client_uri }),
      redirect_uris: metadata.redirect_uris,
      grant_types: bothGrants,
      response_types: ['code'],
      response_modes: ['query'],
      token_endpoint_auth_method: 'none',
      application_type: type,
    });
  });

test('a client that did not ask for refresh tokens gets none (RFC 7591 §2)', () => {
  const shaped: Record<string, unknown> = { redirect_uris: ['https://client.example/callback'] };
  shapeClient(shaped);
  assert.deepEqual(shaped.grant_types, ['authorization_code']);
});

test('what would have to be fetched, shown or trusted is dropped', () => {
  const shaped: Record<string, unknown> = {
    redirect_uris: ['https://client.example/callback'],
    client_uri: 'javascript:alert(1)',
    jwks_uri: 'https://10.0.0.1/jwks',
    sector_identifier_uri: 'https://10.0.0.1/sector',
    request_uris: ['https://10.0.0.1/request'],
    logo_uri: 'https://10.0.0.1/logo',
    client_secret: 'mine',
    software_statement: 'x.y.z',
    require_auth_time: true,
    scope: 'admin',
  };
  shapeClient(shaped);
  assert.deepEqual(Object.keys(shaped).toSorted(), [
    'application_type',
    'grant_types',
    'redirect_uris',
    'response_modes',
    'response_types',
    'token_endpoint_auth_method',
  ]);
});
