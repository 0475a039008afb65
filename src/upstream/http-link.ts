// The way to one HTTP endpoint: bounded keep-alive connections, and what their faults mean.
import type { IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { Pool } from 'undici';
import { GenkanError } from '../base/errors.ts';
import { retryAfterMs } from '../base/retry-after.ts';
import type { Clock } from '../base/clock.ts';
import type { Breaker } from './breaker.ts';
import { createCooldown } from './cooldown.ts';
import type { Cooldown } from './cooldown.ts';
import { HttpExchange } from './http-exchange.ts';
import type { AnswerReader } from './http-exchange.ts';

export interface HttpLinkOptions {
  readonly server: string;
  readonly url: string;
  readonly maxCalls: number;
  /** Bounds the calls that stay open to listen, so that these never take the place of others. */
  readonly maxListens: number;
  /** Bounds the streams on which servers push, so that these never take the place of calls. */
  readonly maxStreams: number;
  readonly connectMs: number;
  readonly maxBytes: number;
  readonly breaker: Breaker;
  readonly clock: Clock;
}

/** An answer with an HTTP status that is no MCP answer. */
export class HttpStatusFault extends GenkanError {
  readonly status: number;
  /** What it says about the sign-in that it wants (RFC 9110 §11.6.1). */
  readonly challenge: string | undefined;

  constructor(server: string, status: number, challenge?: string) {
    super('upstream_unavailable', { server }, { detail: `it answered with HTTP ${status}${meanings[status] ?? ''}` });
    this.status = status;
    this.challenge = challenge;
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

// Loaded for the first server that is reached by HTTP: whoever has a client over stdio waits for every module.
const require = createRequire(import.meta.url);
const undici = (): typeof import('undici') => require('undici') as typeof import('undici');

/** Connections for one purpose. */
interface Lane {
  readonly pool: Pool;
  /** As many as there are connections: nothing waits in a queue where no timeout would see it. */
  readonly bound: number;
  readonly full: string;
  inUse: number;
}

export class HttpLink {
  readonly server: string;
  readonly maxBytes: number;
  readonly #url: URL;
  readonly #path: string;
  readonly #calls: Lane;
  readonly #listens: Lane;
  readonly #words: Lane;
  readonly #streams: Lane;
  readonly #breaker: Breaker;
  readonly #cooldown: Cooldown;
  readonly #clock: Clock;

  constructor(options: HttpLinkOptions) {
    const url = new URL(options.url);
    this.#url = url;
    this.#path = pathIn(url);
    this.server = options.server;
    this.maxBytes = options.maxBytes;
    this.#breaker = options.breaker;
    this.#clock = options.clock;
    this.#cooldown = createCooldown(options.clock);
    const { Pool } = undici();
    const lane = (connections: number, full: string, bound = connections): Lane => ({
      pool: new Pool(url.origin, { connections, pipelining: 1, allowH2: false, connectTimeout: options.connectMs }),
      bound,
      full,
      inUse: 0,
    });
    this.#calls = lane(options.maxCalls, `${options.maxCalls} calls are in flight`);
    this.#listens = lane(options.maxListens, `${options.maxListens} subscriptions are open`);
    // Answers and cancellations get through however many calls wait for them.
    this.#words = lane(wordConnections, 'too many answers and notifications are on their way', maxWords);
    // Bounded by the conversations; a farewell may wait for the stream that it ends.
    this.#streams = lane(options.maxStreams, '', Infinity);
  }

  /**
   * Sends a message. Never repeated by itself: a call that broke off may have had its effect.
   * @param purpose `listen` for a call that stays open for what the server has to say, `word` for what is no request
   * @param silenceMs how long the server may be silent, before and within its answer
   * @param path from `pathOf`, where it is not that of the server's address
   * @throws GenkanError `upstream_unavailable` at once, when too much is in flight or the server was dead a moment ago
   */
  post(
    purpose: 'call' | 'listen' | 'word',
    body: Buffer,
    headers: HeaderList,
    reader: AnswerReader,
    silenceMs: { head: number; body: number },
    path?: string,
  ): HttpExchange {
    const lane = { call: this.#calls, listen: this.#listens, word: this.#words }[purpose];
    // Answers and cancellations belong to what it has taken on already.
    if (purpose !== 'word' && this.#cooldown.leftMs() > 0) throw this.#leftAlone();
    return this.#dispatch(lane, 'POST', body, headers, reader, silenceMs, path);
  }

  /** The path of an address that the server names, relative or whole; undefined when it is not at this very origin. */
  pathOf(reference: string): string | undefined {
    const url = URL.parse(reference, this.#url.href);
    return url?.origin === this.#url.origin ? pathIn(url) : undefined;
  }

  /** Opens an event stream: to go on with a call (`resume`), or to receive what belongs to no call (`push`). */
  get(purpose: 'resume' | 'push', headers: HeaderList, reader: AnswerReader, headMs: number): HttpExchange {
    const lane = purpose === 'push' ? this.#streams : this.#calls;
    return this.#dispatch(lane, 'GET', null, headers, reader, { head: headMs, body: 0 });
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

  /** What an answer with a status means that is none to the message. */
  statusFault(status: number, head: IncomingHttpHeaders): GenkanError {
    const asked = retryAfterMs(head['retry-after'], this.#clock.now());
    // RFC 6585 §4; RFC 9110 §15.6.4: 503 is this only where it says when it is over.
    if (status !== 429 && (status !== 503 || asked === undefined))
      return new HttpStatusFault(this.server, status, head['www-authenticate']);
    this.#cooldown.refused(asked);
    return this.#leftAlone();
  }

  /** It takes requests again. */
  answered(): void {
    this.#cooldown.answered();
  }

  #leftAlone(): GenkanError {
    const seconds = Math.max(1, Math.ceil(this.#cooldown.leftMs() / 1000));
    const data = { retryAfterSeconds: seconds };
    return new GenkanError('upstream_rate_limited', { server: this.server, seconds }, { data });
  }

  unavailable(detail: string): GenkanError {
    return new GenkanError('upstream_unavailable', { server: this.server }, { detail });
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls, this.#listens, this.#words, this.#streams].map(({ pool }) => pool.destroy()));
  }

  #dispatch(
    lane: Lane,
    method: 'GET' | 'POST' | 'DELETE',
    body: Buffer | null,
    headers: HeaderList,
    reader: AnswerReader,
    silenceMs: { head: number; body: number },
    path = this.#path,
  ): HttpExchange {
    if (!this.#breaker.mayTry()) throw this.unavailable('it could not be reached a moment ago');
    if (lane.inUse >= lane.bound) throw this.unavailable(lane.full);
    lane.inUse++;
    const exchange = new HttpExchange(reader, {
      maxBytes: this.maxBytes,
      onReached: this.#breaker.succeeded,
      onOver: (fault) => {
        lane.inUse--;
        if (fault !== undefined && unreachable.has((fault as NodeJS.ErrnoException).code ?? '')) this.#breaker.failed();
      },
    });
    lane.pool.dispatch(
      {
        path,
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

const pathIn = ({ pathname, search }: URL): string => `${pathname}${search}`;

/** What is no request is acknowledged at once, so that few connections carry many. */
const wordConnections = 64;
/** As many as 64 conversations may have on their way: twice as many as one person usually holds. */
const maxWords = 2048;

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
