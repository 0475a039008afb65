// Telemetry against a collector that reads it as its definitions say, and answers as the specification of OTLP lets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredCall } from '../../../test/support/answered-call.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { startOtlpCollector } from '../../../test/support/otlp-collector.ts';
import { decodeTraces } from '../../../test/support/otlp-traces-decoder.ts';
import type { OtlpCollector } from '../../../test/support/otlp-collector.ts';
import { isRefusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { createMetrics } from '../metrics.ts';
import type { Metrics } from '../metrics.ts';
import { nanoseconds } from './envelope.ts';
import { tracesRequest } from './otlp-traces.ts';
import type { Call } from './otlp-traces.ts';
import { telemetrySettings } from './settings.ts';
import { createTelemetry } from './telemetry.ts';
import type { Telemetry } from './telemetry.ts';

const secret = 'a-secret-of-the-collector';
const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

interface Bench {
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  /** What was said to operators. */
  readonly told: string[];
  /** How long each pause was to be. */
  readonly pauses: number[];
  /** Ends the pause under way, or the next one. */
  goOn(): void;
  /** Resolves once it pauses for the so-manieth time. */
  paused(count: number): Promise<void>;
  counted(name: string, labels?: string): number;
}

/** Pauses last until the test says so. */
function bench(url: string, more: Record<string, unknown> = {}, given: Partial<Record<'nowMs', number>> = {}): Bench {
  const settings = telemetrySettings.parse({
    otlp: { url, headers: { authorization: { source: 'env', name: 'KEY' } }, metrics: { enabled: false }, ...more },
  }).otlp!;
  const metrics = createMetrics();
  const told: string[] = [];
  const pauses: number[] = [];
  const say = (details: object, text: string): void => void told.push(`${text} ${JSON.stringify(details)}`);
  let due: (() => void)[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let ahead = 0;
  const telemetry = createTelemetry(settings, {
    clock: { now: () => given.nowMs ?? Date.now() },
    log: { warn: say, error: say } as unknown as Log,
    metrics,
    resource: { 'service.name': 'genkan', 'service.instance.id': 'a' },
    secret: () => Promise.resolve(secret),
    fetch,
    random: () => 1,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push(ms);
        for (const { count, resolve } of waiting) if (pauses.length >= count) resolve();
        waiting = waiting.filter(({ count }) => pauses.length < count);
        if (signal.aborted || ahead > 0) {
          ahead = Math.max(0, ahead - 1);
          return resolve();
        }
        due.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  });
  return {
    telemetry,
    metrics,
    told,
    pauses,
    goOn() {
      if (due.length === 0) ahead += 1;
      for (const resolve of due) resolve();
      due = [];
    },
    paused: (count) =>
      new Promise((resolve) => (pauses.length >= count ? resolve() : void waiting.push({ count, resolve }))),
    counted(name, labels = '') {
      const found = metrics
        .render()
        .split('\n')
        .find((line) => line.startsWith(`${name}${labels} `));
      return found === undefined ? 0 : Number(found.split(' ').at(-1));
    },
  };
}

/** A port at which nobody listens. */
const idsOf = (collector: OtlpCollector): unknown[] =>
  collector.spans().map(({ attributes }) => attributes['genkan.correlation_id']);

test('while the collector is away spans wait, up to the bound; once it is back they arrive, and operators hear of both once', async () => {
  const port = await freePort();
  const { telemetry, told, pauses, goOn, paused, counted } = bench(`http://127.0.0.1:${port}`, {
    traces: { maxQueue: 3 },
  });
  telemetry.attend();
  await paused(1);
  for (let number = 0; number < 5; number += 1)
    telemetry.add(answeredCall(number, number === 4 ? { beyond: beyondOf(4) } : {}));
  // The third filled the queue, so that nobody waits for more.
  await paused(2);
  goOn();
  await paused(3);
  assert.equal(counted('genkan_telemetry_queue'), 3);
  assert.equal(counted('genkan_telemetry_dropped_total', '{signal="traces",reason="queue full"}'), 3, 'two requests');
  assert.deepEqual(pauses.slice(1), [1000, 2000], 'longer and longer');
  assert.equal(counted('genkan_telemetry_failures_total', '{signal="traces"}'), 2);

  await using collector = await startOtlpCollector(port);
  goOn();
  await collector.until(() => collector.spans().length === 3);
  assert.deepEqual(idsOf(collector), ['call-0', 'call-1', 'call-2']);
  await paused(4);
  assert.equal(counted('genkan_telemetry_queue'), 0);
  assert.equal(counted('genkan_telemetry_sent_total', '{signal="traces"}'), 3);
  await telemetry.close();
  assert.equal(told.length, 2, told.join('\n'));
  assert.match(told[0]!, /^the collector takes no telemetry .*ECONNREFUSED/);
  assert.match(told[1]!, /^the collector takes telemetry again/);
});

const beyondOf = (number: number): NonNullable<Call['beyond']> => ({
  spanId: hex(number + 0x1000, 16),
  atMs: 1_700_000_000_050,
  seconds: 0.1,
  error: undefined,
  code: undefined,
  place: undefined,
});

test('429, 502, 503 and 504 are tried again, after as long as Retry-After says', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, pauses, goOn, paused } = bench(collector.url);
  const answers = [
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 502 },
    { status: 503, headers: { 'retry-after': '120' } },
    { status: 504 },
    { status: 503, headers: { 'retry-after': '0' } },
  ];
  collector.answer = () => answers.shift() ?? {};
  telemetry.attend();
  await paused(1);
  telemetry.add(answeredCall(0));
  for (let count = 2; count <= 6; count += 1) {
    goOn();
    await paused(count);
  }
  goOn();
  await collector.until(() => collector.spans().length === 1);
  assert.deepEqual(pauses.slice(1, 6), [7000, 2000, 120_000, 8000, 500]);
  assert.equal(new Set(collector.requests.map(({ text }) => text)).size, 1, 'the same request');
  await telemetry.close();
});

