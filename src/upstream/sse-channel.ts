// A conversation over HTTP+SSE, the transport of MCP 2024-11-05: all answers come on one event stream, messages are posted elsewhere.
import { isBatch, membersOf } from '../protocol/batch.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { SendOptions } from './channel.ts';
import type { HttpChannelOptions } from './http-channel.ts';
import type { HeaderList } from './http-link.ts';
import { OpenCalls } from './open-calls.ts';
import { ServerStream } from './server-stream.ts';
import { postMessage } from './post-message.ts';
import type { OpenChannel } from './transport.ts';
import { Words } from './words.ts';

export interface SseChannelOptions extends Omit<HttpChannelOptions, 'era'> {
  readonly maxCalls: number;
}

export class SseChannel implements OpenChannel {
  readonly era = 'legacy';
  lastUsedMs = performance.now();
  readonly #options: SseChannelOptions;
  readonly #calls: OpenCalls;
  readonly #words: Words;
  #stream: ServerStream | undefined;
  /** Where messages are posted; known once the stream stands. */
  #path = '';
  #shown: string | undefined;
  #over: string | undefined;

  constructor(options: SseChannelOptions) {
    this.#options = options;
    this.#words = new Words(options.link);
    this.#calls = new OpenCalls({ server: options.link.server, era: 'legacy', onGivenUp: () => {} });
  }

  /** Calls in flight. */
  get active(): number {
    return this.#calls.size;
  }

  /** Shows this value of `Authorization` with every message from now on; undefined for none. */
  show(authorization: string | undefined): void {
    this.#shown = authorization;
  }

  async begin(initialize: RequestMessage): Promise<ResponseMessage> {
    const { startMs } = this.#options;
    if (this.#over !== undefined) throw this.#options.link.unavailable(this.#over);
    if (this.#stream === undefined) await this.#open();
    return this.#request(initialize, {}, startMs);
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options: SendOptions = {}): Promise<ResponseMessage | undefined> {
    options.onStream?.();
    try {
      if (message.kind === 'request') return await this.#request(message, options, this.#options.timeoutMs);
      return await this.#words.carry(() => this.#post(message, this.#options.timeoutMs, options.headers));
    } catch (error) {
      if (this.#over === undefined) this.#options.onFault(error as Error);
      throw error;
    }
  }

  close(): Promise<void> {
    this.#end('it was closed', true);
    return Promise.resolve();
  }

  async #open(): Promise<void> {
    const { link, startMs } = this.#options;
    const stream = new ServerStream({
      link,
      headers: ['accept', 'text/event-stream', ...this.#identity()],
      startMs,
      onData: (data) => (isBatch(data) ? this.#hearAll(membersOf(data)) : this.#hear(data)),
      onEnd: (reason) => this.#end(reason),
    });
    this.#stream = stream;
    try {
      this.#path = await stream.endpoint;
    } catch (error) {
      this.#stream = undefined;
      throw error;
    }
  }

  async #request(message: RequestMessage, options: SendOptions, timeoutMs: number): Promise<ResponseMessage> {
    const { maxCalls } = this.#options;
    if (this.#calls.size >= maxCalls) throw this.#options.link.unavailable(`${maxCalls} calls are in flight`);
    const { sent, answer } = this.#calls.open(message, options, timeoutMs);
    // The answer may come before the server has said that it took the message.
    this.#post(sent, timeoutMs, options.headers).catch((error: Error) => this.#calls.refuse(sent.id, error));
    return answer;
  }

  async #post({ kind, raw }: Message, silenceMs: number, own: SendOptions['headers'] = {}): Promise<void> {
    const { link } = this.#options;
    if (this.#over !== undefined || this.#stream === undefined)
      throw link.unavailable(this.#over ?? 'it was not begun');
    this.lastUsedMs = performance.now();
    const headers = ['content-type', 'application/json', 'accept', 'application/json', ...this.#identity()];
    const purpose = kind === 'request' ? 'call' : 'word';
    await postMessage(link, purpose, this.#path, raw, [...headers, ...Object.entries(own).flat()], silenceMs);
  }

  /** The members of a batch (MCP 2025-03-26, transports), one after the other. */
  async #hearAll(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) await this.#hear(part);
  }

  #hear(data: Buffer): void | Promise<void> {
    const message = parseMessage(data, this.#options.limits);
    if (this.#over !== undefined || 'outcome' in message) return undefined;
    if (message.kind === 'response') {
      this.#calls.respond(message);
      return undefined;
    }
    const taken = message.kind === 'notification' ? this.#calls.take(message) : undefined;
    if (taken !== undefined) return taken.held;
    this.lastUsedMs = performance.now();
    return this.#options.onPush(message);
  }

  #identity(): HeaderList {
    const { headers } = this.#options;
    return this.#shown === undefined ? headers : [...headers, 'authorization', this.#shown];
  }

  /** MCP 2024-11-05 knows no way back to a stream that has ended. */
  #end(reason: string, byUs = false): void {
    if (this.#over !== undefined) return;
    this.#over = reason;
    this.#stream?.stop();
    this.#calls.failAll(this.#options.link.unavailable(reason));
    this.#options.onOver(byUs ? undefined : reason);
  }
}
