// OpenTelemetry logs against a receiver that reads them as their definitions say, and answers as the specification lets it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { everyRecord, exportContext, exportRecord } from '../../../test/support/export-records.ts';
import { decodeLogs } from '../../../test/support/otlp-decoder.ts';
import type { DecodedLog } from '../../../test/support/otlp-decoder.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { logsRequest } from './formats/otlp.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import { createOtlpSink } from './otlp-sink.ts';
import { exportSettings } from './settings.ts';
import { sift } from './sift.ts';
import { SinkError } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly { readonly headers: IncomingHttpHeaders; readonly logs: readonly DecodedLog[] }[];
  /** How the next requests are answered; by default as a full success. */
  answer: (logs: readonly DecodedLog[]) => Answer;
}

async function startCollector(): Promise<Collector> {
  const requests: { headers: IncomingHttpHeaders; logs: readonly DecodedLog[] }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const isZipped = request.headers['content-encoding'] === 'gzip';
      const logs = decodeLogs((isZipped ? gunzipSync(body) : body).toString());
      requests.push({ headers: request.headers, logs });
      const { status = 200, headers = {}, body: said = {} } = collector.answer(logs);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`,
    requests,
    answer: () => ({}),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return collector;
}

const nowMs = Date.UTC(2026, 10, 21);

function sinkTo(
  url: string,
  more: Partial<OtlpSettings> = {},
  secret: ResolveSecret = () => Promise.resolve(''),
): Sink {
  const { sinks } = exportSettings.parse({ sinks: { otel: { type: 'otlp', url, ...more } } });
  const settings = sinks['otel']!;
  assert.ok(settings.type === 'otlp');
  return createOtlpSink('otel', settings, { secret, fetch, clock: { now: () => nowMs }, context: exportContext });
}

const batch = (count: number): ExportedRecord[] =>
  Array.from({ length: count }, (_, index) => exportRecord({ action: 'tools/call', index }));
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const idOf = ({ attributes }: DecodedLog): unknown => attributes['log.record.uid'];

async function failure(sending: Promise<void>): Promise<SinkError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SinkError, String(error));
  return error;
}

test('every kind of record, with every result and by everybody, is a log record of OTLP', () => {
  const all = [...everyRecord()];
  const logs = decodeLogs(JSON.stringify(logsRequest(all, exportContext)));
  assert.equal(logs.length, all.length);
  for (const [at, log] of logs.entries()) {
    assert.equal(idOf(log), all[at]!.eventId);
    assert.equal(log.timeUnixNano, BigInt(all[at]!.timestamp) * 1_000_000n);
    assert.equal(log.attributes['genkan.action'], all[at]!.action);
    assert.equal(log.eventName, 'genkan.audit');
  }
});

test('a tool call bears the names of the conventions for MCP, and its trace', async () => {
  await using collector = await startCollector();
  const record = exportRecord({
    action: 'tools/call',
    actor: { name: 'dana@example.com', kind: 'user' },
    durationMs: 12.5,
    bytesIn: 120,
    details: { toolError: true, nothing: null, deep: [[1, 2.5], { yes: false }] },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
  });
  await sinkTo(collector.url).send([record], soon());
  const [log] = collector.requests[0]!.logs;
  assert.partialDeepStrictEqual(log, {
    severityNumber: 13,
    severityText: 'Low',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    scope: { name: 'genkan.audit', version: '1.2.3' },
    resource: {
      'service.name': 'genkan',
      'service.version': '1.2.3',
      'service.instance.id': 'genkan.example/audit',
      'host.name': 'gate-1',
    },
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'vm_delete',
      'error.type': 'tool_error',
      'user.name': 'dana@example.com',
      'client.address': '203.0.113.7',
      'genkan.duration_ms': 12.5,
      'genkan.bytes_in': 120n,
      'genkan.details': { toolError: true, nothing: null, deep: [[1n, 2.5], { yes: false }] },
    },
  });
});

test('what is no id of a trace, and what nests without end, still makes a record that can be read', () => {
  let deep: unknown = 'ground';
  for (let depth = 0; depth < 3000; depth++) deep = [deep];
  const record = exportRecord({ action: 'x', traceId: '0'.repeat(32), spanId: 'nonsense', details: { deep, '': 1 } });
  const [log] = decodeLogs(JSON.stringify(logsRequest([record], exportContext)));
  assert.equal(log!.traceId, '');
  assert.equal(log!.spanId, '');
});

test('requests are compressed JSON with the headers that the receiver asks for, which are secrets', async () => {
  await using collector = await startCollector();
  const headers = { authorization: { source: 'env', name: 'OTEL_TOKEN' } } as const;
  await sinkTo(collector.url, { headers }, () => Promise.resolve('Bearer s3cret')).send(batch(3), soon());
  await sinkTo(collector.url, { gzip: false }).send(batch(1), soon());
  const [first, second] = collector.requests;
  assert.equal(first!.headers['content-type'], 'application/json');
  assert.equal(first!.headers['content-encoding'], 'gzip');
  assert.equal(first!.headers['authorization'], 'Bearer s3cret');
  assert.deepEqual(
    first!.logs.map(idOf),
    batch(3).map(({ eventId }) => eventId),
  );
  assert.equal(second!.headers['content-encoding'], undefined);
  const broken = sinkTo(collector.url, { headers }, () => Promise.resolve('s3cret\r\nx: y'));
  const error = await failure(broken.send(batch(1), soon()));
  assert.equal(error.message, 'what stands for the authorization header can stand in none');
});

test('429, 502, 503 and 504 are tried again, as late as the receiver says; what it cannot read is not', async () => {
  await using collector = await startCollector();
  const sink = sinkTo(collector.url);
  for (const status of [429, 502, 503, 504]) {
    collector.answer = () => ({ status, headers: { 'retry-after': '7' }, body: { code: 14, message: 'too much' } });
    const error = await failure(sink.send(batch(1), soon()));
    assert.deepEqual([error.retryable, error.retryAfterMs], [true, 7000]);
    assert.equal(error.message, `it answered ${status}: too much`);
  }
  collector.answer = () => ({ status: 400, body: { code: 3, message: 'bad data' } });
  const bad = await failure(sink.send(batch(1), soon()));
  assert.deepEqual([bad.retryable, bad.message], [false, 'it answered 400: bad data']);
  // An expired token is no reason to give records up: they wait until somebody has put it right.
  collector.answer = () => ({ status: 401 });
  assert.equal((await failure(sink.send(batch(1), soon()))).retryable, true);
});

test('records that the receiver rejects are found out, and all others are delivered', async () => {
  await using collector = await startCollector();
  const taken = new Set<unknown>();
  const poison = batch(40)[23]!.eventId;
  collector.answer = (logs) => {
    for (const log of logs) if (idOf(log) !== poison) taken.add(idOf(log));
    const isRejected = logs.some((log) => idOf(log) === poison);
    // 64-bit numbers may come as texts or as numbers.
    return isRejected ? { body: { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'no such thing' } } } : {};
  };
  const sink = sinkTo(collector.url);
  const { settled, refused } = await sift(batch(40), (part, signal) => sink.send(part, signal), soon());
  assert.equal(settled, 40);
  assert.deepEqual(
    refused.map(({ record, reason }) => [record.eventId, reason]),
    [[poison, 'it rejected 1 records: no such thing']],
  );
  assert.equal(taken.size, 39);
});

test('a warning is no rejection, an empty answer is a success, and a page to sign in at is neither', async () => {
  await using collector = await startCollector();
  const sink = sinkTo(collector.url);
  collector.answer = () => ({ body: { partialSuccess: { rejectedLogRecords: 0, errorMessage: 'old names' } } });
  await sink.send(batch(1), soon());
  collector.answer = () => ({ body: '' });
  await sink.send(batch(1), soon());
  collector.answer = () => ({ headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' });
  const error = await failure(sink.send(batch(1), soon()));
  assert.deepEqual([error.retryable, error.message], [true, 'it answered with something else than OTLP']);
});

test('it posts to protected addresses, or to this machine', () => {
  const parse = (url: string): boolean => exportSettings.safeParse({ sinks: { otel: { type: 'otlp', url } } }).success;
  assert.equal(parse('https://collector.example.com:4318/v1/logs'), true);
  assert.equal(parse('http://127.0.0.1:4318/v1/logs'), true);
  assert.equal(parse('http://collector.example.com:4318/v1/logs'), false);
  const headers = { 'content-type': { source: 'env', name: 'X' } };
  assert.equal(
    exportSettings.safeParse({ sinks: { otel: { type: 'otlp', url: 'https://c/', headers } } }).success,
    false,
  );
});

test('an answer that stalls, breaks off or goes on for too long is no acknowledgement', async () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    stalls: (response) => response.flushHeaders(),
    breaks: (response) => {
      response.write(' ');
      setImmediate(() => response.socket?.destroy());
    },
    'is too long': (response) =>
      void response.end(`${' '.repeat(1_100_000)}{"partialSuccess":{"rejectedLogRecords":"5"}}`),
    'is longer than that and says nothing': (response) => void response.end(' '.repeat(1_100_000)),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const server = createServer((request, response) => {
      request.resume().on('end', () => answer(response.writeHead(200, { 'content-type': 'application/json' })));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sink = sinkTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`);
    try {
      const { retryable } = await failure(sink.send(batch(2), AbortSignal.timeout(name === 'stalls' ? 500 : 10_000)));
      assert.equal(retryable, true, `that ${name}`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
});
