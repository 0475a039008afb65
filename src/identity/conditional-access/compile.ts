// Makes of a policy what can be asked about every request in no time: whom and what it is about, from where, and what it wants.
import { GenkanError } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { everybody, fold, groupsOn, guid, nobody } from './directory.ts';
import type { Named, Names, Side } from './directory.ts';
import type { Networks } from './networks.ts';
import type { Policy, PolicyState, SourcedPolicy } from './policy.ts';
import type { ConditionalAccessSettings } from './settings.ts';

/** What a request is for: one server, the administration, or `undefined` for the address at which all servers are. */
export type Target = string | undefined;

export interface CompiledPolicy {
  readonly name: string;
  readonly state: PolicyState;
  readonly source: string;
  concerns(principal: Principal): boolean;
  covers(target: Target): boolean;
  holdsFrom(sourceIP: string): boolean;
  readonly blocks: boolean;
  /** Of each of these sets one authentication context has to be proven. */
  readonly wants: readonly (readonly string[])[];
  /** How old a sign-in may be. */
  readonly maxAgeSeconds: number | undefined;
  readonly persistentBrowser: 'always' | 'never' | undefined;
}

interface CompileNeighbours {
  readonly settings: ConditionalAccessSettings;
  readonly places: ReadonlyMap<string, Place>;
  /** Client id under which Genkan itself is known at the identity provider. */
  readonly clientId: string;
  readonly names: Names;
}

export interface Place {
  readonly networks: Networks;
  readonly trusted: boolean;
}

/** The administration of Genkan, as a target. */
export const administration = '/api';

/** @throws GenkanError `conditional_access_invalid` */
export function compilePolicy({ policy, source, name }: SourcedPolicy, neighbours: CompileNeighbours): CompiledPolicy {
  const { conditions, sessionControls } = policy;
  const wrong = (reason: string): GenkanError =>
    new GenkanError('conditional_access_invalid', { policy: name, reason });
  const controls = policy.grantControls?.builtInControls ?? [];
  const blocks = controls.includes('block');
  const { wants, unproven } = wantsOf(policy, neighbours.settings.contexts);
  if (blocks && (controls.length > 1 || wants.length > 0)) throw wrong('"block" stands beside other controls');
  if (policy.state === 'enabled' && unproven.length > 0)
    throw wrong(
      `no authentication context proves ${unproven.map((control) => `"${control}"`).join(', ')}: name one in identity.conditionalAccess.contexts`,
    );
  if (policy.state !== 'disabled') {
    if (!isAboutSomething(policy)) throw wrong('conditions.applications includes nothing');
    if (!blocks && wants.length === 0 && unproven.length === 0 && !isAnythingSet(sessionControls))
      throw wrong('grantControls asks for nothing');
  }
  const concerns = concernOf(policy, neighbours, wrong);
  return {
    name,
    state: policy.state,
    source,
    concerns,
    covers: coverOf(policy, neighbours),
    holdsFrom: locationOf(conditions.locations ?? {}, neighbours.places),
    blocks,
    wants,
    maxAgeSeconds: maxAgeOf(sessionControls?.signInFrequency ?? {}, wrong),
    persistentBrowser: sessionControls?.persistentBrowser?.isEnabled
      ? (sessionControls.persistentBrowser.mode ?? undefined)
      : undefined,
  };
}

/**
 * Whether a policy is about sign-ins that never happen here: older protocols than OAuth, or flows that lead to no token of
 * ours; and what else of its conditions only the identity provider can see.
 */
function unseenConditions({ conditions }: Policy): {
  readonly elsewhere: boolean;
  readonly unseen: readonly string[];
} {
  const types = conditions.clientAppTypes ?? [];
  const modern = types.length === 0 || types.some((type) => !olderClients.has(type));
  const flows = (conditions.authenticationFlows?.transferMethods ?? '').split(',').filter((flow) => flow.trim() !== '');
  const platforms = conditions.platforms?.includePlatforms ?? [];
  const unseen = [
    ...((conditions.signInRiskLevels ?? []).length > 0 ? ['signInRiskLevels'] : []),
    ...((conditions.userRiskLevels ?? []).length > 0 ? ['userRiskLevels'] : []),
    ...((conditions.servicePrincipalRiskLevels ?? []).length > 0 ? ['servicePrincipalRiskLevels'] : []),
    ...(platforms.some((platform) => platform !== 'all') || (conditions.platforms?.excludePlatforms ?? []).length > 0
      ? ['platforms']
      : []),
    ...(isFilteredOnly(conditions.applications) ? ['applicationFilter'] : []),
    ...Object.keys(conditions).filter((key) => !knownConditions.has(key) && isSet(conditions[key])),
  ];
  return { elsewhere: !modern || flows.length > 0, unseen };
}

/** Kinds of client that sign in by older protocols than OAuth. Any other kind may be a client of ours. */
export const olderClients: ReadonlySet<string> = new Set(['exchangeActiveSync', 'easSupported', 'other']);

type Applications = Policy['conditions']['applications'];

