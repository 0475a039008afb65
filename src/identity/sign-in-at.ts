// Which kind of identity provider people sign in at, and what it can do besides.
import type { CallerTokens } from '../base/caller-tokens.ts';
import { GenkanError } from '../base/errors.ts';
import type { Leases } from '../state/leases.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import { createGraphClient } from './conditional-access/graph-client.ts';
import type { Graph } from './conditional-access/directory.ts';
import type { EntraNeighbours } from './entra/entra.ts';
import { createOidcLeg } from './oidc-leg.ts';
import type { IdentitySettings } from './settings.ts';
import type { SignInLeg } from './sign-in-leg.ts';

interface SignInPlace {
  readonly leg: SignInLeg;
  readonly callers: CallerTokens;
  /** Whether there is no token in a person's name before they have signed in anew. */
  needsSignIn(person: string): Promise<boolean>;
  /** Lets go of what this process remembers of a person. */
  forget(person: string): void;
  /** Microsoft Graph, with the rights of the application itself; absent elsewhere. */
  readonly graph?: Graph;
}

interface PlaceNeighbours extends Omit<EntraNeighbours, 'sealed' | 'leases'> {
  readonly sealed?: SealedStore;
  readonly leases?: Leases;
}

/** What speaks to Entra ID is much, and is loaded only where it is spoken to. */
export async function signInAt(
  provider: IdentitySettings['provider'],
  neighbours: PlaceNeighbours,
): Promise<SignInPlace> {
  if ('issuer' in provider)
    return {
      leg: createOidcLeg(provider, neighbours),
      callers: noCallers,
      needsSignIn: () => Promise.resolve(false),
      forget: () => {},
    };
  const { sealed, leases } = neighbours;
  if (sealed === undefined || leases === undefined) throw new TypeError('Entra ID needs a place for tokens');
  const { createEntra } = await import('./entra/entra.ts');
  const { leg, callerTokens, applicationToken: token } = createEntra(provider, { ...neighbours, sealed, leases });
  const graph = createGraphClient({ graphUrl: provider.graphUrl, token, fetch: neighbours.fetch ?? fetch });
  // Of several companies, which one would be asked is not said.
  const one = provider.tenant !== 'organizations';
  const { needsSignIn, forget } = callerTokens;
  return { leg, callers: callerTokens, needsSignIn, forget, ...(one && { graph }) };
}

const impossible = (): Promise<never> =>
  Promise.reject(new GenkanError('identity_on_behalf_impossible', {}, { detail: 'the provider is not Entra ID' }));

const noCallers: CallerTokens = { tokenFor: impossible };
