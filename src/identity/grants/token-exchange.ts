// An agent acts for a person (RFC 8693): the person's token becomes one of its own that names both, and is never worth more.
import { errors } from 'oidc-provider';
import { isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { holdsFor, permissionsIn } from '../scopes.ts';
import type { StepUp } from '../step-up.ts';
import type { Standing } from '../verify.ts';
import { answerWithToken, parameter, pathOf, readAgentRequest, resourceOf, scopeWithin } from './agent-grant.ts';
import type { AgentGrantNeighbours, GrantContext } from './agent-grant.ts';

interface ExchangeNeighbours extends AgentGrantNeighbours {
  readonly clock: Clock;
  /** What an access token of ours is worth now, whatever resource it is for. */
  readonly inspect: (token: string) => Promise<Standing | Refusal>;
  /** What policies say about a use of the person's token. */
  readonly admit: StepUp['admit'];
  readonly policy: readonly { readonly client: string; readonly resources: readonly string[] }[];
}

export const exchangeParameters = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'audience',
  'resource',
  'scope',
] as const;

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const acceptedTypes = [accessTokenType, 'urn:ietf:params:oauth:token-type:jwt'];
/** How many may act for a person one behind the other. */
const maxActors = 3;

export function createTokenExchange(neighbours: ExchangeNeighbours): (context: GrantContext) => Promise<void> {
  const { clock, inspect, admit, policy, accessTokenSeconds, originOf } = neighbours;

  return async (context) => {
    const request = await readAgentRequest(context, neighbours);
    const { agent, thumbprint } = request;
    const asked = (name: (typeof exchangeParameters)[number]): string | undefined => parameter(context, name);

    // RFC 8693 §2.1. The one who acts is always the client itself, so that nobody can be named who was not there.
    if (asked('actor_token') !== undefined || asked('actor_token_type') !== undefined)
      throw new errors.InvalidRequest('the client itself is the actor');
    if (!acceptedTypes.includes(asked('requested_token_type') ?? accessTokenType))
      throw new errors.InvalidRequest('only access tokens are issued');
    if (!acceptedTypes.includes(asked('subject_token_type') ?? ''))
      throw new errors.InvalidRequest('only access tokens are exchanged');
    if (asked('audience') !== undefined) throw new errors.InvalidTarget('name the resource by resource');

    const subject = await inspect(asked('subject_token') ?? '');
    if (isRefusal(subject)) throw new errors.InvalidRequest('subject_token is not valid'); // RFC 8693 §2.2.2
    const { token, principal } = subject;
    if (principal.kind !== 'user') throw new errors.InvalidRequest('an agent does not act for another one');
    if (token.actors.length >= maxActors) throw new errors.InvalidRequest('too many act for this person already');
    // A token that is bound to a key is worth nothing without it, here neither (RFC 9449 §7).
    if (token.thumbprint !== undefined && token.thumbprint !== thumbprint)
      throw new errors.InvalidDpopProof('subject_token is bound to another key');

    const resource = resourceOf(neighbours, agent, asked('resource') ?? token.audience);
    const permitted = policy.some(
      ({ client, resources }) => client === agent.clientId && resources.includes(pathOf(resource)),
    );
    if (!permitted || !reaches(token.audience, resource))
      throw new errors.InvalidTarget('not permitted for this agent');
    const { expiresAtMs, authTime } = token;
    const signedInAtMs = authTime === undefined ? undefined : authTime * 1000;
    const verified = { outcome: 'allow', principal, expiresAtMs, signedInAtMs } as const;
    if (isRefusal(admit(verified, resource, originOf(context.req))))
      throw new errors.InvalidRequest('a policy does not allow this for the subject_token'); // RFC 8693 §2.2.2
    const scope = scopeWithin(
      asked('scope'),
      permissionsIn(token.scopes).filter((each) => holdsFor([each], resource)),
    );
    const wish = {
      subject: token.account,
      accountId: token.account,
      resource,
      scope,
      seconds: Math.min(accessTokenSeconds, Math.floor((token.expiresAtMs - clock.now()) / 1000)),
      parentGrant: token.grantId,
      act: { sub: agent.clientId, ...(token.act && { act: token.act }) },
      authTime: token.authTime,
      acr: token.acr,
      contexts: token.contexts,
    };
    await answerWithToken(request, wish, 'identity.tokenExchanged', neighbours, {
      details: { actors: [agent.clientId, ...token.actors], from: token.clientId },
      answer: { issued_token_type: accessTokenType },
    });
  };
}

/** Whether a token for one resource may become one for another: for the same, or for one server out of all. */
function reaches(audience: string, resource: string): boolean {
  const [whole, part] = [new URL(audience), new URL(resource)];
  if (whole.origin !== part.origin) return false;
  return pathOf(resource) === whole.pathname || (whole.pathname === '/mcp' && pathOf(resource).startsWith('/mcp/'));
}
