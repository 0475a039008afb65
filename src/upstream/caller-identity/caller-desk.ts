// Where callers of a server are sent to sign in anew: to their own identity provider, with what this server demands of it.
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { SealedStore } from '../../state/sealed-store.ts';
import type { Tickets } from '../authorization/sign-in-required.ts';

/** What a server that acts as its callers gets. */
export interface CallerDesk {
  /**
   * The fault that a person has to sign in first.
   * @param demanded what the sign-in has to bring for this server, where there is anything
   * @returns `upstream_sign_in_required`, or `upstream_demands_again` when signing in was of no use a moment ago
   */
  signInRequired(person: string, detail: string, demanded?: string): Promise<GenkanError>;
  close(): void;
}

export interface CallerDesks {
  at(server: string): CallerDesk;
  has(server: string): boolean;
  /** What the sign-in has to bring to which a server sent a person. */
  demanded(person: string, server: string): Promise<string | undefined>;
  /** A person has signed in as it was demanded. */
  settle(person: string, server: string): Promise<void>;
  removeServer(server: string): Promise<void>;
}

const visitor = z.object({
  /** What was demanded when they were last asked to sign in. */
  demanded: z.string().optional(),
  settled: z.array(z.object({ demanded: z.string().optional(), atMs: z.number() })),
});
type Visitor = z.infer<typeof visitor>;

/** Who was where is kept with what people hold: it is the same for every process, and goes when they go. */
export type Visits = Pick<SealedStore, 'get' | 'put' | 'remove' | 'owners'>;

const prefix = 'desk/';
const memoryMs = 600_000;
/** A server that demands what it was given just now does so for ever. */
const sameAgainMs = 120_000;
/** So often a server gets people to sign in before it is not believed any more for a while. */
const maxSettled = 3;

export function createCallerDesks(visits: Visits, tickets: Tickets, clock: Clock): CallerDesks {
  const desks = new Map<string, CallerDesk>();

  async function visitorAt(server: string, person: string): Promise<Visitor> {
    const text = await visits.get(person, prefix + server);
    const { demanded, settled } = (text && visitor.safeParse(JSON.parse(text)).data) || newcomer;
    return { demanded, settled: settled.filter(({ atMs }) => atMs > clock.now() - memoryMs) };
  }

  const keep = (server: string, person: string, now: Visitor): Promise<void> =>
    visits.put(person, prefix + server, JSON.stringify(now));

  return {
    at(server) {
      const desk: CallerDesk = {
        async signInRequired(person, detail, given) {
          const { demanded: before, settled } = await visitorAt(server, person);
          const demanded = given ?? before; // it has not been met meanwhile
          const vain = settled.some((each) => each.demanded === demanded && each.atMs > clock.now() - sameAgainMs);
          if (vain || settled.length >= maxSettled)
            return new GenkanError('upstream_demands_again', { server }, { detail: `${detail}, again` });
          if (demanded !== before) await keep(server, person, { demanded, settled });
          return tickets.signInRequired(person, server, detail);
        },
        close() {
          if (desks.get(server) === desk) desks.delete(server);
        },
      };
      desks.set(server, desk);
      return desk;
    },
    has: (server) => desks.has(server),
    demanded: async (person, server) => (await visitorAt(server, person)).demanded,
    async settle(person, server) {
      const { demanded, settled } = await visitorAt(server, person);
      const all = [...settled, { demanded, atMs: clock.now() }].slice(-maxSettled);
      await keep(server, person, { settled: all });
    },
    async removeServer(server) {
      for (const person of await visits.owners(prefix + server)) await visits.remove(person, prefix + server);
    },
  };
}

const newcomer: Visitor = { settled: [] };
