// What the grants of agents have in common: who asks, for which resource, with which scope, bound to which key, and the answer.
import type { IncomingMessage } from 'node:http';
import { errors } from 'oidc-provider';
import type { TokenEndpointGrantContext } from 'oidc-provider';
import { isRefusal } from '../../base/errors.ts';
import { applicationId } from '../../base/principal.ts';
import type { Agent, Agents } from '../agents/agents.ts';
import { audienceOf } from '../audiences.ts';
import type { IdentityRecord, Origin } from '../identity-record.ts';
import { fingerprint } from '../identity-record.ts';
import type { Disabled } from '../kill-switch/disabled.ts';
import { effectScopes, permissionsIn } from '../scopes.ts';
import type { IssueAccessToken, TokenWish } from './access-tokens.ts';
import type { Proofs } from './proofs.ts';

export type GrantContext = TokenEndpointGrantContext<Readonly<Record<string, string | string[] | undefined>>>;

/** A request of an agent whose sign-in the provider has checked. */
export interface AgentRequest {
  readonly agent: Agent;
  readonly context: GrantContext;
  /** Thumbprint of the key that the token is to be bound to. */
  readonly thumbprint: string | undefined;
}

export interface AgentGrantNeighbours {
  readonly agents: Agents;
  readonly disabled: Disabled;
  readonly issue: IssueAccessToken;
  readonly proofs: Proofs;
  readonly resources: () => readonly string[];
  readonly tokenEndpoint: string;
  readonly requireProof: boolean;
  readonly accessTokenSeconds: number;
  readonly record: IdentityRecord;
  readonly originOf: (request: IncomingMessage) => Origin;
}

/** Reads who asks. Other clients cannot get here: their grants do not name any of these. */
export async function readAgentRequest(
  context: GrantContext,
  { agents, disabled, proofs, tokenEndpoint, requireProof }: AgentGrantNeighbours,
): Promise<AgentRequest> {
  const agent = await agents.find(context.oidc.client.clientId);
  if (agent === undefined) throw new errors.UnauthorizedClient('only registered agents may use this grant');
  if (await disabled.has('principal', applicationId(agent.clientId)))
    throw new errors.UnauthorizedClient('this agent is disabled');
  const proof = context.get('dpop') || undefined;
  if (proof === undefined) {
    if (requireProof || agent.dpop) throw new errors.InvalidDpopProof('a DPoP proof is required');
    return { agent, context, thumbprint: undefined };
  }
  const checked = await proofs.check({ method: context.method, url: tokenEndpoint, proof });
  if (isRefusal(checked)) throw new errors.InvalidDpopProof(checked.detail);
  return { agent, context, thumbprint: checked.thumbprint };
}

/** One parameter, once. The provider refuses repeated ones, except `resource`. */
export function parameter({ oidc }: GrantContext, name: string): string | undefined {
  const value = oidc.params[name];
  if (value !== undefined && typeof value !== 'string') throw new errors.InvalidRequest(`${name} must be given once`);
  return value;
}

/**
 * Lets one resource through that exists and that the agent was registered for (RFC 8707 §2).
 * @param asked absent: the agent's only one
 */
export function resourceOf({ resources }: AgentGrantNeighbours, { resources: own }: Agent, asked?: string): string {
  const origin = new URL(resources()[0]!).origin;
  const resource = asked ?? (own.length === 1 ? `${origin}${own[0]!}` : undefined);
  if (resource === undefined || !resources().includes(resource)) throw new errors.InvalidTarget();
  if (!own.includes(pathOf(resource))) throw new errors.InvalidTarget('not one of the resources of this agent');
  return resource;
}

/** Path of what a resource opens, by which agents and policies name it. */
export const pathOf = (resource: string): string => new URL(audienceOf(resource)).pathname;

/**
 * RFC 6749 §3.3: all that may be had, or the part of it that is asked for. Parts of `mcp` are among it where `mcp` is.
 * What says nothing about permission is passed over: clients ask for all that a resource lists (MCP authorization, "Scope Selection
 * Strategy"), `offline_access` with it, and there is no sign-in of an agent that could prove more.
 * @throws InvalidScope where something else is asked for, or there is nothing to be had
 */
export function scopeWithin(asked: string | undefined, available: readonly string[]): string {
  const wanted =
    asked === undefined ? available : permissionsIn([...new Set(asked.split(' ').filter((each) => each !== ''))]);
  const parts: readonly string[] = available.includes('mcp') ? effectScopes : [];
  const beyond = wanted.filter((each) => !available.includes(each) && !parts.includes(each));
  if (wanted.length === 0 || beyond.length > 0)
    throw new errors.InvalidScope('beyond what may be had', beyond.join(' '));
  return wanted.join(' ');
}

/** Issues the token and answers, once the record is durable. */
export async function answerWithToken(
  { agent, context, thumbprint }: AgentRequest,
  wish: Omit<TokenWish, 'clientId' | 'thumbprint'>,
  action: string,
  { issue, record, originOf }: AgentGrantNeighbours,
  more: { readonly details?: Readonly<Record<string, unknown>>; readonly answer?: object } = {},
): Promise<void> {
  const { token, id, grantId } = await issue({ ...wish, clientId: agent.clientId, thumbprint });
  const details = {
    clientId: agent.clientId,
    grantId,
    scope: wish.scope,
    accessToken: fingerprint(id),
    ...(thumbprint !== undefined && { boundTo: thumbprint }),
    ...more.details,
  };
  await record.write(
    { action, user: wish.accountId, resource: wish.resource, result: 'allowed', details },
    originOf(context.req),
  );
  context.body = {
    access_token: token,
    token_type: thumbprint === undefined ? 'Bearer' : 'DPoP',
    expires_in: wish.seconds,
    scope: wish.scope,
    ...more.answer,
  };
}
