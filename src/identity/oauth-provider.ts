// The OAuth 2.1 authorization server towards MCP clients: `oidc-provider`, reduced to what they need.
import { Provider, errors, interactionPolicy } from 'oidc-provider';
import type { AdapterFactory, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Accounts } from './accounts.ts';
import { audienceOf } from './audiences.ts';
import { createClientDocuments } from './client-documents.ts';
import { shapeClient } from './client-metadata.ts';
import type { ConsentRequest, Consents } from './consents.ts';
import { scopeOf, scopesSupported } from './scopes.ts';
import type { IdentitySettings } from './settings.ts';
import type { IdentityKeys } from './signing-keys.ts';

export const endpoints = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
  jwks: '/oauth/jwks',
} as const;

export interface OAuthNeighbours {
  readonly adapter: AdapterFactory;
  readonly accounts: Accounts;
  readonly consents: Consents;
  readonly keys: IdentityKeys;
  readonly clock: Clock;
  readonly issuer: string;
  readonly resources: () => readonly string[];
  readonly sourceAddress: (request: IncomingMessage) => string;
  readonly log: Log;
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly fetch?: typeof fetch;
}

/** Creates the authorization server. Its pages and warnings are ours: it prints nothing. */
export function createOAuthProvider(settings: IdentitySettings, neighbours: OAuthNeighbours): Provider {
  const { issuer, resources, accounts, log } = neighbours;
  const documents = createClientDocuments(settings.clientIdMetadata, neighbours);
  const provider: Provider = new Provider(issuer, {
    adapter: neighbours.adapter,
    jwks: neighbours.keys.jwks,
    scopes: [...scopesSupported],
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    clientDefaults: {
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256', // else no client can register: the default RS256 has no key here
    },
    extraClientMetadata: { properties: ['software_id', 'software_version'], validator: shapeOnce },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: (context) => rotateFor(context, resources()),
    expiresWithSession: () => false,
    issueRefreshToken,
    extraTokenClaims: (_context, token) => ({ grant: 'grantId' in token ? token.grantId : undefined }),
    loadExistingGrant: (context) => loadGrant(context, neighbours),
    findAccount: async (_context, id) =>
      (await accounts.find(id)) && { accountId: id, claims: () => Promise.resolve({ sub: id }) },
    interactions: { policy: policy(), url: (_context, interaction) => `/signin/${interaction.uid}` },
    clientBasedCORS: () => true, // no endpoint that it governs looks at cookies
    renderError: neighbours.renderError,
    routes: { ...endpoints, end_session: '/oauth/end' },
    cookies: cookies(issuer, neighbours.keys),
    ttl: lifetimes(settings),
    fetch: documents.fetch,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      registration: { enabled: settings.registration.enabled, issueRegistrationAccessToken: false },
      clientIdMetadataDocument: {
        enabled: settings.clientIdMetadata.enabled,
        ack: 'draft-02',
        allowFetch: (context, url) => documents.allow(url, context?.ip),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => {
          throw new errors.InvalidTarget('resource is required');
        },
        getResourceServerInfo: (context, resource) => {
          // A token is good for exactly one resource, so a request names exactly one (RFC 8707 §2).
          const asked = context.oidc.params?.resource;
          if ((Array.isArray(asked) && asked.length !== 1) || !resources().includes(resource))
            throw new errors.InvalidTarget();
          return {
            scope: scopeOf(resource),
            audience: audienceOf(resource),
            accessTokenTTL: settings.accessTokenSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          };
        },
        useGrantedResource: () => true,
      },
    },
  });
  speakAs(provider, issuer, neighbours.sourceAddress);
  provider.use(async (context, next) => {
    await next();
    // The document names modes that no client here may use, see shapeClient().
    if (context.oidc?.route === 'discovery')
      Object.assign(context.body as object, { response_modes_supported: ['query'] });
  });
  provider.on('server_error', (_context, error) => log.error({ err: error }, 'authorization server fault'));
  const koa: NodeJS.EventEmitter = provider;
  koa.on('error', (error) => log.error({ err: error }, 'authorization server fault')); // else Koa prints it
  return provider;
}

// Proxy headers are not believed; every URL is built from the public address.
function speakAs(provider: Provider, issuer: string, sourceAddress: OAuthNeighbours['sourceAddress']): void {
  const { protocol, host } = new URL(issuer);
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    host: { get: () => host },
    ip: {
      get(this: { req: IncomingMessage }) {
        return sourceAddress(this.req);
      },
    },
  });
}

