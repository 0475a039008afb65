// The ways in which a person signs in on their own machine: silently, in a browser, or with a code on another device.
import * as oidc from 'openid-client';
import type { CallerToken } from '../../base/caller-tokens.ts';
import type { Clock } from '../../base/clock.ts';
import { unguessableId } from '../../base/ids.ts';
import { GenkanError } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';
import { reasonOf } from '../failed-sign-in.ts';
import type { Broker } from './broker.ts';
import { listenOnLoopback } from './loopback.ts';
import type { PublicProvider } from './provider.ts';
import type { Kept, Shown } from './remembered.ts';

type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

export interface Ways {
  /** Renews a sign-in without the person. Undefined when the provider wants to see them. @throws GenkanError `identity_provider_unavailable` */
  silently(kept: Kept): Promise<Kept | undefined>;
  /** A token of the same sign-in for something else. */
  tokenFor(kept: Kept, scope: string): Promise<{ readonly token: CallerToken; readonly kept: Kept }>;
  /** Through the operating system's broker. Undefined where there is none, or where it lets nobody in. */
  byBroker(claims?: string): Promise<Kept | undefined>;
  /** @param open shows a page to the person; false when it could not */
  inBrowser(
    open: (url: URL) => Promise<boolean>,
    show: (shown: Shown) => Promise<void>,
    signal: AbortSignal,
    claims?: string,
  ): Promise<Kept | undefined>;
  /** @throws GenkanError `identity_local_impossible` where the provider has no such codes */
  withDeviceCode(show: (shown: Shown) => Promise<void>, signal: AbortSignal, claims?: string): Promise<Kept>;
}

export function createWays(
  provider: PublicProvider,
  clock: Clock,
  broker: () => Promise<Broker | undefined> = () => Promise.resolve(undefined),
): Ways {
  async function keptOf(tokens: Tokens, former?: Kept): Promise<Kept> {
    const claims = tokens.claims();
    const refreshToken = tokens.refresh_token ?? former?.refreshToken;
    const expiresAtMs = claims === undefined ? clock.now() + (tokens.expiresIn() ?? 3600) * 1000 : claims.exp * 1000;
    const common = { expiresAtMs, ...(refreshToken !== undefined && { refreshToken }) };
    if (claims === undefined) {
      if (former === undefined)
        throw new GenkanError('identity_sign_in_failed', {}, { detail: 'there is no ID token' });
      return { ...former, ...common };
    }
    if (former !== undefined && claims.sub !== former.subject)
      throw new GenkanError('identity_sign_in_failed', {}, { detail: 'what was renewed is about somebody else' });
    const another = async (scope: string): Promise<string> => (await refreshed(refreshToken, scope)).access_token;
    const { person, contexts } = await provider.identify(claims, another);
    return {
      ...common,
      person: { ...person, groups: [...person.groups] },
      contexts: [...contexts],
      subject: claims.sub,
    };
  }

  async function refreshed(refreshToken: string | undefined, scope: string): Promise<Tokens> {
    if (refreshToken === undefined) throw new GenkanError('identity_sign_in_again');
    return oidc.refreshTokenGrant(await provider.configuration(), refreshToken, { scope });
  }

  return {
    async silently(kept) {
      if (kept.account !== undefined && kept.demanded === undefined) return (await broker())?.silently(kept.account);
      if (kept.refreshToken === undefined || kept.demanded !== undefined) return undefined;
      try {
        return await keptOf(await refreshed(kept.refreshToken, provider.scope), kept);
      } catch (cause) {
        if (wantsPerson(cause)) return undefined;
        throw unavailable(cause);
      }
    },

    async tokenFor(kept, scope) {
      try {
        const has = kept.account === undefined ? undefined : await broker();
        if (has !== undefined) return { token: await has.tokenFor(kept.account!, scope), kept };
        const tokens = await refreshed(kept.refreshToken, scope);
        const { refresh_token: refreshToken } = tokens;
        const token = { token: tokens.access_token, expiresAtMs: clock.now() + (tokens.expiresIn() ?? 300) * 1000 };
        return { token, kept: refreshToken === undefined ? kept : { ...kept, refreshToken } };
      } catch (cause) {
        if (cause instanceof GenkanError) throw cause;
        if (wantsPerson(cause)) throw new GenkanError('identity_sign_in_again', {}, { cause, detail: reasonIn(cause) });
        if (cause instanceof oidc.ResponseBodyError)
          throw new GenkanError('identity_on_behalf_impossible', {}, { cause, detail: reasonIn(cause) });
        throw unavailable(cause);
      }
    },

    byBroker: async (claims) => (await broker())?.signIn(claims),

    async inBrowser(open, show, signal, claims) {
      const configuration = await provider.configuration();
      const [state, nonce, verifier] = [unguessableId(), unguessableId(), oidc.randomPKCECodeVerifier()];
      const loopback = await listenOnLoopback(provider.redirectHost, state);
      try {
        const url = oidc.buildAuthorizationUrl(configuration, {
          redirect_uri: loopback.redirectUri,
          scope: provider.scope,
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          prompt: 'select_account',
          ...(supportsForms(configuration) && { response_mode: 'form_post' }),
          ...(claims !== undefined && { claims }),
        });
        if (!(await open(url))) return undefined;
        await show({ url: url.href });
        const callback = await orAborted(loopback.callback, signal);
        const tokens = await oidc.authorizationCodeGrant(
          configuration,
          callback,
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
            idTokenExpected: true,
          },
          undefined,
        );
        return await keptOf(tokens);
      } catch (cause) {
        throw failed(cause);
      } finally {
        loopback.close();
      }
    },

    async withDeviceCode(show, signal, claims) {
      const configuration = await provider.configuration();
      if (configuration.serverMetadata().device_authorization_endpoint === undefined)
        throw new GenkanError('identity_local_impossible');
      try {
        const asked = { scope: provider.scope, ...(claims !== undefined && { claims }) };
        const device = await oidc.initiateDeviceAuthorization(configuration, asked);
        await show({ url: device.verification_uri, code: device.user_code });
        return await keptOf(await oidc.pollDeviceAuthorizationGrant(configuration, device, undefined, { signal }));
      } catch (cause) {
        throw failed(cause);
      }
    },
  };
}

const supportsForms = (configuration: oidc.Configuration): boolean =>
  configuration.serverMetadata().response_modes_supported?.includes('form_post') === true;

function orAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([value, promise]).finally(() => signal.removeEventListener('abort', stop));
}

/** The provider has answered, and only the person can do something about what it said (RFC 6749 §5.2; OpenID Connect Core §3.1.2.6). */
const wantsPerson = (cause: unknown): boolean =>
  cause instanceof oidc.ResponseBodyError &&
  ['invalid_grant', 'interaction_required', 'login_required', 'consent_required'].includes(cause.error);

const unavailable = (cause: unknown): GenkanError =>
  cause instanceof GenkanError
    ? cause
    : new GenkanError('identity_provider_unavailable', {}, { cause, detail: reasonIn(cause) });

const failed = (cause: unknown): GenkanError =>
  cause instanceof GenkanError
    ? cause
    : new GenkanError('identity_sign_in_failed', {}, { cause, detail: reasonIn(cause) });

/** With what the provider says about it (RFC 6749 §5.2), such as the AADSTS codes of Entra ID. */
function reasonIn(cause: unknown): string {
  const { error_description: said } = cause as { error_description?: unknown };
  return oneLine(typeof said === 'string' ? `${reasonOf(cause)} · ${said}` : reasonOf(cause));
}
