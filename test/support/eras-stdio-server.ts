// A stdio MCP server that speaks the families of revisions that it is told to, and shows what it was sent: the name of a called tool is what it does.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Record<string, unknown>;
    readonly requestId?: string | number;
    readonly capabilities?: { readonly experimental?: Record<string, unknown> };
    readonly _meta?: { readonly progressToken?: string | number };
  };
}

/** What it does about the first message of either family: `answer`, `refuse`, `exit` or keep silent (`ignore`). */
const { values: flags } = parseArgs({
  options: {
    modern: { type: 'string', default: 'answer' },
    legacy: { type: 'string', default: 'answer' },
    /** The same about an `initialize` in which `experimental` is not what the schema says. */
    unfit: { type: 'string' },
    /** It takes its time to start, as what is downloaded first does. */
    startMs: { type: 'string', default: '0' },
    /** A file that gets a line for every start. */
    starts: { type: 'string' },
    /** Said before anything is answered. */
    early: { type: 'string' },
  },
});

const write = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const say = (id: unknown, text: string): void =>
  write({ id, result: { resultType: 'complete', content: [{ type: 'text', text }] } });
const subscription = (id: unknown): object => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } });

const lines: string[] = [];
const held: unknown[] = [];
const listens: unknown[] = [];

const tools: Record<string, (id: unknown, message: Incoming) => void> = {
  'say what was sent': (id) => say(id, JSON.stringify(lines)),
  'say who you are': (id) => say(id, String(process.pid)),
  hold: (id) => void held.push(id),
  'answer what is held': (id) => {
    for (const other of held.splice(0)) say(other, `held ${String(other)}`);
    say(id, 'done');
  },
  progress: (id, { params }) => {
    const progressToken = params?._meta?.progressToken;
    for (const progress of [1, 2]) write({ method: 'notifications/progress', params: { progressToken, progress } });
    write({ method: 'notifications/progress', params: { progressToken: 'of nobody', progress: 1 } });
    say(id, 'done');
  },
  log: (id) => {
    write({ method: 'notifications/message', params: { level: 'info', data: 'logged' } });
    write({ id: 'not allowed', method: 'elicitation/create', params: { message: 'really?' } });
    say(id, 'done');
  },
  change: (id) => {
    const method = 'notifications/resources/updated';
    for (const listen of listens) write({ method, params: { ...subscription(listen), uri: 'test://it' } });
    write({ method, params: { ...subscription('of nobody'), uri: 'test://it' } });
    say(id, 'done');
  },
  'end subscriptions in order': (id) => {
    for (const listen of listens) write({ id: listen, result: { resultType: 'complete', ...subscription(listen) } });
    say(id, 'done');
  },
  'tear subscriptions down': (id) => {
    for (const requestId of listens) write({ method: 'notifications/cancelled', params: { requestId } });
    say(id, 'done');
  },
  die: () => process.exit(5),
};

const openings: Record<string, { how: string; result: object }> = {
  'server/discover': {
    how: flags.modern,
    result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} },
  },
  initialize: {
    how: flags.legacy,
    result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'eras', version: '0' } },
  },
};

function receive(line: string): void {
  lines.push(line);
  const message = JSON.parse(line) as Incoming;
  const { id, method = '', params } = message;
  if (id === undefined) return;
  const opening = openings[method];
  if (opening !== undefined) {
    const isUnfit = Object.values(params?.capabilities?.experimental ?? {}).some((value) => typeof value !== 'object');
    const how = (isUnfit && flags.unfit) || opening.how;
    if (how === 'exit') process.exit(9);
    if (how === 'ignore') return;
    if (how === 'refuse') return write({ id, error: { code: -32601, message: 'Method not found' } });
    if (flags.early !== undefined) write({ method: 'notifications/message', params: { data: flags.early } });
    return write({ id, result: opening.result });
  }
  if (method === 'subscriptions/listen') {
    listens.push(id);
    const params = { ...subscription(id), notifications: {} };
    return write({ method: 'notifications/subscriptions/acknowledged', params });
  }
  const tool = tools[params?.name ?? ''];
  if (tool === undefined) write({ id, error: { code: -32601, message: 'Method not found' } });
  else tool(id, message);
}

if (flags.starts !== undefined) appendFileSync(flags.starts, `${process.pid}\n`);
setTimeout(() => createInterface({ input: process.stdin }).on('line', receive), Number(flags.startMs));
