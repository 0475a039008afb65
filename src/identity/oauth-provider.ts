// The OAuth 2.1 authorization server towards MCP clients: `oidc-provider`, reduced to what they need.
import { Provider, errors, interactionPolicy } from 'oidc-provider';
import type { AdapterFactory, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Accounts } from './accounts.ts';
import { agentMark, assertionAlgorithms, assertionSeconds } from './agents/agent-client.ts';
import { secretMatches } from './agents/agents.ts';
import { audienceOf } from './audiences.ts';
import { createClientDocuments, keepSeconds, maxDocumentBytes } from './client-documents.ts';
import { shapeClient } from './client-metadata.ts';
import type { ConsentRequest, Consents } from './consents.ts';
import { grantTypes } from './grants/grant-types.ts';
import { proofAlgorithms } from './grants/proofs.ts';
import type { SingleUse } from './grants/single-use.ts';
import { contextScope, effectScopes, grantableScope, scopeOf, scopesSupported } from './scopes.ts';
import type { ScopeOffer } from './scopes.ts';
import type { IdentitySettings } from './settings.ts';
import type { IdentityKeys } from './signing-keys.ts';
import { contextsOf } from './step-up.ts';
import type { StepUp } from './step-up.ts';

export const endpoints = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  pushed_authorization_request: '/oauth/par',
  jwks: '/oauth/jwks',
} as const;

interface OAuthNeighbours {
  readonly adapter: AdapterFactory;
  readonly accounts: Accounts;
  readonly consents: Consents;
  readonly stepUp: StepUp;
  readonly keys: IdentityKeys;
  readonly once: SingleUse;
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
    // Whoever registers itself is a public client, see shapeClient(); the other methods are for agents.
    clientAuthMethods: ['none', ...agentAuthentication],
    enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms], dPoPSigningAlgValues: [...proofAlgorithms] },
    assertJwtClientAuthClaimsAndHeader: (_context, claims) => limitAssertion(claims),
    clientDefaults: {
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256', // else no client can register: the default RS256 has no key here
    },
    extraClientMetadata: {
      properties: ['software_id', 'software_version', 'agent_mark'],
      validator: (_context, key, _value, metadata) =>
        shapeOnce(key, metadata as Metadata, settings.dpop === 'required'),
    },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: async (context) => {
      await neighbours.stepUp.checkRefresh(context);
      return rotateFor(context, resources());
    },
    expiresWithSession: () => false,
    issueRefreshToken,
    extraTokenClaims: (context, token) => ({
      grant: 'grantId' in token ? token.grantId : undefined,
      ...signInOf(context),
    }),
    loadExistingGrant: (context) => loadGrant(context, neighbours),
    findAccount: async (_context, id) =>
      (await accounts.find(id)) && { accountId: id, claims: () => Promise.resolve({ sub: id }) },
    interactions: { policy: policy(neighbours.stepUp), url: (_context, interaction) => `/signin/${interaction.uid}` },
    clientBasedCORS: () => true, // no endpoint that it governs looks at cookies
    renderError: neighbours.renderError,
    routes: { ...endpoints, end_session: '/oauth/end' },
    cookies: cookies(issuer, neighbours.keys),
    ttl: lifetimes(settings),
    fetch: documents.fetch,
    fetchResponseBodyLimits: { 'client_id metadata document': maxDocumentBytes, jwks_uri: maxDocumentBytes },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: true }, // RFC 9126
      dPoP: { enabled: true }, // RFC 9449
      introspection: { enabled: true, allowedPolicy: () => false }, // of our signed tokens: see grants/introspection.ts
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      registration: { enabled: settings.registration.enabled, issueRegistrationAccessToken: false },
      clientIdMetadataDocument: {
        enabled: settings.clientIdMetadata.enabled,
        ack: 'draft-02',
        allowFetch: (context, url) => documents.allow(url, context?.ip),
        allowClient: (_context, client) => documents.permits(client.clientId),
        cacheDuration: { min: 30, max: keepSeconds },
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
            scope: [scopeOf(resource), ...effectScopes, ...neighbours.stepUp.offer.contexts.map(contextScope)].join(
              ' ',
            ),
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
  keepSecrets(provider, neighbours.once);
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route === 'discovery') Object.assign(context.body as object, furtherMetadata(settings));
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

const agentAuthentication = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

