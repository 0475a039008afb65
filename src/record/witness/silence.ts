// Logs that we are a witness for and that say nothing any more: whoever rewrites one has good reason not to show it to us.
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../metrics.ts';
import type { Witness } from './witness.ts';

export interface Silent {
  readonly origin: string;
  readonly sinceMs: number;
}

export interface SilenceWatch {
  /** Looks which logs are silent now. */
  look(): Promise<void>;
  attend(): void;
  close(): void;
}

const everyMs = 60_000;

/** Each log shows itself every minute, grown or not (`witnessEverySeconds`). */
export function createSilenceWatch(
  afterMinutes: number,
  neighbours: {
    readonly witness: Pick<Witness, 'list'>;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    /** Told once for each silence. */
    readonly alarm: (silent: Silent) => void;
  },
): SilenceWatch {
  const { witness, clock, log, metrics, alarm } = neighbours;
  const gauge = metrics.gauge(
    'genkan_witness_silent_seconds',
    'Time since a log that we are a witness for showed itself.',
    ['log'],
  );
  const told = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    for (const { origin, cosignedAtMs } of await witness.list()) {
      if (cosignedAtMs === undefined) continue; // it has yet to begin
      const silentMs = clock.now() - cosignedAtMs;
      gauge.with(origin).set(Math.max(0, silentMs) / 1000);
      if (silentMs < afterMinutes * 60_000 || told.get(origin) === cosignedAtMs) continue;
      told.set(origin, cosignedAtMs);
      alarm({ origin, sinceMs: cosignedAtMs });
    }
  }

  return {
    look,
    attend() {
      timer = setInterval(
        () => void look().catch((error: unknown) => log.error({ err: error }, 'nobody knows which logs are silent')),
        everyMs,
      ).unref();
    },
    close: () => clearInterval(timer),
  };
}
