// Time, passed in everywhere so that tests can move it.

/** Wall clock in milliseconds since the Unix epoch. */
export interface Clock {
  readonly now: () => number;
}

export const systemClock: Clock = { now: Date.now };
