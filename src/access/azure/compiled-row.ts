// A row of the Azure map made ready for calls: which arguments it knows, and functions that find scopes.
import type { NeededAction } from '../action-map.ts';
import { createChoice } from '../bundle.ts';
import type { Bundle } from '../bundle.ts';
import { fixedScope, parseScope, scopeBelow, wordsOf } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { locationIn } from './attributes.ts';
import type { AttributeReader } from './attributes.ts';
import { asResourceId, isPathOfKey, reachesAcross } from './argument-checks.ts';
import type { Condition, Need, Place, Row } from './row.ts';

/** How the value of an argument is checked. */
export type ArgumentKind =
  'subscription' | 'group' | 'name' | 'host' | 'endpoint' | 'id' | 'word' | 'type' | 'fixed' | 'inert';

export interface Call {
  readonly args: Readonly<Record<string, unknown>>;
  /** `/subscriptions/{guid}`, or the reach of the server's identity when no subscription is known. */
  readonly subscription: Scope;
  /** `/subscriptions/{guid}/resourceGroups/{name}`, if the call names one. */
  readonly group: Scope | undefined;
}

/** What a row takes from the options of the map. */
export interface Surroundings {
  /** `/servers/{server}/tools/{tool}` and the prefix of its actions, `mcp/servers/{server}/tools/{tool}`. */
  readonly own: { readonly scope: string; readonly action: string };
  /** The scope that holds everything which the server's identity can reach. */
  readonly reach: string;
  /** Where a resource with a worldwide name or address lies, if policy says so. */
  readonly locate: (name: string, type: string) => string | undefined;
  readonly isAnyLocated: (type: string) => boolean;
}

/** What is needed at one place of a row. */
export interface PlacedNeeds {
  readonly scopesOf: (call: Call) => readonly Scope[];
  /** `undefined` where the arguments make none of them necessary. */
  readonly bundleOf: (args: Call['args']) => Bundle | undefined;
}

export interface CompiledRow {
  readonly effect: Row['effect'];
  readonly kinds: ReadonlyMap<string, ArgumentKind>;
  /** The resource type that an id in this argument must have. */
  readonly idTypes: ReadonlyMap<string, string | undefined>;
  readonly places: readonly PlacedNeeds[];
  readonly always: readonly NeededAction[];
  readonly attributes: Readonly<Record<string, AttributeReader>>;
  /** Whether the thing lies in the subscription and group that the call names: what has a worldwide name may lie elsewhere. */
  readonly isInSubscription: boolean;
}

const placeholder = /\{([^}]+)\}/g;
/** Arguments that nearly every tool has. */
const commonKinds: readonly (readonly [string, ArgumentKind])[] = [
  ['subscription', 'subscription'],
  ['tenant', 'fixed'],
  ['auth-method', 'fixed'],
  ...['delay', 'max-delay', 'max-retries', 'mode', 'network-timeout'].map((name) => [`retry-${name}`, 'word'] as const),
];

const placesOf = (row: Row): Place[] => [row.place, ...row.needs.flatMap(({ place }) => place ?? [])];

/** What each argument of a row is. An argument that is not in it is refused. */
export function argumentKinds(row: Row): ReadonlyMap<string, ArgumentKind> {
  const kinds = new Map<string, ArgumentKind>();
  const addAll = (names: string | undefined, kind: ArgumentKind): void => {
    for (const name of names?.split(' ') ?? []) kinds.set(name, kind);
  };
  addAll(row.inert, 'inert');
  addAll(row.words, 'word');
  addAll(row.types, 'type');
  for (const place of placesOf(row)) {
    if (place.kind === 'group' || place.kind === 'resource') kinds.set('resource-group', 'group');
    if (place.kind === 'resource')
      for (const [, name = ''] of place.path.matchAll(placeholder)) kinds.set(name, 'name');
    if (place.kind === 'global') kinds.set(place.argument, place.as);
    if (place.kind === 'id') kinds.set(place.argument, 'id');
  }
  for (const [name, kind] of commonKinds) kinds.set(name, kind);
  return kinds;
}

/** The ids in an argument: one, a list, or several between commas. */
export const idsIn = (value: unknown): unknown[] => {
  const listed: unknown[] = Array.isArray(value) ? value : [value];
  return listed.flatMap((item) => (typeof item === 'string' ? item.split(',').map((part) => part.trim()) : [item]));
};

export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

export function compileRow(row: Row, around: Surroundings): CompiledRow {
  const idTypes = new Map(
    placesOf(row).flatMap((place) => (place.kind === 'id' ? [[place.argument, place.type]] : [])),
  );
  // Needs at one place are kept together, so that a call finds its scope once.
  const byPlace = Map.groupBy(row.needs, ({ place }) => place ?? row.place);
  const places = [...byPlace].map(([place, needs]) => ({
    scopesOf: scopesOf(place, around),
    bundleOf: createChoice(
      needs.map((need) => ({
        action: actionOf(need, around),
        data: need.data ?? false,
        applies: need.condition && testOf(need.condition),
      })),
    ),
  }));
  const kinds = argumentKinds(row);
  const attributes = { ...(kinds.has('location') && { location: locationIn('location') }), ...row.attributes };
  return {
    effect: row.effect,
    kinds,
    idTypes,
    places,
    always: alwaysOf(row, around),
    attributes,
    isInSubscription: isInSubscription(row),
  };
}

