// With a collector that gets the spans of every call, a call costs little more of the processor than without: the work of sending is held against that of a call.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import type { Call } from '../../src/record/telemetry/otlp-traces.ts';
import { telemetrySettings } from '../../src/record/telemetry/settings.ts';
import { createTelemetry } from '../../src/record/telemetry/telemetry.ts';
import { answeredCall } from '../support/answered-call.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import { mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern } from '../support/mcp-post.ts';

const batch = 128;
const rounds = 9;

/** In a process of its own, whose work is not ours. Says how many spans each message has. */
const collector = `
const server = require('node:http').createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    const { resourceSpans: [one] = [] } = JSON.parse(require('node:zlib').gunzipSync(Buffer.concat(chunks)));
    if (one !== undefined) console.log(one.scopeSpans[0].spans.length);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** @returns microseconds of the processor for each of so many */
async function work(count: number, task: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / count;
}

/** With all that a span of a call can tell. */
const call = (number: number): Call =>
  answeredCall(number, {
    parentId: '00f067aa0ba902b7',
    steps: { judge: 0.00123, wait: 0.00012, examine: 0.00001, record: 0.0021 },
    beyond: {
      spanId: number.toString(16).padStart(16, 'b'),
      atMs: 1_700_000_000_003.25 + number,
      seconds: 0.0045,
      error: undefined,
      code: undefined,
      place: { transport: 'tcp', address: '127.0.0.1', port: 1234 },
    },
  });

/** Of a call by a client at Genkan to a server: all three, since they are in this process. */
async function ofCalls(): Promise<number> {
  await using upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
  await using house = await openTestHouse({ access: makersUse('http'), servers: { http: { url: upstream.url } } });
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  const accept = 'application/json, text/event-stream';
  const authorization = `Bearer ${await house.token('dana', 'http')}`;
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization, ...headers },
    body: JSON.stringify(body),
  };
  const one = async (): Promise<void> => {
    const response = await fetch(`${house.url}/mcp/http`, request);
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  };
  const some = async (): Promise<void> => {
    for (let done = 0; done < batch; done += 8) await Promise.all(Array.from({ length: 8 }, one));
  };
  for (let count = 0; count < 3; count += 1) await some();
  const found: number[] = [];
  for (let count = 0; count < rounds; count += 1) found.push(await work(batch, some));
  return median(found);
}

/** Of both spans of a call: from the queue to the answer of the collector. */
async function ofSpans(): Promise<number> {
  const child = spawn(process.execPath, ['-e', collector], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface({ input: child.stdout });
    const [port] = (await once(lines, 'line')) as [string];
    const { otlp } = telemetrySettings.parse({ otlp: { url: `http://127.0.0.1:${port}` } });
    const telemetry = createTelemetry(otlp!, {
      clock: { now: Date.now },
      log: createLog('silent'),
      metrics: createMetrics(),
      resource: { 'service.name': 'genkan' },
      secret: () => Promise.resolve(''),
      fetch,
    });
    telemetry.attend();
    let number = 0;
    const some = async (): Promise<void> => {
      for (let message = 0; message < 8; message += 1) {
        const taken = once(lines, 'line');
        for (let count = 0; count < batch; count += 1) telemetry.add(call((number += 1)));
        assert.deepEqual(await taken, [String(2 * batch)]);
      }
    };
    for (let count = 0; count < 3; count += 1) await some();
    const found: number[] = [];
    for (let count = 0; count < rounds; count += 1) found.push(await work(8 * batch, some));
    await telemetry.close();
    return median(found);
  } finally {
    child.kill();
  }
}

test('sending both spans of a call is less than a tenth of the work of the call', async () => {
  const [spans, calls] = [await ofSpans(), await ofCalls()];
  console.log(
    `a call: ${calls.toFixed(0)} µs of the processor; both of its spans, sent: ${spans.toFixed(0)} µs (${((100 * spans) / calls).toFixed(1)} %)`,
  );
  assert.ok(spans < calls / 10);
});
