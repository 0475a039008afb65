// One message sent over HTTP, and its answer: JSON, an event stream, or an event stream in several pieces.
import type { IncomingHttpHeaders } from 'node:http';
import { GenkanError } from '../base/errors.ts';
import { failure } from '../protocol/message.ts';
import type { Message, ResponseMessage } from '../protocol/message.ts';
import { asWritten } from '../protocol/written-numbers.ts';
import { isBatch, membersOf } from '../protocol/batch.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import type { SseEvent } from '../protocol/sse.ts';
import type { Credential } from './authorization/credential.ts';
import type { ConnectOptions, SendOptions } from './channel.ts';
import type { AnswerReader, HttpExchange, StreamPosition } from './http-exchange.ts';
import { HttpStatusFault } from './http-link.ts';
import type { HeaderList, HttpLink } from './http-link.ts';
import { InterimGate } from './interim.ts';
import { Reconnection } from './reconnection.ts';
import { SessionGone } from './session-gone.ts';

/** What a call needs to know of its conversation. */
export interface Conversation {
  readonly era: 'legacy' | 'modern';
  readonly link: HttpLink;
  readonly limits: ParseLimits;
  /** For POST. */
  readonly headers: HeaderList;
  /** For GET. */
  readonly streamHeaders: HeaderList;
  readonly hasSession: boolean;
  /** Of the person whose conversation it is; what it comes up with is shown from then on. */
  readonly credential: Credential | undefined;
  readonly onPush: ConnectOptions['onPush'];
  readonly onSessionGone: () => void;
  /** The call is over and its connection with it, or soon; `error` when it failed. */
  readonly onOver: (call: HttpCall, error?: Error) => void;
}

export interface CallOptions extends SendOptions {
  readonly silenceMs: number;
  readonly onHead?: (headers: IncomingHttpHeaders) => void;
}

export class HttpCall implements AnswerReader {
  readonly answer: Promise<ResponseMessage | undefined>;
  readonly onHead: CallOptions['onHead'];
  readonly #conversation: Conversation;
  readonly #message: Message;
  readonly #options: CallOptions;
  readonly #resolve: (response: ResponseMessage | undefined) => void;
  readonly #reject: (error: Error) => void;
  #exchange: HttpExchange | undefined;
  #reconnection: Reconnection | undefined;
  #gate: InterimGate | undefined;
  #onAbort: (() => void) | undefined;
  #settled = false;
  /** Given up by its owner, while the server goes on with it on an open connection. */
  #abandoned = false;
  #lingering: NodeJS.Timeout | undefined;

  constructor(conversation: Conversation, message: Message, options: CallOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<ResponseMessage | undefined>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#conversation = conversation;
    this.#message = message;
    this.#options = options;
    this.onHead = options.onHead;
  }