test('what the collector refuses otherwise is not sent again: it is counted, and what follows goes on', async () => {
  for (const status of [307, 400, 401, 404, 413, 500]) {
    await using collector = await startOtlpCollector();
    const { telemetry, told, goOn, paused, counted } = bench(collector.url);
    const headers = { location: 'http://127.0.0.1:9/' };
    collector.answer = () => ({ status, headers, body: { message: 'not like this' } });
    telemetry.attend();
    await paused(1);
    telemetry.add(answeredCall(0, { beyond: beyondOf(0) }));
    goOn();
    await paused(2);
    assert.equal(counted('genkan_telemetry_dropped_total', '{signal="traces",reason="refused"}'), 2, String(status));
    assert.match(told[0]!, /it answered \d+.*not like this/);
    collector.answer = () => ({});
    telemetry.add(answeredCall(1));
    goOn();
    await collector.until(() => collector.spans().length === 1);
    assert.deepEqual(idsOf(collector), ['call-1']);
    assert.equal(collector.requests.length, 2);
    await telemetry.close();
  }
});

test('a partial success is counted and not sent again, and a warning is none', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, told, goOn, paused, counted } = bench(collector.url);
  collector.answer = () => ({ body: { partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } } });
  telemetry.attend();
  await paused(1);
  for (const number of [0, 1, 2]) telemetry.add(answeredCall(number));
  goOn();
  await paused(2);
  collector.answer = () => ({ body: { partialSuccess: { rejectedSpans: 0, errorMessage: 'old names' } } });
  telemetry.add(answeredCall(3));
  goOn();
  await paused(3);
  assert.equal(collector.requests.length, 2);
  assert.equal(counted('genkan_telemetry_dropped_total', '{signal="traces",reason="rejected"}'), 2);
  assert.equal(counted('genkan_telemetry_sent_total', '{signal="traces"}'), 2);
  assert.deepEqual(told, [
    'the collector rejects a part of the telemetry {"signal":"traces","rejected":2,"reason":"too old"}',
  ]);
  await telemetry.close();
});

test('under load messages are full: what comes while one is on its way waits for others', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, paused } = bench(collector.url);
  let number = 0;
  collector.answer = () => {
    telemetry.add(answeredCall(number++));
    return {};
  };
  telemetry.attend();
  await paused(1);
  while (number < 129) telemetry.add(answeredCall(number++));
  await paused(2);
  assert.deepEqual(
    collector.requests.map(({ spans }) => spans.length),
    [128],
  );
  await telemetry.close();
});

