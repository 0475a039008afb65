// A bounded counter of events a key and time window: limits registrations, and keeps floods of bad tokens from flooding the log.
import type { Clock } from '../base/clock.ts';

interface RateWindow {
  /** Counts one event. Returns how many there were for this key in the current window, this one included. */
  count(key: string): number;
}

/**
 * @param windowMs length of the fixed window
 * @param maxKeys when as many keys are known, the oldest is forgotten
 */
export function createRateWindow(clock: Clock, windowMs: number, maxKeys = 10_000): RateWindow {
  const windows = new Map<string, { startedAtMs: number; events: number }>();
  return {
    count(key) {
      const known = windows.get(key);
      if (known !== undefined && clock.now() - known.startedAtMs < windowMs) return (known.events += 1);
      windows.delete(key);
      if (windows.size >= maxKeys) windows.delete(windows.keys().next().value!);
      windows.set(key, { startedAtMs: clock.now(), events: 1 });
      return 1;
    },
  };
}