function shapeOnce(_context: unknown, key: string, _value: unknown, metadata: object): void {
  if (key !== 'software_id') return;
  try {
    shapeClient(metadata as Record<string, unknown>);
  } catch (error) {
    throw new errors.InvalidClientMetadata((error as Error).message);
  }
}

// The stock policy would hand a code to a second redirect URI of a known client without asking; ours asks unless the grant
// that loadGrant() found covers the request.
function policy(): interactionPolicy.Prompt[] {
  const stock = interactionPolicy.base();
  const missing = new interactionPolicy.Check(
    'consent_missing',
    'consent is required',
    'consent_required',
    ({ oidc }) => Object.keys(oidc.resourceServers ?? {}).some((resource) => !oidc.grant?.getResourceScope(resource)),
  );
  return [stock.get('login')!, new interactionPolicy.Prompt({ name: 'consent', requestable: true }, missing)];
}

// One grant per authorization: revoking it, or a replayed refresh token, ends that client's access and no other.
async function loadGrant(context: KoaContextWithOIDC, { consents }: OAuthNeighbours) {
  const { oidc } = context;
  const { Grant } = oidc.provider;
  const given = oidc.result?.consent?.grantId;
  if (given !== undefined) return Grant.find(given);
  if (oidc.prompts.size > 0 && [...oidc.prompts].some((prompt) => oidc.promptPending(prompt))) return undefined;
  const request = consentRequestOf(oidc.account!.accountId, oidc.params ?? {});
  if (!(await consents.covers(request))) return undefined;
  const grant = new Grant({ accountId: request.accountId, clientId: request.clientId });
  grant.addResourceScope(request.resource, request.scopes.join(' '));
  await grant.save();
  return grant;
}

/** What the parameters of an authorization request ask a person to agree to. */
export function consentRequestOf(accountId: string, params: Readonly<Record<string, unknown>>): ConsentRequest {
  const resource = String([params.resource].flat()[0]);
  const [clientId, redirectUri] = [String(params.client_id), String(params.redirect_uri)];
  return { accountId, clientId, redirectUri, resource, scopes: [scopeOf(resource)] };
}

// Every client that can refresh gets a refresh token, also one that did not know to ask for offline_access. The scope is
// added to the code, so that a later refresh may name it.
function issueRefreshToken(
  _context: unknown,
  client: { grantTypeAllowed(type: string): boolean },
  source: { scope?: string },
): Promise<boolean> {
  const allowed = client.grantTypeAllowed('refresh_token');
  if (allowed) source.scope = [...new Set([...(source.scope ?? '').split(' '), 'offline_access'])].join(' ').trim();
  return Promise.resolve(allowed);
}

// Every use rotates. The provider looks at the resource only after it has used the token up, so a client's slip would cost
// the client its sign-in; here it is looked at before.
function rotateFor({ oidc }: KoaContextWithOIDC, existing: readonly string[]): boolean {
  const granted = [oidc.entities.RefreshToken?.resource].flat();
  const asked = oidc.params?.resource ?? granted[0];
  if (typeof asked !== 'string' || !granted.includes(asked) || !existing.includes(asked))
    throw new errors.InvalidTarget();
  return true;
}

function cookies(issuer: string, keys: IdentityKeys): Configuration['cookies'] {
  const secure = issuer.startsWith('https:');
  const attributes = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  return {
    keys: keys.secrets,
    // __Host- needs path=/, which the provider does not allow for the other two.
    names: {
      session: secure ? '__Host-genkan_session' : 'genkan_session',
      interaction: 'genkan_interaction',
      resume: 'genkan_resume',
    },
    long: { ...attributes, path: '/' },
    short: attributes,
  };
}

function lifetimes(settings: IdentitySettings): Configuration['ttl'] {
  return {
    AccessToken: settings.accessTokenSeconds,
    AuthorizationCode: 60,
    Grant: settings.grantSeconds,
    IdToken: settings.accessTokenSeconds,
    Interaction: 1800,
    Session: settings.sessionSeconds,
    // Each rotation begins anew, but no token outlives its grant.
    RefreshToken(context) {
      const endsAt = context.oidc.entities.Grant?.exp ?? Infinity;
      return Math.max(1, Math.min(settings.refreshTokenSeconds, endsAt - Math.floor(Date.now() / 1000)));
    },
  };
}
