// Watches whether what is derived from the records keeps up with them: the lists of whose they are, and the figures by the hour.
import type { Log } from '../base/log.ts';
import type { Metrics } from './metrics.ts';
import type { Derivation } from './reader.ts';

export interface DerivationWatch {
  /** To be done every minute. */
  look(): void;
}

type Part = keyof Derivation['next'];
const parts: readonly Part[] = ['lists', 'figures'];
/** Twice of what is written at once while nobody pauses. */
const most: Readonly<Record<Part, number>> = { lists: 2048, figures: 16_384 };

/** @param read what there is by now; throws where it cannot be read */
export function createDerivationWatch({
  read,
  metrics,
  log,
}: {
  readonly read: () => Derivation;
  readonly metrics: Metrics;
  readonly log: Log;
}): DerivationWatch {
  const behind = metrics.gauge(
    'genkan_audit_derived_behind',
    'Records that are not yet in what is derived from them, as of the last minute: lists of whose they are, figures by the hour.',
    ['of'],
  );
  const failures = metrics.counter(
    'genkan_audit_derivation_failures_total',
    'Minutes in which what is derived from the records got no further although it should have.',
    ['of'],
  );
  // A count that begins with its first failure shows no rise.
  const series = parts.map((part) => ({ part, behind: behind.with(part), failures: failures.with(part) }));
  const failing = new Set<Part>();
  let before: Derivation | undefined;

  function judge(part: Part, now: Derivation | undefined): boolean {
    if (now === undefined) return true;
    const lacks = now.size - now.next[part];
    if (before === undefined || lacks <= 0 || now.next[part] !== before.next[part]) return false;
    // It is written in batches, and where nothing comes any more, at once.
    return lacks >= most[part] || now.size === before.size;
  }

  return {
    look() {
      let now: Derivation | undefined;
      let reason = 'it could not be written; "genkan audit verify" shows what is damaged';
      try {
        now = read();
      } catch (error) {
        reason = (error as Error).message;
      }
      for (const { part, ...of } of series) {
        const lacks = now && Math.max(0, now.size - now.next[part]);
        if (lacks !== undefined) of.behind.set(lacks);
        if (judge(part, now)) {
          of.failures.add();
          if (!failing.has(part)) log.error({ of: part, behind: lacks, reason }, 'what is derived from records stands');
          failing.add(part);
        } else if (failing.delete(part)) log.warn({ of: part }, 'what is derived from records is written again');
      }
      before = now ?? before;
    },
  };
}
