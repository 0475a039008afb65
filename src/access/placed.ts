// A grant where it is kept: at the last place before its first `*`, with what that leaves open.
import type { Grant } from './assignment.ts';
import { isAlways, timesOf } from './moment.ts';
import type { Times } from './moment.ts';
import { getOrPut } from './places.ts';
import type { Place } from './places.ts';
import type { Scope } from './scope.ts';
import { compileWildcard, wildcardsMeet } from './wildcard.ts';

/** What a grant is bound to. */
export interface Terms extends Times {
  readonly condition: Grant['condition'];
}

/** A grant where it is kept, with the column of its role in the table of verdicts. */
export interface Placed {
  readonly grant: Grant;
  readonly column: number;
  /** Absent for a grant that always grants, as nearly all do. */
  readonly terms: Terms | undefined;
  /** How many segments its scope has. */
  readonly depth: number;
  /** What its place leaves open, the segments from the first `*` on; absent where it holds at all of its place. */
  readonly open: readonly { readonly key: string; readonly matches: (key: string) => boolean }[] | undefined;
}

export function termsOf(grant: Grant): Terms | undefined {
  const times = timesOf(grant);
  return grant.condition === undefined && isAlways(times) ? undefined : { ...times, condition: grant.condition };
}

export function addPlaced(placed: Placed[], grant: Grant, column: number, terms: Terms | undefined): void {
  const { keys, patternAt } = grant.scope;
  const open =
    patternAt === undefined ? undefined : keys.slice(patternAt).map((key) => ({ key, matches: compileWildcard(key) }));
  const isSame = (other: Placed): boolean =>
    other.column === column &&
    other.terms === undefined &&
    other.open?.length === open?.length &&
    (open ?? []).every(({ key }, at) => key === other.open![at]!.key);
  // Of two that say the same, the first is named; what always grants needs no second that does so at times.
  if (!placed.some(isSame)) placed.push({ grant, column, terms, depth: keys.length, open });
}

/** What several holders keep, by the numbers of places: those lie beside one another, and places all over the memory. */
export function mergePlaced(
  holders: readonly { readonly placed: ReadonlyMap<Place, Placed[]> }[],
): ReadonlyMap<number, Placed[]> {
  const merged = new Map<number, Placed[]>();
  for (const { placed } of holders)
    for (const [{ number }, more] of placed) getOrPut(merged, number, () => []).push(...more);
  return merged;
}

/** Whether what is kept on the way to a scope holds there: with a pattern, at some place of it. */
export function holdsAt({ depth, open }: Placed, { keys, patternAt }: Scope): boolean {
  if (open === undefined) return true;
  if (depth > keys.length) return false;
  let at = depth - open.length;
  for (const { key, matches } of open) {
    const met = keys[at]!;
    if (!(patternAt === undefined ? matches(met) : wildcardsMeet(key, met))) return false;
    at += 1;
  }
  return true;
}
