// Microsoft Entra ID as identity's provider: connects sign-in, the tokens of people, and calls in their name.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import type { Leases } from '../../state/leases.ts';
import type { SealedStore } from '../../state/sealed-store.ts';
import type { IdentityRecord } from '../identity-record.ts';
import type { LegNeighbours, SignInLeg } from '../sign-in-leg.ts';
import { addressesOf } from './addresses.ts';
import { createApplicationToken } from './application-token.ts';
import { createApplications } from './applications.ts';
import { createCallerTokens } from './caller-tokens.ts';
import type { EntraCallerTokens } from './caller-tokens.ts';
import { createConsiderateFetch } from './considerate-fetch.ts';
import { createCredential } from './credential.ts';
import { createEntraFetch } from './entra-fetch.ts';
import { createEntraLeg } from './entra-leg.ts';
import { createHoldings } from './holdings.ts';
import type { EntraSettings } from './settings.ts';
import { createTenantKeys } from './tenant-keys.ts';
import { createTokenJudge } from './tokens.ts';

export interface EntraNeighbours extends LegNeighbours {
  readonly sealed: SealedStore;
  readonly leases: Leases;
  /** Whether a person may not come in. */
  readonly isDisabled: (person: string) => Promise<boolean>;
  readonly secret: ResolveSecret;
  readonly record: IdentityRecord;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch?: typeof fetch;
}

export interface Entra {
  readonly leg: SignInLeg;
  readonly callerTokens: EntraCallerTokens;
  /** A token of the application itself for Microsoft Graph. */
  readonly applicationToken: () => Promise<string>;
}

export function createEntra(settings: EntraSettings, neighbours: EntraNeighbours): Entra {
  const { sealed, leases, secret, clock, fetch: given = fetch } = neighbours;
  const { authorityHost, graphUrl } = settings;
  const send = createEntraFetch(given, [authorityHost]);
  const keyOf = createTenantKeys(send, clock, (tenant) => addressesOf(authorityHost, tenant).keys);
  const credential = createCredential(settings, { secret, clock, sendToMachine: createEntraFetch(given) });
  const applications = createApplications(settings, { credential, send: createConsiderateFetch(send, clock) });
  const holdings = createHoldings(sealed, leases, neighbours.isDisabled);
  return {
    leg: createEntraLeg(settings, {
      ...neighbours,
      applications,
      holdings,
      judge: createTokenJudge(settings, keyOf, clock),
      send: createEntraFetch(given, [graphUrl]),
    }),
    callerTokens: createCallerTokens(settings, { ...neighbours, applications, holdings }),
    applicationToken: createApplicationToken(settings, { applications, clock }),
  };
}
