// The HTTP answer to one MCP request: a single JSON body, or an event stream as soon as something precedes the response.
import type { ServerResponse } from 'node:http';
import { errorTable, rpcCodes } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { METHOD_NOT_FOUND } from '../protocol/between-families.ts';
import type { Era, Message, RequestId, ResponseMessage } from '../protocol/message.ts';
import { encodeSseEvent } from '../protocol/sse.ts';
import type { Resumable } from './conversations/conversation.ts';
import { failureOf } from './reply.ts';
import type { Reply } from './reply.ts';
import type { KeptStream, ResumableStreams } from './conversations/resumable-streams.ts';

/** What is kept for a client that is slow to read. */
const maxUnreadBytes = 4_194_304;
const keepAliveComment = Buffer.from(': keep-alive\n\n');
const [opening, separator, closing] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];
const streamHeaders = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

export class Answer implements Reply, Resumable {
  #response: ServerResponse;
  readonly #language: Language;
  readonly #keepAliveMs: number;
  readonly #methods: readonly string[];
  #keepAlive: NodeJS.Timeout | undefined;
  #resumable: ResumableStreams | undefined;
  #kept: KeptStream | undefined;
  #likeStream = false;
  #eventName: string | undefined;
  /** Resolves when the client has taken what was written; shared by all that wait for it. */
  #room: Promise<void> | undefined;

  /** @param methods the HTTP methods of the address, for whoever uses another */
  constructor(response: ServerResponse, language: Language, keepAliveMs: number, methods: readonly string[]) {
    this.#response = response;
    this.#language = language;
    this.#methods = methods;
    this.#keepAliveMs = keepAliveMs;
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  get behind(): boolean {
    return this.#response.writableLength > maxUnreadBytes;
  }

  /** Whether it has become an event stream. */
  get streaming(): boolean {
    return this.#keepAlive !== undefined;
  }

  get resumable(): Resumable {
    return this;
  }

  /** Sets a header of the answer, e.g. `Mcp-Session-Id`; has no effect once the answer has begun. */
  header(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value);
  }

  /** Keeps its events, should it become an event stream, for a client that comes back. */
  keepIn(streams: ResumableStreams): void {
    this.#resumable = streams;
  }

