// Attack: a client marks the trace of each of its calls as sampled, while nobody takes what is collected, so that what waits fills the memory of the door.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import { mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';
import { parseMetrics } from '../support/openmetrics-parser.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';
import type { OtlpCollector } from '../support/otlp-collector.ts';

const calls = 60;
let upstream: HttpUpstream;
let silent: OtlpCollector;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  silent = await startOtlpCollector();
  silent.answer = () => new Promise(() => undefined);
});
after(async () => {
  await upstream[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});

/** @returns how many requests wait to be sent, and how many spans were dropped, after all calls were answered */
async function flood(maxQueue: number, sampled = true): Promise<readonly [waiting: number, dropped: number]> {
  await using house = await openTestHouse({
    access: makersUse('http'),
    servers: { http: { url: upstream.url } },
    telemetry: {
      otlp: { url: silent.url, timeoutSeconds: 1, metrics: { enabled: false }, traces: { maxQueue } },
    },
  });
  const token = await house.token('dana', 'http');
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  for (let count = 1; count <= calls; count += 1) {
    const traceparent = `00-${count.toString(16).padStart(32, 'd')}-00f067aa0ba902b7-${sampled ? '01' : '00'}`;
    const { message } = await post(`${house.url}/mcp/http`, body, { token, headers: { ...headers, traceparent } });
    assert.ok(message.result, 'every call is answered, whatever waits');
  }
  const page = await post(`${house.url}/metrics`, '', { method: 'GET' });
  const families = parseMetrics(page.body, 'prometheus');
  const of = (name: string): number => families.get(name)!.samples.reduce((sum, { value }) => sum + value, 0);
  return [of('genkan_telemetry_queue'), of('genkan_telemetry_dropped_total')];
}

test('no more wait than may, and the rest is dropped and counted; control: without the bound, all of them wait', async () => {
  assert.deepEqual(await flood(20), [20, 2 * (calls - 20)]);
  assert.deepEqual(await flood(100_000), [calls, 0]);
});

test('a client that marks nothing makes nothing wait', async () => {
  assert.deepEqual(await flood(20, false), [0, 0]);
});
