// Sign-in at an OpenID Connect provider: code flow with PKCE, state and nonce. Its tokens are read for the person's identity and dropped.
import { createHash, timingSafeEqual } from 'node:crypto';
import * as oidc from 'openid-client';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Database } from '../state/database.ts';
import { personOf } from './accounts.ts';
import type { Person } from './accounts.ts';
import type { IdentitySettings } from './settings.ts';

export interface FederationNeighbours {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly issuer: string;
  readonly secret: ResolveSecret;
  readonly fetch?: typeof fetch;
}

/** A sign-in that has come back from the identity provider. */
export interface Returned {
  /** The interaction with our own authorization server that it belongs to. */
  readonly interaction: string;
  /** The person, or `undefined` when they or the provider called it off. */
  readonly person: Person | undefined;
}

export interface Federation {
  /**
   * Begins a sign-in and returns the address to send the browser to.
   * @param browser secret of the browser, kept in a cookie: only this browser can finish the sign-in
   * @param fresh ask for the password even if the person is signed in there
   * @throws GenkanError `identity_provider_unavailable`
   */
  begin(interaction: string, browser: string, fresh: boolean): Promise<URL>;
  /**
   * Ends a sign-in from the URL that the browser came back with.
   * @throws GenkanError `identity_sign_in_expired`, `identity_sign_in_failed`, `identity_provider_unavailable`
   */
  end(callback: URL, browser: string | undefined): Promise<Returned>;
}

interface Pending {
  readonly interaction: string;
  readonly browserHash: string;
  readonly verifier: string;
  readonly nonce: string;
}

const kind = 'FederatedSignIn';
const pendingSeconds = 600;
const rediscoverMs = 3_600_000;
const timeoutSeconds = 10;

export function createFederation(settings: IdentitySettings['provider'], neighbours: FederationNeighbours): Federation {
  const { database, clock, log } = neighbours;
  const redirectUri = `${neighbours.issuer}/auth/callback`;
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
    async begin(interaction, browser, fresh) {
      const configuration = await discovered();
      const [state, verifier, nonce] = [unguessableId(), oidc.randomPKCECodeVerifier(), unguessableId()];
      const pending: Pending = { interaction, browserHash: sha256(browser), verifier, nonce };
      await database
        .insertInto('oidc_record')
        .values({
          kind,
          id: sha256(state),
          payload: JSON.stringify(pending),
          expires_at: clock.now() + pendingSeconds * 1000,
        })
        .execute();
      // Never `resource`: it names one of ours, and Entra ID refuses requests that carry it.
      return oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(fresh ? { prompt: 'login' } : {}),
      });
    },

    async end(callback, browser) {
      const state = callback.searchParams.get('state') ?? '';
      const pending = await take(state);
      if (pending === undefined) throw new GenkanError('identity_sign_in_expired');
      if (browser === undefined || !sameHash(sha256(browser), pending.browserHash))
        throw new GenkanError('identity_sign_in_expired', {}, { detail: 'the sign-in was begun in another browser' });
      const { interaction } = pending;
      if (callback.searchParams.get('error') === 'access_denied') return { interaction, person: undefined };
      try {
        const tokens = await oidc.authorizationCodeGrant(await discovered(), callback, {
          expectedState: state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        });
        return { interaction, person: personOf(tokens.claims()!, settings.groupsClaim) };
      } catch (cause) {
        if (cause instanceof GenkanError) throw cause;
        log.warn({ reason: reasonOf(cause) }, 'sign-in failed');
        const code = isUnreachable(cause) ? 'identity_provider_unavailable' : 'identity_sign_in_failed';
        throw new GenkanError(code, {}, { cause, detail: reasonOf(cause) });
      }
    },
  };

  // Deleting is what makes a state good for one use only, whichever process it comes back to.
  async function take(state: string): Promise<Pending | undefined> {
    const row = await database
      .deleteFrom('oidc_record')
      .where('kind', '=', kind)
      .where('id', '=', sha256(state))
      .returning(['payload', 'expires_at'])
      .executeTakeFirst();
    if (row === undefined || (row.expires_at ?? 0) <= clock.now()) return undefined;
    return JSON.parse(row.payload) as Pending;
  }
}

async function discover(
  settings: IdentitySettings['provider'],
  { secret, log, fetch: custom }: FederationNeighbours,
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

// Messages of openid-client and fetch name the check that failed; their causes can hold whole answers, so they stay out.
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { code, error } = cause as { code?: unknown; error?: unknown };
  return [cause.message, code, error]
    .filter((part) => typeof part === 'string')
    .join(' · ')
    .slice(0, 300);
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('base64url');
const sameHash = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
