// What administrators can have done about Genkan's registration at Entra ID: comparing it, looking at credentials, exchanging its own.
import type { Finding } from '../conditional-access/desk.ts';
import { check } from './setup/check.ts';
import type { CheckFinding } from './setup/check.ts';
import { federatedBy } from './setup/order.ts';
import type { Configured } from './setup/order.ts';

export interface EntraAdministration {
  check(): Promise<readonly CheckFinding[]>;
}

export interface AdministrationNeighbours {
  /** How policies compare; absent without policies. */
  readonly compare: (() => Promise<readonly Finding[]>) | undefined;
}

export function createEntraAdministration(
  { own, settings, publicUrl, contexts, appRoles, hasPolicies }: Configured,
  { compare }: AdministrationNeighbours,
): EntraAdministration {
  const { graph, send } = own;
  const { tenant, clientId, authorityHost, apiScope } = settings;
  const slash = apiScope?.lastIndexOf('/') ?? 0;

  return {
    check: async () =>
      check(
        {
          displayName: 'Genkan',
          tenant,
          clientId,
          publicUrl,
          multiTenant: tenant === 'organizations',
          scope: apiScope?.slice(slash + 1) ?? 'access',
          identifierUri: apiScope?.slice(0, slash),
          appRoles,
          contexts,
          federated: await own.proof().then(
            (proof) => federatedBy(proof, authorityHost),
            () => undefined, // said when it signs in
          ),
          authorityHost,
          abilities: hasPolicies ? ['conditional-access'] : [],
        },
        { send, signIn: () => own.signIn(), graph, compare },
      ),
  };
}
