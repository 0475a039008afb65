// With a collector that gets the spans of every call, a call costs little more of the processor than without.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern } from '../support/mcp-post.ts';

/** Whole messages of spans, so that nothing waits for long when a round is over. */
const calls = 4 * 128;
const rounds = 5;

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

test('traces of all calls, with batches on their way to the collector', { timeout: 170_000 }, async () => {
  const child = spawn(process.execPath, ['-e', collector], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface({ input: child.stdout });
    const [port] = (await once(lines, 'line')) as [string];
    let taken = 0;
    lines.on('line', (count) => (taken += Number(count)));
    await using upstream = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
    const settings = { access: makersUse('http'), servers: { http: { url: upstream.url } } };
    await using without = await openTestHouse(settings);
    const otlp = { url: `http://127.0.0.1:${port}`, metrics: { intervalSeconds: 3600 } };
    await using withTraces = await openTestHouse({ ...settings, telemetry: { sampledShare: 1, otlp } });

    /**
     * @param isOver once all have been answered: whatever a Genkan does while it waits is work, too
     * @returns microseconds of the processor for each call: ours, the client's and the server's
     */
    async function round(house: TestHouse, isOver: (waitedMs: number) => boolean): Promise<number> {
      const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
      const token = await house.token('dana', 'http');
      const request = {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
          ...headers,
        },
        body: JSON.stringify(body),
      };
      const began = process.cpuUsage();
      const one = async (): Promise<void> => {
        const response = await fetch(`${house.url}/mcp/http`, request);
        assert.equal(response.status, 200);
        await response.arrayBuffer();
      };
      for (let done = 0; done < calls; done += 8) await Promise.all(Array.from({ length: 8 }, one));
      const answeredMs = performance.now();
      while (!isOver(performance.now() - answeredMs)) await new Promise((resolve) => setTimeout(resolve, 10));
      const { user, system } = process.cpuUsage(began);
      return (user + system) / calls;
    }

    /** The same without spans, and with them until all have arrived. */
    async function both(): Promise<readonly [plain: number, traced: number]> {
      const before = taken;
      let waited = 0;
      const traced = await round(withTraces, (waitedMs) => {
        waited = waitedMs;
        return taken >= before + 2 * calls || waitedMs > 20_000;
      });
      assert.equal(taken, before + 2 * calls, 'all spans have arrived');
      return [await round(without, (waitedMs) => waitedMs >= waited), traced];
    }

    await both();
    const plain: number[] = [];
    const traced: number[] = [];
    for (let count = 0; count < rounds; count += 1) {
      const [one, other] = await both();
      plain.push(one);
      traced.push(other);
    }
    const differences = traced.map((value, at) => value - plain[at]!);
    const [before, added] = [median(plain), median(differences)];
    console.log(
      `a call: ${before.toFixed(0)} µs of the processor, with both spans sent ${added.toFixed(0)} µs more (${((100 * added) / before).toFixed(1)} %); median of ${rounds} rounds of ${calls} calls`,
    );
    assert.ok(added < 0.15 * before);
  } finally {
    child.kill();
  }
});
