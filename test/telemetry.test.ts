// Metrics and traces of a whole Genkan at a collector: a client with a trace of its own, Genkan between, servers behind it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { echoingChild } from './support/echoing-child.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { parseMetrics } from './support/openmetrics-parser.ts';
import { startOtlpCollector } from './support/otlp-collector.ts';
import type { OtlpCollector } from './support/otlp-collector.ts';
import type { DecodedPoint } from './support/otlp-metrics-decoder.ts';
import type { DecodedSpan } from './support/otlp-traces-decoder.ts';

const clientSpan = '00f067aa0ba902b7';
const authorization = 'Bearer of-the-collector-alone';
const planted = {
  argument: 'planted-in-the-arguments',
  result: 'planted-in-the-result',
  error: 'planted-in-the-error',
  uri: 'file:///planted-in-a-uri',
};

let collector: OtlpCollector;
let upstream: HttpUpstream;
let house: TestHouse;
/** What /metrics said before Genkan ended. */
let page: string;
const tokens: string[] = [];
const sessions: string[] = [];
let trace = 0;

/** A trace of a client, in which nothing else is. */
const ofClient = (sampled = true) => {
  const traceId = (++trace).toString(16).padStart(32, 'c');
  return { traceId, traceparent: `00-${traceId}-${clientSpan}-${sampled ? '01' : '00'}` };
};

async function token(person: 'dana' | 'omar', server: string): Promise<string> {
  const made = await house.token(person, server);
  tokens.push(made);
  return made;
}

async function call(server: string, name: string, headers: Record<string, string>, person: 'dana' | 'omar' = 'dana') {
  const asked = modern('tools/call', { name, arguments: { text: planted.argument } }, 7);
  const given = { token: await token(person, server), headers: { ...asked.headers, ...headers } };
  return post(`${house.url}/mcp/${server}`, asked.body, given);
}

const lastAt = () => upstream.seen.findLast(({ message }) => message.method === 'tools/call')!;
const recordOf = async (traceId: string) =>
  (await house.house.audit.list({ limit: 50 })).find((entry) => entry.traceId === traceId)!;

const seen: Record<string, { readonly traceId: string; readonly parent?: string; readonly spanId?: string }> = {};

