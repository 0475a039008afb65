// Tells operators once that a collector takes nothing, and once that it does again.
import type { Log } from '../../base/log.ts';
import type { Signal } from './delivery.ts';

export interface Health {
  /** @param message what the collector had to say besides */
  works(signal: Signal, rejected: number, message: string | undefined): void;
  fails(signal: Signal, reason: string): void;
}

export function createHealth(log: Log): Health {
  const failing = new Set<Signal>();
  const rejecting = new Set<Signal>();
  return {
    works(signal, rejected, message) {
      if (failing.delete(signal) && failing.size === 0) log.warn({ signal }, 'the collector takes telemetry again');
      if (rejected === 0) rejecting.delete(signal);
      else if (!rejecting.has(signal)) {
        rejecting.add(signal);
        log.warn({ signal, rejected, reason: message }, 'the collector rejects a part of the telemetry');
      }
    },
    fails(signal, reason) {
      if (failing.size === 0) log.warn({ signal, reason }, 'the collector takes no telemetry');
      failing.add(signal);
    },
  };
}
