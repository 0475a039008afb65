// Generated messages over real sockets, from a real child process and of a real HTTP server: never a fault of ours, and what is refused goes no further.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { createDice, createMutator } from '../support/fuzz-mutations.ts';
import { record, unasked } from '../support/fuzz-recordings.ts';
import { createFuzzServer, mark } from '../support/fuzz-server.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_728);
const least = 22_000;
const atOnce = 16;
const values = [null, 1, 'text', true, [], {}, { a: [1, 'b'] }, 'x'.repeat(300), '東京', -0.5];

test(
  `${least} messages over sockets and through a child process (seed ${seed})`,
  { timeout: 600_000 },
  async (context) => {
    const recordings = { legacy: await record('legacy'), modern: await record('modern') };
    const dice = createDice(seed);
    const mutator = createMutator(dice, values);
    const forbidden = new Set<string>();
    const parts = { mutator, dice, noise: 2, forbidden };
    const wild = createFuzzServer({ ...parts, recordings: recordings.modern, unasked: unasked.modern });
    const calm = createFuzzServer({
      ...parts,
      noise: 0,
      recordings: recordings.modern,
      unasked: [],
      mutator: { ...mutator, vary: (message) => JSON.stringify(message) },
    });
    /** Over HTTP an answer is one body, or a stream of which the last event is meant. */
    await using upstream = await startHttpUpstream(({ path: address, body }, response) => {
      const lines = (address === '/calm' ? calm : wild).hear(body.toString());
      if (lines.length === 0) return void response.writeHead(202).end();
      const bare = address === '/calm' || dice.below(2) === 0;
      const last = address !== '/calm' && dice.below(4) === 0 ? lines[0]! : lines.at(-1)!;
      if (bare) return void response.writeHead(200, { 'content-type': 'application/json' }).end(last);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const line of lines) response.write(Buffer.concat([Buffer.from('data: '), line, Buffer.from('\n\n')]));
      response.end();
    });
    const child = [
      process.execPath,
      path.join(import.meta.dirname, '..', 'support', 'fuzz-stdio-server.ts'),
      String(seed),
    ];
    const { origin } = new URL(upstream.url);
    await using room = await openGatewayRoom({
      access: makersUse('calm', 'wild', 'child'),
      gateway: { parkedSeconds: 1, roundSeconds: 1 },
      servers: {
        calm: { url: `${origin}/calm` },
        wild: { url: `${origin}/wild`, timeoutSeconds: 10 },
        child: { command: child, timeoutSeconds: 20 },
      },
    });
    using agent = Object.assign(new Agent({ keepAlive: true, maxSockets: atOnce }), {
      [Symbol.dispose](this: Agent) {
        this.destroy();
      },
    });
    const statuses = new Map<string, number>();
    const offences: string[] = [];
    let [sent, marks, longestMs] = [0, 0, 0];

    function post(
      server: string,
      body: Buffer | string,
      headers: Record<string, string>,
    ): Promise<{ status: number; text: string; session: string }> {
      sent++;
      const startedAt = performance.now();
      return new Promise((resolve, reject) => {
        const head = {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: 'Bearer dana',
          ...headers,
        };
        const outgoing = request(
          `${room.url}/mcp/${server}`,
          { method: 'POST', agent, headers: { ...head, 'content-length': Buffer.byteLength(body) } },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              longestMs = Math.max(longestMs, performance.now() - startedAt);
              const status = response.statusCode!;
              const text = Buffer.concat(chunks).toString();
              statuses.set(`${server} ${status}`, (statuses.get(`${server} ${status}`) ?? 0) + 1);
              if (text.includes('"gateway_fault"') || status === 500 || (server === 'calm' && status > 500))
                offences.push(`${server} ${status}: ${String(body).slice(0, 200)} → ${text.slice(0, 200)}`);
              resolve({ status, text, session: String(response.headers['mcp-session-id'] ?? '') });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    }

    const openings = { 'mcp-protocol-version': '2025-11-25' };
    const opened = await post('child', JSON.stringify(recordings.legacy.asked[0]), {});
    const inSession = { ...openings, 'mcp-session-id': opened.session };
    await post('child', JSON.stringify(recordings.legacy.asked[1]), inSession);

    async function one(): Promise<void> {
      const server = dice.pick(['calm', 'wild', 'child', 'child'] as const);
      const family = server === 'child' ? 'legacy' : 'modern';
      const models = recordings[family].asked.filter(
        ({ method }) => method !== 'initialize' && method !== 'notifications/initialized',
      );
      const model = { ...structuredClone(dice.pick(models)), id: `q${sent}` } as Record<string, unknown>;
      const params = model['params'] as Record<string, unknown> | undefined;
      const given = params?.['arguments'] as Record<string, unknown> | undefined;
      const marked = mark(marks++);
      if (given !== undefined) given['text'] = marked;
      const name = params?.['name'] ?? params?.['uri'];
      const headers =
        family === 'legacy'
          ? inSession
          : {
              'mcp-protocol-version': '2026-07-28',
              'mcp-method': String(model['method']),
              ...(typeof name === 'string' && { 'mcp-name': name }),
            };
      const whole = JSON.stringify(model);
      if (dice.below(3) > 0) {
        await post(server, given === undefined ? whole : mutator.vary(model, ['params', 'arguments']), headers);
        return;
      }
      const damaged = mutator.damage(whole);
      try {
        JSON.parse(damaged.toString());
      } catch {
        forbidden.add(marked);
      }
      await post(server, damaged, headers);
    }

    async function ofChild(): Promise<{ said: number; offences: string[] }> {
      const call = {
        jsonrpc: '2.0',
        id: `s${sent}`,
        method: 'prompts/get',
        params: { name: 'greet', arguments: { name: 'how much was said' } },
      };
      const { text } = await post('child', JSON.stringify(call), inSession);
      const written = /\{\\"said\\":(\d+),\\"offences\\":(\[.*?\])\}/.exec(text);
      assert.ok(written !== null, text.slice(0, 500));
      return { said: Number(written[1]), offences: JSON.parse(written[2]!.replaceAll('\\"', '"')) as string[] };
    }

    const startedAt = performance.now();
    let children = { said: 0, offences: [] as string[] };
    const total = (): number => sent + calm.said + wild.said + children.said;
    while (total() < least && offences.length === 0) {
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let count = 0; count < 50; count++) await one();
        }),
      );
      children = await ofChild();
    }
    const seconds = (performance.now() - startedAt) / 1000;
    context.diagnostic(
      `${sent} from clients, ${calm.said + wild.said} from a server over HTTP, ${children.said} from a child in ${seconds.toFixed(0)} s; ` +
        `longest ${Math.round(longestMs)} ms; ${[...statuses]
          .map(([status, count]) => `${status}: ${count}`)
          .sort()
          .join(', ')}`,
    );
    assert.deepEqual([...offences, ...calm.offences, ...wild.offences, ...children.offences].slice(0, 5), []);
    assert.equal(
      (
        await post('calm', JSON.stringify(recordings.modern.asked[0]), {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'server/discover',
        })
      ).status,
      200,
    );
  },
);
