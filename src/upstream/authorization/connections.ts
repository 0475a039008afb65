// People's own connections to servers that ask for sign-in: one desk for the servers themselves, for pages and for administrators.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { keyFile } from '../../state/key-files.ts';
import type { Leases } from '../../state/leases.ts';
import type { SealedStore } from '../../state/sealed-store.ts';
import { createCallerDesks } from '../caller-identity/caller-desk.ts';
import type { CallerDesk } from '../caller-identity/caller-desk.ts';
import type { HttpServerSettings } from '../settings.ts';
import { createConnectionStore } from './connection-store.ts';
import type { ConnectionRow } from './connection-store.ts';
import { createCredential } from './credential.ts';
import type { Credential } from './credential.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { clientDocument } from './oauth-client.ts';
import { createTickets } from './sign-in-required.ts';
import { createSignIns } from './sign-ins.ts';
import type { Place, SignIns } from './sign-ins.ts';
import { createTokenBook } from './token-book.ts';

/** What a server's own transport gets. */
export interface ServerConnections {
  of(person: string): Credential;
  /** @param end called with whose tokens were forgotten: ends what was opened with them */
  onForgotten(end: (person: string) => Promise<void>): void;
  close(): Promise<void>;
}

export interface Connections {
  /** Opens the desk for one server; an earlier one of the same name gives way to it. */
  at(server: string, settings: HttpServerSettings): ServerConnections;
  /** Opens the desk for a server that acts as its callers: all that it takes is that they sign in to Genkan. */
  forCallers(server: string): CallerDesk;
  /** Whether a ticket can be anybody's, before it is known who brings it. */
  isCurrent(ticket: string): boolean;
  /**
   * Begins a person's sign-in at a server.
   * @param ticket from the address that was shown to the person
   * @returns where to send the browser; where a sign-in at Genkan itself is what it takes, the claims that it has to bring
   * @throws GenkanError `upstream_unknown`, `upstream_sign_in_expired`, `upstream_sign_in_other_person`, `upstream_sign_in_failed`
   */
  begin(sought: {
    readonly person: string;
    readonly server: string;
    readonly ticket: string;
    readonly browser: string;
  }): Promise<URL | { readonly claims: string | undefined }>;
  /** A person has signed in as a server that acts as its callers demanded. */
  settle(person: string, server: string): Promise<void>;
  readonly end: SignIns['end'];
  /** The Client ID Metadata Document of Genkan for a server; whether there is such a server it does not tell. */
  clientDocument(server: string): Record<string, unknown>;
  list(): Promise<readonly ConnectionRow[]>;
  /** Forgets what a person holds at a server, and ends what was opened with it. @returns whether there was anything */
  remove(person: string, server: string): Promise<boolean>;
  /** Forgets everything that was held at a server. */
  removeServer(server: string): Promise<void>;
}

interface Desk extends Place {
  onForgotten: (person: string) => Promise<void>;
}

export function createConnections(neighbours: {
  readonly sealed: SealedStore;
  readonly leases: Leases;
  readonly keysDirectory: string;
  /** Without a final slash. */
  readonly publicUrl: string;
  readonly secret: ResolveSecret;
  readonly clock: Clock;
  readonly log: Log;
}): Connections {
  const { sealed, leases, keysDirectory, publicUrl, secret, clock, log } = neighbours;
  const ticketKey = keyFile(path.join(keysDirectory, 'tickets.key'), () => randomBytes(32).toString('base64'));
  const tickets = createTickets(Buffer.from(ticketKey, 'base64'), publicUrl, clock);
  const store = createConnectionStore(sealed, log);
  const signIns = createSignIns({ publicUrl, secret, clock, log });
  const places = new Map<string, Desk>();
  const callers = createCallerDesks(sealed, tickets, clock);

  return {
    isCurrent: tickets.isCurrent,
    forCallers: (server) => callers.at(server),
    settle: callers.settle,
    at(server, { url, authorization, insecureHttp }) {
      if (authorization?.as !== 'person') throw new TypeError(`${server} asks for no sign-in`);
      const guard = createGuardedFetch({ home: url, insecureHttp });
      const before = places.get(server)?.book.close();
      const book = createTokenBook(
        server,
        { url, authorization },
        { store, guard, secret, leases, clock, log },
        before,
      );
      const place: Desk = { server, url, settings: authorization, guard, book, onForgotten: () => Promise.resolve() };
      places.set(server, place);
      return {
        of: (person) => createCredential(person, server, book, tickets),
        onForgotten: (end) => void (place.onForgotten = end),
        async close() {
          await book.close(); // a rotated refresh token that is on its way gets there
          if (places.get(server) === place) places.delete(server);
          await guard.close();
        },
      };
    },

    async begin({ person, server, ticket, browser }) {
      const place = places.get(server);
      if (place === undefined && !callers.has(server)) throw new GenkanError('upstream_unknown', { server });
      if (!tickets.isCurrent(ticket)) throw new GenkanError('upstream_sign_in_expired');
      if (!tickets.isFor(ticket, person, server)) throw new GenkanError('upstream_sign_in_other_person', { server });
      if (place !== undefined) return signIns.begin(person, place, browser);
      return { claims: await callers.demanded(person, server) };
    },

    end: signIns.end,
    clientDocument: (server) => clientDocument({ publicUrl, server }),
    list: () => store.list(),
    async remove(person, server) {
      const place = places.get(server);
      if (place === undefined) return store.remove(person, server);
      const found = await place.book.forget(person);
      await place.onForgotten(person);
      return found;
    },
    async removeServer(server) {
      await store.removeServer(server);
      await callers.removeServer(server);
    },
  };
}
