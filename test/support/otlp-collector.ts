// A collector of OTLP/HTTP on a free loopback port, which reads metrics and traces as strictly as their definitions allow, and answers as a test says.
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMetrics } from './otlp-metrics-decoder.ts';
import type { DecodedMetric } from './otlp-metrics-decoder.ts';
import { decodeTraces } from './otlp-traces-decoder.ts';
import type { DecodedSpan } from './otlp-traces-decoder.ts';

export interface Collected {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly metrics: readonly DecodedMetric[];
  readonly spans: readonly DecodedSpan[];
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface OtlpCollector extends AsyncDisposable {
  readonly url: string;
  /** Every request, also those that were answered with a failure. */
  readonly requests: readonly Collected[];
  /** How the next requests are answered; as a full success by default. */
  answer: (request: Collected) => Answer | Promise<Answer>;
  /** Spans that were taken. */
  readonly spans: () => readonly DecodedSpan[];
  /** Resolves once what has come makes this true. */
  until(condition: () => boolean): Promise<void>;
}

const patienceMs = 30_000;

/** @param port of one that was there before */
export async function startOtlpCollector(port = 0): Promise<OtlpCollector> {
  const requests: Collected[] = [];
  const taken: Collected[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks);
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
        const path = request.url ?? '';
        const collected = {
          path,
          headers: request.headers,
          text,
          metrics: path.endsWith('/metrics') ? decodeMetrics(text) : [],
          spans: path.endsWith('/traces') ? decodeTraces(text) : [],
        };
        requests.push(collected);
        const { status = 200, headers = {}, body: said = {} } = await collector.answer(collected);
        if (status === 200) taken.push(collected);
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof said === 'string' ? said : JSON.stringify(said));
        for (const look of waiting) look();
      })().catch((error: unknown) => response.writeHead(400).end(JSON.stringify({ message: String(error) })));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const collector: OtlpCollector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: () => ({}),
    spans: () => taken.flatMap(({ spans }) => spans),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!condition()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error('the collector has waited in vain'));
        }, patienceMs);
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return collector;
}