before(async () => {
  process.env['GENKAN_TEST_COLLECTOR'] = authorization;
  collector = await startOtlpCollector();
  upstream = await startHttpUpstream(
    mcpByHand({
      tools: [readTool, { ...readTool, name: 'fail' }, { ...readTool, name: 'break' }],
      resources: [{ uri: planted.uri, name: 'planted' }],
      handle({ message }, response) {
        const { method, params, id } = message;
        if (method !== 'tools/call' || params!['name'] === 'read') return false;
        const error = { code: -32000, message: planted.error };
        const content = [{ type: 'text', text: planted.result }];
        const outcome = params!['name'] === 'break' ? { error } : { result: { content, isError: true } };
        answerJson(response, { jsonrpc: '2.0', id, ...outcome });
        return true;
      },
    }),
  );
  house = await openTestHouse({
    access: {
      assignments: [
        ...['http', 'child'].map((server) => ({
          principal: { group: 'makers' },
          role: 'MCP User',
          scope: `/servers/${server}`,
        })),
        { principal: { group: 'security-team-group-id' }, role: 'Genkan Operator', scope: '/' },
      ],
    },
    servers: { http: { url: upstream.url }, child: { command: [process.execPath, '-e', echoingChild] } },
    telemetry: {
      sampledShare: 1,
      otlp: {
        url: collector.url,
        headers: { authorization: { source: 'env', name: 'GENKAN_TEST_COLLECTOR' } },
        resource: { 'deployment.environment.name': 'test', 'service.name': 'front-door' },
        metrics: { intervalSeconds: 1 },
      },
    },
  });

  const allowed = ofClient();
  await call('http', 'read', { traceparent: allowed.traceparent, tracestate: 'rojo=1' });
  seen['allowed'] = {
    traceId: allowed.traceId,
    parent: String(lastAt().headers['traceparent']).split('-')[2]!,
    spanId: (await recordOf(allowed.traceId)).spanId!,
  };

  const unsampled = ofClient(false);
  await call('http', 'read', { traceparent: unsampled.traceparent });
  seen['unsampled'] = {
    traceId: unsampled.traceId,
    parent: String(lastAt().headers['traceparent']).split('-')[2]!,
    spanId: (await recordOf(unsampled.traceId)).spanId!,
  };

  await call('http', 'read', {});
  const [, begun, parent] = String(lastAt().headers['traceparent']).split('-');
  seen['begun'] = { traceId: begun!, parent: parent! };

  for (const name of ['fail', 'break', 'nothing']) {
    const { traceId, traceparent } = ofClient();
    await call('http', name, { traceparent });
    seen[name] = { traceId };
  }
  const denied = ofClient();
  await call('http', 'read', { traceparent: denied.traceparent }, 'omar');
  seen['denied'] = { traceId: denied.traceId };

  const inMessage = ofClient();
  const asked = modern('tools/call', { name: 'read', arguments: {} });
  Object.assign((asked.body as { params: { _meta: object } }).params._meta, { traceparent: inMessage.traceparent });
  const { headers } = asked;
  await post(`${house.url}/mcp/http`, asked.body, { token: await token('dana', 'http'), headers });
  const { _meta: meta } = lastAt().message.params as { _meta: { traceparent: string } };
  assert.equal(meta.traceparent, lastAt().headers['traceparent']);
  seen['in message'] = { traceId: inMessage.traceId, parent: meta.traceparent.split('-')[2]! };

  const piped = ofClient();
  const { message } = await call('child', 'read', { traceparent: piped.traceparent });
  const [{ text }] = message.result!['content'] as [{ text: string }];
  seen['piped'] = {
    traceId: piped.traceId,
    parent: (JSON.parse(text) as { _meta: { traceparent: string } })._meta.traceparent.split('-')[2]!,
  };

  const own = await token('dana', 'http');
  const session = await openLegacySession(`${house.url}/mcp/http`, own);
  sessions.push(session['mcp-session-id']!);
  const read = { jsonrpc: '2.0', id: 3, method: 'resources/read', params: { uri: planted.uri } };
  const inSession = ofClient();
  await post(`${house.url}/mcp/http`, read, {
    token: own,
    headers: { ...session, traceparent: inSession.traceparent },
  });
  seen['resource'] = { traceId: inSession.traceId };

  const discovered = ofClient();
  const discover = modern('server/discover');
  const told = { ...discover.headers, traceparent: discovered.traceparent };
  await post(`${house.url}/mcp/child`, discover.body, { token: await token('dana', 'child'), headers: told });
  seen['discover'] = { traceId: discovered.traceId };

  await collector.until(() => collector.requests.some(({ metrics }) => metrics.length > 0)); // as time passes

  const response = await fetch(`${house.url}/api/telemetry/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await house.apiToken('sena')}`, 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(response.status, 200);
  const tested = (await response.json()) as { traceId: string; signals: { signal: string; sent: number }[] };
  seen['test'] = { traceId: tested.traceId };
  assert.deepEqual(
    tested.signals.map(({ signal, sent }) => [signal, sent > 0]),
    [
      ['traces', true],
      ['metrics', true],
    ],
  );

  const accept = 'application/openmetrics-text;version=1.0.0';
  page = (await post(`${house.url}/metrics`, '', { method: 'GET', headers: { accept } })).body;
  await house[Symbol.asyncDispose]();
});
after(async () => {
  await upstream[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

function spansOf(name: string): { readonly received: DecodedSpan; readonly sent: DecodedSpan | undefined } {
  const spans = collector.spans().filter(({ traceId }) => traceId === seen[name]!.traceId);
  const received = spans.filter(({ kind }) => kind === 'server');
  const sent = spans.filter(({ kind }) => kind === 'client');
  assert.ok(received.length === 1 && sent.length <= 1, `${name}: ${spans.length} spans`);
  return { received: received[0]!, sent: sent[0] };
}

test('a call is a span of its client, and the request to its server one of ours, which the server sees as its parent', () => {
  const { received, sent } = spansOf('allowed');
  assert.equal(received.parentSpanId, clientSpan);
  assert.equal(received.spanId, seen['allowed']!.spanId, 'the record names the span of the call');
  assert.equal(sent!.parentSpanId, received.spanId);
  assert.equal(sent!.spanId, seen['allowed']!.parent, 'the server was told of it');
  assert.ok(received.start <= sent!.start && sent!.end <= received.end, 'one within the other');
  assert.deepEqual([received.name, sent!.name], ['tools/call read', 'tools/call read']);
  assert.deepEqual([received.traceState, sent!.traceState], ['rojo=1', 'rojo=1']);
  assert.deepEqual([received.status, sent!.status], ['unset', 'unset']);
  assert.deepEqual(
    [received.flags, sent!.flags],
    [0x301, 0x101],
    'the parent of one is elsewhere, that of the other here',
  );
});

test('spans bear the names of the conventions, and say who sends them', async () => {
  const { received, sent } = spansOf('allowed');
  const { 'genkan.correlation_id': id, ...attributes } = received.attributes;
  const durations = Object.entries(attributes).filter(([name]) => /^genkan\.[a-z]+\.duration$/.test(name));
  assert.deepEqual(durations.map(([name]) => name).toSorted(), [
    'genkan.examine.duration',
    'genkan.judge.duration',
    'genkan.record.duration',
    'genkan.wait.duration',
  ]);
  for (const [, seconds] of durations) assert.ok(typeof seconds === 'number' && seconds >= 0 && seconds < 60);
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  for (const [name] of durations) delete (attributes as Record<string, unknown>)[name];
  assert.deepEqual(
    { ...attributes },
    {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'read',
      'genkan.server': 'http',
      'genkan.result': 'allowed',
      'jsonrpc.request.id': '7',
      'mcp.protocol.version': '2026-07-28',
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
    },
  );
  const { port } = new URL(upstream.url);
  assert.deepEqual(
    { ...sent!.attributes },
    {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'read',
      'genkan.server': 'http',
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'server.address': '127.0.0.1',
      'server.port': BigInt(port),
    },
  );
  const { resource, scope } = received;
  assert.equal(scope.name, 'genkan');
  assert.deepEqual(
    [resource['service.name'], resource['deployment.environment.name'], resource['service.version']],
    ['front-door', 'test', scope.version],
  );
  assert.match(String(resource['service.instance.id']), /\/audit\//);
});

test('the mark of the client is honoured; where it says nothing, a trace begins here', () => {
  const { traceId, parent, spanId } = seen['unsampled']!;
  assert.ok(!collector.spans().some((span) => span.traceId === traceId));
  assert.equal(parent, spanId, 'the server is told of no span that nobody will see');
  const { received, sent } = spansOf('begun');
  assert.deepEqual([received.parentSpanId, received.flags], ['', 1]);
  assert.equal(sent!.spanId, seen['begun']!.parent);
});

test('a trace in the message goes on in the message', () => {
  const { received, sent } = spansOf('in message');
  assert.equal(received.parentSpanId, clientSpan);
  assert.equal(sent!.spanId, seen['in message']!.parent);
});

test('a server over stdio sees the span of the request to it, too', () => {
  const { received, sent } = spansOf('piped');
  assert.equal(sent!.spanId, seen['piped']!.parent);
  assert.equal(sent!.parentSpanId, received.spanId);
  assert.equal(sent!.attributes['network.transport'], 'pipe');
});

test('what was turned away, or failed, is an error; where no server was asked, there is no span of one', () => {
  for (const name of ['nothing', 'denied']) {
    const { received, sent } = spansOf(name);
    assert.equal(sent, undefined, name);
    assert.equal(received.status, 'error');
    assert.equal(received.attributes['genkan.result'], 'denied');
    assert.match(String(received.attributes['error.type']), /^[a-z]+_[a-z_]+$/);
    assert.match(String(received.attributes['rpc.response.status_code']), /^-\d+$/);
    assert.equal(received.name, 'tools/call', 'a name that nobody has found is not counted by');
  }
  const failed = spansOf('fail');
  for (const { status, attributes } of [failed.received, failed.sent!])
    assert.deepEqual([status, attributes['error.type']], ['error', 'tool_error']);
  const broken = spansOf('break');
  for (const { status, attributes } of [broken.received, broken.sent!])
    assert.deepEqual(
      [status, attributes['error.type'], attributes['rpc.response.status_code']],
      ['error', '-32000', '-32000'],
    );
});

test('what Genkan answers itself is no request to a server', () => {
  const { received, sent } = spansOf('discover');
  assert.deepEqual([received.name, received.status, sent], ['server/discover', 'unset', undefined]);
});

test('a resource is not named: its address may hold what belongs to its reader alone', () => {
  const { received, sent } = spansOf('resource');
  assert.deepEqual([received.name, sent!.name], ['resources/read', 'resources/read']);
});

test('nothing that was said, no secret and nobody is in what is sent', async () => {
  assert.ok(collector.requests.length >= 3);
  const forbidden = [...Object.values(planted), ...tokens, ...sessions, authorization, 'dana', 'omar', 'sena'];
  for (const { text } of collector.requests)
    for (const one of forbidden) assert.ok(!text.includes(one), `${one} was sent`);
  for (const { headers } of collector.requests) assert.equal(headers['authorization'], authorization);
  for (const { attributes } of collector.spans())
    for (const name of ['user.id', 'client.address', 'mcp.session.id', 'mcp.resource.uri'])
      assert.ok(!(name in attributes), name);
});

/** Of these the page and the last message may differ: they go on by themselves, and Genkan ends in between. */
const restless =
  /^(?:process_|nodejs\.|genkan_(?:telemetry_|audit_|sessions|streams|approvals_waiting|pins_waiting|export_))/;

test('the last message has all that /metrics shows', () => {
  const last = collector.requests.filter(({ metrics }) => metrics.length > 0).at(-1)!;
  const families = parseMetrics(page, 'openmetrics');
  const otlp = new Map(last.metrics.map((metric) => [metric.name, metric]));
  const dotted: Record<string, string> = {
    mcp_server_operation_duration_seconds: 'mcp.server.operation.duration',
    mcp_client_operation_duration_seconds: 'mcp.client.operation.duration',
    nodejs_eventloop_delay_p50_seconds: 'nodejs.eventloop.delay.p50',
    nodejs_eventloop_delay_p99_seconds: 'nodejs.eventloop.delay.p99',
    nodejs_eventloop_delay_max_seconds: 'nodejs.eventloop.delay.max',
    nodejs_eventloop_utilization_ratio: 'nodejs.eventloop.utilization',
  };
  const undotted = (name: string): string => name.replaceAll('.', '_');
  const keyOf = (attributes: Readonly<Record<string, unknown>>): string =>
    JSON.stringify(
      Object.entries(attributes)
        .filter(([name, value]) => value !== '' && name !== 'le')
        .map(([name, value]) => [undotted(name), value])
        .toSorted(),
    );
  let compared = 0;
  for (const [name, { type, help, samples }] of families) {
    const called = dotted[name] ?? (type === 'counter' ? `${name}_total` : name);
    const series = new Set(samples.map(({ labels }) => keyOf(labels)));
    const metric = otlp.get(called);
    if (metric === undefined) {
      assert.equal(series.size, 0, `${called} is missing`);
      continue;
    }
    assert.equal(metric.type, { counter: 'sum', gauge: 'gauge', histogram: 'histogram' }[type], called);
    assert.equal(metric.description, help);
    if (restless.test(called)) continue;
    assert.equal(metric.points.length, series.size, called);
    for (const point of metric.points) {
      const mine = samples.filter(({ labels }) => keyOf(labels) === keyOf(point.attributes));
      compared += 1;
      compare(called, point, mine);
    }
  }
  assert.ok(compared > 15, `${compared} series`);
  assert.ok(otlp.has('process_cpu_seconds_total') && otlp.has('nodejs.eventloop.delay.max'));

  const exemplars = otlp
    .get('mcp.server.operation.duration')!
    .points.flatMap(({ histogram }) => histogram!.exemplars)
    .map(({ traceId, spanId }) => `${traceId} ${spanId}`);
  const { received } = spansOf('piped');
  assert.ok(exemplars.includes(`${received.traceId} ${received.spanId}`), 'an exemplar leads to its span');
});

function compare(
  name: string,
  { value, histogram }: DecodedPoint,
  samples: readonly { readonly name: string; readonly value: number }[],
): void {
  if (histogram === undefined)
    return assert.deepEqual(
      [value],
      samples.map((sample) => sample.value),
      name,
    );
  const ofEnd = (end: string): number[] =>
    samples.filter((sample) => sample.name.endsWith(end)).map((one) => one.value);
  let total = 0;
  assert.deepEqual(
    histogram.bucketCounts.map((count) => (total += count)),
    ofEnd('_bucket'),
    name,
  );
  assert.deepEqual([[histogram.count], [histogram.sum]], [ofEnd('_count'), ofEnd('_sum')], name);
}

test('the test is a span by its name, and stands in the record', () => {
  const { received } = spansOf('test');
  assert.equal(received.name, 'genkan.telemetry.test');
});
