// A server that asks people to sign in: one upstream for each person, so that nothing of one is ever used for another.
import { GenkanError } from '../base/errors.ts';
import type { ServerConnections } from './authorization/connections.ts';
import type { Credential } from './authorization/credential.ts';
import type { Upstream } from './channel.ts';

const maxPeople = 1000;

/** @param open opens the server for whoever has this credential */
export function createPersonalUpstreams(
  name: string,
  connections: ServerConnections,
  open: (credential: Credential) => Upstream,
): Upstream {
  /** Who came last stands last. */
  const people = new Map<string, Upstream>();
  let closed = false;

  const unavailable = (detail: string): GenkanError =>
    new GenkanError('upstream_unavailable', { server: name }, { detail });
  const nobody = (): Promise<never> => Promise.reject(unavailable('it has to know who asks'));

  function makeRoom(): void {
    if (people.size < maxPeople) return;
    const idle = [...people].find(([, upstream]) => upstream.status().open === 0);
    if (idle === undefined) throw unavailable(`${maxPeople} people are using it`);
    people.delete(idle[0]);
    void idle[1].close();
  }

  connections.onForgotten(async (person) => {
    const upstream = people.get(person);
    people.delete(person);
    await upstream?.close();
  });

  return {
    name,
    eraFor: nobody,
    connect: nobody,
    for(person) {
      if (closed) throw unavailable('it was closed');
      const known = people.get(person);
      people.delete(person);
      if (known === undefined) makeRoom();
      const upstream = known ?? open(connections.of(person));
      people.set(person, upstream);
      return upstream;
    },
    status() {
      const all = [...people.values()].map((upstream) => upstream.status());
      return {
        open: all.reduce((sum, { open: count }) => sum + count, 0),
        lastError: all.findLast(({ lastError }) => lastError !== undefined)?.lastError,
      };
    },
    async close() {
      closed = true;
      await Promise.all([...people.values()].map((upstream) => upstream.close()));
      people.clear();
      await connections.close();
    },
  };
}
