// Checks as which client Genkan comes to an authorization server, and how it proves itself there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizationServer } from 'oauth4webapi';
import { systemClock } from '../../base/clock.ts';
import { authenticationOf, chooseClient, clientDocument } from './oauth-client.ts';
import type { RegisteredClient } from './oauth-client.ts';
import { authorizationSettings } from './settings.ts';

const publicUrl = 'https://genkan.example.com';
const home = { publicUrl, server: 'notes' };
const issuer = 'https://login.example.com';
const everything: AuthorizationServer = {
  issuer,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  client_id_metadata_document_supported: true,
};
const without = (...names: (keyof AuthorizationServer)[]): AuthorizationServer =>
  Object.fromEntries(Object.entries(everything).filter(([name]) => !names.includes(name))) as AuthorizationServer;

function registrar(answer: object = { client_id: 'dynamic' }, status = 201) {
  const bodies: Record<string, unknown>[] = [];
  const fetch = (_url: string | URL, options?: RequestInit): Promise<Response> => {
    bodies.push(JSON.parse(options!.body as string) as Record<string, unknown>);
    return Promise.resolve(Response.json(answer, { status }));
  };
  return {
    bodies,
    at: {
      home,
      clock: systemClock,
      guard: { fetch, check: (url: string | URL) => new URL(url), close: () => Promise.resolve() },
    },
  };
}

const settings = (more: object = {}) => authorizationSettings.parse({ as: 'person', ...more });

test('what was registered by hand comes first, then the document, then registration', async () => {
  const byHand = settings({ clientId: 'by-hand', issuer });
  assert.equal((await chooseClient(everything, byHand, undefined, undefined, registrar().at)).clientId, 'by-hand');
  const { clientId } = await chooseClient(everything, settings(), undefined, undefined, registrar().at);
  assert.equal(clientId, `${publicUrl}/connect/client-metadata/notes.json`);
  assert.equal(clientDocument(home)['client_id'], clientId);
  const { at, bodies } = registrar();
  const registered = await chooseClient(
    without('client_id_metadata_document_supported'),
    settings(),
    undefined,
    'a b',
    at,
  );
  assert.equal(registered.clientId, 'dynamic');
  assert.deepEqual(bodies[0], {
    client_name: 'Genkan (notes)',
    client_uri: publicUrl,
    redirect_uris: [`${publicUrl}/connect/callback/notes`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'a b',
  });
  await assert.rejects(
    chooseClient(
      without('client_id_metadata_document_supported', 'registration_endpoint'),
      settings(),
      undefined,
      undefined,
      at,
    ),
    /configure clientId/,
  );
});

test('a registration is used until its secret ends or the address of Genkan changes, and the reason of a refused one is told', async () => {
  const server = without('client_id_metadata_document_supported');
  const redirectUri = `${publicUrl}/connect/callback/notes`;
  const known: RegisteredClient = { clientId: 'known', method: 'none', dynamic: true, redirectUri };
  assert.equal((await chooseClient(server, settings(), known, undefined, registrar().at)).clientId, 'known');
  const ended = { ...known, expiresAtMs: Date.now() - 1 };
  assert.equal((await chooseClient(server, settings(), ended, undefined, registrar().at)).clientId, 'dynamic');
  const moved = { ...registrar().at, home: { publicUrl: 'https://mcp.example.com', server: 'notes' } };
  assert.equal((await chooseClient(server, settings(), known, undefined, moved)).clientId, 'dynamic');
  const { at } = registrar({ error: 'invalid_redirect_uri', error_description: 'no\u0007 such host' }, 400);
  await assert.rejects(chooseClient(server, settings(), undefined, undefined, at), /invalid_redirect_uri no such host/);
});

for (const [offered, expected] of [
  [undefined, 'client_secret_basic'],
  [['client_secret_post'], 'client_secret_post'],
  [['private_key_jwt', 'none'], 'none'],
  [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
] as const)
  test(`where ${offered ?? 'nothing'} is offered, it asks for ${expected}`, async () => {
    const { at, bodies } = registrar({ client_id: 'dynamic', client_secret: 's' });
    const server = {
      ...without('client_id_metadata_document_supported'),
      token_endpoint_auth_methods_supported: offered && [...offered],
    };
    await chooseClient(server, settings(), undefined, undefined, at);
    assert.equal(bodies[0]!['token_endpoint_auth_method'], expected);
  });

test('Basic credentials are encoded so that servers which do not decode read them as well', async () => {
  const client: RegisteredClient = {
    clientId: 'my-client',
    clientSecret: 'a_b.c:d',
    method: 'client_secret_basic',
    dynamic: true,
  };
  const prove = await authenticationOf(client, settings(), () => Promise.reject(new Error('not asked for')));
  const headers = new Headers();
  await prove(everything, { client_id: client.clientId }, new URLSearchParams(), headers);
  const told = Buffer.from(headers.get('authorization')!.slice('Basic '.length), 'base64').toString();
  assert.equal(told, 'my-client:a_b.c%3Ad');
});

test('a configured secret is fetched anew each time, and is not part of what is kept', async () => {
  const byHand = settings({ clientId: 'by-hand', clientSecret: { source: 'env', name: 'SECRET' }, issuer });
  const client = await chooseClient(everything, byHand, undefined, undefined, registrar().at);
  assert.equal(client.clientSecret, undefined);
  const body = new URLSearchParams();
  const prove = await authenticationOf({ ...client, method: 'client_secret_post' }, byHand, async () => 'rotated');
  await prove(everything, { client_id: client.clientId }, body, new Headers());
  assert.equal(body.get('client_secret'), 'rotated');
});
