// How long anybody waits at `/mcp` for one of the servers: up to a deadline, and hardly at all for one that was late before.
import { GenkanError } from '../../base/errors.ts';

/** For a server that was late: enough for one that has recovered, too little to be felt. */
const graceMs = 300;

export interface Waits {
  /**
   * Waits for work of a server, which goes on when nobody waits for it any more. Nothing of it is known to anybody but
   * whoever waits: what is shared is how quick the server is.
   * @param sinceMs when the work began (`performance.now()`)
   * @throws GenkanError `upstream_unavailable` when it takes too long
   */
  within<Value>(server: string, work: Promise<Value>, sinceMs?: number): Promise<Value>;
}

export function createWaits(deadlineMs: number): Waits {
  /** Servers that were late, until they are quick again. */
  const late = new Set<string>();

  return {
    async within(server, work, sinceMs = performance.now()) {
      const patienceMs = late.has(server) ? Math.min(graceMs, deadlineMs) : deadlineMs;
      const leftMs = Math.max(0, sinceMs + deadlineMs - performance.now());
      void work.then(
        () => performance.now() - sinceMs <= deadlineMs && late.delete(server),
        () => undefined, // a quick failure keeps nobody waiting, and is no sign of recovery
      );
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => {
            late.add(server);
            reject(new GenkanError('upstream_unavailable', { server }, { detail: `it was late (${patienceMs} ms)` }));
          },
          Math.min(patienceMs, leftMs),
        );
      });
      try {
        return await Promise.race([work, tooLate]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
