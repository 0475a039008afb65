// The HTTP answer to one MCP request: a single JSON body, or an event stream as soon as something precedes the response.
import type { ServerResponse } from 'node:http';
import { describe, errorTable, rpcCodes } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { failure } from '../protocol/message.ts';
import type { Message, RequestId, ResponseMessage } from '../protocol/message.ts';
import { encodeSseEvent } from '../protocol/sse.ts';

/** Verdicts on what a request asks for, as opposed to how it was sent. */
const verdicts: ReadonlySet<number> = new Set([
  rpcCodes.access,
  rpcCodes.inspect,
  rpcCodes.upstream,
  rpcCodes.record,
  -32602,
]);
const keepAliveComment = Buffer.from(': keep-alive\n\n');

export class Answer {
  readonly #response: ServerResponse;
  readonly #language: Language;
  readonly #keepAliveMs: number;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, language: Language, keepAliveMs: number) {
    this.#response = response;
    this.#language = language;
    this.#keepAliveMs = keepAliveMs;
  }

  get streaming(): boolean {
    return this.#keepAlive !== undefined;
  }

  /** Sets a header of the answer, e.g. `Mcp-Session-Id`; has no effect once the answer has begun. */
  header(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value);
  }

  /** Begins an event stream, if it has not begun. */
  stream(): void {
    if (this.streaming || this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#response.flushHeaders();
    this.#keepAlive = setInterval(() => this.#response.write(keepAliveComment), this.#keepAliveMs);
    this.#response.once('close', () => clearInterval(this.#keepAlive));
  }

  /** Sends a message ahead of the response. The promise, if any, resolves when the client has room for more. */
  interim(message: Message): void | Promise<void> {
    if (this.#response.closed) return;
    this.stream();
    if (this.#response.write(encodeSseEvent({ data: message.raw }))) return;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.once('drain', done).once('close', done);
    });
  }

  /** Sends the response and ends the answer. A client that has gone away gets nothing. */
  final(message: ResponseMessage, status = 200): void {
    if (this.#response.writableEnded || this.#response.closed) return;
    if (this.streaming) {
      clearInterval(this.#keepAlive);
      this.#response.end(encodeSseEvent({ data: message.raw }));
    } else {
      this.#response.writeHead(status, { 'content-type': 'application/json', 'content-length': message.raw.length });
      this.#response.end(message.raw);
    }
  }

  /** 202: a notification or a client's response was taken. */
  accepted(): void {
    this.#response.writeHead(202, { 'content-length': 0 }).end();
  }

  /** 204: the session was ended. */
  done(): void {
    this.#response.writeHead(204).end();
  }

  /** Ends a stream that nothing concludes. */
  end(): void {
    clearInterval(this.#keepAlive);
    if (!this.#response.writableEnded) this.#response.end();
  }

  /**
   * Refuses. An error that belongs to a request travels in band with HTTP 200, since clients of both eras read it only
   * there; what concerns the HTTP message itself has its own status.
   */
  refuse(refusal: Refusal, id?: RequestId | null): void {
    const { http, rpc } = errorTable[refusal.code];
    if (http === 413) this.header('connection', 'close'); // what is left of the body is not read
    const inBand = id !== undefined && id !== null && verdicts.has(rpc);
    this.final(this.failure(refusal, id ?? null), inBand ? 200 : http);
  }

  /** 401 with the challenge that tells the client where to sign in (RFC 9728 §5.1). */
  challenge(refusal: Refusal, wwwAuthenticate: string): void {
    this.header('www-authenticate', wwwAuthenticate);
    this.final(this.failure(refusal, null), errorTable[refusal.code].http);
  }

  /** The JSON-RPC error for a refusal, in the client's language. */
  failure(refusal: Refusal, id: RequestId | null): ResponseMessage {
    const { message, hint } = describe(refusal, this.#language);
    const data = { reason: refusal.code, hint, ...refusal.data };
    return failure(id, { code: errorTable[refusal.code].rpc, message: `${message} ${hint}`, data });
  }
}