// The library's document names modes that no client here may use, see shapeClient(), and grants that no policy permits.
function furtherMetadata({ enterpriseAssertions, tokenExchange }: IdentitySettings): object {
  const exchanges = tokenExchange.length > 0;
  const asserts = enterpriseAssertions.length > 0;
  return {
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      grantTypes.clientCredentials,
      ...(exchanges ? [grantTypes.tokenExchange] : []),
      ...(asserts ? [grantTypes.jwtBearer] : []),
    ],
    ...(asserts && { authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'] }),
    revocation_endpoint_auth_methods_supported: ['none', ...agentAuthentication],
    introspection_endpoint_auth_methods_supported: agentAuthentication,
  };
}

/** Secrets are kept as hashes, and an id is used up in one step, so that it cannot be used on two processes at once. */
function keepSecrets({ Client, ReplayDetection }: Provider, once: SingleUse): void {
  Client.prototype.compareClientSecret = function compareClientSecret(given: string) {
    return secretMatches(this.clientSecret!, given);
  };
  ReplayDetection.unique = (issuer, id, expiresAt) => once.claim([issuer, id], expiresAt * 1000);
}

/** What of the sign-in a token tells (RFC 9068 §2.2.1), and the contexts that it proved. */
function signInOf(context: KoaContextWithOIDC | undefined): {
  auth_time?: number;
  acr?: string;
  acrs?: readonly string[];
} {
  const { AuthorizationCode, RefreshToken } = context?.oidc.entities ?? {};
  const { authTime, acr } = AuthorizationCode ?? RefreshToken ?? {};
  const contexts = contextsOf(acr);
  return {
    ...(authTime !== undefined && authTime > 0 && { auth_time: authTime }), // 0 where the provider did not say
    ...(contexts.length === 1 && { acr: contexts[0]! }),
    ...(contexts.length > 0 && { acrs: contexts }),
  };
}

// The library asks for an end, this for an early one: what was overheard must not be good for days (RFC 7523 §3).
function limitAssertion({ exp, iat }: Readonly<Record<string, unknown>>): void {
  const now = Date.now() / 1000;
  if (
    Number(exp) - now > assertionSeconds + 10 ||
    (iat !== undefined && Math.abs(now - Number(iat)) > assertionSeconds)
  )
    throw new errors.InvalidClientAuth(`the assertion must live for ${assertionSeconds} seconds at most`);
}

type Metadata = Record<string, unknown>;

function shapeOnce(key: string, metadata: Metadata, requireProof: boolean): void {
  if (key !== 'software_id' || metadata.agent_mark === agentMark) return;
  try {
    shapeClient(metadata);
    if (requireProof) metadata.dpop_bound_access_tokens = true;
  } catch (error) {
    throw new errors.InvalidClientMetadata((error as Error).message);
  }
}

// The stock policy would hand a code to a second redirect URI of a known client without asking; ours asks unless the grant
// that loadGrant() found covers the request.
function policy({ checks }: StepUp): interactionPolicy.Prompt[] {
  const login = interactionPolicy.base().get('login')!;
  for (const check of checks) login.checks.add(check);
  const missing = new interactionPolicy.Check(
    'consent_missing',
    'consent is required',
    'consent_required',
    ({ oidc }) => Object.keys(oidc.resourceServers ?? {}).some((resource) => !oidc.grant?.getResourceScope(resource)),
  );
  return [login, new interactionPolicy.Prompt({ name: 'consent', requestable: true }, missing)];
}

// One grant per authorization: revoking it, or a replayed refresh token, ends that client's access and no other.
async function loadGrant(context: KoaContextWithOIDC, { consents, stepUp }: OAuthNeighbours) {
  const { oidc } = context;
  const { Grant } = oidc.provider;
  const given = oidc.result?.consent?.grantId;
  if (given !== undefined) return Grant.find(given);
  if (oidc.prompts.size > 0 && [...oidc.prompts].some((prompt) => oidc.promptPending(prompt))) return undefined;
  const request = consentRequestOf(oidc.account!.accountId, oidc.params ?? {}, stepUp.offer);
  if (!(await consents.covers(request))) return undefined;
  const grant = new Grant({ accountId: request.accountId, clientId: request.clientId });
  grant.addResourceScope(request.resource, request.scopes.join(' '));
  await grant.save();
  return grant;
}

/** What the parameters of an authorization request ask a person to agree to. */
export function consentRequestOf(
  accountId: string,
  params: Readonly<Record<string, unknown>>,
  offer: ScopeOffer,
): ConsentRequest {
  const resource = String([params.resource].flat()[0]);
  const [clientId, redirectUri] = [String(params.client_id), String(params.redirect_uri)];
  const asked = typeof params.scope === 'string' ? params.scope : undefined;
  const scopes = grantableScope(asked, resource, offer)
    .split(' ')
    .filter((scope) => scope !== 'offline_access');
  return { accountId, clientId, redirectUri, resource, scopes };
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
    PushedAuthorizationRequest: 60,
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
