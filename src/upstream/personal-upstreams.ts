// A server that tells people apart: one upstream for each person, so that nothing of one is ever used for another.
import { GenkanError } from '../base/errors.ts';
import type { ActsAs } from './acts-as.ts';
import type { Upstream } from './channel.ts';

const maxPeople = 1000;

/** One person's part of the server, as it is opened. */
export interface PersonalUpstream extends Upstream {
  /** Ends the conversation that was left unused for longest. @returns false when there is none */
  giveWay(): boolean;
}

export interface PersonalOptions {
  readonly actsAs: ActsAs;
  /** Opens the server for one person. @param makeRoom to be called before each conversation of theirs */
  readonly open: (person: string, makeRoom: () => void) => PersonalUpstream;
  /** Conversations open at the same time, of all people together. */
  readonly maxChannels?: number;
  /** Ends what all of them share. */
  readonly close: () => Promise<void> | void;
}

export function createPersonalUpstreams(name: string, { actsAs, open, maxChannels, close }: PersonalOptions): Upstream {
  /** Who came last stands last. */
  const people = new Map<string, PersonalUpstream>();
  let closed = false;

  const unavailable = (detail: string): GenkanError =>
    new GenkanError('upstream_unavailable', { server: name }, { detail });
  const nobody = (): Promise<never> => Promise.reject(unavailable('it has to know who asks'));
  const openNow = (): number => [...people.values()].reduce((sum, upstream) => sum + upstream.status().open, 0);

  function makeRoom(): void {
    if (people.size < maxPeople) return;
    const idle = [...people].find(([, upstream]) => upstream.status().open === 0);
    if (idle === undefined) throw unavailable(`${maxPeople} people are using it`);
    people.delete(idle[0]);
    void idle[1].close();
  }

  /** Whoever has not come for longest gives way first. */
  function makeRoomAmongAll(): void {
    if (maxChannels === undefined || openNow() < maxChannels) return;
    if (![...people.values()].some((upstream) => upstream.giveWay()))
      throw unavailable(`${maxChannels} conversations are open and busy`);
  }

  return {
    name,
    actsAs,
    eraFor: nobody,
    connect: nobody,
    for(person) {
      if (closed) throw unavailable('it was closed');
      const known = people.get(person);
      people.delete(person);
      if (known === undefined) makeRoom();
      const upstream = known ?? open(person, makeRoomAmongAll);
      people.set(person, upstream);
      return upstream;
    },
    async endPerson(person) {
      const upstream = people.get(person);
      people.delete(person);
      await upstream?.close();
    },
    status: () => ({
      open: openNow(),
      lastError: [...people.values()].findLast((upstream) => upstream.status().lastError !== undefined)?.status()
        .lastError,
    }),
    async close() {
      closed = true;
      await Promise.all([...people.values()].map((upstream) => upstream.close()));
      people.clear();
      await close();
    },
  };
}