/** Whether what a policy is about is chosen by attributes of applications alone, which only Entra ID sees. */
const isFilteredOnly = (applications: Applications): boolean =>
  isSet(applications?.['applicationFilter']) && !isSet(applications?.includeApplications);

const isAboutSomething = ({ conditions: { applications } }: Policy): boolean =>
  isFilteredOnly(applications) ||
  isSet(applications?.includeApplications) ||
  isSet(applications?.includeUserActions) ||
  isSet(applications?.includeAuthenticationContextClassReferences);

const isAnythingSet = (controls: Policy['sessionControls']): boolean => Object.values(controls ?? {}).some(isSet);

const knownConditions: ReadonlySet<string> = new Set([
  'users',
  'applications',
  'locations',
  'clientAppTypes',
  'clientApplications',
  'platforms',
  'signInRiskLevels',
  'userRiskLevels',
  'servicePrincipalRiskLevels',
  'authenticationFlows',
]);

/** Whether anything is written: Graph writes `null` and empty lists where nothing is. */
export const isSet = (value: unknown): boolean =>
  value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0) && value !== 'none';

function wantsOf(
  { grantControls }: Policy,
  contexts: Readonly<Record<string, string>>,
): { wants: string[][]; unproven: string[] } {
  if (grantControls == null) return { wants: [], unproven: [] };
  const strength = grantControls.authenticationStrength;
  const asked = [
    ...(grantControls.builtInControls ?? []).filter((control) => control !== 'block').map((control) => [control]),
    ...(strength == null ? [] : [[strength.displayName, strength.id, 'authenticationStrength']]),
    ...(grantControls.termsOfUse ?? []).map((id) => [id, 'termsOfUse']),
    ...(grantControls.customAuthenticationFactors ?? []).map((id) => [id]),
  ].map((names) => names.filter((name): name is string => typeof name === 'string'));
  const contextOf = (names: readonly string[]): string | undefined =>
    names
      .map((name) => (Object.hasOwn(contexts, name) ? contexts[name] : undefined))
      .find((found) => found !== undefined);
  const proofs = asked.map(contextOf);
  const proven = proofs.filter((context): context is string => context !== undefined);
  const unproven = asked.filter((_names, index) => proofs[index] === undefined).map(([name]) => name!);
  const distinct = [...new Set(proven)];
  if (grantControls.operator === 'AND') return { wants: distinct.map((context) => [context]), unproven };
  return { wants: distinct.length > 0 ? [distinct] : [], unproven: distinct.length > 0 ? [] : unproven };
}

function maxAgeOf(
  frequency: NonNullable<NonNullable<Policy['sessionControls']>['signInFrequency']>,
  wrong: (reason: string) => GenkanError,
): number | undefined {
  if (frequency.isEnabled !== true) return undefined;
  if (frequency.frequencyInterval === 'everyTime') return everyTimeSeconds;
  if (frequency.value == null || frequency.type == null) throw wrong('signInFrequency needs value and type');
  return frequency.value * (frequency.type === 'days' ? 86_400 : 3600);
}

/** "Every time", as far as Entra ID itself takes it: within five minutes nobody is asked twice. */
const everyTimeSeconds = 300;

function concernOf(
  policy: Policy,
  { settings, names }: CompileNeighbours,
  wrong: (reason: string) => GenkanError,
): CompiledPolicy['concerns'] {
  const { users, clientApplications } = policy.conditions;
  if (unseenConditions(policy).elsewhere) return () => false;
  // What only the provider sees cannot be a reason to block everybody; it blocks those whom it means.
  const blocks = (policy.grantControls?.builtInControls ?? []).includes('block');
  if (blocks && unseenConditions(policy).unseen.length > 0) return () => false;
  const services = clientApplications?.includeServicePrincipals ?? [];
  const agents = applicationConcern(services, clientApplications?.excludeServicePrincipals ?? []);

  const guests = isSet(users?.['includeGuestsOrExternalUsers']);
  const included = [
    ...(users?.includeUsers ?? []).map((user) => userNamed(user, names, 'include')),
    ...(users?.includeGroups ?? []).map((group) => groupNamed(group, names, 'include')),
    ...(users?.includeRoles ?? []).map((role) => roleNamed(role, settings.roles, 'include')),
    ...(guests ? [everybody] : []),
  ];
  if (included.length === 0 && services.length > 0) return agents;
  if (included.length === 0) throw wrong('conditions.users includes nobody');
  const excluded = [
    ...(users?.excludeUsers ?? []).map((user) => userNamed(user, names, 'exclude')),
    ...(users?.excludeGroups ?? []).map((group) => groupNamed(group, names, 'exclude')),
    ...(users?.excludeRoles ?? []).map((role) => roleNamed(role, settings.roles, 'exclude')),
  ];
  return (principal) =>
    principal.kind === 'user'
      ? included.some((isOne) => isOne(principal)) && !excluded.some((isOne) => isOne(principal))
      : agents(principal);
}

const applicationConcern =
  (included: readonly string[], excluded: readonly string[]): CompiledPolicy['concerns'] =>
  ({ kind, id, clientId = id }) => {
    if (kind !== 'application') return false;
    const named = (list: readonly string[]): boolean =>
      list.some((each) => fold(each) === fold(clientId) || fold(each) === fold(id));
    return (included.includes('ServicePrincipalsInMyTenant') || named(included)) && !named(excluded);
  };

