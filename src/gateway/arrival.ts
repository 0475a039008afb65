// One HTTP request as it arrives at an MCP address, with what every later step wants to know of it.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { languageOf } from '../base/text.ts';
import type { Language } from '../base/text.ts';
import type { Era } from '../protocol/message.ts';

export interface Arrival {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The HTTP request, whose body is still to be read. */
  readonly body: IncomingMessage;
  /** Named by `/mcp/{server}`; undefined for `/mcp`. */
  readonly server: string | undefined;
  /** RFC 8707 resource for which the token must have been issued. */
  readonly resource: string;
  readonly atMs: number;
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
  readonly language: Language;
  /**
   * Aborts with GenkanError `gateway_cancelled` when the answer can no longer reach the client. A legacy client that disconnects has not cancelled
   * (MCP 2025-11-25, transports, "Sending Messages"); a modern one has (2026-07-28).
   */
  readonly gone: (era: Era) => AbortSignal;
}

const never = new AbortController().signal;

export function arrive(
  request: IncomingMessage,
  response: ServerResponse,
  server: string | undefined,
  house: {
    readonly clock: Clock;
    readonly publicUrl: string;
    readonly sourceAddress: (request: IncomingMessage) => string;
  },
): Arrival {
  return {
    method: request.method ?? '',
    headers: request.headers,
    body: request,
    server,
    resource: server === undefined ? `${house.publicUrl}/mcp` : `${house.publicUrl}/mcp/${server}`,
    atMs: house.clock.now(),
    correlationId: correlationId(),
    sourceIP: house.sourceAddress(request),
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 256),
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
