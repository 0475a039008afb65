// Requests of agents to the token endpoint, and what comes of them in one word.
import * as oauth from 'oauth4webapi';
import { discover, insecure } from './oauth-client.ts';
import type { RegisteredAgent } from './registered-agent.ts';

export interface TokenAnswer {
  /** Error of the answer, or `tokens`. */
  readonly outcome: string;
  readonly token: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** @param parameters of the grant; `undefined` leaves one out */
export async function requestToken(
  publicUrl: string,
  { client, authentication }: Pick<RegisteredAgent, 'client' | 'authentication'>,
  grant: string,
  parameters: Readonly<Record<string, string | undefined>>,
  options: object = {},
): Promise<TokenAnswer> {
  const server = await discover(publicUrl);
  const form = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const all = { ...insecure, ...options };
  const response = await oauth.genericTokenEndpointRequest(
    server,
    client,
    authentication,
    grant,
    new URLSearchParams(form),
    all,
  );
  const body = (await response.json()) as Record<string, unknown>;
  return { outcome: String(body.error ?? 'tokens'), token: String(body.access_token), body };
}

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