function userNamed(user: string, names: Names, side: Side): Named {
  if (user === 'All') return everybody;
  if (user === 'None') return nobody;
  if (user === 'GuestsOrExternalUsers') return side === 'include' ? everybody : nobody;
  return names.user(user, side);
}

const groupNamed = (group: string, names: Names, side: Side): Named => names.group(group, side);

function roleNamed(role: string, roles: ConditionalAccessSettings['roles'], side: Side): Named {
  const standing = Object.entries(roles).find(([name]) => fold(name) === fold(role))?.[1];
  if (standing === undefined) return side === 'include' ? everybody : nobody;
  if (side === 'exclude')
    return (principal) => standing.some((one) => one === principal.id || groupsOn(principal, side).includes(one));
  const folded = new Set(standing.map(fold));
  return (principal) =>
    folded.has(fold(principal.id)) || groupsOn(principal, side).some((group) => folded.has(fold(group)));
}

function coverOf(policy: Policy, { settings, clientId, names }: CompileNeighbours): CompiledPolicy['covers'] {
  const { includeApplications, excludeApplications } = policy.conditions.applications ?? {};
  const targetsOf = (application: string, side: Side): ((target: Target) => boolean) => {
    if (application === 'All') return () => true;
    if (application === 'None' || elsewhere.has(application)) return () => false;
    const meant = meaningOf(application, settings.applications);
    if (meant !== undefined) {
      const parts = meant.map((one) => targetNamed(one, clientId, side));
      return (target) => parts.some((part) => part(target));
    }
    const known = names.application(application);
    if (fold(application) === fold(clientId) || known === 'genkan') return () => true;
    if (isServer(application)) return targetNamed(application, clientId, side);
    if (known === 'another') return () => false;
    return side === 'include' ? () => true : () => false;
  };
  const included = isFilteredOnly(policy.conditions.applications)
    ? [() => true]
    : (includeApplications ?? []).map((application) => targetsOf(application, 'include'));
  const excluded = (excludeApplications ?? []).map((application) => targetsOf(application, 'exclude'));
  return (target) => included.some((part) => part(target)) && !excluded.some((part) => part(target));
}

/** Groups of Microsoft's own applications: Genkan is in none of them. */
const elsewhere: ReadonlySet<string> = new Set(['Office365', 'MicrosoftAdminPortals']);

const meaningOf = (
  application: string,
  meanings: ConditionalAccessSettings['applications'],
): readonly string[] | undefined => {
  const found = Object.entries(meanings).find(([name]) => fold(name) === fold(application))?.[1];
  return found === undefined ? undefined : [found].flat();
};

const isServer = (text: string): boolean => /^\/(api|mcp(\/[a-z0-9-]+)?)$/.test(text);

/**
 * The server that an application in a policy stands for, if it is one.
 * @param meant whether it is what `applications` says of a name, where a server may stand without its path
 */
export function serverNamed(text: string, meant: boolean): string | undefined {
  const [, name] = /^\/mcp\/(.+)$/.exec(text) ?? [];
  if (name !== undefined) return meant || isServer(text) ? name : undefined;
  return meant && !text.startsWith('/') && fold(text) !== 'genkan' && !guid.test(text) ? text : undefined;
}

// Whoever comes in at the one address for all servers reaches each of them, so what is about one is about that address, too.
function targetNamed(text: string, clientId: string, side: Side): (target: Target) => boolean {
  if (fold(text) === 'genkan' || fold(text) === fold(clientId)) return () => true;
  if (text === administration) return (target) => target === administration;
  const server = text.replace(/^\/mcp(\/|$)/, '');
  if (server === '') return (target) => target === undefined;
  return (target) => target === server || (target === undefined && side === 'include');
}

function locationOf(
  { includeLocations, excludeLocations }: NonNullable<Policy['conditions']['locations']>,
  places: CompileNeighbours['places'],
): CompiledPolicy['holdsFrom'] {
  const at = (location: string, side: Side): ((sourceIP: string) => boolean) => {
    if (location === 'All') return () => true;
    if (location === 'AllTrusted') {
      const trusted = [...places.values()].filter((place) => place.trusted);
      if (trusted.length === 0) return side === 'include' ? () => true : () => false;
      return (sourceIP) => trusted.some(({ networks }) => networks.has(sourceIP));
    }
    const place = places.get(fold(location));
    // Where a place is cannot be known, a policy for it holds everywhere, and an exception for it nowhere.
    if (place === undefined) return side === 'include' ? () => true : () => false;
    return (sourceIP) => place.networks.has(sourceIP) || (side === 'include' && sourceIP === '');
  };
  // An empty list is how Graph writes that nothing is chosen.
  const chosen = isSet(includeLocations) ? includeLocations! : ['All'];
  const included = chosen.map((location) => at(location, 'include'));
  const excluded = (excludeLocations ?? []).map((location) => at(location, 'exclude'));
  return (sourceIP) => included.some((is) => is(sourceIP)) && !excluded.some((is) => is(sourceIP));
}
