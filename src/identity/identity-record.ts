// Audit records of identity: sign-ins, consents, tokens, clients, refused tokens. Tokens and codes never stand in them, only hashes.
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import { correlationId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { acting, oneLine } from '../base/one-line.ts';
import { applicationId } from '../base/principal.ts';
import { createRateWindow } from './rate-window.ts';

/** The audit entry as `record/` defines it. */
export interface IdentityEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: 'allowed' | 'denied' | 'challenged' | 'failed';
  readonly details: Readonly<Record<string, unknown>>;
  readonly actor?: Actor;
  /** OAuth client that it was done through. */
  readonly client?: string;
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

/** Where a request came from. */
export interface Origin {
  readonly sourceIP: string;
  readonly userAgent: string;
}

export type Event = Pick<IdentityEntry, 'action' | 'result'> &
  Partial<Pick<IdentityEntry, 'user' | 'resource' | 'details'>>;

export interface IdentityRecord {
  /** Records one event; resolves once it is durable. Nothing may be answered before. */
  write(event: Event, origin: Origin): Promise<void>;
  /** Records a refusal that a stranger can cause. Of a flood only the first of each minute are written, the rest is counted. */
  refused(event: Event & { readonly details: { readonly code: string } }, origin: Origin): void;
}

const refusalsPerMinute = 10;

export function createIdentityRecord(
  append: (entry: IdentityEntry) => Promise<unknown>,
  clock: Clock,
  log: Log,
): IdentityRecord {
  const floods = createRateWindow(clock, 60_000);
  const suppressed = new Map<string, number>();

  async function write(event: Event, origin: Origin): Promise<void> {
    await append({
      timestamp: clock.now(),
      ...event,
      user: event.user ?? '',
      resource: event.resource ?? '',
      ...membersIn(event.action, harmless(event.details ?? {}) as IdentityEntry['details']),
      correlationId: correlationId(),
      ...origin,
    });
  }

  return {
    write,
    refused(event, origin) {
      const key = `${event.action} ${event.details.code}`;
      const earlier = suppressed.get(key) ?? 0;
      if (floods.count(key) > refusalsPerMinute) {
        suppressed.set(key, earlier + 1);
        return;
      }
      suppressed.delete(key);
      const counted = earlier === 0 ? {} : { notRecordedBefore: earlier };
      write({ ...event, details: { ...event.details, ...counted } }, origin).catch((error: unknown) =>
        log.error({ err: error }, 'a refusal was not recorded'),
      );
    },
  };
}

/** Client, person and whoever acts for them stand in a record beside its details. */
function membersIn(
  action: string,
  given: IdentityEntry['details'],
): Pick<IdentityEntry, 'client' | 'actor' | 'details'> {
  if (!action.startsWith('identity.')) return { details: given }; // a directory tells of others
  const { clientId, person, name = person, actors, ...details } = given;
  const act = Array.isArray(actors) ? actors.map((actor) => applicationId(String(actor))) : undefined;
  const actor: Actor = {
    ...(typeof name === 'string' && { name }),
    ...(act !== undefined && { agent: act[0], act }),
  };
  return {
    ...(typeof clientId === 'string' && { client: clientId }),
    ...(Object.keys(actor).length > 0 && { actor }),
    details,
  };
}

/** Clients name themselves, their addresses and their errors: nothing of it may act on the terminal of whoever reads it. */
function harmless(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replace(acting, ' ');
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, harmless(each)]));
}

/** Where a request came from, for the record. */
export const originOf = (request: IncomingMessage, sourceAddress: (request: IncomingMessage) => string): Origin => ({
  sourceIP: sourceAddress(request),
  userAgent: oneLine(request.headers['user-agent'] ?? ''),
});

/** Names a token or code in a record without giving it away: it is random enough that its hash cannot be searched. */
export const fingerprint = (secret: string | undefined): string | undefined =>
  secret === undefined ? undefined : hash('sha256', secret, 'base64url').slice(0, 22);
