// Opens a client's line to a server in the era that both speak, or else puts the translation between them.
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { unguessableId } from '../base/ids.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { failure, notification, request, result } from '../protocol/message.ts';
import type { Era, JsonObject, Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { latestModern, modernRevisions } from '../protocol/revisions.ts';
import {
  discoverAsInitializeResult,
  discoverResult,
  initializeFor,
  toLegacyError,
  toLegacyParams,
  toLegacyResult,
  toModernError,
  toModernParams,
  toModernResult,
} from '../protocol/translate.ts';
import type { Outcome } from '../protocol/translate.ts';
import type { Upstream } from '../upstream/channel.ts';
import type { RequestOptions } from './conversation.ts';
import { openLine } from './line.ts';
import type { Catalogue, Line } from './line.ts';
import { ownEnvelope } from './own-envelope.ts';

interface Opening {
  readonly catalogue: Catalogue;
  readonly server: string;
  readonly push: (message: Message) => void;
  readonly log: Log;
}

/** A legacy client's own `initialize`. `own`: at `/mcp`, where each server's handshake is ours to complete. */
export type LegacyOpening = Opening & {
  readonly client: 'legacy';
  readonly initialize: RequestMessage;
  readonly own?: boolean;
};
export type ModernOpening = Opening & { readonly client: 'modern'; readonly envelope: Envelope };

/** @throws GenkanError when the server may not be used or cannot be reached */
export async function openClientLine(opening: LegacyOpening | ModernOpening): Promise<Line> {
  const upstream = opening.catalogue.get(opening.server);
  if (isRefusal(upstream)) throw new GenkanError(upstream.code, upstream.params);
  const spoken = await upstream.eras();
  const era: Era = spoken.has(opening.client) ? opening.client : opening.client === 'legacy' ? 'modern' : 'legacy';
  const { push, log } = opening;
  if (opening.client === 'modern') {
    if (era === 'modern') return openLine({ upstream, era, push, log });
    return modernOverLegacy(upstream, opening);
  }
  if (era === 'modern') return legacyOverModern(upstream, opening);
  const line = await openLine({ upstream, era, initialize: opening.initialize, push, log });
  if (opening.own === true) await complete(line);
  return line;
}

/** Finishes a handshake on behalf of a client that does not see it. */
async function complete(line: Line): Promise<void> {
  if (line.initialized?.result === undefined) {
    await line.close();
    throw new GenkanError('upstream_unavailable', { server: line.server }, { detail: 'the server refused initialize' });
  }
  await line.deliver(notification('notifications/initialized'));
}

/**
 * A modern client's line to a legacy server. Several requests share the connection, so each travels under an id and a
 * progress token of ours. What the server asks the client cannot be carried back on this line and is declined.
 */
async function modernOverLegacy(upstream: Upstream, { envelope, push, log }: ModernOpening): Promise<Line> {
  const decline = (message: Message): void => {
    if (message.kind === 'request') {
      const error = { code: -32601, message: `The client of this conversation cannot be asked ${message.method}` };
      void line.deliver(failure(message.id, error)).catch(() => undefined);
    } else if (message.kind === 'notification') push(message);
  };
  const initialize = request(`genkan-${unguessableId()}`, 'initialize', initializeFor(envelope));
  const line = await openLine({ upstream, era: 'legacy', initialize, push: decline, log });
  await complete(line);
  const greeting = discoverResult(line.initialized!.result!, modernRevisions);

  return extend(line, {
    async request(message, { interim, signal }) {
      if (message.method === 'server/discover') return result(message.id, greeting);
      const id = `genkan-${unguessableId()}`;
      const { params, clientToken } = withOwnToken(toLegacyParams(message.params), id);
      const cancel = (): void => {
        const cancelled = { requestId: id, reason: 'the client went away' };
        void line.deliver(notification('notifications/cancelled', cancelled)).catch(() => undefined);
      };
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const response = await line.request(request(id, message.method, params), {
          signal,
          interim(part) {
            if (part.kind !== 'notification') return decline(part);
            if (part.method !== 'notifications/progress' || clientToken === undefined) return;
            return interim(notification(part.method, { ...part.params, progressToken: clientToken }));
          },
        });
        return answer(message.id, {
          result: response.result && toModernResult(message.method, response.result),
          error: response.error && toModernError(message.params, response.error),
        });
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  });
}

/** A legacy client's line to a modern server: the handshake is ours, and every request gets the client's envelope. */
async function legacyOverModern(upstream: Upstream, { initialize, push, log }: LegacyOpening): Promise<Line> {
  const line = await openLine({ upstream, era: 'modern', push, log });
  const { clientInfo, protocolVersion } = initialize.params as {
    clientInfo?: Envelope['clientInfo'];
    protocolVersion?: unknown;
  };
  let envelope: Envelope = { protocolVersion: latestModern, clientInfo, clientCapabilities: {} };
  const discovered = await line.request(
    request(`genkan-${unguessableId()}`, 'server/discover', ownEnvelope),
    patience(),
  );
  const initialized = answer(
    initialize.id,
    discovered.result === undefined
      ? { error: discovered.error }
      : { result: discoverAsInitializeResult(discovered.result, protocolVersion) },
  );

  return extend(line, {
    initialized,
    async request(message, options, tool) {
      if (message.method === 'initialize') return initialized;
      if (message.method === 'ping') return result(message.id, {});
      if (message.method === 'logging/setLevel') {
        envelope = { ...envelope, logLevel: message.params['level'] as Envelope['logLevel'] };
        return result(message.id, {});
      }
      const modern = request(message.id, message.method, toModernParams(message.params, envelope));
      const response = await line.request(modern, options, tool);
      return answer(
        message.id,
        response.error === undefined
          ? toLegacyResult(message.method, response.result ?? {})
          : toLegacyError(message.method, response.error),
      );
    },
    async deliver() {
      // `initialized`, `cancelled` and answers have no counterpart on a stateless server.
    },
  });
}

/** The same line with some of its members replaced. */
function extend(line: Line, members: Partial<Line>): Line {
  return {
    server: line.server,
    tools: line.tools,
    initialized: line.initialized,
    get alive() {
      return line.alive;
    },
    request: (message, options, tool) => line.request(message, options, tool),
    deliver: (message) => line.deliver(message),
    close: () => line.close(),
    ...members,
  };
}

function withOwnToken(params: JsonObject, token: string): { params: JsonObject; clientToken: unknown } {
  const meta = params['_meta'] as JsonObject | undefined;
  const clientToken = meta?.['progressToken'];
  if (clientToken === undefined) return { params, clientToken };
  return { params: { ...params, _meta: { ...meta, progressToken: token } }, clientToken };
}

function answer(id: RequestId, { result: value, error }: Outcome): ResponseMessage {
  return error === undefined ? result(id, value ?? {}) : failure(id, error);
}

const patience = (): RequestOptions => ({ interim: () => undefined, signal: AbortSignal.timeout(30_000) });
