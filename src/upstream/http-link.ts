// The way to one HTTP endpoint: bounded keep-alive connections, and what their faults mean.
import { Pool } from 'undici';
import { GenkanError } from '../base/errors.ts';
import type { Breaker } from './breaker.ts';
import { HttpExchange } from './http-exchange.ts';
import type { AnswerReader } from './http-exchange.ts';

export interface HttpLinkOptions {
  readonly server: string;
  readonly url: string;
  readonly maxCalls: number;
  /** Bounds the streams on which servers push, so that these never take the place of calls. */
  readonly maxStreams: number;
  readonly connectMs: number;
  readonly maxBytes: number;
  readonly breaker: Breaker;
}

/** An answer with an HTTP status that is no MCP answer. */
export class HttpStatusFault extends GenkanError {
  readonly status: number;

  constructor(server: string, status: number) {
    super('upstream_unavailable', { server }, { detail: `it answered with HTTP ${status}${meanings[status] ?? ''}` });
    this.status = status;
  }
}

const meanings: Readonly<Record<number, string>> = {
  301: ': redirects are not followed, configure the final address',
  302: ': redirects are not followed, configure the final address',
  303: ': redirects are not followed, configure the final address',
  307: ': redirects are not followed, configure the final address',
  308: ': redirects are not followed, configure the final address',
  401: ': it does not accept our credentials',
  403: ': it refuses us',
  404: ': is the address right?',
  429: ': it has had too many requests',
};

/** Flat list of names and values, as undici sends it without further ado. */
export type HeaderList = readonly string[];

export class HttpLink {
  readonly server: string;
  readonly maxBytes: number;
  readonly #path: string;
  readonly #calls: Pool;
  readonly #streams: Pool;
  readonly #maxCalls: number;
  readonly #breaker: Breaker;
  #inFlight = 0;

  constructor(options: HttpLinkOptions) {
    const url = new URL(options.url);
    this.server = options.server;
    this.maxBytes = options.maxBytes;
    this.#path = `${url.pathname}${url.search}`;
    this.#maxCalls = options.maxCalls;
    this.#breaker = options.breaker;
    const pool = (connections: number): Pool =>
      new Pool(url.origin, { connections, pipelining: 1, allowH2: false, connectTimeout: options.connectMs });
    this.#calls = pool(options.maxCalls);
    this.#streams = pool(options.maxStreams);
  }

  /**
   * Sends a message. Never repeated by itself: a call that broke off may have had its effect.
   * @param silenceMs how long the server may be silent, before and within its answer
   * @throws GenkanError `upstream_unavailable` at once, when too much is in flight or the server was dead a moment ago
   */
  post(
    body: Buffer,
    headers: HeaderList,
    reader: AnswerReader,
    silenceMs: { head: number; body: number },
  ): HttpExchange {
    return this.#dispatch(this.#calls, 'POST', body, headers, reader, silenceMs);
  }

  /** Opens an event stream: to go on with a call (`resume`), or to receive what belongs to no call (`push`). */
  get(purpose: 'resume' | 'push', headers: HeaderList, reader: AnswerReader, headMs: number): HttpExchange {
    const pool = purpose === 'push' ? this.#streams : this.#calls;
    return this.#dispatch(pool, 'GET', null, headers, reader, { head: headMs, body: 0 });
  }

  /** Tells the server that a session is over; whether it listens is its own affair. */
  delete(headers: HeaderList, patienceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const reader = { onAnswer: done, onEvent: done, onStreamEnd: done, onFault: done };
    try {
      this.#dispatch(this.#streams, 'DELETE', null, headers, reader, { head: patienceMs, body: patienceMs });
    } catch {
      done();
    }
    return promise;
  }

  /** What a failed exchange means for a call. */
  fault(error: Error, silenceMs: number): GenkanError {
    const { server } = this;
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof GenkanError && code !== 'inspect_body_too_large') return error;
    if (code === 'inspect_body_too_large') {
      return new GenkanError(
        'upstream_answer_invalid',
        { server },
        { detail: `its answer exceeds ${this.maxBytes} bytes` },
      );
    }
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
      return new GenkanError('upstream_timeout', { server, seconds: silenceMs / 1000 });
    }
    return new GenkanError('upstream_unavailable', { server }, { cause: error, detail: code ?? message });
  }

  unavailable(detail: string): GenkanError {
    return new GenkanError('upstream_unavailable', { server: this.server }, { detail });
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#streams.destroy()]);
  }

  #dispatch(
    pool: Pool,
    method: 'GET' | 'POST' | 'DELETE',
    body: Buffer | null,
    headers: HeaderList,
    reader: AnswerReader,
    silenceMs: { head: number; body: number },
  ): HttpExchange {
    if (!this.#breaker.mayTry()) throw this.unavailable('it could not be reached a moment ago');
    const counted = pool === this.#calls;
    // As many as there are connections: nothing waits in a queue where no timeout would see it.
    if (counted && this.#inFlight >= this.#maxCalls) throw this.unavailable(`${this.#maxCalls} calls are in flight`);
    if (counted) this.#inFlight++;
    const exchange = new HttpExchange(reader, {
      maxBytes: this.maxBytes,
      onReached: this.#breaker.succeeded,
      onOver: (fault) => {
        if (counted) this.#inFlight--;
        if (fault !== undefined && unreachable.has((fault as NodeJS.ErrnoException).code ?? '')) this.#breaker.failed();
      },
    });
    pool.dispatch(
      {
        path: this.#path,
        method,
        body,
        headers: headers as string[],
        headersTimeout: silenceMs.head,
        bodyTimeout: silenceMs.body,
      },
      exchange,
    );
    return exchange;
  }
}

/** Faults of the way, not of one answer. */
const unreachable = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);