test('a secret that the collector repeats is not told on', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, told, goOn, paused } = bench(collector.url);
  collector.answer = () => ({ status: 401, body: { message: `unknown: ${secret}` } });
  telemetry.attend();
  await paused(1);
  telemetry.add(answeredCall(0));
  goOn();
  await paused(2);
  collector.answer = () => ({ body: { partialSuccess: { rejectedSpans: 1, errorMessage: `not by ${secret}` } } });
  telemetry.add(answeredCall(1));
  goOn();
  await paused(3);
  await telemetry.close();
  assert.match(told.join(' '), /unknown: ….*not by …/);
  assert.ok(!told.join(' ').includes(secret));
});

test('many spans go in several messages, and what waits when Genkan ends is sent', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, paused } = bench(collector.url);
  telemetry.attend();
  await paused(1);
  for (let number = 0; number < 300; number += 1) telemetry.add(answeredCall(number));
  await telemetry.close();
  assert.equal(collector.spans().length, 300);
  assert.deepEqual(
    collector.requests.map(({ spans }) => spans.length),
    [128, 128, 44],
  );
  assert.equal(collector.requests[0]!.path, '/v1/traces');
  assert.equal(collector.requests[0]!.headers['authorization'], secret);
});

test('a collector that is silent keeps Genkan from ending for no longer than its time, and what is lost is said', async () => {
  await using collector = await startOtlpCollector();
  collector.answer = () => new Promise(() => undefined);
  const { telemetry, told, counted } = bench(collector.url, { timeoutSeconds: 1 });
  telemetry.attend();
  telemetry.add(answeredCall(0));
  const beganMs = performance.now();
  await telemetry.close();
  assert.ok(performance.now() - beganMs < 10_000);
  assert.match(told.at(-1)!, /^spans were not sent \{"requests":1\}/);
  assert.equal(counted('genkan_telemetry_dropped_total', '{signal="traces",reason="ended"}'), 1);
});

test('what is not served sends nothing when it ends', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry } = bench(collector.url);
  await telemetry.close();
  assert.equal(collector.requests.length, 0);
});

test('metrics are read anew for each attempt, in messages of a bounded size', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry, metrics, pauses, goOn, paused } = bench(collector.url, {
    metrics: { intervalSeconds: 90 },
    traces: { enabled: false },
    resource: {},
  });
  const calls = metrics.counter('genkan_calls_total', 'Calls.', ['tool']);
  for (let number = 0; number < 1200; number += 1) calls.with(`tool-${number}`).add();
  const seconds = metrics.histogram(
    'mcp_server_operation_duration_seconds',
    'Time.',
    [0.5, 1],
    ['mcp_method_name', 'error_type'],
  );
  seconds.with('tools/call', '').observe(0.25, { traceId: hex(1, 32), spanId: hex(2, 16) });
  collector.answer = () => ({ status: 503 });
  telemetry.attend();
  await paused(1);
  goOn();
  await paused(2);
  assert.deepEqual(pauses, [90_000, 1000], 'the interval, then a pause before it is tried again');
  calls.with('tool-0').add();
  collector.answer = () => ({});
  goOn();
  await paused(3);
  const taken = collector.requests.slice(1);
  for (const request of taken)
    assert.ok(request.metrics.reduce((count, { points }) => count + points.length, 0) <= 250);
  const all = taken.flatMap((request) => request.metrics);
  const counted = all.filter(({ name }) => name === 'genkan_calls_total').flatMap(({ points }) => points);
  assert.equal(counted.length, 1001, 'the last of which is "other"');
  assert.equal(counted.find(({ attributes }) => attributes['tool'] === 'tool-0')!.value, 2);
  const [duration] = all.filter(({ name }) => name === 'mcp.server.operation.duration');
  assert.deepEqual([duration!.unit, duration!.type], ['s', 'histogram']);
  const [point] = duration!.points;
  assert.deepEqual({ ...point!.attributes }, { 'mcp.method.name': 'tools/call' }, 'no attribute without a value');
  assert.deepEqual(point!.histogram, {
    count: 1,
    sum: 0.25,
    bucketCounts: [1, 0, 0],
    explicitBounds: [0.5, 1],
    exemplars: [{ traceId: hex(1, 32), spanId: hex(2, 16), value: 0.25 }],
  });
  await telemetry.close();
});

