// Sends generated messages through the gateway both ways, in a process of its own, and prints what came of it. Not under the test
// runner, whose bookkeeping of promises costs more than all the rest.
import { isUtf8 } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { openFuzzHouse } from './fuzz-house.ts';
import { createDice, createMutator } from './fuzz-mutations.ts';
import { record, unasked } from './fuzz-recordings.ts';
import { createFuzzServer, mark } from './fuzz-server.ts';
import type { FuzzServer } from './fuzz-server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export interface FuzzReport {
  /** Messages of clients, and of servers. */
  readonly sent: number;
  readonly said: number;
  /** What clients heard. */
  readonly answers: number;
  readonly records: number;
  readonly seconds: number;
  readonly longestWaitMs: number;
  /** Of all that was done without a break. */
  readonly longestTurnMs: number;
  readonly grownBytes: number;
  readonly offences: readonly string[];
  readonly rejections: readonly string[];
  readonly faults: readonly string[];
}

const [seed = 1, messages = 1000] = process.argv.slice(2).map(Number);
/** Messages of one client in one conversation, and between two looks whether all were answered. */
const inConversation = 2000;
const inChunk = 100;
const noise = 2;
const families = ['legacy', 'modern'] as const;

await main();

async function main(): Promise<void> {
  const recordings = { legacy: await record('legacy'), modern: await record('modern') };
  const values = fc.sample(fc.oneof(fc.jsonValue(), fc.string({ unit: 'grapheme' }), fc.webUrl(), fc.emailAddress()), {
    seed,
    numRuns: 5000,
  });
  const dice = createDice(seed);
  const mutator = createMutator(dice, values);
  const forbidden = new Set<string>();
  const servers: FuzzServer[] = [];
  let ofEnded = 0;
  const offences: string[] = [];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);

  await using house = await openFuzzHouse((name) => {
    const family = name as 'legacy' | 'modern';
    const server = createFuzzServer({
      recordings: recordings[family],
      unasked: unasked[family],
      mutator,
      dice,
      noise,
      forbidden,
    });
    servers.push(server);
    return server;
  });
  // In processor time, since a busy machine is none of our doing.
  let longestTurnMs = 0;
  let before = process.cpuUsage();
  const turns = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    longestTurnMs = Math.max(longestTurnMs, (user + system) / 1000);
    before = process.cpuUsage();
  }, 10);
  let sent = 0;
  let answers = 0;
  let longestMs = 0;
  let marks = 0;

  /** One client's conversation with one server, or with all of them, from its first line to its last. */
  async function converse(client: 'legacy' | 'modern', server: string | undefined): Promise<void> {
    const [input, output] = [new PassThrough({ highWaterMark: 1 << 22 }), new PassThrough()];
    const over = house.gateway.converse({ input, output, server, language: 'en' });
    const expected = new Map<string, () => void>();
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) hear(line);
    });
    function hear(line: string): void {
      answers++;
      let message: { id?: string; method?: string; error?: { data?: { code?: string } } };
      try {
        message = JSON.parse(line) as typeof message;
      } catch {
        return void offences.push(`not JSON: ${line.slice(0, 200)}`);
      }
      if (message.error?.data?.code === 'gateway_fault') offences.push(`a fault: ${line.slice(0, 300)}`);
      if (message.method === undefined && typeof message.id === 'string') expected.get(message.id)?.();
      // Questions of servers are answered, more or less.
      if (message.method !== undefined && message.id !== undefined && dice.below(2) === 0)
        say(
          mutator.damage(
            JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { action: 'accept', content: { a: 'b' } } }),
          ),
        );
    }
    function say(line: string | Buffer): void {
      sent++;
      if (input.writable) input.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    }
    /** Sends a request and takes note that it is to be answered. */
    function ask(
      message: Record<string, unknown>,
      text: (message: Record<string, unknown>) => string = (own) => JSON.stringify(own),
    ): void {
      const id = `q${sent}`;
      expected.set(id, () => expected.delete(id));
      say(text({ ...message, id }));
    }
    async function answered(): Promise<void> {
      const sinceMs = performance.now();
      while (expected.size > 0 && performance.now() - sinceMs < 20_000)
        await new Promise((resolve) => setImmediate(resolve));
      longestMs = Math.max(longestMs, performance.now() - sinceMs);
      if (expected.size > 0) offences.push(`not answered within 20 s: ${[...expected.keys()].join()}`);
      expected.clear();
    }

    const { asked } = recordings[client];
    const models = asked.filter(({ method }) => method !== 'initialize' && method !== 'notifications/initialized');
    if (client === 'legacy') {
      ask(asked[0]!);
      await answered();
      say(JSON.stringify(asked[1]));
    }
    ask(models.find(({ method }) => method === 'tools/list')!);
    await answered();
    for (let count = 0; count < inConversation;) {
      for (let inThis = 0; inThis < inChunk; inThis++, count++) {
        const model = structuredClone(dice.pick(models));
        const params = model['params'] as Record<string, unknown> | undefined;
        const given = params?.['arguments'] as Record<string, unknown> | undefined;
        const marked = mark(marks++);
        if (given !== undefined) given['text'] = marked;
        if (server === undefined && typeof params?.['name'] === 'string')
          params['name'] = `${dice.pick(families)}__${params['name']}`;
        const kind = dice.below(8);
        if (kind < 2)
          ask(model, (own) => (given === undefined ? JSON.stringify(own) : mutator.vary(own, ['params', 'arguments'])));
        else {
          const line = mutator.damage(
            JSON.stringify({ ...model, ...(dice.below(3) > 0 && 'id' in model && { id: `d${sent}` }) }),
          );
          if (!isJson(line)) forbidden.add(marked);
          say(line);
        }
      }
      await answered();
    }
    input.end();
    const patience = setTimeout(() => offences.push('a conversation did not end'), 30_000);
    await over;
    clearTimeout(patience);
    forbidden.clear();
    for (const each of servers.splice(0)) {
      ofEnded += each.said;
      offences.push(...each.offences.map((offence) => `reached the server: ${offence}`));
    }
  }

  const said = (): number => ofEnded + servers.reduce((sum, each) => sum + each.said, 0);
  const startedAt = performance.now();
  let settledBytes = 0;
  for (let round = 0; sent + said() < messages && offences.length === 0; round++) {
    await converse(families[round % 2]!, [...families, undefined][(round >> 1) % 3]);
    const part = (sent + said()) / messages;
    if (settledBytes === 0 && part > 0.2) settledBytes = heapAfterCollection();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const grownBytes = heapAfterCollection() - settledBytes;
  clearInterval(turns);
  process.off('unhandledRejection', onRejection);

  const report: FuzzReport = {
    sent,
    said: said(),
    answers,
    records: house.records(),
    seconds,
    longestWaitMs: Math.round(longestMs),
    longestTurnMs: Math.round(longestTurnMs),
    grownBytes,
    offences: offences.slice(0, 5),
    rejections: rejections.slice(0, 5).map(String),
    faults: house.faults.slice(0, 5),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function isJson(line: Buffer): boolean {
  if (!isUtf8(line)) return false;
  try {
    JSON.parse(line.toString());
    return true;
  } catch {
    return false;
  }
}

function heapAfterCollection(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
