// One request by OTLP/HTTP (specification of OTLP 1.x, "OTLP/HTTP") with metrics or spans, as JSON.
import { promisify } from 'node:util';
import { constants, gzip as gzipWithCallback } from 'node:zlib';
import { headerOf, post } from '../export/http-post.ts';
import { messageIn, rejectedIn } from '../export/otlp-answer.ts';
import type { HttpNeighbours } from '../export/webhook-sink.ts';
import type { TelemetryOtlpSettings } from './settings.ts';

const gzip = promisify(gzipWithCallback);
/** What repeats itself as much as spans do gets hardly shorter by more work. */
const quickly = { level: constants.Z_BEST_SPEED };

export type Signal = 'metrics' | 'traces';

export interface Taken {
  /** Data points or spans that the receiver has not taken, and will not. */
  readonly rejected: number;
  readonly message?: string;
}

/** @throws SinkError when it was not taken; anything else counts as retryable */
export type Deliver = (signal: Signal, request: object, stop: AbortSignal) => Promise<Taken>;

/** "Retryable Response Codes". */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const rejectedFields = { metrics: 'rejectedDataPoints', traces: 'rejectedSpans' } as const;

export function createDelivery(settings: TelemetryOtlpSettings, neighbours: HttpNeighbours): Deliver {
  const urls = { metrics: addressOf(settings, 'metrics'), traces: addressOf(settings, 'traces') };
  return async (signal, request, stop) => {
    const text = JSON.stringify(request);
    const secrets: Record<string, string> = {};
    for (const [header, reference] of Object.entries(settings.headers))
      secrets[header] = headerOf(header, await neighbours.secret(reference));
    const sent = Object.values(secrets);
    let taken: Taken = { rejected: 0 };
    await post(
      {
        url: urls[signal],
        headers: {
          ...secrets,
          'content-type': 'application/json',
          ...(settings.gzip && { 'content-encoding': 'gzip' }),
        },
        body: settings.gzip ? await gzip(text, quickly) : text,
        signal: AbortSignal.any([stop, AbortSignal.timeout(settings.timeoutSeconds * 1000)]),
        explain: (answer) => messageIn(answer, sent),
        accepted: (answer) => void (taken = rejectedIn(answer, rejectedFields[signal], sent)),
        isRetryable: (status) => retryable.has(status),
      },
      neighbours,
    );
    return taken;
  };
}

/** "OTLP/HTTP Request": the path of the signal below that of the collector. */
function addressOf(settings: TelemetryOtlpSettings, signal: Signal): string {
  const { url } = settings[signal];
  if (url !== undefined) return url;
  const base = new URL(settings.url);
  base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/${signal}`;
  return base.href;
}