  /** Begins an event stream, if it has not begun. */
  stream(): void {
    if (this.#keepAlive !== undefined || this.#response.headersSent || this.closed) return;
    const response = this.#response;
    response.writeHead(200, streamHeaders);
    response.flushHeaders();
    const keepAlive = setInterval(() => response.write(keepAliveComment), this.#keepAliveMs);
    response.once('close', () => clearInterval(keepAlive));
    this.#keepAlive = keepAlive;
    this.#kept = this.#resumable?.begin(this);
    if (this.#kept !== undefined) response.write(this.#kept.prime());
  }

  likeStream(): void {
    this.#likeStream = this.#response.req.headers.accept?.includes('text/event-stream') === true;
  }

  hangUp(): void {
    this.stream();
    if (this.#kept?.kept === true) this.end();
  }

  /** Begins the stream of the HTTP+SSE transport: its first event says where to post (MCP 2024-11-05, transports, "HTTP with SSE"). */
  announce(endpoint: string): void {
    this.#eventName = 'message';
    this.stream();
    if (!this.closed) this.#response.write(encodeSseEvent({ event: 'endpoint', data: Buffer.from(endpoint) }));
  }

  /** Goes on where its client has come back: in place of an answer to another request, with the events that were missed. */
  goOn(missed: readonly Buffer[], ended: boolean, place: Answer): void {
    clearInterval(this.#keepAlive);
    this.cut(); // nobody reads it any more
    place.stream();
    this.#response = place.#response;
    this.#keepAlive = place.#keepAlive;
    if (this.closed) return; // it has gone away again
    for (const event of missed) this.#response.write(event);
    if (ended) this.end();
  }

  interim(message: Message): void | Promise<void> {
    return this.push(message) ? undefined : this.room();
  }

  /** Resolves when a client that is behind has read everything, or is gone. */
  room(): Promise<void> {
    this.#room ??= new Promise((resolve) => {
      const response = this.#response;
      const done = (): void => {
        response.off('drain', done).off('close', done);
        this.#room = undefined;
        resolve();
      };
      response.once('drain', done).once('close', done);
    });
    return this.#room;
  }

  /** Sends a message without waiting for room. @returns false when the client is behind with reading */
  push(message: Message): boolean {
    if (this.#lost) return true;
    this.stream();
    const event = this.#encode(message);
    return this.closed || this.#response.write(event);
  }

  /** Sends the response and ends the answer. A client that has gone away gets nothing, unless it comes back. */
  final(message: ResponseMessage, status = 200): void {
    if (this.#lost) return;
    if (this.#keepAlive !== undefined) {
      clearInterval(this.#keepAlive);
      const event = this.#encode(message);
      if (!this.closed) this.#response.end(event);
      this.#kept?.end();
    } else if (this.#likeStream && status === 200) {
      this.#response.writeHead(200, streamHeaders).end(this.#encode(message));
    } else {
      this.#json(message.raw, status);
    }
  }

  /** Sends the responses to a batch as one array of their own bytes. */
  finals(messages: readonly ResponseMessage[]): void {
    const parts = messages.flatMap(({ raw }, index) => [index === 0 ? opening : separator, raw]);
    this.#json(Buffer.concat([...parts, closing]), 200);
  }

  #json(body: Buffer, status: number): void {
    if (this.closed) return;
    this.#response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
    this.#response.end(body);
  }

  /** True when the client is gone and cannot come back. */
  get #lost(): boolean {
    return this.closed && this.#kept?.kept !== true;
  }

  #encode({ raw }: Message): Buffer {
    return this.#kept?.encode(raw) ?? encodeSseEvent({ event: this.#eventName, data: raw });
  }

  /** 202: a notification or a client's response was taken. */
  accepted(): void {
    if (!this.closed) this.#response.writeHead(202, { 'content-length': 0 }).end();
  }

  /** 204: the session was ended, or there is nothing to come back for. */
  done(): void {
    this.#response.writeHead(204).end();
  }

  /** Ends a stream that nothing concludes. */
  end(): void {
    clearInterval(this.#keepAlive);
    if (!this.closed) this.#response.end();
  }

  /** Calls back once nothing can reach the client any more, whoever ended it. */
  onceClosed(callback: () => void): void {
    if (this.#response.closed) callback();
    else this.#response.once('close', callback);
  }

  /** Breaks a stream off that its client does not read: what it was to read is let go at once. */
  cut(): void {
    this.#response.destroy();
  }

  /** Refuses a message; `id` and `era` where it was a request that could be read. */
  refuse(refusal: Refusal, id?: RequestId, era?: Era): void {
    const status = statusOfRefusal(refusal.code, id, era);
    if (status === 413) this.header('connection', 'close'); // what is left of the body is not read
    if (status === 405) this.header('allow', this.#methods.join(', '));
    this.final(this.failure(refusal, id ?? null), status);
  }

  /** 401 with the challenge that tells the client where to sign in (RFC 9728 §5.1). */
  challenge(refusal: Refusal, wwwAuthenticate: string): void {
    this.header('www-authenticate', wwwAuthenticate);
    this.final(this.failure(refusal, null), errorTable[refusal.code].http);
  }

  /** The JSON-RPC error for a refusal, in the client's language. */
  failure(refusal: Refusal, id: RequestId | null): ResponseMessage {
    return failureOf(refusal, id, this.#language);
  }
}

/** Verdicts on what a request asks for travel in band, since there alone clients read them. */
const inBand: ReadonlySet<number> = new Set([
  rpcCodes.access,
  rpcCodes.inspect,
  rpcCodes.upstream,
  rpcCodes.record,
  -32602,
]);

function statusOfRefusal(code: ErrorCode, id: RequestId | undefined, era: Era | undefined): number {
  const { http, rpc } = errorTable[code];
  // Of a scope that is missing clients learn from the HTTP status alone.
  if (id === undefined || code === 'inspect_envelope_invalid' || code === 'identity_scope_missing') return http;
  if (http === 429) return http; // whatever stands between client and Genkan understands it as well
  if (era === 'legacy' && rpc === METHOD_NOT_FOUND) return 200; // 404 would end the client's session (MCP 2025-11-25, Session Management)
  return inBand.has(rpc) ? 200 : http;
}

/** The HTTP status for a response of a server (MCP 2026-07-28, Streamable HTTP, "Error Handling"). */
export function statusOfResponse({ error }: ResponseMessage, era: Era): number {
  if (error === undefined || era === 'legacy') return 200;
  if (error.code === METHOD_NOT_FOUND) return 404;
  return error.code <= -32020 && error.code >= -32022 ? 400 : 200;
}
