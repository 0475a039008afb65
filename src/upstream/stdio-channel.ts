// A conversation with a child process: one JSON-RPC message a line, on its standard input and output.
import { GenkanError } from '../base/errors.ts';
import { frameLine, LineDecoder } from '../protocol/lines.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import type { Breaker } from './breaker.ts';
import type { SendOptions } from './channel.ts';
import type { ChildOutput } from './child-output.ts';
import { OpenCalls } from './open-calls.ts';
import type { ProcessTree } from './process-tree.ts';
import type { ChannelEvents, OpenChannel } from './transport.ts';

export interface StdioChannelOptions extends ChannelEvents {
  readonly server: string;
  readonly child: ProcessTree;
  readonly output: ChildOutput;
  readonly limits: ParseLimits;
  readonly timeoutMs: number;
  readonly startMs: number;
  readonly maxCalls: number;
  readonly breaker: Breaker;
}

export class StdioChannel implements OpenChannel {
  readonly era = 'legacy';
  readonly #options: StdioChannelOptions;
  readonly #calls: OpenCalls;
  readonly #decoder: LineDecoder;
  /** Lines read and not yet handled, because a request holds the stream back. */
  #lines: Buffer[] = [];
  #held = false;
  #over: string | undefined;
  lastUsedMs = performance.now();

  constructor(options: StdioChannelOptions) {
    this.#options = options;
    this.#calls = new OpenCalls(options.server);
    this.#decoder = new LineDecoder(options.limits.maxBytes);
    const { child, output } = options;
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.error(text));
    void child.ended.then((reason) => {
      const lastWords = output.lastWords();
      this.#end(lastWords === '' ? reason : `${reason}: ${lastWords}`);
    });
  }

  /** Calls in flight. */
  get active(): number {
    return this.#calls.size;
  }

  /** Sends `initialize` and waits for its answer, no longer than starting may take. */
  async begin(initialize: RequestMessage): Promise<ResponseMessage> {
    const { breaker, startMs } = this.#options;
    try {
      const answer = await (this.#write(initialize, {}, startMs) as Promise<ResponseMessage>);
      breaker.succeeded();
      if (answer.error === undefined || !modernOnly.has(answer.error.code)) return answer;
    } catch (error) {
      breaker.failed();
      throw error;
    }
    throw this.#unavailable('over stdio it speaks only revisions from 2026-07-28 on');
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options: SendOptions = {}): Promise<ResponseMessage | undefined> {
    try {
      return await this.#write(message, options, this.#options.timeoutMs);
    } catch (error) {
      if (this.#over === undefined) this.#options.onFault(error as Error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#end('it was closed', true);
    await this.#options.child.stop();
  }

  #write(message: Message, options: SendOptions, timeoutMs: number): Promise<ResponseMessage> | undefined {
    if (this.#over !== undefined) throw this.#unavailable(this.#over);
    const { child, limits, maxCalls } = this.#options;
    // A child that does not read must not make us hold whatever others send to it.
    if (child.stdin.writableLength > limits.maxBytes) throw this.#unavailable('it does not read its input');
    if (this.#calls.size >= maxCalls) throw this.#unavailable(`${maxCalls} calls are in flight`);
    const answer = message.kind === 'request' ? this.#calls.open(message, options, timeoutMs) : undefined;
    this.lastUsedMs = performance.now();
    child.stdin.write(frameLine(message.raw));
    return answer;
  }

  #read(chunk: Buffer): void {
    if (this.#over !== undefined) return;
    try {
      this.#lines = this.#lines.concat(this.#decoder.push(chunk));
    } catch {
      this.#end(`it wrote a line of more than ${this.#options.limits.maxBytes} bytes`);
      void this.#options.child.kill();
      return;
    }
    if (!this.#held) this.#handleLines();
  }

  #handleLines(): void {
    const lines = this.#lines;
    this.#lines = [];
    for (const [index, line] of lines.entries()) {
      const held = this.#handle(line);
      if (held === undefined) continue;
      this.#lines = lines.slice(index + 1);
      this.#hold(held);
      return;
    }
  }

  #hold(until: Promise<void>): void {
    const { stdout } = this.#options.child;
    this.#held = true;
    stdout.pause();
    void until.then(() => {
      this.#held = false;
      this.#handleLines();
      if (!this.#held) stdout.resume();
    });
  }

  #handle(line: Buffer): Promise<void> | undefined {
    const message = parseMessage(line, this.#options.limits);
    if ('outcome' in message) {
      this.#options.output.stray(line);
      return undefined;
    }
    if (message.kind === 'response') {
      if (!this.#calls.respond(message)) this.#options.output.unasked();
      return undefined;
    }
    const progress =
      message.kind === 'notification' && message.method === 'notifications/progress'
        ? this.#calls.progress(message)
        : undefined;
    if (progress === undefined) {
      this.lastUsedMs = performance.now();
      this.#options.onPush(message);
    }
    return progress?.held;
  }

  #end(reason: string, byUs = false): void {
    if (this.#over !== undefined) return;
    this.#over = reason;
    this.#calls.failAll(this.#unavailable(reason));
    this.#options.onOver(byUs ? undefined : reason);
  }

  #unavailable(detail: string): GenkanError {
    return new GenkanError('upstream_unavailable', { server: this.#options.server }, { detail });
  }
}

/** A server without `initialize`, or without the revision in it. */
const modernOnly = new Set([-32601, -32022]);
