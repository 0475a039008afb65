// What /metrics of a whole Genkan says after a short journey, and that the dashboard, the alert rules and the page speak of nothing else.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import { metricsPage, metricsPageFile } from './support/metrics-page.ts';
import { parseMetrics } from './support/openmetrics-parser.ts';
import type { Family } from './support/openmetrics-parser.ts';
import { askedIn } from './support/promql-names.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const deployed = path.join(import.meta.dirname, '../deploy/grafana');

let upstream: HttpUpstream;
let house: TestHouse;

async function read(format: 'prometheus' | 'openmetrics'): Promise<ReadonlyMap<string, Family>> {
  const accept = format === 'openmetrics' ? 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' : '*/*';
  const { headers, body } = await post(`${house.url}/metrics`, '', { method: 'GET', headers: { accept } });
  assert.equal(
    headers['content-type']?.startsWith('application/openmetrics-text; version=1.0.0'),
    format === 'openmetrics',
  );
  return parseMetrics(body, format);
}

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  house = await openTestHouse({
    access: makersUse('http'),
    servers: { http: { url: upstream.url } },
    telemetry: { otlp: { url: 'http://127.0.0.1:9', metrics: { intervalSeconds: 3600 } } }, // nobody listens there
    record: {
      export: { sinks: { files: { type: 'file', folder: 'exported' } } },
      witnesses: { file: { type: 'file', path: 'checkpoints' } },
    },
  });
  const url = `${house.url}/mcp/http`;
  const token = await house.token('dana', 'http');
  await openLegacySession(url, token);
  for (const name of ['read', 'nothing']) {
    const { body, headers } = modern('tools/call', { name, arguments: {} });
    await post(url, body, { token, headers: { ...headers, traceparent } });
  }
  const stranger = await house.token('omar', 'http');
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  await post(url, body, { token: stranger, headers });
});
after(async () => {
  await upstream[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

test('a call is counted by method, server, tool and outcome, and its trace is shown beside', async () => {
  const families = await read('openmetrics');
  const { samples } = families.get('mcp_server_operation_duration_seconds')!;
  const counts = samples.filter(
    ({ name, labels }) => name.endsWith('_count') && labels['mcp_method_name'] === 'tools/call',
  );
  const seen = counts.map(({ labels: { gen_ai_tool_name: tool, genkan_result: result, error_type: error }, value }) => [
    tool,
    result,
    error,
    value,
  ]);
  assert.deepEqual(
    seen.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)).map(([tool, result, , value]) => [tool, result, value]),
    [
      ['', 'denied', 1],
      ['', 'denied', 1],
      ['read', 'allowed', 1],
    ].toSorted(),
  );
  const ofCall = samples.filter(
    ({ labels, exemplar }) => labels['gen_ai_tool_name'] === 'read' && exemplar !== undefined,
  );
  assert.deepEqual(
    ofCall.map(({ exemplar }) => exemplar!.labels),
    [{ trace_id: traceId }],
  );
  const record = await house.house.audit.list({ limit: 10, action: 'tools/call' });
  assert.ok(
    record.some((entry) => entry.traceId === traceId),
    'with it the record of the call is found',
  );
});

test('the time of a call is told apart: decision, inspection, server, record', async () => {
  const families = await read('prometheus');
  for (const name of [
    'genkan_decision_duration_seconds',
    'genkan_inspection_duration_seconds',
    'mcp_client_operation_duration_seconds',
    'genkan_audit_append_duration_seconds',
    'genkan_request_duration_seconds',
  ]) {
    const counted = families.get(name)!.samples.filter((sample) => sample.name.endsWith('_count'));
    assert.ok(
      counted.some(({ value }) => value > 0),
      name,
    );
  }
  const of = (name: string): number => families.get(name)!.samples[0]!.value;
  assert.ok(of('process_resident_memory_bytes') > 1e7 && of('process_cpu_seconds_total') > 0);
  assert.ok(of('nodejs_eventloop_utilization_ratio') > 0);
  assert.equal(of('genkan_audit_unavailable'), 0);
});

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

const dashboard = JSON.parse(readFileSync(path.join(deployed, 'genkan.dashboard.json'), 'utf8')) as Dashboard;
const rules = (parse(readFileSync(path.join(deployed, 'genkan.rules.yaml'), 'utf8')) as Rules).groups.flatMap(
  (group) => group.rules,
);
/** What whoever scrapes adds. */
const scraped = ['job', 'instance'];

test('every metric and label that the dashboard and the alert rules name exists', async () => {
  const families = new Map(house.house.metrics.families().map((family) => [family.name, family]));
  const served = await read('prometheus');
  const expressions = [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.flatMap(({ definition }) =>
      definition === undefined ? [] : [definition.replace(/^label_values\((.*), [a-z]+\)$/, '$1')],
    ),
    ...rules.map(({ expr }) => expr),
  ];
  assert.ok(expressions.length > 40);
  for (const expression of expressions) {
    const asked = askedIn(expression);
    assert.ok(asked.length > 0, expression);
    for (const { metric, labels } of asked) {
      const name = families.has(metric) ? metric : metric.replace(/_(?:bucket|sum|count)$/, '');
      const family = families.get(name);
      assert.ok(family !== undefined && served.has(name), `${metric} in ${expression}`);
      assert.equal(family.type === 'histogram', name !== metric, expression);
      const known = new Set([...family.labelNames, ...scraped, ...(family.type === 'histogram' ? ['le'] : [])]);
      for (const label of labels) assert.ok(known.has(label), `${label} of ${metric} in ${expression}`);
    }
  }
});

test('there is an alert for what is dropped or stands without anybody else noticing, whose counts begin at zero', async () => {
  const served = await read('prometheus');
  const watched = {
    genkan_telemetry_dropped_total: [
      'metrics refused',
      'metrics rejected',
      'traces queue full',
      'traces refused',
      'traces rejected',
    ],
    genkan_audit_derivation_failures_total: ['figures', 'lists'],
  };
  for (const [metric, series] of Object.entries(watched)) {
    const rule = rules.find(({ expr }) => askedIn(expr).some((asked) => asked.metric === metric));
    assert.match(rule?.expr ?? '', /\bincrease\(/, `an alert on ${metric}`);
    const { samples } = served.get(metric)!;
    assert.ok(samples.every(({ value }) => value === 0));
    assert.deepEqual(samples.map(({ labels }) => Object.values(labels).join(' ')).sort(), series);
  }
});

test('labels in what alerts say are left over by their expressions', () => {
  for (const { alert, expr, annotations } of rules) {
    const kept = askedIn(expr).flatMap(({ labels }) => labels);
    for (const [, label] of Object.values(annotations)
      .join(' ')
      .matchAll(/\$labels\.([a-z_]+)/g))
      assert.ok(kept.includes(label!) || !/ by /.test(expr), `${label} in ${alert}`);
  }
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});

test('the page tells of every metric that there is', async () => {
  const page = readFileSync(metricsPageFile, 'utf8');
  const made = await metricsPage(page, house.house.metrics.families());
  if (process.env['GENKAN_WRITE_PAGES'] === '1') writeFileSync(metricsPageFile, made);
  else assert.equal(page, made, 'run: GENKAN_WRITE_PAGES=1 node --test test/metrics.test.ts');
});
