// When a question is asked and of which call: what grants that are bound to a time or a condition are held against.
import type { Assignment } from './assignment.ts';
import type { Condition } from './conditions/condition.ts';
import type { Requirement } from './decision.ts';

export interface Moment {
  readonly nowMs: number;
  /**
   * Whether a condition holds for what is asked, `undefined` where that cannot be told. Absent where no call is known yet:
   * then every condition may hold.
   */
  readonly judge?: (condition: Condition, requirement: Requirement) => boolean | undefined;
}

/** The end itself is not part of the time. */
export interface Times {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

export function timesOf({ assignment }: { readonly assignment: Assignment }): Times {
  const { startsAtMs = -Infinity, endsAtMs = Infinity } = assignment;
  return { startsAtMs, endsAtMs };
}

export const isInTime = ({ startsAtMs, endsAtMs }: Times, nowMs: number): boolean =>
  startsAtMs <= nowMs && nowMs < endsAtMs;

export const isAlways = ({ startsAtMs, endsAtMs }: Times): boolean => startsAtMs === -Infinity && endsAtMs === Infinity;

/** Answers when the next of some instants comes. */
export function createTimetable(instantsMs: readonly number[]): (nowMs: number) => number | undefined {
  const sorted = Float64Array.from(new Set(instantsMs)).sort();
  return (nowMs) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! > nowMs) high = middle;
      else low = middle + 1;
    }
    return sorted[low];
  };
}
