// The part of the OAuth face that is for agents: their sign-in, their grants, and what they may ask. Connected here, used by identity.ts.
import type { IncomingMessage } from 'node:http';
import type { AdapterFactory, Provider } from 'oidc-provider';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Accounts } from '../accounts.ts';
import { clientOf } from '../agents/agent-client.ts';
import { createAgents } from '../agents/agents.ts';
import type { Agents } from '../agents/agents.ts';
import { createIssuerKeys } from '../agents/issuer-keys.ts';
import { createWorkloadTokens } from '../agents/workload-tokens.ts';
import type { Disabled } from '../kill-switch/disabled.ts';
import type { IdentityRecord, Origin } from '../identity-record.ts';
import type { IdentitySettings } from '../settings.ts';
import type { IdentityKeys } from '../signing-keys.ts';
import type { StepUp } from '../step-up.ts';
import type { Verifier } from '../verify.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { IssueAccessToken } from './access-tokens.ts';
import { createClientCredentials } from './client-credentials.ts';
import { grantTypes } from './grant-types.ts';
import { assertionParameters, createIdentityAssertions } from './identity-assertion.ts';
import { introspectAccessTokens } from './introspection.ts';
import { createProofs } from './proofs.ts';
import type { Proofs } from './proofs.ts';
import { createSingleUse } from './single-use.ts';
import type { SingleUse } from './single-use.ts';
import { createTokenExchange, exchangeParameters } from './token-exchange.ts';

interface GrantsNeighbours {
  readonly database: Database;
  readonly revocations: Revocations;
  readonly adapter: AdapterFactory;
  readonly accounts: Accounts;
  readonly disabled: Disabled;
  readonly keys: IdentityKeys;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly resources: () => readonly string[];
  readonly clock: Clock;
  readonly record: IdentityRecord;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly fetch?: typeof fetch;
}

interface Grants {
  readonly agents: Agents;
  readonly once: SingleUse;
  readonly proofs: Proofs;
  readonly issue: IssueAccessToken;
  /** Storage in which agents are clients. */
  readonly adapter: AdapterFactory;
  /** Makes a sign-in with a workload's token one that the authorization server knows. */
  readonly translateSignIn: (form: URLSearchParams) => Promise<URLSearchParams>;
  /** Teaches the authorization server the grants of agents. */
  attach(provider: Provider, inspect: Verifier['inspect'], admit: StepUp['admit']): void;
}

export function createGrants(settings: IdentitySettings, neighbours: GrantsNeighbours): Grants {
  const { database, revocations, adapter, issuer, clock } = neighbours;
  const agents = createAgents(database, revocations, clock);
  const once = createSingleUse(database);
  const proofs = createProofs(once, clock);
  const issue = createAccessTokens({ ...neighbours, grants: adapter('Grant') });
  const workloads = createWorkloadTokens({
    ...neighbours,
    agents,
    keys: createIssuerKeys(settings.workloadIssuers, neighbours.fetch),
  });

  return {
    agents,
    once,
    proofs,
    issue,
    translateSignIn: workloads.translate,
    adapter(kind) {
      const stored = adapter(kind);
      if (kind !== 'Client') return stored;
      return {
        ...stored,
        async find(id) {
          const agent = await agents.find(id);
          return agent === undefined ? stored.find(id) : clientOf(agent, workloads.bridge);
        },
      };
    },
    attach(provider, inspect, admit) {
      const shared = {
        ...neighbours,
        agents,
        issue,
        proofs,
        requireProof: settings.dpop === 'required',
        accessTokenSeconds: settings.accessTokenSeconds,
      };
      const credentials = createClientCredentials(shared);
      provider.registerGrantType(grantTypes.clientCredentials, credentials, ['resource', 'scope'], 'resource');
      const exchange = createTokenExchange({ ...shared, inspect, admit, policy: settings.tokenExchange });
      provider.registerGrantType(grantTypes.tokenExchange, exchange, exchangeParameters, 'resource');
      const assertions = createIdentityAssertions({
        ...shared,
        once,
        keys: createIssuerKeys(settings.enterpriseAssertions, neighbours.fetch),
        trusted: settings.enterpriseAssertions,
      });
      provider.registerGrantType(grantTypes.jwtBearer, assertions, assertionParameters, 'resource');
      introspectAccessTokens(provider, { agents, inspect, issuer });
    },
  };
}
