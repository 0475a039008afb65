// An agent acts for itself (RFC 6749 §4.4): its own token, for one resource that it was registered for.
import { applicationId } from '../../base/principal.ts';
import { scopeOf } from '../scopes.ts';
import { answerWithToken, parameter, readAgentRequest, resourceOf, scopeWithin } from './agent-grant.ts';
import type { AgentGrantNeighbours, GrantContext } from './agent-grant.ts';

export function createClientCredentials(neighbours: AgentGrantNeighbours): (context: GrantContext) => Promise<void> {
  return async (context) => {
    const request = await readAgentRequest(context, neighbours);
    const { agent } = request;
    const resource = resourceOf(neighbours, agent, parameter(context, 'resource'));
    const wish = {
      subject: agent.clientId, // RFC 9068 §2.2: without a person, the client
      accountId: applicationId(agent.clientId),
      resource,
      scope: scopeWithin(parameter(context, 'scope'), [scopeOf(resource)]),
      seconds: neighbours.accessTokenSeconds,
    };
    await answerWithToken(request, wish, 'identity.agentToken', neighbours);
  };
}
