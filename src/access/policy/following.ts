// Keeps up with changes that other processes make: reads again until it succeeds, and says so when it has been behind for too long.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

/** Two seconds are the promise: what is known to have changed may be decided by as it was for no longer. */
const behindMs = 2000;
const retryMs = 250;

export interface Following {
  /** Something has changed: reads it. Resolves when this process has it, and rejects when it could not be read this time. */
  look(): Promise<void>;
  close(): void;
}

interface FollowingNeighbours {
  /** Reads everything again and takes it over. */
  readonly read: () => Promise<void>;
  /** What is known is too old to decide by. Ends with the next `read` that succeeds. */
  readonly outdated: () => void;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'> | undefined;
}

export function createFollowing({ read, outdated, clock, log }: FollowingNeighbours): Following {
  let under: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let behindSinceMs: number | undefined;
  let retry: NodeJS.Timeout | undefined;

  async function attempt(): Promise<void> {
    next = undefined;
    clearTimeout(retry);
    try {
      await read();
      behindSinceMs = undefined;
    } catch (error) {
      behindSinceMs ??= clock.now();
      if (clock.now() - behindSinceMs >= behindMs) outdated();
      log?.error({ err: error }, 'the access policy has changed and cannot be read');
      retry = setTimeout(() => void look().catch(() => undefined), retryMs).unref();
      throw error;
    }
  }

  // Whoever asks while it is being read cannot know whether their change is among it; all who wait share the next reading.
  function look(): Promise<void> {
    next ??= under.then(() => {
      const attempted = attempt();
      under = attempted.catch(() => undefined);
      return attempted;
    });
    return next;
  }

  return { look, close: () => clearTimeout(retry) };
}
