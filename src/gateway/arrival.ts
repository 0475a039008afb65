// A message as it arrives, over HTTP or a pipe, with what every later step wants to know of the way that it came.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { oneLine } from '../base/one-line.ts';
import { languageOf } from '../base/text.ts';
import type { Language } from '../base/text.ts';
import type { Era } from '../protocol/message.ts';
import type { Pipe } from './pipe.ts';
import { spanBeside, traceOf } from './tracing.ts';
import type { Trace, TraceRules } from './tracing.ts';

/** The transport's own part of an address: Streamable HTTP has one for everything, HTTP+SSE one to listen and one to post. */
export type Entrance = 'mcp' | 'sse' | 'message';

/** The HTTP methods of each. */
export const entrances: Readonly<Record<Entrance, readonly string[]>> = {
  mcp: ['POST', 'GET', 'DELETE'],
  sse: ['GET'],
  message: ['POST'],
};

export interface Arrival {
  readonly entrance: Entrance;
  /** Over stdio, the pipe through which everything of this client comes and goes. */
  readonly pipe?: Pipe;
  /** In which HTTP repeats parts of a message; none over stdio. */
  readonly headers: IncomingHttpHeaders;
  /** Named by `/mcp/{server}`; undefined for `/mcp`. */
  readonly server: string | undefined;
  /** RFC 8707 resource for which the token must have been issued, the same for both transports. */
  readonly resource: string;
  /** The session that the request names, by header or, over HTTP+SSE, by query; over stdio there is but one. */
  readonly sessionId: string | undefined;
  readonly atMs: number;
  /** The same moment on a clock that nothing moves. */
  readonly since: number;
  readonly correlationId: string;
  readonly trace: Trace;
  readonly sourceIP: string;
  readonly userAgent: string;
  readonly language: Language;
  /**
   * Aborts with GenkanError `gateway_cancelled` when the answer can no longer reach the client. A legacy client that disconnects has not cancelled
   * (MCP 2025-11-25, transports, "Sending Messages"); a modern one has (2026-07-28).
   */
  readonly gone: (era: Era) => AbortSignal;
}

/** One HTTP request at an MCP address. */
export interface HttpArrival extends Arrival {
  readonly method: string;
  /** The HTTP request, whose body is still to be read. */
  readonly body: IncomingMessage;
  /** The resource as the client knows it, by the address at which it begins (RFC 9728 §3.3). */
  readonly address: string;
  /** What a proof of possession speaks of besides the method (RFC 9449 §4.2), and the proof. */
  readonly url: string;
  readonly proof: string | undefined;
}

export const never: AbortSignal = new AbortController().signal;

export function arrive(
  request: IncomingMessage,
  response: ServerResponse,
  server: string | undefined,
  entrance: Entrance,
  house: {
    readonly clock: Clock;
    readonly publicUrl: string;
    readonly traces: TraceRules;
    readonly sourceAddress: (request: IncomingMessage) => string;
  },
): HttpArrival {
  const resource = `${house.publicUrl}${mcpPath(server)}`;
  return {
    method: request.method ?? '',
    entrance,
    headers: request.headers,
    body: request,
    server,
    resource,
    address: entrance === 'mcp' ? resource : `${house.publicUrl}${ssePath(server, 'sse')}`,
    url: `${house.publicUrl}${(request.url ?? '').split('?', 1)[0]!}`,
    proof: inHeader(request.headers['dpop']),
    sessionId: entrance === 'mcp' ? inHeader(request.headers['mcp-session-id']) : inQuery(request.url),
    atMs: house.clock.now(),
    since: performance.now(),
    correlationId: correlationId(),
    trace: traceOf(request.headers, house.traces),
    sourceIP: house.sourceAddress(request),
    userAgent: oneLine(request.headers['user-agent'] ?? ''),
    language: languageOf(request.headers['accept-language']),
    gone(era) {
      if (era === 'legacy') return never;
      const controller = new AbortController();
      const cancel = (): void => {
        if (!response.writableFinished) controller.abort(new GenkanError('gateway_cancelled'));
      };
      if (response.destroyed) cancel();
      else response.once('close', cancel);
      return controller.signal;
    },
  };
}

/** How one member of a batch arrived: with all the others, and yet its outcome is its own. */
export const memberOf = <Way extends Arrival>(arrival: Way, index: number): Way => ({
  ...arrival,
  correlationId: `${arrival.correlationId}/${index}`,
  trace: spanBeside(arrival.trace),
});

/** The path of Streamable HTTP at one server or, without one, at all of them. */
export const mcpPath = (server: string | undefined): string => (server === undefined ? '/mcp' : `/mcp/${server}`);

/** The path of the HTTP+SSE transport at one server or, without one, at all of them. */
export const ssePath = (server: string | undefined, part: 'sse' | 'message'): string =>
  server === undefined ? `/${part}` : `/mcp/${server}/${part}`;

const inHeader = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

function inQuery(url = ''): string | undefined {
  const named = new URLSearchParams(url.split('?', 2)[1]).getAll('sessionId');
  return named.length === 1 ? named[0] : undefined;
}
