// How the command line comes to tokens of a Genkan elsewhere: in the person's browser, by code, PKCE and a loopback redirect, each token bound to a key.
import * as oauth from 'oauth4webapi';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { oneLine } from '../base/one-line.ts';
import { reasonOf } from '../identity/failed-sign-in.ts';
import { listenOnLoopback } from '../identity/local/loopback.ts';
import { discoverAuthorizationServer, discoverResource, DiscoveryFault } from '../upstream/authorization/discovery.ts';
import type { GuardedFetch } from '../upstream/authorization/guarded-fetch.ts';
import { requestOptions } from '../upstream/authorization/oauth-client.ts';
import { isClientRefused, isRefused } from '../upstream/authorization/token-requests.ts';
import type { Grant } from './logins.ts';

export interface Authorization {
  /**
   * Asks the person.
   * @param clientId as what we are known there, if we are
   * @param scope what to ask for; by default what the Genkan says that one needs
   * @throws GenkanError `remote_unreachable`, `remote_unusable`, `remote_sign_in_failed`
   */
  signIn(wish: { readonly clientId?: string | undefined; readonly scope?: string | undefined }): Promise<Grant>;
  /** @returns undefined where only the person can help @throws GenkanError `remote_unreachable`, `remote_unusable` */
  renew(grant: Grant): Promise<Grant['tokens'] | undefined>;
  /** Ends everything that the grant is good for (RFC 7009). @throws GenkanError `remote_unreachable`, `remote_unusable` */
  revoke(grant: Grant): Promise<void>;
}

interface AuthorizationNeighbours {
  /** Nothing that we send follows a redirect. */
  readonly guard: GuardedFetch;
  readonly clock: Clock;
  /** Shows a page to the person; absent where nobody would see it. */
  readonly open?: ((url: URL) => Promise<boolean>) | undefined;
  /** Tells the person where to go. */
  readonly tell: (text: string) => void;
}

/** Whoever has not signed in by then has gone away. */
const askingMs = 300_000;
/** Any port of it is ours (RFC 8252 §7.3). */
const redirectUri = 'http://127.0.0.1/';