const isInSubscription = (row: Row): boolean =>
  ['subscription', 'group', 'resource'].includes(row.place.kind) &&
  placesOf(row).every(({ kind }) => kind !== 'global' && kind !== 'root');

const actionOf = ({ action }: Need, around: Surroundings): string =>
  action.includes('/') ? action : `${around.own.action}/${action}`;

function testOf({ when, argument }: Condition): (args: Call['args']) => boolean {
  const text = (args: Call['args']): string => String(args[argument] ?? '');
  if (when === 'given') return (args) => isGiven(args[argument]);
  if (when === 'missing') return (args) => !isGiven(args[argument]);
  if (when === 'not true') return (args) => args[argument] !== true;
  if (when === 'path') return (args) => isGiven(args[argument]) && isPathOfKey(text(args));
  return (args) => reachesAcross(text(args));
}

function scopesOf(place: Place, around: Surroundings): PlacedNeeds['scopesOf'] {
  const reach = [fixedScope(around.reach)];
  const read = (text: string | undefined): readonly Scope[] => {
    const scope = text === undefined ? undefined : parseScope(text, 'literal');
    return scope === undefined ? reach : [scope];
  };
  switch (place.kind) {
    case 'own': {
      const own = [fixedScope(around.own.scope)];
      return () => own;
    }
    case 'root':
      return () => reach;
    case 'subscription':
      return ({ subscription }) => [subscription];
    case 'group':
      return (call) => [call.group ?? call.subscription];
    case 'resource':
      return resourceScope(place.path);
    case 'global':
      return ({ args }) => read(around.locate(String(args[place.argument] ?? ''), place.type));
    case 'id':
      return ({ args }) =>
        isGiven(args[place.argument])
          ? idsIn(args[place.argument]).flatMap((id) => read(asResourceId(String(id), place.type)))
          : [];
  }
}

const resourceGroups = wordsOf('/resourceGroups/');

/** The resource group that a call names. Where the subscription is not one for certain, naming a group narrows nothing. */
export function groupScope(subscription: Scope, group: unknown): Scope | undefined {
  const isOneSubscription = subscription.keys.length === 2 && subscription.keys[0] === 'subscriptions';
  return typeof group === 'string' && isOneSubscription ? scopeBelow(subscription, resourceGroups, group) : undefined;
}

function resourceScope(path: string): PlacedNeeds['scopesOf'] {
  // 'Microsoft.Sql/servers/{server}' → the words before it and the argument 'server'.
  const parts = [...path.matchAll(/([^{]+)\{([^}]+)\}/g)].map(([, before = '', argument = ''], index) => ({
    words: wordsOf(index === 0 ? `/providers/${before}` : before),
    argument,
  }));
  return (call) => {
    if (call.group === undefined) return [call.subscription];
    let scope = call.group;
    for (const { words, argument } of parts) {
      const name = call.args[argument];
      if (typeof name !== 'string') break;
      scope = scopeBelow(scope, words, name);
    }
    return [scope];
  };
}

// What a call needs whatever its arguments are. An action counts too when it is needed both with and without an argument.
function alwaysOf(row: Row, around: Surroundings): NeededAction[] {
  const always = new Map<string, NeededAction>();
  for (const need of row.needs) {
    const alternatives = row.needs.filter((other) => other.action === need.action && isOpposite(other, need));
    const isUnavoidable = need.condition === undefined ? need.place?.kind !== 'id' : alternatives.length > 0;
    if (!isUnavoidable) continue;
    const action = actionOf(need, around);
    const depths = [need, ...alternatives].map(({ place }) => narrowestOf(place ?? row.place, around));
    const narrowest = depths.includes(undefined)
      ? undefined
      : depths.includes('subscription')
        ? 'subscription'
        : 'root';
    always.set(action, { action, data: need.data ?? false, narrowest });
  }
  return [...always.values()];
}

function isOpposite({ condition, place }: Need, to: Need): boolean {
  if (to.condition?.when !== 'missing') return false;
  const { argument } = to.condition;
  return (
    (condition?.when === 'given' && condition.argument === argument) ||
    (place?.kind === 'id' && place.argument === argument)
  );
}

function narrowestOf(place: Place, around: Surroundings): NeededAction['narrowest'] {
  if (place.kind === 'subscription') return 'subscription';
  if (place.kind === 'root' || (place.kind === 'global' && !around.isAnyLocated(place.type))) {
    if (around.reach === '/') return 'root';
    return around.reach.split('/').length <= 3 ? 'subscription' : undefined;
  }
  return undefined;
}