test('a test says what each signal was answered, or why the collector does not take it', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry } = bench(collector.url, { metrics: {} });
  const tested = await telemetry.test();
  assert.ok(!isRefusal(tested));
  assert.deepEqual(
    tested.signals.map(({ signal, sent, rejected }) => [signal, sent, rejected]),
    [
      ['traces', 1, 0],
      ['metrics', 0, 0],
    ],
  );
  const [span] = collector.spans();
  assert.deepEqual([span!.name, span!.traceId], ['genkan.telemetry.test', tested.traceId]);
  collector.answer = ({ path }) => (path === '/v1/traces' ? {} : { status: 401, body: { message: 'who are you' } });
  const refused = await telemetry.test();
  assert.ok(isRefusal(refused));
  assert.deepEqual(
    [refused.code, refused.params],
    ['telemetry_not_delivered', { signal: 'metrics', reason: 'it answered 401: who are you' }],
  );
});

test('it is sent to protected addresses, or to this machine, below the address of the collector or where the settings say', async () => {
  const accepts = (otlp: object): boolean => telemetrySettings.safeParse({ otlp }).success;
  assert.equal(accepts({ url: 'https://collector.example.com:4318' }), true);
  assert.equal(accepts({ url: 'http://collector.example.com:4318' }), false);
  assert.equal(accepts({ url: 'https://user:password@collector.example.com' }), false);
  assert.equal(accepts({ url: 'https://c.example', traces: { url: 'http://c.example/v1/traces' } }), false);
  assert.equal(accepts({ url: 'https://c.example', headers: { authorization: 'Bearer of-a-secret' } }), false);
  assert.equal(accepts({ url: 'https://c.example', headers: { host: { source: 'env', name: 'X' } } }), false);
  assert.equal(accepts({ url: 'https://c.example', resource: { 'service.instance.id': 'x' } }), false);
  assert.equal(accepts({ url: 'https://c.example', resource: { 'deployment.environment.name': 'x' } }), true);

  await using collector = await startOtlpCollector();
  const under = bench(`${collector.url}/otlp/`, { metrics: { url: `${collector.url}/elsewhere/metrics` } });
  await under.telemetry.test();
  assert.deepEqual(
    collector.requests.map(({ path }) => path),
    ['/otlp/v1/traces', '/elsewhere/metrics'],
  );
});

test('who called is said only where it is to be', () => {
  const spans = (one: Call) => decodeTraces(JSON.stringify(tracesRequest([one], {})));
  const [silent] = spans(answeredCall(0));
  assert.ok(!('user.id' in silent!.attributes) && !('client.address' in silent!.attributes));
  const [telling] = spans(answeredCall(0, { caller: { person: 'oid@tid', address: '192.0.2.7' } }));
  assert.equal(telling!.attributes['user.id'], 'oid@tid');
  assert.equal(telling!.attributes['client.address'], '192.0.2.7');
});

test('what a client may choose is bounded where spans tell of it', () => {
  const spans = (one: Call) => decodeTraces(JSON.stringify(tracesRequest([one], {})));
  const chosen = { method: 'prompts/get', tool: undefined, prompt: 'p'.repeat(5000), id: 'a b\n"' };
  const [refused] = spans(answeredCall(0, { ...chosen, error: 'access_denied' }));
  assert.equal(refused!.name, 'prompts/get');
  assert.ok(!('gen_ai.prompt.name' in refused!.attributes), 'it may be any text at all');
  const [answered] = spans(answeredCall(0, chosen));
  assert.equal(String(answered!.attributes['gen_ai.prompt.name']).length, 128);
  assert.ok(!('jsonrpc.request.id' in refused!.attributes));
  assert.equal(spans(answeredCall(0, { id: 'request-7' }))[0]!.attributes['jsonrpc.request.id'], 'request-7');
});

test('moments keep what is finer than a millisecond', () => {
  assert.equal(nanoseconds(1_700_000_000_000), '1700000000000000000');
  assert.equal(nanoseconds(1_700_000_000_000.5), '1700000000000500000');
});
