// Opens a client's line to a server in the era that both speak, or else puts the translation between them.
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { failure, request, result } from '../protocol/message.ts';
import type { Era, Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { latestModern } from '../protocol/revisions.ts';
import { discoverAsInitializeResult, toLegacyError, toLegacyResult, toModernParams } from '../protocol/translate.ts';
import type { Outcome } from '../protocol/translate.ts';
import type { Upstream } from '../upstream/channel.ts';
import { completeHandshake, openLine, ownId, patience } from './line.ts';
import type { Catalogue, Line } from './line.ts';
import { modernOverLegacy } from './modern-over-legacy.ts';
import { ownEnvelope } from './own-envelope.ts';

interface Opening {
  readonly catalogue: Catalogue;
  readonly server: string;
  readonly push: (message: Message) => void;
  readonly log: Log;
  /** At `/mcp`, where the client does not see each server's handshake: it is ours to complete. */
  readonly own?: boolean;
}

export type LegacyOpening = Opening & { readonly client: 'legacy'; readonly initialize: RequestMessage };
export type ModernOpening = Opening & {
  readonly client: 'modern';
  readonly envelope: Envelope;
  /** Whose conversation it is: nobody else takes up a call that was left in it. */
  readonly owner: string;
};

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

function answer(id: RequestId, { result: value, error }: Outcome): ResponseMessage {
  return error === undefined ? result(id, value ?? {}) : failure(id, error);
}
