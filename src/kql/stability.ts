// Which expressions mean the same at any time: those that read neither the clock nor other queries.
import type { Bound } from './bound.ts';

const unstable = new WeakSet<Bound>();

export function markUnstable(bound: Bound): Bound {
  unstable.add(bound);
  return bound;
}

/** What is made of an expression is as stable as it. */
export function asStableAs(made: Bound, ...of: readonly Bound[]): Bound {
  return of.some((bound) => unstable.has(bound)) ? markUnstable(made) : made;
}

export function isStable(bound: Bound): boolean {
  if (unstable.has(bound)) return false;
  return bound.kind !== 'call' || bound.arguments.every(isStable);
}
