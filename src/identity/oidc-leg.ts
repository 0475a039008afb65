// Sign-in at an OpenID Connect provider: code flow with PKCE, state and nonce. Its tokens are read for the person's identity and dropped.
import * as oidc from 'openid-client';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import { personOf } from './accounts.ts';
import { reasonOf } from './failed-sign-in.ts';
import type { OidcProviderSettings } from './settings.ts';
import type { LegNeighbours, SignInLeg } from './sign-in-leg.ts';

interface OidcLegNeighbours extends LegNeighbours {
  readonly clock: Clock;
  readonly log: Log;
  readonly secret: ResolveSecret;
  readonly fetch?: typeof fetch;
}

const rediscoverMs = 3_600_000;
const timeoutSeconds = 10;

export function createOidcLeg(settings: OidcProviderSettings, neighbours: OidcLegNeighbours): SignInLeg {
  const { clock, log, redirectUri } = neighbours;
  let known: { readonly configuration: Promise<oidc.Configuration>; readonly atMs: number } | undefined;

  // Lazily and again after a failure: a provider that is down when Genkan starts must not keep it down.
  function discovered(): Promise<oidc.Configuration> {
    if (known !== undefined && clock.now() - known.atMs < rediscoverMs) return known.configuration;
    const attempt = { configuration: discover(settings, neighbours), atMs: clock.now() };
    known = attempt;
    attempt.configuration.catch(() => {
      if (known === attempt) known = undefined;
    });
    return attempt.configuration;
  }

  return {
    async authorizationUrl({ state, nonce, verifier }, { fresh = false, contexts = [], claims, maxAgeSeconds }) {
      return oidc.buildAuthorizationUrl(await discovered(), {
        redirect_uri: redirectUri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(fresh && { prompt: 'login' }),
        ...(contexts.length > 0 && { acr_values: contexts.join(' ') }),
        ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
        ...(claims !== undefined && { claims }),
      });
    },

    async redeem(callback, { state, nonce, verifier }) {
      try {
        const tokens = await oidc.authorizationCodeGrant(await discovered(), callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        // OpenID Connect Core §2 has one `acr`; some providers list what holds in `acrs`.
        const stated = [claims['acr'], claims['acrs']].flat().slice(0, 32);
        const contexts = stated.filter((context) => typeof context === 'string');
        const time = claims['auth_time'];
        const authenticated = typeof time === 'number' ? { authenticatedAtMs: time * 1000 } : {};
        return { person: personOf(claims, settings.groupsClaim), contexts, ...authenticated };
      } catch (cause) {
        if (cause instanceof GenkanError) throw cause;
        log.warn({ reason: reasonOf(cause) }, 'sign-in failed');
        const code = isUnreachable(cause) ? 'identity_provider_unavailable' : 'identity_sign_in_failed';
        throw new GenkanError(code, {}, { cause, detail: reasonOf(cause) });
      }
    },
  };
}

async function discover(
  settings: OidcProviderSettings,
  { secret, log, fetch: custom }: OidcLegNeighbours,
): Promise<oidc.Configuration> {
  // By itself the library trusts the connection to the provider and leaves the signature of the ID token unread.
  const strictness = [
    oidc.enableNonRepudiationChecks,
    ...(settings.allowInsecureIssuer ? [oidc.allowInsecureRequests] : []),
  ];
  try {
    const options = {
      execute: strictness,
      timeout: timeoutSeconds,
      ...(custom && { [oidc.customFetch]: custom as oidc.CustomFetch }),
    };
    const found = await oidc.discovery(new URL(settings.issuer), settings.clientId, undefined, oidc.None(), options);
    if (settings.clientSecret === undefined) return found;
    const server = found.serverMetadata();
    const clientSecret = await secret(settings.clientSecret);
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']; // OpenID Connect Discovery §3
    const authentication = methods.includes('client_secret_basic')
      ? oidc.ClientSecretBasic(clientSecret)
      : oidc.ClientSecretPost(clientSecret);
    const configuration = new oidc.Configuration(server, settings.clientId, undefined, authentication);
    for (const apply of strictness) apply(configuration);
    configuration.timeout = timeoutSeconds;
    if (custom) configuration[oidc.customFetch] = custom as oidc.CustomFetch;
    return configuration;
  } catch (cause) {
    log.warn({ issuer: settings.issuer, reason: reasonOf(cause) }, 'identity provider cannot be reached');
    throw new GenkanError('identity_provider_unavailable', {}, { cause, detail: reasonOf(cause) });
  }
}

// How `fetch`, and the library when its time is up, say that nobody answered.
const isUnreachable = (cause: unknown): boolean =>
  (cause instanceof TypeError && cause.message === 'fetch failed') ||
  (cause as { code?: unknown }).code === 'OAUTH_TIMEOUT';
