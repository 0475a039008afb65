// Where rights were used, cut to the narrowest places at which an administrator would assign: a resource group, a subscription, a server.
import { covers, parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';

/** Rights of one level are suggested as one role: what was done in a resource group says nothing about the subscription. */
export type Level = 'everywhere' | 'subscription' | 'resource group' | 'server';

export interface PlaceOfUse {
  readonly level: Level;
  readonly scope: Scope;
}

/** The place of one use, never wider than the assignment that granted it. */
export function placeOf(at: Scope, held: Scope): PlaceOfUse {
  const place = cut(at);
  const scope = covers(held, place) ? place : held;
  return { level: levelOf(scope), scope };
}

function cut(at: Scope): Scope {
  const depth =
    at.keys[0] === 'servers' ? 2 : at.keys[2] === 'resourcegroups' ? 4 : at.keys[0] === 'subscriptions' ? 2 : 0;
  const text = at.text === '/' ? '/' : `/${at.text.slice(1).split('/').slice(0, depth).join('/')}`;
  return parseScope(text, 'patterns') ?? at;
}

function levelOf({ keys }: Scope): Level {
  if (keys[0] === 'servers') return 'server';
  if (keys[0] !== 'subscriptions') return 'everywhere';
  return keys[2] === 'resourcegroups' ? 'resource group' : 'subscription';
}

// Nobody reads more scopes than these; then that of the assignment is the better word.
const mostPlaces = 12;

/** The fewest of these scopes that together cover all of them; the assignment's own where there would be too many. */
export function narrowestScopes(places: readonly Scope[], held: Scope): Scope[] {
  const outermost = withoutCovered(places);
  return outermost.length <= mostPlaces ? outermost : [held];
}

function withoutCovered(scopes: readonly Scope[]): Scope[] {
  const distinct = [...new Map(scopes.map((scope) => [scope.keys.join('/'), scope])).values()];
  return distinct
    .filter((scope) => !distinct.some((other) => other !== scope && covers(other, scope)))
    .sort((one, other) => (one.text < other.text ? -1 : 1));
}
