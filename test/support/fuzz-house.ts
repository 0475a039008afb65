// The gateway with its real rooms, in one process without sockets: clients at pipes, servers behind the real stdio channel.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { createAccess } from '../../src/access/access.ts';
import { createLimits } from '../../src/access/limits/limits.ts';
import { accessSettings } from '../../src/access/settings.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { plainTraces } from '../../src/gateway/tracing.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { gatewaySettings } from '../../src/gateway/settings.ts';
import { createTaskBook } from '../../src/gateway/task-book.ts';
import { createInspect } from '../../src/inspect/inspect.ts';
import { createShield } from '../../src/inspect/shield/linear-shield.ts';
import { inspectSettings } from '../../src/inspect/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createCatalogue } from '../../src/upstream/catalogue.ts';
import type { ProcessTree } from '../../src/upstream/process-tree.ts';
import { upstreamSettings } from '../../src/upstream/settings.ts';
import type { FuzzServer } from './fuzz-server.ts';
import { policyGround } from './policy-ground.ts';

export interface FuzzHouse extends AsyncDisposable {
  readonly gateway: Gateway;
  /** What was logged as a fault of our own. */
  readonly faults: readonly string[];
  records(): number;
}

/** @param serverOf makes what runs in the place of a child process, by the name of the server */
export async function openFuzzHouse(serverOf: (name: string) => FuzzServer): Promise<FuzzHouse> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-fuzz-'));
  const faults: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void (faults.length < 100 && faults.push(line)) });
  const clock = { now: () => Date.now() };
  const database = await openDatabase(path.join(folder, 'genkan.db'));
  const names = ['legacy', 'modern'];
  const assignments = names.map((name) => ({
    principal: { group: 'makers' },
    role: 'MCP User',
    scope: `/servers/${name}`,
  }));
  const settings = accessSettings.parse({ assignments });
  let records = 0;
  const append = (): Promise<number> => Promise.resolve(records++);
  const access = await createAccess(settings, {
    running: await policyGround(database, clock),
    variables: {},
    readFile: () => '',
    clock,
  });
  const limits = createLimits(settings.limits, { append, clock, nowMicros: () => clock.now() * 1000, log });
  const servers = Object.fromEntries(names.map((name) => [name, { command: [name], timeoutSeconds: 5 }]));
  const catalogue = await createCatalogue(upstreamSettings.parse(servers), {
    database,
    secret: () => Promise.reject(new Error('no secrets here')),
    environment: {},
    clock,
    log,
    startProcess: ({ command }) => inProcess(serverOf(command[0]!)),
  });
  const inspect = createInspect(
    inspectSettings.parse({
      arguments: [{ match: { tools: ['read'] }, types: { '/text': { type: 'sql', allows: 'literal' } } }],
    }),
    { shield: createShield(), count: () => undefined, log },
  );
  const gateway = createGateway(gatewaySettings.parse({ parkedSeconds: 1, roundSeconds: 1, drainSeconds: 5 }), {
    verify: () => ({
      outcome: 'allow',
      principal: { id: 'dana', kind: 'user', name: 'dana', groups: ['makers'], clientId: 'client' },
    }),
    challenge: () => 'Bearer',
    access,
    limits,
    inspect,
    catalogue,
    tasks: createTaskBook(database, clock),
    record: { append },
    clock,
    log,
    publicUrl: 'http://127.0.0.1:9',
    sourceAddress: () => '127.0.0.1',
    traces: plainTraces,
    observe: () => undefined,
  });
  return {
    gateway,
    faults,
    records: () => records,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await limits.close();
      await catalogue.close();
      await database.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a child process is to its channel: three streams and an end. */
function inProcess(server: FuzzServer): ProcessTree {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  let rest = '';
  stdin.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines)
      for (const said of server.hear(line)) if (stdout.writable) stdout.write(Buffer.concat([said, Buffer.from('\n')]));
  });
  const stop = (): Promise<void> => {
    stdin.end();
    stdout.end();
    stderr.end();
    end('it was ended');
    return Promise.resolve();
  };
  return { stdin, stdout, stderr, ended, stop, kill: stop } as unknown as ProcessTree;
}
