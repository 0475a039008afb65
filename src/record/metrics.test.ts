// Tests of the Prometheus text format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

test('renders counters, gauges and histograms as Prometheus reads them', () => {
  const metrics = createMetrics();
  const calls = metrics.counter('genkan_calls_total', 'Calls by server\nand result.', ['server', 'result']);
  const allowed = calls.with('azure', 'allowed');
  allowed.add();
  allowed.add(2);
  calls.with('a"\\\n', 'denied').add();
  const open = metrics.gauge('genkan_open', 'Open channels.').with();
  open.set(5);
  open.add(-1);
  metrics.gaugeOf('genkan_size', 'Records.', () => 42);
  const latency = metrics.histogram('genkan_call_seconds', 'Latency.', [0.1, 1], ['server']).with('azure');
  for (const seconds of [0.05, 0.1, 0.5, 30]) latency.observe(seconds);
  const expected = [
    '# HELP genkan_calls_total Calls by server\\nand result.',
    '# TYPE genkan_calls_total counter',
    'genkan_calls_total{server="azure",result="allowed"} 3',
    'genkan_calls_total{server="a\\"\\\\\\n",result="denied"} 1',
    '# HELP genkan_open Open channels.',
    '# TYPE genkan_open gauge',
    'genkan_open 4',
    '# HELP genkan_size Records.',
    '# TYPE genkan_size gauge',
    'genkan_size 42',
    '# HELP genkan_call_seconds Latency.',
    '# TYPE genkan_call_seconds histogram',
    'genkan_call_seconds_bucket{server="azure",le="0.1"} 2',
    'genkan_call_seconds_bucket{server="azure",le="1"} 3',
    'genkan_call_seconds_bucket{server="azure",le="+Inf"} 4',
    'genkan_call_seconds_sum{server="azure"} 30.65',
    'genkan_call_seconds_count{server="azure"} 4',
  ];
  assert.equal(metrics.render(), `${expected.join('\n')}\n`);
});

test('series without labels exist from the start', () => {
  const metrics = createMetrics();
  metrics.counter('genkan_refusals_total', 'Refusals.');
  assert.match(metrics.render(), /^genkan_refusals_total 0$/m);
});

test('hostile label values cannot make the registry grow without end', () => {
  const metrics = createMetrics();
  const calls = metrics.counter('genkan_calls_total', 'Calls.', ['tool']);
  for (let index = 0; index < 5000; index += 1) calls.with(`tool-${index}`).add();
  const lines = metrics.render().split('\n');
  assert.ok(lines.length < 1010);
  assert.ok(lines.includes('genkan_calls_total{tool="other"} 4000'));
});

test('a name that is malformed or taken is a programming error', () => {
  const metrics = createMetrics();
  metrics.counter('genkan_calls_total', 'Calls.', ['tool']);
  assert.throws(() => metrics.gauge('genkan_calls_total', 'Again.'), TypeError);
  assert.throws(() => metrics.gauge('genkan calls', 'Space.'), TypeError);
  assert.throws(() => metrics.counter('genkan_other_total', 'Other.', ['a']).with(), TypeError);
});

test('says in OpenMetrics which trace was seen in a bucket last, and nothing of it in the older format', () => {
  const metrics = createMetrics(() => 1_700_000_000_500);
  const seconds = metrics.histogram('genkan_call_seconds', 'Latency "of" calls.', [0.5, 1], ['server']).with('azure');
  seconds.observe(0.25, { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) });
  seconds.observe(0.5, { traceId: 'b'.repeat(32), spanId: '2'.repeat(16) });
  seconds.observe(3);
  metrics.counter('genkan_calls_total', 'Calls.').with().add();
  metrics.counterOf('genkan_cpu_seconds_total', 'Time.', () => 1.5);
  const expected = [
    '# HELP genkan_call_seconds Latency \\"of\\" calls.',
    '# TYPE genkan_call_seconds histogram',
    `genkan_call_seconds_bucket{server="azure",le="0.5"} 2 # {trace_id="${'b'.repeat(32)}"} 0.5 1700000000.5`,
    'genkan_call_seconds_bucket{server="azure",le="1.0"} 2',
    'genkan_call_seconds_bucket{server="azure",le="+Inf"} 3',
    'genkan_call_seconds_sum{server="azure"} 3.75',
    'genkan_call_seconds_count{server="azure"} 3',
    '# HELP genkan_calls Calls.',
    '# TYPE genkan_calls counter',
    'genkan_calls_total 1',
    '# HELP genkan_cpu_seconds Time.',
    '# TYPE genkan_cpu_seconds counter',
    'genkan_cpu_seconds_total 1.5',
    '# EOF',
  ];
  assert.equal(metrics.render('openmetrics'), `${expected.join('\n')}\n`);
  assert.doesNotMatch(metrics.render(), /trace_id|EOF/);
  assert.deepEqual(
    metrics.families().map(({ name, type, labelNames }) => [name, type, ...labelNames]),
    [
      ['genkan_call_seconds', 'histogram', 'server'],
      ['genkan_calls_total', 'counter'],
      ['genkan_cpu_seconds_total', 'counter'],
    ],
  );
});