  /** @throws GenkanError `upstream_unavailable` when it cannot even be tried */
  start(): void {
    const { headers: own, signal, silenceMs } = this.#options;
    const { link, headers } = this.#conversation;
    signal?.throwIfAborted();
    // A subscription has nothing to say for hours; its connection is watched by TCP keep-alive.
    const listens = this.#message.kind === 'request' && this.#message.method === 'subscriptions/listen';
    const bounds = { head: silenceMs, body: listens ? 0 : silenceMs };
    const all = own === undefined ? headers : withOwn(headers, own);
    const purpose = this.#message.kind !== 'request' ? 'word' : listens ? 'listen' : 'call';
    this.#exchange = link.post(purpose, this.#message.raw, all, this, bounds);
    if (signal === undefined) return;
    this.#onAbort = () => this.#giveUp(signal.reason as Error);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Ends the call from our side and closes its connection. */
  end(error: Error): void {
    this.fail(error);
    this.#reconnection?.cancel();
    this.#exchange?.abort(error);
  }

  fail(error: Error): void {
    if (this.#settle(error)) this.#reject(error);
  }

  onAnswer(status: number, body: Buffer, head: IncomingHttpHeaders): void {
    if (this.#settled) return this.#leave();
    const { link, hasSession, era } = this.#conversation;
    // MCP 2025-11-25 "Session Management": 404 to a request with a session id means that the session is gone.
    if (status === 404 && era === 'legacy' && hasSession) {
      // Of the others, and of a call whose stream was to go on, it is not known how far the server came.
      const refused = this.#reconnection === undefined;
      this.fail(refused ? new SessionGone(link.server) : link.unavailable('its session is gone'));
      return this.#conversation.onSessionGone();
    }
    if (this.#reconnection !== undefined) return void this.#miss(this.#reconnection, status, head['www-authenticate']);
    const accepted = status >= 200 && status < 300;
    if (this.#message.kind !== 'request') {
      if (!accepted) return this.fail(link.statusFault(status, head));
      if (this.#settle()) this.#resolve(undefined);
      return;
    }
    // JSON-RPC errors come with 4xx as well; but a wall in front of the server does not speak for it.
    const speaks = accepted || (status >= 400 && status < 500 && !walls.has(status));
    if (!speaks) return this.fail(link.statusFault(status, head));
    if (accepted && era === 'legacy' && isBatch(body)) {
      return void this.#hearAll(membersOf(body)).then(() => this.fail(this.#invalid('its batch has no answer')));
    }
    const message = parseMessage(body, this.#conversation.limits);
    if ('outcome' in message || message.kind !== 'response') {
      return this.fail(
        accepted ? this.#invalid('outcome' in message ? message.code : message.kind) : link.statusFault(status, head),
      );
    }
    this.#respond(message);
  }

  onEvent({ event, data }: SseEvent): void | Promise<void> {
    this.#options.onStream?.();
    // Given up or answered: read on to the end, since breaking off would cancel the call in some servers.
    if (this.#settled || data.length === 0 || (event !== undefined && event !== 'message')) return undefined;
    this.#reconnection?.progressed();
    const batch = this.#conversation.era === 'legacy' && isBatch(data);
    return batch ? this.#hearAll(membersOf(data)) : this.#hear(data);
  }

  /** The members of a batch (MCP 2025-03-26, transports), one after the other. */
  async #hearAll(parts: readonly Buffer[]): Promise<void> {
    try {
      for (const part of parts) if (!this.#settled) await this.#hear(part);
    } catch (error) {
      this.end(error as Error);
    }
  }

  #hear(data: Buffer): void | Promise<void> {
    const message = parseMessage(data, this.#conversation.limits);
    if ('outcome' in message) return this.end(this.#invalid(message.code));
    if (message.kind === 'response') return this.#respond(message);
    const { interim } = this.#options;
    if (interim === undefined) return this.#conversation.onPush(message);
    this.#gate ??= new InterimGate(interim, (error) => this.#giveUp(error));
    return this.#gate.deliver(message);
  }

  onStreamEnd(position: StreamPosition, error?: Error): void {
    if (this.#settled) return this.#leave();
    if (this.#conversation.era === 'legacy') {
      this.#reconnection ??= new Reconnection(this.#conversation.credential);
      this.#reconnection.learn(position);
      if (this.#resume()) {
        if (error === undefined) this.#options.onHangUp?.();
        return;
      }
    }
    this.fail(error === undefined ? this.#invalid('its stream ended without an answer') : this.#fault(error));
  }

  onFault(error: Error): void {
    if (this.#settled) return this.#leave();
    if (!this.#resume()) this.fail(this.#fault(error));
  }

  /** MCP 2025-11-25 "Resumability": a stream that ends before the response goes on after its last event. */
  #resume(): boolean {
    const conversation = this.#conversation;
    const reconnection = this.#reconnection;
    const lastEventId = reconnection?.lastEventId;
    if (reconnection === undefined || lastEventId === undefined) return false;
    return reconnection.again(
      () => {
        const headers = [...conversation.streamHeaders, 'last-event-id', lastEventId];
        this.#exchange = conversation.link.get('resume', headers, this, this.#options.silenceMs);
      },
      (error) => this.onFault(error),
    );
  }

  /**
   * The rest of the answer was not to be had. A call that has begun was not turned away, whatever this refusal says: sent
   * again it could take effect twice.
   */
  async #miss(reconnection: Reconnection, status: number, challenge: string | undefined): Promise<void> {
    const { link } = this.#conversation;
    const another = await reconnection.turnedAway(new HttpStatusFault(link.server, status, challenge));
    if (this.#settled) return this.#leave();
    if (!another || !this.#resume()) this.fail(link.unavailable(`it answered with HTTP ${status} amid an answer`));
  }

  #respond(message: ResponseMessage): void {
    const { id } = this.#message as Extract<Message, { kind: 'request' }>;
    this.#conversation.link.answered();
    if (message.id === id) {
      if (this.#settle()) this.#resolve(message);
    } else if (message.id === null && message.error !== undefined) {
      // The server could not tell the id; on this stream there is only one.
      if (this.#settle()) this.#resolve(failure(id, asWritten(message).error!));
    } else this.end(this.#invalid('it answered another request'));
  }

  /** The owner no longer wants the answer. */
  #giveUp(reason: Error): void {
    // MCP 2026-07-28: closing the stream is how a call is cancelled. Up to 2025-11-25 it must not mean that.
    if (this.#conversation.era === 'modern') return this.end(reason);
    this.#abandoned = this.#reconnection?.cancel() !== true;
    // Many servers leave the stream of a cancelled call open for ever; by then they have heard that it is cancelled.
    if (this.#abandoned) this.#lingering = setTimeout(() => this.#exchange?.abort(reason), lingerMs).unref();
    this.fail(reason);
  }

  #leave(): void {
    clearTimeout(this.#lingering);
    this.#conversation.onOver(this);
  }

  #settle(error?: Error): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#gate?.end();
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener('abort', this.#onAbort);
    if (!this.#abandoned) this.#conversation.onOver(this, error);
    return true;
  }

  #fault(error: Error): GenkanError {
    return this.#conversation.link.fault(error, this.#options.silenceMs);
  }

  #invalid(detail: string): GenkanError {
    return new GenkanError('upstream_answer_invalid', { server: this.#conversation.link.server }, { detail });
  }
}

function withOwn(headers: HeaderList, own: Readonly<Record<string, string>>): HeaderList {
  const all = headers.slice();
  for (const name in own) all.push(name, own[name]!);
  return all;
}

/** How long the connection of a call that was given up is read on. */
const lingerMs = 5000;

/** Answers of gatekeepers: sign in, forbidden, sign in to the proxy, too slow, too often. */
const walls = new Set([401, 403, 407, 408, 429]);
