// Opens a client's line to a server in the era that both speak, or else puts the translation between them.
import type { Primitive } from '../../access/decision.ts';
import { GenkanError, isRefusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Pins } from '../../inspect/pins/pins.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import { request } from '../../protocol/message.ts';
import type { Message, RequestMessage } from '../../protocol/message.ts';
import { initializeFor } from '../../protocol/modern-client.ts';
import { legacyOverModern } from './legacy-client/legacy-over-modern.ts';
import { completeHandshake, openLine, ownId } from './line.ts';
import type { Catalogue, Line } from './line.ts';
import { modernOverLegacy } from './modern-client/modern-over-legacy.ts';
import type { Upstream } from '../../upstream/channel.ts';
import type { GatewaySettings } from '../settings.ts';

interface Opening {
  readonly catalogue: Catalogue;
  readonly server: string;
  /** Id of the principal. */
  readonly person: string;
  readonly settings: Pick<GatewaySettings, 'parkedSeconds' | 'listPollSeconds'>;
  readonly push: (message: Message) => void | Promise<void>;
  /** Withholds what is not as it was approved. */
  readonly pins?: Pins | undefined;
  readonly onPinned?: ((kind: Primitive) => void) | undefined;
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
  const found = opening.catalogue.get(opening.server);
  if (isRefusal(found)) throw new GenkanError(found.code, found.params);
  const { person, push, log, pins, onPinned, own } = opening;
  const upstream: Upstream = { ...found, connect: (options) => found.connect({ ...options, person }) };
  const initialize =
    opening.client === 'legacy' ? opening.initialize : request(ownId(), 'initialize', initializeFor(opening.envelope));
  const era = await upstream.eraFor(opening.client, initialize);
  if (opening.client === 'modern') {
    if (era === 'modern') return openLine({ upstream, era, owner: opening.owner, push, pins, onPinned, own, log });
    return modernOverLegacy(upstream, { ...opening, initialize });
  }
  if (era === 'modern') return legacyOverModern(upstream, opening);
  const line = await openLine({ upstream, era, initialize, push, pins, onPinned, own, log });
  if (own === true) await completeHandshake(line);
  return line;
}
