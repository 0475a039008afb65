// Time, passed in everywhere so that tests can move it.

/** Wall clock in milliseconds since the Unix epoch. */
export interface Clock {
  readonly now: () => number;
}

export const systemClock: Clock = { now: Date.now };

/** Microseconds since some moment; no correction of the clock makes them jump. */
export const monotonicMicros = (): number => Math.floor(performance.now() * 1000);
