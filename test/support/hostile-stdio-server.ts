// A stdio MCP server that misbehaves on request: run with node; `initialize` works unless a flag says otherwise, the name of a called tool is the misdeed.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Incoming {
  id?: unknown;
  method?: string;
  params?: { name?: string; arguments?: Record<string, unknown>; _meta?: { progressToken?: unknown } };
}

const flags = new Set(process.argv.slice(2));
const write = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const say = (id: unknown, text: string): void => write({ id, result: { content: [{ type: 'text', text }] } });

/** A process that has left the group and outlives its parent; it holds on to standard output too. */
function orphan({ daemon, keepEnvironment }: { daemon: boolean; keepEnvironment: boolean }): number {
  const immortal = "process.on('SIGTERM', () => {}); process.on('SIGHUP', () => {}); setInterval(() => {}, 1e6);";
  const child = spawn(process.execPath, ['-e', immortal], {
    detached: true,
    stdio: daemon ? 'ignore' : ['ignore', 'inherit', 'inherit'],
    env: keepEnvironment ? process.env : {},
  });
  child.unref();
  return child.pid!;
}

const misdeeds: Record<string, (id: unknown, message: Incoming) => void> = {
  echo: (id, { params }) => say(id, String(params?.arguments?.['text'])),
  pid: (id) => say(id, String(process.pid)),
  environment: (id) => say(id, JSON.stringify(process.env)),
  'junk lines': (id) => {
    process.stdout.write('Welcome!\n{"almost": json}\n[1,2]\n\u0000\u0007\n\n{"jsonrpc":"2.0"}\n');
    say(id, 'after junk');
  },
  'in a batch': (id) => {
    const answer = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'batched' }] } };
    process.stdout.write(
      `[{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}, ${JSON.stringify(answer)}]\n`,
    );
  },
  'endless line': () => {
    const more = (): void => void process.stdout.write('x'.repeat(65_536), more);
    more();
  },
  'endless stderr': (id) => {
    for (let round = 0; round < 200; round++) process.stderr.write('e'.repeat(65_536));
    say(id, 'wrote 12.5 MiB to stderr');
  },
  'stop reading': (id) => {
    process.stdin.pause();
    say(id, 'no longer listening');
  },
  'answer twice': (id) => {
    say(id, 'first');
    say(id, 'second');
    say('never asked', 'third');
    write({ id: null, error: { code: -32700, message: 'what?' } });
  },
  'answer as the other type': (id) => {
    say(typeof id === 'number' ? String(id) : Number(id), 'for somebody else');
    say(id, 'for you');
  },
  'answer late': (id, { params }) => void setTimeout(say, Number(params?.arguments?.['afterMs']), id, 'late'),
  'never answer': () => {},
  progress: (id, { params }) => {
    const progressToken = params?._meta?.progressToken;
    for (const progress of [1, 2, 3]) write({ method: 'notifications/progress', params: { progressToken, progress } });
    write({ method: 'notifications/progress', params: { progressToken: 'of nobody', progress: 1 } });
    write({ method: 'notifications/message', params: { level: 'info', data: 'a push' } });
    write({ id: 'ask-1', method: 'elicitation/create', params: { message: 'really?' } });
    say(id, 'done');
  },
  'die with last words': () => {
    process.stderr.write(`fatal: my password is ${process.env['PASSWORD']}\n`, () => process.exit(7));
  },
  'answer and die': (id) => {
    say(id, 'goodbye');
    process.stdout.end(() => process.exit(0));
  },
  'leave an orphan in the tree': (id) => say(id, String(orphan({ daemon: false, keepEnvironment: false }))),
  'leave a daemon': (id) => {
    // The middle process ends at once, so that the grandchild belongs to nobody.
    const middle = spawn(process.execPath, [import.meta.filename, '--be-the-middle'], { detached: true });
    middle.stdout.once('data', (pid: Buffer) => say(id, pid.toString().trim()));
  },
};

if (flags.has('--be-the-middle')) {
  process.stdout.write(`${orphan({ daemon: true, keepEnvironment: true })}\n`, () => process.exit(0));
} else {
  if (flags.has('--ignore-signals')) for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => {});
  if (flags.has('--ignore-end-of-input')) setInterval(() => {}, 1e6);
  if (flags.has('--die-at-once')) process.exit(3);
  if (flags.has('--stay-silent')) process.stdin.resume();
  else {
    createInterface({ input: process.stdin }).on('line', (line) => {
      const message = JSON.parse(line) as Incoming;
      if (message.method === 'initialize') {
        if (flags.has('--modern-only'))
          return write({ id: message.id, error: { code: -32601, message: 'Method not found' } });
        const serverInfo = { name: 'hostile', version: '0' };
        return write({ id: message.id, result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo } });
      }
      misdeeds[message.params?.name ?? '']?.(message.id, message);
    });
  }
}
