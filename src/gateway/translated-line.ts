// Opens a client's line to a server in the era that both speak, or else puts the translation between them.
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
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
import { completeHandshake, openLine, ownId, patience } from './line.ts';
import type { Catalogue, Line } from './line.ts';
import { ownEnvelope } from './own-envelope.ts';
import { answerForClient } from './questions.ts';

interface Opening {
  readonly catalogue: Catalogue;
  readonly server: string;
  readonly push: (message: Message) => void;
  readonly log: Log;
  /** At `/mcp`, where the client does not see each server's handshake: it is ours to complete. */
  readonly own?: boolean;
}

export type LegacyOpening = Opening & { readonly client: 'legacy'; readonly initialize: RequestMessage };
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
  if (opening.own === true) await completeHandshake(line);
  return line;
}

/**
 * A modern client's line to a legacy server. Several requests share the connection, so each travels under an id and a
 * progress token of ours. What the server asks the client cannot be carried back on this line and is declined.
 */
async function modernOverLegacy(upstream: Upstream, { envelope, push, log }: ModernOpening): Promise<Line> {
  let line: Line | undefined;
  const early: RequestMessage[] = []; // asked before the line stood
  const decline = (message: Message): void => {
    if (message.kind === 'notification') push(message);
    else if (message.kind === 'request' && line === undefined) early.push(message);
    else if (message.kind === 'request') answerForClient(message, line!);
  };
  const initialize = request(ownId(), 'initialize', initializeFor(envelope));
  const base = await openLine({ upstream, era: 'legacy', initialize, push: decline, log });
  line = base;
  for (const question of early.splice(0)) answerForClient(question, base);
  await completeHandshake(base);
  const greeting = discoverResult(base.initialized!.result!, modernRevisions);

  return {
    ...base,
    async request(message, { outlet, signal }) {
      if (message.method === 'server/discover') return result(message.id, greeting);
      const id = ownId();
      const { params, clientToken } = withOwnToken(toLegacyParams(message.params), id);
      const cancel = (): void => {
        const cancelled = { requestId: id, reason: 'the client went away' };
        base.deliver(notification('notifications/cancelled', cancelled)).catch(() => undefined);
      };
      const interim = (part: Message): void | Promise<void> => {
        if (part.kind !== 'notification') return decline(part);
        if (part.method !== 'notifications/progress' || clientToken === undefined) return;
        return outlet.interim(notification(part.method, { ...part.params, progressToken: clientToken }));
      };
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const options = { outlet: { closed: false, behind: false, interim }, signal };
        const response = await base.request(request(id, message.method, params), options);
        return answer(message.id, {
          result: response.result && toModernResult(message.method, response.result),
          error: response.error && toModernError(message.params, response.error),
        });
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  };
}

/** A legacy client's line to a modern server: the handshake is ours, and every request gets the client's envelope. */
async function legacyOverModern(upstream: Upstream, { initialize, push, log }: LegacyOpening): Promise<Line> {
  const base = await openLine({ upstream, era: 'modern', push, log });
  const { clientInfo, protocolVersion } = initialize.params as {
    clientInfo?: Envelope['clientInfo'];
    protocolVersion?: unknown;
  };
  let envelope: Envelope = { protocolVersion: latestModern, clientInfo, clientCapabilities: {} };
  const discovered = await base
    .request(request(ownId(), 'server/discover', ownEnvelope), patience())
    .catch(async (error: unknown) => {
      await base.close();
      throw error;
    });
  const greeting = discovered.result && discoverAsInitializeResult(discovered.result, protocolVersion);
  const initialized = answer(initialize.id, { result: greeting, error: discovered.error });

  return {
    ...base,
    initialized,
    async request(message, options, tool) {
      if (message.method === 'initialize') return initialized;
      if (message.method === 'ping') return result(message.id, {});
      if (message.method === 'logging/setLevel') {
        envelope = { ...envelope, logLevel: message.params['level'] as Envelope['logLevel'] };
        return result(message.id, {});
      }
      const modern = request(message.id, message.method, toModernParams(message.params, envelope));
      const response = await base.request(modern, options, tool);
      return answer(
        message.id,
        response.error === undefined
          ? toLegacyResult(message.method, response.result ?? {})
          : toLegacyError(message.method, response.error),
      );
    },
    async deliver() {
      // `initialized` and answers have no counterpart on a stateless server; a cancelled call is aborted by its session.
    },
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
