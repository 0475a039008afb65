// Where callers of a server are sent to sign in anew: to their own identity provider, with what the server demands of it.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Tickets } from '../authorization/sign-in-required.ts';

/** What a server that acts as its callers gets. */
export interface CallerDesk {
  /**
   * The fault that a person has to sign in first.
   * @param demanded what the server demands of the sign-in, where it does
   * @returns `upstream_sign_in_required`, or `upstream_demands_again` when signing in was of no use a moment ago
   */
  signInRequired(person: string, detail: string, demanded?: string): GenkanError;
  close(): void;
}

export interface CallerDesks {
  at(server: string): CallerDesk;
  has(server: string): boolean;
  /** A person has signed in as it was demanded. */
  settle(person: string, server: string): void;
}

interface Visitor {
  /** What was demanded when they were last asked to sign in. */
  readonly demanded: string | undefined;
  readonly settled: readonly { readonly demanded: string | undefined; readonly atMs: number }[];
}

const maxPeople = 1000;
const memoryMs = 600_000;
/** A server that demands what it was given just now does so for ever. */
const sameAgainMs = 120_000;
/** So often a server gets people to sign in before it is not believed any more for a while. */
const maxSettled = 3;

export function createCallerDesks(tickets: Tickets, clock: Clock): CallerDesks {
  const desks = new Map<string, Map<string, Visitor>>();

  function recent({ settled }: Visitor): Visitor['settled'] {
    return settled.filter(({ atMs }) => atMs > clock.now() - memoryMs);
  }

  function keep(visitors: Map<string, Visitor>, person: string, visitor: Visitor): void {
    visitors.delete(person);
    if (visitors.size >= maxPeople) visitors.delete(visitors.keys().next().value!);
    visitors.set(person, visitor);
  }

  return {
    at(server) {
      const visitors = new Map<string, Visitor>();
      desks.set(server, visitors);
      return {
        signInRequired(person, detail, given) {
          const visitor = visitors.get(person) ?? newcomer;
          const settled = recent(visitor);
          const demanded = given ?? visitor.demanded; // it has not been met meanwhile
          const vain = settled.some((each) => each.demanded === demanded && each.atMs > clock.now() - sameAgainMs);
          if (vain || settled.length >= maxSettled)
            return new GenkanError('upstream_demands_again', { server }, { detail: `${detail}, again` });
          keep(visitors, person, { demanded, settled });
          return tickets.signInRequired(person, server, detail);
        },
        close() {
          if (desks.get(server) === visitors) desks.delete(server);
        },
      };
    },
    has: (server) => desks.has(server),
    settle(person, server) {
      const visitors = desks.get(server);
      const { demanded, ...visitor } = visitors?.get(person) ?? newcomer;
      const settled = [...recent({ demanded, ...visitor }), { demanded, atMs: clock.now() }].slice(-maxSettled);
      if (visitors !== undefined) keep(visitors, person, { demanded: undefined, settled });
    },
  };
}

const newcomer: Visitor = { demanded: undefined, settled: [] };
