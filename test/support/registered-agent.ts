// An agent that an administrator has registered, with what it signs in with: by default a key of its own.
import * as oauth from 'oauth4webapi';
import type { Agent } from '../../src/identity/agents/agents.ts';
import type { IdentityHouse } from './identity-house.ts';

export interface RegisteredAgent {
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly key: oauth.CryptoKey;
}

export async function registerAgent(
  { identity }: Pick<IdentityHouse, 'identity'>,
  clientId: string,
  settings: Partial<Agent>,
): Promise<RegisteredAgent> {
  const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), alg: 'ES256', use: 'sig' };
  const added = await identity.agents.add({
    clientId,
    credential: { kind: 'keys', jwks: { keys: [jwk] } },
    resources: ['/mcp/files'],
    introspects: false,
    dpop: false,
    createdBy: 'operator',
    ...settings,
  });
  if (!added) throw new Error(`there is an agent ${clientId} already`);
  return { client: { client_id: clientId }, authentication: oauth.PrivateKeyJwt(privateKey), key: privateKey };
}
