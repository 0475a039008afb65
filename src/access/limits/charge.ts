// What one call takes from one limit, and what is lacking where it cannot have it.
import type { Limit } from './limit.ts';

export interface Charge {
  readonly limit: Limit;
  readonly key: string;
  readonly cost: number;
}

export type Part = 'rate' | 'daily' | 'concurrency';

/** A part of a limit into which a call does not fit. */
export interface Shortage {
  readonly charge: Charge;
  readonly part: Part;
  /** Until it might; nobody knows how long what is under way takes. */
  readonly waitMicros: number;
  /** What a call could still have there. */
  readonly remaining: number;
}

/** How much of a limit somebody has used. */
export interface Use {
  readonly limit: Limit;
  readonly key: string;
  /** Of the burst, at this moment. */
  readonly rateUsed: number;
  readonly dayUsed: number;
  readonly underWay: number;
}

/** After how long to ask again for a place among those under way. */
export const placeWaitMicros = 1_000_000;
