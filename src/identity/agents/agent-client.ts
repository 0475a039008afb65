// An agent as `oidc-provider` knows it. Only what stands in the table of agents can become one.
import { randomBytes } from 'node:crypto';
import { grantTypes } from '../grants/grant-types.ts';
import type { Agent } from './agents.ts';

/** Marks metadata as an agent's. Random for each process: no registration and no document can carry it. */
export const agentMark = randomBytes(32).toString('base64url');

/** Algorithms that agents may sign with (RFC 7523 §2.2; FAPI 2.0 §5.4). */
export const assertionAlgorithms = ['ES256', 'PS256', 'RS256'] as const;
/** Longest life of an assertion, in seconds. */
export const assertionSeconds = 300;

/**
 * @param bridge public key of this process, with which it vouches for workloads whose token it has checked
 */
export function clientOf({ clientId, credential, dpop }: Agent, bridge: object): Record<string, unknown> {
  return {
    client_id: clientId,
    client_name: clientId,
    redirect_uris: [],
    response_types: [],
    grant_types: Object.values(grantTypes),
    dpop_bound_access_tokens: dpop,
    agent_mark: agentMark,
    ...authentication(credential, bridge),
  };
}

function authentication(credential: Agent['credential'], bridge: object): Record<string, unknown> {
  switch (credential.kind) {
    case 'secret':
      // The library compares what it is given by compareClientSecret(), which we replace.
      return { token_endpoint_auth_method: 'client_secret_basic', client_secret: credential.sha256 };
    case 'keys':
      return { token_endpoint_auth_method: 'private_key_jwt', jwks: credential.jwks };
    case 'keys-at':
      return { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: credential.url };
    case 'federated':
      return { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [bridge] } };
  }
}
