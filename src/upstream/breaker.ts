// A circuit breaker: after repeated failures to connect, says no at once for a while instead of making everybody wait.
import type { Clock } from '../base/clock.ts';

export interface Breaker {
  /** Whether an attempt may be made now. After the pause one attempt per pause is let through, until one succeeds. */
  mayTry(): boolean;
  readonly succeeded: () => void;
  failed(): void;
}

/** @param failures how many in a row open the circuit */
export function createBreaker(clock: Clock, { failures, pauseMs }: { failures: number; pauseMs: number }): Breaker {
  let failedInARow = 0;
  let pausedUntilMs = 0;
  return {
    mayTry() {
      if (failedInARow < failures) return true;
      const nowMs = clock.now();
      if (nowMs < pausedUntilMs) return false;
      pausedUntilMs = nowMs + pauseMs;
      return true;
    },
    succeeded() {
      failedInARow = 0;
    },
    failed() {
      failedInARow++;
      if (failedInARow >= failures) pausedUntilMs = clock.now() + pauseMs;
    },
  };
}
