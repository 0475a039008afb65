// A conversation over Streamable HTTP: a legacy session, or a modern channel that keeps no state.
import type { IncomingHttpHeaders } from 'node:http';
import { eraOf } from '../protocol/revisions.ts';
import type { Era, Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import type { Credential } from './authorization/credential.ts';
import type { ConnectOptions, SendOptions } from './channel.ts';
import { HttpCall } from './http-call.ts';
import type { CallOptions, Conversation } from './http-call.ts';
import type { HeaderList, HttpLink } from './http-link.ts';
import { PushStream } from './push-stream.ts';
import type { ChannelEvents, OpenChannel } from './transport.ts';
import { within } from './within.ts';
import { Words } from './words.ts';

export interface HttpChannelOptions extends ChannelEvents {
  readonly era: Era;
  readonly link: HttpLink;
  /** Headers from the server's settings, secrets already resolved. */
  readonly headers: HeaderList;
  readonly limits: ParseLimits;
  readonly timeoutMs: number;
  readonly startMs: number;
  /** Of the person whose conversation it is, where the server asks for sign-in. */
  readonly credential?: Credential | undefined;
}

export class HttpChannel implements OpenChannel, Conversation {
  readonly era: Era;
  readonly link: HttpLink;
  readonly limits: ParseLimits;
  readonly onPush: ConnectOptions['onPush'];
  headers: HeaderList = [];
  streamHeaders: HeaderList = [];
  hasSession = false;
  readonly credential: Credential | undefined;
  lastUsedMs = performance.now();

  readonly #options: HttpChannelOptions;
  /** Each with the id under which it can yet be cancelled. */
  readonly #calls = new Map<HttpCall, RequestId | undefined>();
  /** Requests that ended without an answer, so that the server may still be at work on them. */
  readonly #unanswered = new Set<RequestId>();
  readonly #words: Words;
  #identity: HeaderList = [];
  #shown: string | undefined;
  #pushes: PushStream | undefined;
  #over: string | undefined;

  constructor(options: HttpChannelOptions) {
    this.era = options.era;
    this.link = options.link;
    this.limits = options.limits;
    this.onPush = options.onPush;
    this.#options = options;
    this.#words = new Words(options.link);
    this.credential = options.credential && this.#showing(options.credential);
    this.#identify(options.headers);
  }

  /** Calls in flight. */
  get active(): number {
    return this.#calls.size;
  }

  get deaf(): boolean {
    return this.#pushes?.refused === true;
  }

  heard(): Promise<void> {
    return this.#pushes?.settled ?? Promise.resolve();
  }

  /** Opens a legacy session. A response with an error leaves the channel without a session. */
  async begin(initialize: RequestMessage): Promise<ResponseMessage> {
    let head: IncomingHttpHeaders = {};
    const onHead = (headers: IncomingHttpHeaders): void => void (head = headers);
    const answer = (await this.#call(initialize, { silenceMs: this.#options.startMs, onHead })) as ResponseMessage;
    const revision = answer.result?.['protocolVersion'];
    const identity = [...this.#options.headers];
    if (eraOf(revision) === 'legacy') identity.push('mcp-protocol-version', revision as string);
    const session = head['mcp-session-id'];
    if (typeof session === 'string' && session !== '') {
      // MCP 2025-11-25 "Session Management": only visible ASCII. Anything else would have to be refused with every call.
      if (!/^[\x21-\x7e]{1,1024}$/.test(session)) throw this.link.unavailable('its session id is not visible ASCII');
      identity.push('mcp-session-id', session);
      this.hasSession = true;
    }
    this.#identify(identity);
    return answer;
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  send(message: Message, options?: SendOptions): Promise<ResponseMessage | undefined> {
    const silenceMs = this.#options.timeoutMs;
    const all = options === undefined ? { silenceMs } : { ...options, silenceMs };
    return message.kind === 'request' ? this.#call(message, all) : this.#say(message, all);
  }

  /** Shows this value of `Authorization` with every message from now on; undefined for none. */
  show(authorization: string | undefined): void {
    if (authorization === this.#shown) return;
    this.#shown = authorization;
    this.#identify(this.#identity);
    if (authorization !== undefined) this.#pushes?.onShown();
  }

  async close(): Promise<void> {
    if (!this.#end('it was closed')) return;
    this.#options.onOver();
    if (this.hasSession) await this.link.delete(this.streamHeaders, farewellMs);
  }

  onSessionGone = (): void => {
    const reason = 'its session is gone';
    if (this.#end(reason)) this.#options.onOver(reason);
  };

  onOver = (call: HttpCall, error?: Error): void => {
    const id = this.#calls.get(call);
    this.#calls.delete(call);
    if (error !== undefined && id !== undefined) this.#remember(id);
    if (error !== undefined && this.#over === undefined) this.#options.onFault(error);
  };

  #call(message: Message, options: CallOptions): Promise<ResponseMessage | undefined> {
    if (this.#over !== undefined) return Promise.reject(this.link.unavailable(this.#over));
    this.lastUsedMs = performance.now();
    const call = new HttpCall(this, message, options);
    this.#calls.set(call, message.kind === 'request' ? message.id : undefined);
    try {
      call.start();
    } catch (error) {
      call.fail(error as Error);
    }
    return call.answer;
  }

  async #say(message: Exclude<Message, RequestMessage>, options: CallOptions): Promise<undefined> {
    const said = message.kind === 'notification' ? message : undefined;
    if (said?.method === 'notifications/cancelled' && !this.#takeBack(said.params['requestId'])) return;
    // A word has no answer to wait for, however much the server says instead.
    const say = (late: AbortSignal) => this.#call(message, { signal: late, ...options });
    await this.#words.carry(() => within(this.link.server, this.#options.startMs, say));
    if (said?.method === 'notifications/initialized') this.#listen();
  }

  /** Whether a cancellation has something to cancel (MCP 2025-11-25, cancellation, "Behavior Requirements"): each request once. */
  #takeBack(id: unknown): boolean {
    if (id === undefined) return false;
    for (const [call, open] of this.#calls) {
      if (open !== id) continue;
      this.#calls.set(call, undefined);
      return true;
    }
    return this.#unanswered.delete(id as RequestId);
  }

  #remember(id: RequestId): void {
    this.#unanswered.add(id);
    if (this.#unanswered.size > maxUnanswered) this.#unanswered.delete(this.#unanswered.values().next().value!);
  }

  #listen(): undefined {
    if (this.era !== 'legacy' || this.#pushes !== undefined || this.#over !== undefined) return;
    this.#pushes = new PushStream({
      link: this.link,
      headers: () => this.streamHeaders,
      limits: this.limits,
      headMs: this.#options.timeoutMs,
      credential: this.credential,
      onPush: (message) => {
        this.lastUsedMs = performance.now();
        return this.onPush(message);
      },
    });
  }

  #showing(credential: Credential): Credential {
    return {
      ...credential,
      header: async () => {
        const header = await credential.header();
        this.show(header);
        return header;
      },
    };
  }

  #identify(identity: HeaderList): void {
    this.#identity = identity;
    const all = this.#shown === undefined ? identity : [...identity, 'authorization', this.#shown];
    this.headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream', ...all];
    this.streamHeaders = ['accept', 'text/event-stream', ...all];
  }

  /** @returns whether this was the end */
  #end(reason: string): boolean {
    if (this.#over !== undefined) return false;
    this.#over = reason;
    this.#pushes?.stop();
    for (const call of this.#calls.keys()) call.end(this.link.unavailable(reason));
    return true;
  }
}

const maxUnanswered = 1024;

/** How long a server may take to hear that a session is over. */
const farewellMs = 3000;
