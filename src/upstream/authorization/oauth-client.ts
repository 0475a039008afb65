// As which OAuth client Genkan comes to an authorization server: registered by hand, described by its document, or registering itself.
import * as oauth from 'oauth4webapi';
import type { AuthorizationServer } from 'oauth4webapi';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { DiscoveryFault } from './discovery.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import type { AuthorizationSettings } from './settings.ts';

/** Good for one issuer only (MCP 2026-07-28, "Authorization Server Binding"). */
export const registeredClient = z.object({
  clientId: z.string(),
  clientSecret: z.string().optional(),
  method: z.enum(['client_secret_basic', 'client_secret_post', 'none']),
  /** Registered by ourselves: forgotten when the authorization server no longer knows it. */
  dynamic: z.boolean(),
  /** What it was registered with: for another address of ours it is of no use. */
  redirectUri: z.string().optional(),
  expiresAtMs: z.number().optional(),
});
export type RegisteredClient = z.infer<typeof registeredClient>;

export interface ClientNeighbours {
  readonly home: ClientHome;
  readonly guard: GuardedFetch;
  readonly clock: Clock;
}

/** Genkan is one client for each server, so that no server's client can be used for the code of another (RFC 9700 §4.4.2). */
export interface ClientHome {
  readonly publicUrl: string;
  readonly server: string;
}

/** Where authorization servers send the browser back to. */
export const callbackOf = ({ publicUrl, server }: ClientHome): string => `${publicUrl}/connect/callback/${server}`;
const documentOf = ({ publicUrl, server }: ClientHome): string => `${publicUrl}/connect/client-metadata/${server}.json`;

/** What Genkan says about itself as a client, in its document and when it registers. */
const clientMetadata = (home: ClientHome): Record<string, unknown> => ({
  // Shown where people consent: there they see for which server it is.
  client_name: `Genkan (${home.server})`,
  client_uri: home.publicUrl,
  redirect_uris: [callbackOf(home)],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  // OpenID Connect Registration §2: loopback redirects are for native applications.
  application_type: home.publicUrl.startsWith('https:') ? 'web' : 'native',
});

/** The Client ID Metadata Document that Genkan publishes for a server. */
export const clientDocument = (home: ClientHome): Record<string, unknown> => ({
  client_id: documentOf(home),
  ...clientMetadata(home),
  token_endpoint_auth_method: 'none',
});

/**
 * Chooses by the order of MCP 2026-07-28, "Client Registration".
 * @param known as what Genkan has come to this very issuer before, and is still known there for all that it can tell
 * @throws DiscoveryFault when there is no way
 */
export async function chooseClient(
  server: AuthorizationServer,
  settings: AuthorizationSettings,
  known: RegisteredClient | undefined,
  scope: string | undefined,
  { home, guard, clock }: ClientNeighbours,
): Promise<RegisteredClient> {
  if (settings.clientId !== undefined) {
    const method = settings.clientSecret === undefined ? 'none' : secretMethod(server);
    return { clientId: settings.clientId, method, dynamic: false };
  }
  // The document must be reachable for the authorization server, so plain http on loopback has none.
  const document = settings.clientMetadataUrl ?? (home.publicUrl.startsWith('https:') ? documentOf(home) : undefined);
  if (server.client_id_metadata_document_supported === true && document !== undefined)
    return { clientId: document, method: 'none', dynamic: false };
  if (
    known?.dynamic === true &&
    known.redirectUri === callbackOf(home) &&
    (known.expiresAtMs ?? Infinity) > clock.now()
  )
    return known;
  if (server.registration_endpoint === undefined)
    throw new DiscoveryFault(`${server.issuer} registers no clients by itself; configure clientId`);
  return register(server, scope, { home, guard });
}

