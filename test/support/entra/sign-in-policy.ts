// When a sign-in is enough at the Entra stand-in, and when more must be proven.
import { AadstsError } from './aadsts.ts';
import { challengeFor } from './claims-request.ts';
import type { ClaimsRequest } from './claims-request.ts';
import type { Registration } from './directory.ts';
import type { EntraState, SignIn } from './state.ts';

/** What is not yet proven of what these parties and the request demand. */
export function missing(
  state: EntraState,
  signIn: SignIn | undefined,
  parties: readonly Registration[],
  claims: ClaimsRequest,
): string[] {
  const demanded = parties.flatMap(({ clientId }) => [...(state.demands.get(clientId) ?? [])]);
  return [...new Set([...demanded, ...claims.demanded])].filter((each) => !signIn?.proven.includes(each));
}

/** @throws AadstsError 50057, 50173 */
export function requireLive(signIn: SignIn): void {
  if (!signIn.user.accountEnabled) throw new AadstsError(50057, 'The user account is disabled.');
  if (signIn.epoch !== signIn.user.epoch)
    throw new AadstsError(
      50173,
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
      { suberror: 'bad_token' },
    );
}

/** @throws AadstsError 50076 with the claims to send the person back with */
export function requireProven(
  state: EntraState,
  signIn: SignIn,
  resource: Registration,
  claims: ClaimsRequest,
  error: 'invalid_grant' | 'interaction_required',
): void {
  const lacking = missing(state, signIn, [resource], claims);
  if (lacking.length === 0) return;
  throw new AadstsError(
    50076,
    `Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '${resource.clientId}'.`,
    { error, suberror: 'basic_action', claims: challengeFor(lacking) },
  );
}

export const pairOf = (client: Registration, resource: Registration): string =>
  `${client.clientId} ${resource.clientId}`;

/** @throws AadstsError 65001 */
export function requireConsent(state: EntraState, client: Registration, resource: Registration): void {
  if (!state.withoutConsent.has(pairOf(client, resource))) return;
  throw new AadstsError(
    65001,
    `The user or administrator has not consented to use the application with ID '${client.clientId}' named '${client.application.displayName}'. Send an interactive authorization request for this user and resource.`,
    { suberror: 'consent_required' },
  );
}
