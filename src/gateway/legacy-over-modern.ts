// A legacy client's line to a modern server.
import type { Envelope } from '../protocol/envelope.ts';
import type { Outcome } from '../protocol/between-families.ts';
import {
  discoverAsInitializeResult,
  toLegacyError,
  toLegacyResult,
  toModernParams,
} from '../protocol/legacy-client.ts';
import { failure, request, result } from '../protocol/message.ts';
import type { RequestId, ResponseMessage } from '../protocol/message.ts';
import { latestModern } from '../protocol/revisions.ts';
import type { Upstream } from '../upstream/channel.ts';
import { openLine, ownId, patience } from './line.ts';
import type { Line } from './line.ts';
import { ownEnvelope } from './own-envelope.ts';
import type { LegacyOpening } from './translated-line.ts';

/** The handshake is ours, and every request gets the client's envelope. */
export async function legacyOverModern(upstream: Upstream, { initialize, push, log }: LegacyOpening): Promise<Line> {
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
