// The event stream on which a legacy HTTP server sends what belongs to no call.
import type { IncomingHttpHeaders } from 'node:http';
import { isBatch, membersOf } from '../protocol/batch.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import type { SseEvent } from '../protocol/sse.ts';
import type { Credential } from './authorization/credential.ts';
import type { ConnectOptions } from './channel.ts';
import type { AnswerReader, HttpExchange, StreamPosition } from './http-exchange.ts';
import { HttpStatusFault } from './http-link.ts';
import type { HeaderList, HttpLink } from './http-link.ts';
import { Reconnection } from './reconnection.ts';

export interface PushStreamOptions {
  readonly link: HttpLink;
  /** Asked for whenever the stream is opened. */
  readonly headers: () => HeaderList;
  readonly limits: ParseLimits;
  readonly headMs: number;
  readonly onPush: ConnectOptions['onPush'];
  /** Of the person whose stream it is, where the server asks for sign-in. */
  readonly credential: Credential | undefined;
}

export class PushStream implements AnswerReader {
  readonly #options: PushStreamOptions;
  readonly #reconnection: Reconnection;
  #exchange: HttpExchange | undefined;
  #stopped = false;
  /** Until another token is shown. */
  #turnedAway = false;
  /** It has no such stream, or not any more. */
  refused = false;
  #standing = Promise.withResolvers<void>();

  constructor(options: PushStreamOptions) {
    this.#options = options;
    this.#reconnection = new Reconnection(options.credential);
    this.#open();
  }

  /** Resolves once the stream stands, or nobody goes on trying to open it. */
  get settled(): Promise<void> {
    return this.#standing.promise;
  }

  /** Another token is shown from now on. */
  onShown(): void {
    if (!this.#turnedAway) return;
    this.#turnedAway = false;
    this.#standing = Promise.withResolvers();
    this.#reconnection.progressed();
    this.#again();
  }

  stop(): void {
    this.#stopped = true;
    this.#reconnection.cancel();
    this.#standing.resolve();
    this.#exchange?.abort(new Error('the conversation is over'));
  }

  onStream(): void {
    this.#standing.resolve();
  }

  onEvent({ event, data }: SseEvent): void | Promise<void> {
    if (data.length === 0 || (event !== undefined && event !== 'message')) return undefined;
    this.#reconnection.progressed();
    return isBatch(data) ? this.#hearAll(membersOf(data)) : this.#hear(data);
  }

  /** The members of a batch (MCP 2025-03-26, transports), one after the other. */
  async #hearAll(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) await this.#hear(part);
  }

  #hear(data: Buffer): void | Promise<void> {
    const message = parseMessage(data, this.#options.limits);
    // Responses come on the stream of their request and nowhere else.
    if (!('outcome' in message) && message.kind !== 'response') return this.#options.onPush(message);
  }

  // 405: it has no such stream (MCP 2025-11-25 "Listening for Messages"). Many answer 404 where they know no GET at all,
  // so that it says nothing about the session. Neither is asked again.
  onAnswer(status: number, _body: Buffer, head: IncomingHttpHeaders): void {
    if (status >= 500) this.#again();
    else if (status === 401) void this.#knockAgain(head['www-authenticate']);
    else this.#refuse();
  }

  onStreamEnd(position: StreamPosition): void {
    if (!this.#stopped) this.#standing = Promise.withResolvers();
    this.#reconnection.learn(position);
    this.#again();
  }

  onFault(): void {
    this.#again();
  }

  /** A token that has ended says nothing about the stream. */
  async #knockAgain(challenge: string | undefined): Promise<void> {
    const { link, credential } = this.#options;
    const another = await this.#reconnection.turnedAway(new HttpStatusFault(link.server, 401, challenge));
    if (another) this.#again();
    else if (credential === undefined) this.#refuse();
    else {
      this.#turnedAway = true;
      this.#standing.resolve();
    }
  }

  #refuse(): void {
    this.refused = true;
    this.#standing.resolve();
  }

  #open = (): void => {
    const { link, headMs } = this.#options;
    const headers = this.#options.headers();
    const { lastEventId } = this.#reconnection;
    const all = lastEventId === undefined ? headers : [...headers, 'last-event-id', lastEventId];
    this.#exchange = link.get('push', all, this, headMs);
  };

  #again = (): void => {
    if (!this.#stopped && !this.#reconnection.again(this.#open, this.#again)) this.#refuse();
  };
}
