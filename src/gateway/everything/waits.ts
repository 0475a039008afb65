// How long anybody waits at `/mcp` for one of the servers: up to a deadline, and hardly at all for one that was late before.
import { GenkanError } from '../../base/errors.ts';

/** For a server that was late: enough for one that has recovered, too little to be felt. */
const graceMs = 300;
/** The oldest gives way. */
const maxLate = 10_000;

export interface Waits {
  /**
   * Waits for work of a server, which goes on when nobody waits for it any more.
   * @param sinceMs when the work began (`performance.now()`)
   * @throws GenkanError `upstream_unavailable` when it takes too long
   */
  within<Value>(server: string, work: Promise<Value>, sinceMs?: number): Promise<Value>;
}

/**
 * @returns the waits of one person: everybody has conversations, and often processes, of his own, so that a server is late
 *   for some and quick for others
 */
export function createWaits(deadlineMs: number): (person: string) => Waits {
  /** Who waited for which servers in vain, until they are quick again. */
  const late = new Set<string>();

  const isLate = (key: string): void => {
    late.delete(key);
    late.add(key);
    if (late.size > maxLate) late.delete(late.values().next().value!);
  };

  return (person) => ({
    async within(server, work, sinceMs = performance.now()) {
      const key = JSON.stringify([person, server]);
      const patienceMs = late.has(key) ? Math.min(graceMs, deadlineMs) : deadlineMs;
      const leftMs = Math.max(0, sinceMs + deadlineMs - performance.now());
      void work.then(
        () => performance.now() - sinceMs <= deadlineMs && late.delete(key),
        () => undefined, // a quick failure keeps nobody waiting, and is no sign of recovery
      );
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => {
            isLate(key);
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
  });
}
