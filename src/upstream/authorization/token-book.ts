// What people hold at one server: kept in memory and in the store, changed by one at a time, refreshed ahead of its end.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import type { Leases } from '../../state/leases.ts';
import type { Connection, ConnectionStore } from './connection-store.ts';
import { sameIssuer } from './discovery.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { authenticationOf } from './oauth-client.ts';
import type { AuthorizationSettings } from './settings.ts';
import { isClientRefused, isRefused, refreshTokens } from './token-requests.ts';
import type { Tokens } from './token-requests.ts';

export interface TokenBook {
  read(person: string): Promise<Connection>;
  /** Changes what is known of a person and makes it durable. Nobody else changes it meanwhile. */
  change(person: string, how: (known: Connection) => Connection): Promise<void>;
  /** Tokens that are good for a while, refreshed if need be; undefined when the person has to sign in. */
  tokens(person: string): Promise<Tokens | undefined>;
  /**
   * Tokens other than `stale`, which the server did not accept; undefined when there are none to be had.
   * @throws GenkanError `upstream_unavailable` when the authorization server does not answer
   */
  renew(person: string, stale: Tokens): Promise<Tokens | undefined>;
  /** @returns whether there was anything */
  forget(person: string): Promise<boolean>;
  /** Begins nothing more. Resolves once what was under way is durable. */
  close(): Promise<void>;
}

export interface BookNeighbours {
  readonly store: ConnectionStore;
  readonly guard: GuardedFetch;
  readonly secret: ResolveSecret;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
}

const maxKept = 1000;
const leadMs = 60_000;
/** Pause after an authorization server did not answer. */
const pauseMs = 10_000;

/** @param before resolves once an earlier book of the same server has written its last */
export function createTokenBook(
  server: string,
  { url, authorization }: { readonly url: string; readonly authorization: AuthorizationSettings },
  { store, guard, secret, leases, clock, log }: BookNeighbours,
  before: Promise<void> = Promise.resolve(),
): TokenBook {
  const kept = new Map<string, Connection>();
  const queues = new Map<string, Promise<unknown>>();
  const unanswered = new Map<string, number>();
  let closed = false;

  async function read(person: string): Promise<Connection> {
    const known = kept.get(person);
    if (known !== undefined) return known;
    await before;
    const stored = await store.load(person, server);
    const meanwhile = kept.get(person); // written, or forgotten
    if (meanwhile !== undefined) return meanwhile;
    // What was given for another address is of no use here.
    const mine = stored?.url === url && fits(stored, authorization.issuer) ? stored : { url };
    keep(person, mine);
    return mine;
  }

  function keep(person: string, connection: Connection): void {
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value!);
    kept.set(person, connection);
  }

  async function write(person: string, connection: Connection): Promise<void> {
    await store.save(person, server, connection);
    keep(person, connection);
  }

  /**
   * One change at a time for each person, in whatever process; a refresh is such a change, so there is never more than one
   * under way. It begins with what is stored: a refresh token that another process has used up would end the connection.
   */
  function alone<Value>(person: string, change: () => Promise<Value>): Promise<Value> {
    if (closed) return Promise.reject(new GenkanError('upstream_unavailable', { server }, { detail: 'it was closed' }));
    const work = (): Promise<Value> =>
      leases.hold(`connection ${server} ${person}`, () => {
        kept.delete(person);
        return change();
      });
    const mine = (queues.get(person) ?? before).then(work, work);
    queues.set(person, mine);
    const done = (): void => {
      if (queues.get(person) === mine) queues.delete(person);
    };
    mine.then(done, done);
    return mine;
  }

  /** What is good for a little while longer is used up. */
  function unrefreshed(tokens: Tokens, reason: string): Tokens {
    if (clock.now() < (tokens.expiresAtMs ?? 0)) return tokens;
    const detail = `its authorization server gave no answer: ${reason}`;
    throw new GenkanError('upstream_unavailable', { server }, { detail });
  }

  const renew = (person: string, stale: Tokens): Promise<Tokens | undefined> =>
    alone(person, async () => {
      const known = await read(person);
      const { tokens, client, issuer, tokenEndpoint, resource } = known;
      if (tokens?.access !== stale.access) return tokens; // somebody else was faster
      if (tokens.refresh === undefined || client === undefined) return undefined;
      if (issuer === undefined || tokenEndpoint === undefined || resource === undefined) return undefined;
      // No pause begins within a pause: it would last for as long as somebody asks.
      if ((unanswered.get(person) ?? 0) > clock.now()) return unrefreshed(tokens, 'it did not answer a moment ago');
      let fresh: Tokens;
      try {
        const authentication = await authenticationOf(client, authorization, secret);
        const at = { server: { issuer, token_endpoint: tokenEndpoint }, client, authentication, resource, guard };
        fresh = await refreshTokens({ ...at, nowMs: clock.now() }, tokens);
        unanswered.delete(person);
      } catch (error) {
        const reason = (error as Error).message; // never the cause, which can hold a whole answer
        if (isRefused(error)) {
          log.info({ server, person, reason }, 'a connection is over; the person has to sign in there again');
          const gone = isClientRefused(error) && client.dynamic ? { client: undefined } : {};
          await write(person, { ...known, tokens: undefined, ...gone });
          return undefined;
        }
        log.warn({ server, person, reason }, 'a connection could not be refreshed');
        unanswered.set(person, clock.now() + pauseMs);
        return unrefreshed(tokens, reason);
      }
      // First of all made durable: a rotated refresh token that gets lost ends the connection.
      await write(person, { ...known, tokens: fresh });
      return fresh;
    });

  return {
    read,
    change: (person, how) => alone(person, async () => write(person, how(await read(person)))),
    async tokens(person) {
      const { tokens } = await read(person);
      if (tokens?.expiresAtMs === undefined || clock.now() < refreshAtMs(tokens, tokens.expiresAtMs)) return tokens;
      if (tokens.refresh !== undefined) return renew(person, tokens);
      return clock.now() < tokens.expiresAtMs ? tokens : undefined;
    },
    renew,
    forget: (person) =>
      alone(person, () => {
        keep(person, { url }); // before the store, which may be being read for them just now
        unanswered.delete(person);
        return store.remove(person, server);
      }),
    async close() {
      closed = true;
      await Promise.allSettled([before, ...queues.values()]);
    },
  };
}

/** Of short-lived tokens only the last fifth is given away. */
const refreshAtMs = ({ storedAtMs }: Tokens, expiresAtMs: number): number =>
  expiresAtMs - Math.min(leadMs, (expiresAtMs - storedAtMs) / 5);

const fits = ({ issuer }: Connection, configured: string | undefined): boolean =>
  configured === undefined || issuer === undefined || sameIssuer(issuer, configured);
