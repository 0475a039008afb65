// The event stream of MCP 2024-11-05 (HTTP+SSE): first the address for messages, then everything that the server has to say.
import type { IncomingHttpHeaders } from 'node:http';
import { GenkanError } from '../base/errors.ts';
import type { SseEvent } from '../protocol/sse.ts';
import type { AnswerReader, HttpExchange, StreamPosition } from './http-exchange.ts';
import { HttpStatusFault } from './http-link.ts';
import type { HeaderList, HttpLink } from './http-link.ts';

export interface ServerStreamOptions {
  readonly link: HttpLink;
  readonly headers: HeaderList;
  /** How long the server may take to name the address. */
  readonly startMs: number;
  /** The data of a message. A returned promise holds the stream, and so the server, back. */
  readonly onData: (data: Buffer) => void | Promise<void>;
  /** The stream that stood is over. */
  readonly onEnd: (reason: string) => void;
}

export class ServerStream implements AnswerReader {
  /** The path to which messages are posted. */
  readonly endpoint: Promise<string>;
  readonly #options: ServerStreamOptions;
  readonly #named: (path: string) => void;
  readonly #failed: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #exchange: HttpExchange | undefined;
  #stands = false;
  #stopped = false;

  /** @throws GenkanError `upstream_unavailable` when it cannot even be tried */
  constructor(options: ServerStreamOptions) {
    const { link, headers, startMs } = options;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#options = options;
    this.endpoint = promise;
    this.#named = resolve;
    this.#failed = reject;
    this.#exchange = link.get('push', headers, this, startMs);
    this.#timer = setTimeout(() => {
      this.#fail(new GenkanError('upstream_timeout', { server: link.server, seconds: startMs / 1000 }));
    }, startMs);
  }

  stop(): void {
    this.#fail(this.#options.link.unavailable('it was closed'));
  }

  onEvent({ event = 'message', data }: SseEvent): void | Promise<void> {
    if (this.#stopped) return undefined;
    if (this.#stands) return event === 'message' && data.length > 0 ? this.#options.onData(data) : undefined;
    const { link } = this.#options;
    if (event !== 'endpoint') return this.#fail(this.#invalid('its stream does not begin with an endpoint'));
    // What is posted there carries our credentials: whoever answers must not send them anywhere else.
    const path = data.length > maxEndpointBytes ? undefined : link.pathOf(data.toString('utf8'));
    if (path === undefined) return this.#fail(link.unavailable('its endpoint is not at the address of the server'));
    clearTimeout(this.#timer);
    this.#stands = true;
    this.#named(path);
    return undefined;
  }

  onAnswer(status: number, _body: Buffer, head: IncomingHttpHeaders): void {
    const { server } = this.#options.link;
    const streams = status >= 200 && status < 300;
    this.#fail(
      streams
        ? this.#invalid('it answers GET with no event stream')
        : new HttpStatusFault(server, status, head['www-authenticate']),
    );
  }

  onStreamEnd(_position: StreamPosition, error?: Error): void {
    const { link, startMs, onEnd } = this.#options;
    if (this.#stopped) return;
    if (!this.#stands)
      return this.#fail(error === undefined ? link.unavailable('its stream ended') : link.fault(error, startMs));
    this.#stopped = true;
    onEnd(error === undefined ? 'it ended the conversation' : link.fault(error, startMs).message);
  }

  onFault(error: Error): void {
    this.#fail(this.#options.link.fault(error, this.#options.startMs));
  }

  #fail(error: Error): undefined {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#failed(error);
    this.#exchange?.abort(error);
  }

  #invalid(detail: string): GenkanError {
    return new GenkanError('upstream_answer_invalid', { server: this.#options.link.server }, { detail });
  }
}

const maxEndpointBytes = 4096;
