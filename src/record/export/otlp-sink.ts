// OpenTelemetry logs by OTLP/HTTP (specification of OTLP 1.x, "OTLP/HTTP"), as JSON: a collector, Azure Monitor behind one, and most of what takes logs.
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { logsRequest } from './formats/otlp.ts';
import { headerOf, post } from './http-post.ts';
import { messageIn, rejectedIn } from './otlp-answer.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import { SinkError, inForm } from './sink.ts';
import type { FormatContext, Sink } from './sink.ts';
import type { HttpNeighbours } from './webhook-sink.ts';

const gzip = promisify(gzipWithCallback);

export function createOtlpSink(
  name: string,
  { url, headers: wanted, gzip: isCompressed }: OtlpSettings,
  neighbours: HttpNeighbours & { readonly context: FormatContext },
): Sink {
  const { secret, context } = neighbours;
  return {
    name,
    kind: 'otlp',
    async send(batch, signal) {
      const text = inForm(() => JSON.stringify(logsRequest(batch, context)));
      const secrets: Record<string, string> = {};
      for (const [header, reference] of Object.entries(wanted))
        secrets[header] = headerOf(header, await secret(reference));
      const headers = {
        ...secrets,
        'content-type': 'application/json',
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      };
      const body = isCompressed ? await gzip(text) : text;
      const sent = Object.values(secrets);
      const explain = (answer: string): string | undefined => messageIn(answer, sent);
      await post({ url, headers, body, signal, explain, accepted: (answer) => checkAnswer(answer, sent) }, neighbours);
    },
    close: () => Promise.resolve(),
  };
}

/** Which records were rejected is not said, so that they are looked for by smaller requests; receivers know those that come twice by `log.record.uid`. */
function checkAnswer(answer: string, secrets: readonly string[]): void {
  const { rejected, message = 'without a word' } = rejectedIn(answer, 'rejectedLogRecords', secrets);
  if (rejected > 0) throw new SinkError(`it rejected ${rejected} records: ${message}`, { retryable: false });
}