const registration = z.object({
  client_id: z.string().min(1).max(2048),
  client_secret: z.string().min(1).max(4096).optional(),
  client_secret_expires_at: z.number().optional(), // required beside a secret (RFC 7591 §3.2.1), and yet left out by many
  token_endpoint_auth_method: z.string().optional(),
});

async function register(
  server: AuthorizationServer,
  scope: string | undefined,
  { home, guard }: Pick<ClientNeighbours, 'home' | 'guard'>,
): Promise<RegisteredClient> {
  const wish = { ...clientMetadata(home), token_endpoint_auth_method: wishedMethod(server), scope };
  const answer = await guard.fetch(server.registration_endpoint!, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(wish),
  });
  if (answer.status !== 201 && answer.status !== 200)
    throw new DiscoveryFault(
      `${server.issuer} did not register Genkan: HTTP ${answer.status}, ${await reasonIn(answer)}`,
    );
  const told = registration.safeParse(await answer.json().catch(() => undefined));
  if (!told.success) throw new DiscoveryFault(`${server.issuer} answered a registration with something else`);
  const { client_id: clientId, client_secret: clientSecret, client_secret_expires_at: expires = 0 } = told.data;
  const method = registeredClient.shape.method.safeParse(told.data.token_endpoint_auth_method);
  return {
    clientId,
    clientSecret,
    method: clientSecret === undefined ? 'none' : method.success ? method.data : secretMethod(server),
    dynamic: true,
    redirectUri: callbackOf(home),
    ...(expires > 0 && { expiresAtMs: expires * 1000 }),
  };
}

/** The reason for the administrator, e.g. a redirect URI that is not accepted (RFC 7591 §3.2.2). */
async function reasonIn(answer: Response): Promise<string> {
  const told = z
    .object({ error: z.string(), error_description: z.string().default('') })
    .safeParse(await answer.json().catch(() => undefined));
  const text = told.success ? `${told.data.error} ${told.data.error_description}` : 'without a reason';
  return text.replace(/\p{C}/gu, '').slice(0, 300);
}

/** How a client proves itself at the token endpoint. A configured secret is fetched anew, so that a rotated one is seen. */
export async function authenticationOf(
  { method, clientSecret, dynamic }: RegisteredClient,
  settings: AuthorizationSettings,
  secret: ResolveSecret,
): Promise<oauth.ClientAuth> {
  if (method === 'none') return oauth.None();
  const known = dynamic || settings.clientSecret === undefined ? clientSecret : await secret(settings.clientSecret);
  if (known === undefined) return oauth.None();
  return method === 'client_secret_post' ? oauth.ClientSecretPost(known) : basic(known);
}

/**
 * RFC 6749 §2.3.1. The library encodes more than must be, by which servers that do not decode see another client; what is
 * left as it is here reads the same with and without decoding.
 */
function basic(secret: string): oauth.ClientAuth {
  const encode = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);
  return (_server, client, _body, headers) => {
    const credentials = Buffer.from(`${encode(client.client_id)}:${encode(secret)}`).toString('base64');
    headers.set('authorization', `Basic ${credentials}`);
  };
}

export const requestOptions = ({ fetch }: GuardedFetch) => ({
  [oauth.customFetch]: (url: string, options: { headers?: unknown }) => fetch(url, options as RequestInit),
  // Which addresses may be plain http is for the guard to say.
  [oauth.allowInsecureRequests]: true,
});

const methodsOf = (server: AuthorizationServer): readonly string[] =>
  server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']; // RFC 8414 §2

const secretMethod = (server: AuthorizationServer): RegisteredClient['method'] =>
  !methodsOf(server).includes('client_secret_basic') && methodsOf(server).includes('client_secret_post')
    ? 'client_secret_post'
    : 'client_secret_basic';

/** We can keep a secret, so a method with one is preferred. */
const wishedMethod = (server: AuthorizationServer): RegisteredClient['method'] =>
  registeredClient.shape.method.options.find((method) => methodsOf(server).includes(method)) ?? 'none';
