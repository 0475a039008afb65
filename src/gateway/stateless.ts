// Conversations of the stateless era (MCP 2026-07-28): opened at need, shared by requests of one person and client, closed when idle.
import { createHash } from 'node:crypto';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { Conversation } from './conversation.ts';
import type { Neighbours } from './gateway.ts';
import { greet } from './greeting.ts';
import type { Line } from './line.ts';
import { createMerged } from './merged.ts';
import { Questions } from './questions.ts';
import type { GatewaySettings } from './settings.ts';
import { createSingle } from './single.ts';
import { openClientLine } from './translated-line.ts';

const sweepMs = 5000;

interface Kept {
  readonly conversation: Promise<Conversation>;
  alive: () => boolean;
  lastUsedAtMs: number;
}

export interface Stateless {
  find(server: string | undefined, principal: Principal, envelope: Envelope): Promise<Conversation | Refusal>;
  close(): Promise<void>;
}

export function createStateless(settings: GatewaySettings, house: Neighbours): Stateless {
  const kept = new Map<string, Kept>();

  const sweep = setInterval(() => {
    const idleSince = house.clock.now() - settings.sessionIdleSeconds * 1000;
    for (const [key, { lastUsedAtMs, conversation }] of kept) {
      if (lastUsedAtMs > idleSince) continue;
      kept.delete(key);
      void conversation.then((opened) => opened.close()).catch(() => undefined);
    }
  }, sweepMs).unref();

  async function open(server: string | undefined, envelope: Envelope, own: { line?: Line }): Promise<Conversation> {
    const opening = {
      catalogue: house.catalogue,
      log: house.log,
      client: 'modern',
      envelope,
      push: () => undefined,
    } as const;
    if (server !== undefined) {
      own.line = await openClientLine({ ...opening, server });
      return createSingle(own.line, 'modern', new Questions());
    }
    return createMerged({
      era: 'modern',
      servers: () => house.catalogue.names(),
      open: (name) => openClientLine({ ...opening, server: name }),
      greet,
      questions: new Questions(),
      deadlineMs: settings.listDeadlineSeconds * 1000,
      log: house.log,
    });
  }

  return {
    async find(server, principal, envelope) {
      if (server !== undefined) {
        const upstream = house.catalogue.get(server);
        if (isRefusal(upstream)) return upstream;
      }
      const key = keyOf(server, principal, envelope);
      let entry = kept.get(key);
      if (entry === undefined || !entry.alive()) {
        if (kept.size >= settings.maxSessions) return refuse('gateway_sessions_full', { limit: settings.maxSessions });
        const own: { line?: Line } = {};
        const conversation = open(server, envelope, own);
        entry = { conversation, alive: () => own.line?.alive ?? true, lastUsedAtMs: 0 };
        kept.set(key, entry);
        conversation.catch(() => kept.delete(key));
      }
      entry.lastUsedAtMs = house.clock.now();
      return entry.conversation;
    },
    async close() {
      clearInterval(sweep);
      const opened = await Promise.allSettled([...kept.values()].map(({ conversation }) => conversation));
      await Promise.allSettled(
        opened.map((settled) => (settled.status === 'fulfilled' ? settled.value.close() : undefined)),
      );
    },
  };
}

/** Nothing is shared between people or clients: a legacy server behind the conversation may keep state in its connection. */
function keyOf(server: string | undefined, principal: Principal, { clientCapabilities }: Envelope): string {
  const declared = JSON.stringify(clientCapabilities);
  const capabilities = declared.length <= 256 ? declared : createHash('sha256').update(declared).digest('base64url');
  return JSON.stringify([server ?? null, principal.id, principal.clientId ?? '', capabilities]);
}
