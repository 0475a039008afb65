// What lasts while somebody who was let in is answered: their session, their stream, and what the audit log says of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actorOf } from '../base/actor.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { createOpenStreams } from '../gateway/open-streams.ts';
import type { Ended } from '../gateway/presences.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import type { Origin } from '../identity/identity-record.ts';
import type { Identity, Verified } from '../identity/identity.ts';
import type { AuditEntry, Result } from '../record/entry.ts';
import type { Foundation } from '../wire/foundation.ts';
import { listenFor } from './announced-session.ts';
import { entriesOf } from './call-record.ts';
import type { Entrance, FindEntrance } from './entrances.ts';
import { createSessionBook } from './session-book.ts';
import type { SessionSettings } from './session-book.ts';

export interface Guest {
  readonly request: IncomingMessage & { readonly originalUrl: string; readonly body?: unknown };
  readonly response: ServerResponse;
  readonly entrance: Entrance;
  readonly verified: Verified;
  readonly from: Origin;
  /** What the guest showed; the request no longer has it. */
  readonly authorization: string | undefined;
}

export interface Stays {
  /** @returns undefined when the app may answer now; why the guest may not stay, once that is durable where it is noteworthy */
  admit(guest: Guest): Refusal | undefined | Promise<Refusal>;
  /** Writes down that a guest may not do what they came for; resolves once that is durable. */
  note(guest: Guest, refusal: Refusal): Promise<void>;
  /** Ends what somebody has open. */
  endFor(ended: Ended): void;
  /** Ends streams at once, and waits for answers under way and for their records. */
  close(): Promise<void>;
}

export type StaySettings = SessionSettings & Pick<GatewaySettings, 'recheckSeconds' | 'drainSeconds'>;

type Neighbours = Pick<Foundation, 'publicUrl' | 'clock' | 'log' | 'record'> & {
  readonly identity: Pick<Identity, 'verify'>;
  readonly find: FindEntrance;
};

export function createStays(settings: StaySettings, neighbours: Neighbours): Stays {
  const { publicUrl, clock, log, record, identity, find } = neighbours;
  const sessions = createSessionBook(settings, clock);
  const streams = createOpenStreams(settings.recheckSeconds * 1000);
  const underWay = new Map<ServerResponse, Promise<void>>();
  const writing = new Set<Promise<unknown>>();
  /** Requests that were turned away after all: what is written of them, is. */
  const noted = new WeakSet<IncomingMessage>();

  function append(entry: Omit<AuditEntry, 'correlationId' | 'sourceIP' | 'userAgent'>, from: Origin): Promise<void> {
    const written = record
      .append({ ...entry, correlationId: correlationId(), ...from })
      .then(
        () => undefined,
        (error: unknown) => log.error({ err: error }, 'something was not recorded'),
      )
      .finally(() => writing.delete(written));
    writing.add(written);
    return written;
  }

  /** What the guest has open ends with the token, with the access of its owner, and with us. */
  function watch({ request, response, entrance, verified: { principal }, from, authorization }: Guest): void {
    const end = (): void => void response.destroy();
    const leave = streams.add({
      allowed: async () => !isRefusal(await identity.verify(authorization, entrance.audience, from, true)),
      end,
      whose: { principal, server: undefined },
      retire: request.method === 'GET' ? end : () => undefined,
    });
    const beganAtMs = clock.now();
    const closed = Promise.withResolvers<void>();
    underWay.set(response, closed.promise);
    response.once('close', () => {
      leave();
      const admitted = { request, response, path: entrance.path, principal, beganAtMs };
      for (const entry of noted.has(request) ? [] : entriesOf(admitted, clock.now())) void append(entry, from);
      underWay.delete(response);
      closed.resolve();
    });
  }

  /** Whatever session the app announces to the guest is the guest's, before the guest hears of it. */
  function bind({ response, entrance, verified: { principal } }: Guest): void {
    const { audience, path } = entrance;
    const bound = (key: string, streaming: boolean): boolean => {
      if (sessions.bind(key, principal, streaming)) return true;
      log.error({ path }, 'an answer was cut: the MCP server announced the session of one person to another');
      return false;
    };
    listenFor(response, {
      onHeader: (id) => bound(headerKey(audience, id), false),
      onEndpoint(announced) {
        const url = URL.parse(announced, publicUrl);
        const id = url?.searchParams.get('sessionId');
        const door = url?.origin === new URL(publicUrl).origin ? find({ baseUrl: '', path: url.pathname }) : undefined;
        // Where nobody asks for a token, anybody could post to this stream.
        if (!id || door?.takesMessages !== true || door.audience !== audience) {
          log.error({ path: url?.pathname }, 'a stream was cut: `messages` of protect() names another path to post to');
          return false;
        }
        const key = queryKey(audience, id);
        if (!bound(key, true)) return false;
        response.once('close', () => sessions.release(key));
        return true;
      },
    });
  }

  function noteFor({ entrance, verified, from }: Guest, action: string, result: Result, more: object): Promise<void> {
    const { principal } = verified;
    const [actor, client] = [actorOf(principal), principal.clientId];
    const resource = entrance.path;
    const details = { ...more };
    return append(
      { timestamp: clock.now(), user: principal.id, actor, client, action, resource, result, details },
      from,
    );
  }

  return {
    admit(guest) {
      const { request, response, entrance } = guest;
      const { principal } = guest.verified;
      const named = sessionNamed(request, entrance);
      if (isRefusal(named)) return named;
      if (named !== undefined && !sessions.isOf(named, principal)) {
        const foreign = sessions.has(named);
        // The same answer whether it is somebody else's or nobody's.
        const refusal = refuse('gateway_session_unknown');
        return foreign ? noteFor(guest, 'session/foreign', 'blocked', {}).then(() => refusal) : refusal;
      }
      if (named !== undefined && request.method === 'DELETE')
        response.once('finish', () => void (response.statusCode < 300 && sessions.release(named)));
      watch(guest);
      bind(guest);
      return undefined;
    },
    note(guest, { code, data }) {
      noted.add(guest.request);
      return noteFor(guest, `http.${String(guest.request.method).toLowerCase()}`, 'challenged', { code, ...data });
    },
    endFor(ended) {
      sessions.endFor(ended);
      streams.endFor(ended);
    },
    async close() {
      streams.endAll();
      const late = setTimeout(() => {
        for (const response of underWay.keys()) response.destroy();
      }, settings.drainSeconds * 1000);
      while (underWay.size > 0) await Promise.all(underWay.values());
      clearTimeout(late);
      streams.close();
      await Promise.all(writing);
    },
  };
}

/** The session that a request names; undefined where it opens one. */
function sessionNamed(
  { headers, originalUrl }: Guest['request'],
  { takesMessages, audience }: Entrance,
): string | Refusal | undefined {
  const header = headers['mcp-session-id'];
  if (!takesMessages) return header === undefined ? undefined : headerKey(audience, String(header));
  // By whatever else a query parser takes for the same name (`sessionId[]`), an app would look up another session.
  const named = [...new URLSearchParams(originalUrl.split('?').slice(1).join('?'))].filter(([name]) =>
    /^\W*sessionid/i.test(name),
  );
  if (header !== undefined || named.length !== 1 || named[0]![0] !== 'sessionId')
    return refuse('gateway_session_required');
  return queryKey(audience, named[0]![1]);
}

const headerKey = (audience: string, id: string): string => `${audience} header ${id}`;
const queryKey = (audience: string, id: string): string => `${audience} query ${id}`;
