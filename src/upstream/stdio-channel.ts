// A conversation with a child process: one JSON-RPC message a line, on its standard input and output.
import { GenkanError } from '../base/errors.ts';
import { frameLine, LineDecoder } from '../protocol/lines.ts';
import { notification } from '../protocol/message.ts';
import type { Era, Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { isBatch, membersOf } from '../protocol/batch.ts';
import { METHOD_NOT_FOUND } from '../protocol/between-families.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import type { Breaker } from './breaker.ts';
import type { SendOptions } from './channel.ts';
import type { ChildOutput } from './child-output.ts';
import { maxListensPerChild } from './limits.ts';
import { isListen, OpenCalls } from './open-calls.ts';
import { ownDiscover, saysModern } from './probe.ts';
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
  /** Told whether the child has begun to speak. */
  readonly breaker: Pick<Breaker, 'succeeded' | 'failed'>;
  readonly era: Era;
  /** It turns out that the child does not speak this era, whatever was thought before. */
  readonly onOtherEra: () => void;
}

export class StdioChannel implements OpenChannel {
  readonly era: Era;
  readonly headless = true;
  readonly #options: StdioChannelOptions;
  readonly #calls: OpenCalls;
  readonly #decoder: LineDecoder;
  /** Lines read and not yet handled, because whoever hears the one before holds the stream back. */
  #lines: Buffer[] = [];
  #held = false;
  #opened: Promise<ResponseMessage> | undefined;
  #over: string | undefined;
  lastUsedMs = performance.now();

  constructor(options: StdioChannelOptions) {
    this.#options = options;
    this.era = options.era;
    this.#calls = new OpenCalls({
      server: options.server,
      era: options.era,
      onGivenUp: (id) => this.#giveUp(id),
    });
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

  /**
   * Sends the first message of a conversation and waits for its answer, no longer than starting may take. A child that has
   * already been asked what it speaks answers as it did then.
   */
  ask(opening: RequestMessage): Promise<ResponseMessage> {
    return (this.#opened ??= this.#ask(opening));
  }

  async begin(initialize: RequestMessage): Promise<ResponseMessage> {
    const answer = await this.ask(initialize);
    if (answer.error === undefined || !modernOnly.has(answer.error.code)) return answer;
    this.#options.onOtherEra();
    throw this.#unavailable('over stdio it speaks only revisions from 2026-07-28 on');
  }

  async awaken(): Promise<void> {
    if (saysModern(await this.ask(ownDiscover()))) return;
    this.#options.onOtherEra();
    throw this.#unavailable('over stdio it speaks no revision from 2026-07-28 on');
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options: SendOptions = {}): Promise<ResponseMessage | undefined> {
    options.onStream?.();
    try {
      if (message.kind === 'request') return await this.#request(message, options, this.#options.timeoutMs);
      this.#checkReader();
      this.#write(message);
      return undefined;
    } catch (error) {
      if (this.#over === undefined) this.#options.onFault(error as Error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#end('it was closed', true);
    await this.#options.child.stop();
  }

  async #ask(opening: RequestMessage): Promise<ResponseMessage> {
    const { breaker, startMs } = this.#options;
    try {
      const answer = await this.#request(opening, {}, startMs);
      breaker.succeeded();
      return answer;
    } catch (error) {
      breaker.failed();
      throw error;
    }
  }

  #request(message: RequestMessage, options: SendOptions, timeoutMs: number): Promise<ResponseMessage> {
    this.#checkReader();
    const { maxCalls } = this.#options;
    const { size, listening } = this.#calls;
    if (isListen(message)) {
      if (listening >= maxListensPerChild) throw this.#unavailable(`${maxListensPerChild} subscriptions are open`);
    } else if (size - listening >= maxCalls) throw this.#unavailable(`${maxCalls} calls are in flight`);
    const { sent, answer } = this.#calls.open(message, options, timeoutMs);
    this.#write(sent);
    return answer;
  }

  /** A child that does not read must not make us hold whatever others send to it. */
  #checkReader(): void {
    if (this.#over !== undefined) throw this.#unavailable(this.#over);
    const { child, limits } = this.#options;
    if (child.stdin.writableLength > limits.maxBytes) throw this.#unavailable('it does not read its input');
  }

  #write({ raw }: Message): void {
    this.lastUsedMs = performance.now();
    this.#options.child.stdin.write(frameLine(raw));
  }

  /** MCP 2026-07-28, stdio, "Cancellation": there is no stream of a request to close. Up to 2025-11-25 its owner cancels. */
  #giveUp(requestId: RequestId): void {
    if (this.era === 'legacy' || this.#over !== undefined) return;
    if (this.#options.child.stdin.writableLength > this.#options.limits.maxBytes) return; // it would not read that either
    this.#write(notification('notifications/cancelled', { requestId }));
  }

  #read(chunk: Buffer): void {
    if (this.#over !== undefined) return;
    try {
      const lines = this.#decoder.push(chunk);
      // MCP 2025-03-26, base protocol, "Batching"; the newer family has none.
      this.#lines = this.#lines.concat(this.era === 'legacy' && lines.some(isBatch) ? lines.flatMap(membersOf) : lines);
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

  #handle(line: Buffer): void | Promise<void> {
    const message = parseMessage(line, this.#options.limits);
    if ('outcome' in message) {
      this.#options.output.stray(line);
      return undefined;
    }
    if (message.kind === 'response') {
      if (!this.#calls.respond(message)) this.#options.output.unasked();
      return undefined;
    }
    const taken = message.kind === 'notification' ? this.#calls.take(message) : undefined;
    if (taken !== undefined) return taken.held;
    // MCP 2026-07-28, stdio, "Receiving Messages": servers send no requests, and nobody answers them.
    if (this.era === 'modern' && message.kind === 'request') {
      this.#options.output.stray(line);
      return undefined;
    }
    this.lastUsedMs = performance.now();
    return this.#options.onPush(message);
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
const modernOnly = new Set([METHOD_NOT_FOUND, -32022]);
