// What an access token is worth (RFC 7662), for agents with the right to ask. The library knows only what it has stored; ours are signed and not stored.
import type { Provider } from 'oidc-provider';
import { isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Agents } from '../agents/agents.ts';
import type { Standing } from '../verify.ts';
import { pathOf } from './agent-grant.ts';

interface IntrospectionNeighbours {
  readonly agents: Pick<Agents, 'find'>;
  readonly inspect: (token: string) => Promise<Standing | Refusal>;
  readonly issuer: string;
}

export function introspectAccessTokens(provider: Provider, { agents, inspect, issuer }: IntrospectionNeighbours): void {
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route !== 'introspection' || context.status === 401) return;
    const { client, params } = context.oidc;
    if (client === undefined) return;
    const agent = await agents.find(client.clientId);
    if (agent === undefined) {
      // §2.1: whoever asks must prove who they are, or tokens could be tried out here.
      context.status = 401;
      context.body = { error: 'invalid_client', error_description: 'only registered agents may ask' };
      return;
    }
    // The library refuses to look into a signed token once it has read the request and identified the client.
    if ((context.body as { error?: unknown } | undefined)?.error !== 'unsupported_token_type') return;
    const standing = agent.introspects ? await inspect(String(params?.token)) : undefined;
    context.status = 200;
    const known =
      standing !== undefined && !isRefusal(standing) && agent.resources.includes(pathOf(standing.token.audience));
    context.body = known ? describe(standing, issuer) : { active: false }; // §2.2: nothing about why
  });
}

function describe({ token }: Standing, issuer: string): object {
  return {
    active: true,
    iss: issuer,
    sub: token.account,
    aud: token.audience,
    client_id: token.clientId,
    scope: token.scopes.join(' '),
    jti: token.id,
    ...(token.issuedAtMs !== undefined && { iat: token.issuedAtMs / 1000 }),
    exp: token.expiresAtMs / 1000,
    token_type: token.thumbprint === undefined ? 'Bearer' : 'DPoP',
    ...(token.thumbprint !== undefined && { cnf: { jkt: token.thumbprint } }),
    ...(token.act && { act: token.act }),
    ...(token.acr !== undefined && { acr: token.acr }),
    ...(token.authTime !== undefined && { auth_time: token.authTime }),
  };
}
