// What Genkan asks a token endpoint for, and what its answers are worth: a code or a refresh token for new tokens.
import * as oauth from 'oauth4webapi';
import type { AuthorizationServer } from 'oauth4webapi';
import type { GuardedFetch } from './guarded-fetch.ts';
import { requestOptions } from './oauth-client.ts';
import type { RegisteredClient } from './oauth-client.ts';
import type { Connection } from './connection-store.ts';

export type Tokens = NonNullable<Connection['tokens']>;

export interface TokenClient {
  readonly server: AuthorizationServer;
  readonly client: RegisteredClient;
  readonly authentication: oauth.ClientAuth;
  /** RFC 8707; in every request (MCP 2026-07-28, "Resource Parameter Implementation"). */
  readonly resource: string;
  readonly guard: GuardedFetch;
  readonly nowMs: number;
}

/** @param answer what came back through the browser, already validated */
export async function redeemCode(
  at: TokenClient,
  answer: URLSearchParams,
  { redirectUri, verifier, scope }: { redirectUri: string; verifier: string; scope: string | undefined },
): Promise<Tokens> {
  const { server, client, authentication, resource, guard } = at;
  const self = { client_id: client.clientId };
  const options = { ...requestOptions(guard), additionalParameters: { resource } };
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    self,
    authentication,
    answer,
    redirectUri,
    verifier,
    options,
  );
  return tokensOf(
    await oauth.processAuthorizationCodeResponse(server, self, await withoutIdToken(response)),
    scope,
    at.nowMs,
  );
}

export async function refreshTokens(at: TokenClient, { refresh = '', scope }: Tokens): Promise<Tokens> {
  const { server, client, authentication, resource, guard } = at;
  const self = { client_id: client.clientId };
  const options = { ...requestOptions(guard), additionalParameters: { resource } };
  const response = await oauth.refreshTokenGrantRequest(server, self, authentication, refresh, options);
  const tokens = tokensOf(
    await oauth.processRefreshTokenResponse(server, self, await withoutIdToken(response)),
    scope,
    at.nowMs,
  );
  return { ...tokens, refresh: tokens.refresh ?? refresh }; // RFC 6749 §6: without a new one the old one stays good
}

function tokensOf(answer: oauth.TokenEndpointResponse, asked: string | undefined, nowMs: number): Tokens {
  const { access_token: access, token_type: type, refresh_token: refresh, expires_in: seconds, scope = asked } = answer;
  // Sent in a header, so it must be able to stand there (RFC 6750 §2.1).
  if (type !== 'bearer' || !/^[\x21-\x7e]{1,16384}$/.test(access)) throw new TypeError('the token is no bearer token');
  return {
    access,
    ...(refresh !== undefined && { refresh }),
    ...(scope !== undefined && { scope }),
    storedAtMs: nowMs,
    ...(seconds !== undefined && { expiresAtMs: nowMs + seconds * 1000 }),
  };
}

/** Who the person is over there is nobody's business here, so an ID token is neither read nor able to spoil the answer. */
async function withoutIdToken(response: Response): Promise<Response> {
  if (response.status !== 200) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const { id_token: _, ...rest } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return Response.json(rest);
}

/** Whether the authorization server has said no, as opposed to having said nothing. */
export const isRefused = (error: unknown): error is oauth.ResponseBodyError | oauth.WWWAuthenticateChallengeError =>
  (error instanceof oauth.ResponseBodyError && error.status < 500 && error.status !== 429) ||
  error instanceof oauth.WWWAuthenticateChallengeError;

/** Whether it does not know us as a client (any more). */
export const isClientRefused = (error: unknown): boolean =>
  error instanceof oauth.WWWAuthenticateChallengeError ||
  (error instanceof oauth.ResponseBodyError && ['invalid_client', 'unauthorized_client'].includes(error.error));