/** @param url origin of the Genkan */
export function createAuthorization(url: string, { guard, clock, open, tell }: AuthorizationNeighbours): Authorization {
  const resource = `${url}/api`;
  const options = { ...requestOptions(guard), additionalParameters: { resource } };

  async function discover(): Promise<{ readonly server: oauth.AuthorizationServer; readonly scope: string }> {
    const found = await discoverResource(resource, undefined, guard);
    if (found.resource !== resource) throw new DiscoveryFault(`it speaks of ${found.resource}`);
    // A Genkan signs people in itself, so whoever else is named there is not to be trusted with them.
    if (found.issuers.length !== 1 || new URL(found.issuers[0]).origin !== url)
      throw new DiscoveryFault(`it names ${found.issuers.join(', ')} to sign in at`);
    const server = await discoverAuthorizationServer(found.issuers[0], guard);
    if (server.revocation_endpoint === undefined || server.pushed_authorization_request_endpoint === undefined)
      throw new DiscoveryFault('it lacks endpoints that every Genkan has');
    return { server, scope: found.scopes ?? '' };
  }

  async function register(server: oauth.AuthorizationServer): Promise<oauth.Client> {
    const wish = {
      client_name: 'Genkan command line',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      dpop_bound_access_tokens: true,
    };
    const response = await oauth.dynamicClientRegistrationRequest(server, wish, requestOptions(guard));
    const { client_id: clientId } = await oauth.processDynamicClientRegistrationResponse(response);
    return { client_id: clientId };
  }

  /** Pushed (RFC 9126), since any process here can read the address that a browser is started with, and would know the state. */
  async function push(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    parameters: Record<string, string>,
  ): Promise<URL> {
    const asked = await oauth.pushedAuthorizationRequest(
      server,
      client,
      oauth.None(),
      { ...parameters, client_id: client.client_id },
      requestOptions(guard),
    );
    const { request_uri: pushed } = await oauth.processPushedAuthorizationResponse(server, client, asked);
    const address = new URL(server.authorization_endpoint!);
    address.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed }).toString();
    return address;
  }

  async function ask(address: URL): Promise<void> {
    const isShown = open !== undefined && (await open(address));
    tell(isShown ? `Sign in in your browser. If it shows nothing, open ${address}` : `Sign in at ${address}`);
  }

  function tokensOf(answer: oauth.TokenEndpointResponse, asked: string): Grant['tokens'] {
    const { access_token: access, token_type: type, refresh_token: refresh, expires_in: seconds = 300 } = answer;
    // RFC 9449 §5: bound to our key, or not what we have asked for.
    if (type !== 'dpop' || !/^[\x21-\x7e]{1,16384}$/.test(access))
      throw new TypeError('the token is not bound to a key');
    return {
      access,
      ...(refresh !== undefined && { refresh }),
      scope: answer.scope ?? asked,
      expiresAtMs: clock.now() + seconds * 1000,
    };
  }

  return {
    async signIn({ clientId, scope: wanted }) {
      try {
        const { server, scope: least } = await discover();
        const keys = await oauth.generateKeyPair('ES256', { extractable: true });
        const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
        const loopback = await listenOnLoopback('127.0.0.1', state);
        try {
          const parameters = {
            response_type: 'code',
            redirect_uri: loopback.redirectUri,
            resource,
            scope: wanted ?? least,
            state,
            code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
            code_challenge_method: 'S256',
          };
          let client: oauth.Client = clientId === undefined ? await register(server) : { client_id: clientId };
          const address = await push(server, client, parameters).catch(async (error: unknown) => {
            if (clientId === undefined || !isClientRefused(error)) throw error;
            client = await register(server); // it does not know us any more
            return push(server, client, parameters);
          });
          await ask(address);
          const back = await within(loopback.callback, askingMs);
          // RFC 9207 §2.4: Genkan always says who it is, so an answer that does not is somebody else's.
          const certain = { ...server, authorization_response_iss_parameter_supported: true };
          const answer = oauth.validateAuthResponse(certain, client, back, state);
          const response = await oauth.authorizationCodeGrantRequest(
            server,
            client,
            oauth.None(),
            answer,
            loopback.redirectUri,
            verifier,
            { ...options, DPoP: oauth.DPoP(client, keys) },
          );
          const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
          return {
            clientId: client.client_id,
            key: { ...(await crypto.subtle.exportKey('jwk', keys.privateKey)) },
            tokens: tokensOf(tokens, parameters.scope),
            server: {
              issuer: server.issuer,
              token_endpoint: server.token_endpoint!,
              revocation_endpoint: server.revocation_endpoint!,
            },
          };
        } finally {
          loopback.close();
        }
      } catch (error) {
        throw remoteFault(url, error, 'remote_sign_in_failed');
      }
    },

    async renew({ clientId, key, tokens, server }) {
      const client = { client_id: clientId };
      if (tokens.refresh === undefined) return undefined;
      try {
        const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, {
          ...options,
          DPoP: await proofsBy(key, client),
        });
        const answer = await oauth.processRefreshTokenResponse(server, client, response);
        return { refresh: tokens.refresh, ...tokensOf(answer, tokens.scope) }; // RFC 6749 §6
      } catch (error) {
        if (isRefused(error)) return undefined;
        throw remoteFault(url, error);
      }
    },

    async revoke({ clientId, tokens, server }) {
      const client = { client_id: clientId };
      const token = tokens.refresh ?? tokens.access;
      await oauth
        .revocationRequest(server, client, oauth.None(), token, requestOptions(guard))
        .then((response) => oauth.processRevocationResponse(response))
        .catch((error: unknown) => {
          throw remoteFault(url, error);
        });
    },
  };
}

/** Proofs of possession by the key that a grant's tokens are bound to. */
export async function proofsBy(key: Grant['key'], client: oauth.Client): Promise<oauth.DPoPHandle> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { d: _, key_ops: __, ...publicKey } = key;
  return oauth.DPoP(client, {
    privateKey: await crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicKey, algorithm, true, ['verify']),
  });
}

/**
 * What went wrong there, as the person is told.
 * @param said the code for what the other side has answered, where that is not simply unusable
 */
export function remoteFault(url: string, cause: unknown, said?: 'remote_sign_in_failed'): GenkanError {
  if (cause instanceof GenkanError) return cause;
  const reason = oneLine(reasonIn(cause));
  if (cause instanceof DiscoveryFault) return new GenkanError('remote_unusable', { url, reason }, { cause });
  const answered =
    isRefused(cause) ||
    cause instanceof oauth.AuthorizationResponseError ||
    cause instanceof oauth.OperationProcessingError;
  const code =
    said !== undefined && (answered || isLate(cause)) ? said : answered ? 'remote_unusable' : 'remote_unreachable';
  return new GenkanError(code, { url, reason }, { cause });
}

const late = new Error('nobody signed in in time');
const isLate = (cause: unknown): boolean => cause === late;

function reasonIn(cause: unknown): string {
  const { error_description: said, cause: below } = cause as {
    error_description?: unknown;
    cause?: { code?: unknown };
  };
  // `fetch failed`, says fetch, and its cause why.
  const more = [said, below?.code].filter((part) => typeof part === 'string');
  return [reasonOf(cause), ...more].join(' · ');
}

function within<Value>(value: Promise<Value>, ms: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late), ms);
  return Promise.race([value, promise]).finally(() => clearTimeout(timer));
}
