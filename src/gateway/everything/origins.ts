// Which server each name or URI shown at `/mcp` stands for.
import type { Primitive } from '../../access/decision.ts';
import type { ListMember } from '../methods.ts';

export interface Origin {
  readonly server: string;
  /** As the server itself calls it. */
  readonly name: string;
}

export interface Origins {
  /** Takes note of everything that a server lists: names as they are shown, with its own names for them. */
  learn(member: ListMember, server: string, names: ReadonlyMap<string, string>): void;
  /** Whether the server has the shown name to itself. Of several that list the same, the first by name has it. */
  owns(member: ListMember, server: string, shown: string): boolean;
  find(primitive: Primitive, shown: string): Origin | undefined;
}

/**
 * What resources each server has listed to anybody. It is never shown, and no one is led to a resource by it that is not
 * listed to him: it only keeps another server from having what belongs to one that has not been heard yet.
 */
export interface Owners {
  learn(server: string, uris: Iterable<string>): void;
  has(server: string, uri: string): boolean;
}

/** Of one server; what was listed longest ago gives way. */
const maxOwned = 10_000;
/** What has been listed to nobody for so long is not held against other servers any more. */
const ownedMs = 24 * 3600 * 1000;

export function createOwners(now: () => number = () => performance.now()): Owners {
  /** By server: when each URI was last listed, oldest first. */
  const owned = new Map<string, Map<string, number>>();
  return {
    learn(server, uris) {
      const known = owned.get(server) ?? new Map<string, number>();
      owned.set(server, known);
      for (const uri of uris) {
        known.delete(uri);
        known.set(uri, now());
        if (known.size > maxOwned) known.delete(known.keys().next().value!);
      }
    },
    has: (server, uri) => now() - (owned.get(server)?.get(uri) ?? -Infinity) <= ownedMs,
  };
}

const members: Record<Primitive, readonly ListMember[]> = {
  tools: ['tools'],
  prompts: ['prompts'],
  resources: ['resources', 'resourceTemplates'],
};

/** @param servers those that the person may use, sorted by name; asked for every name, so it had better be quick */
export function createOrigins(servers: () => readonly string[], owners: Owners): Origins {
  const listed = new Map<ListMember, Map<string, ReadonlyMap<string, string>>>();
  const namesOf = (member: ListMember, server: string): ReadonlyMap<string, string> | undefined =>
    listed.get(member)?.get(server);

  /** The first server that lists it or, before it was heard in this conversation, is known to do so. */
  function exactly(member: ListMember, shown: string): Origin | undefined {
    let silent: string | undefined;
    for (const server of servers()) {
      const names = namesOf(member, server);
      const name = names?.get(shown);
      if (name !== undefined) return { server: silent ?? server, name };
      if (names === undefined && owners.has(server, shown)) silent ??= server;
    }
    return undefined;
  }

  /** The owner of a URI that no list names but a template covers; the template with the longest literal beginning decides. */
  function byTemplate(uri: string): Origin | undefined {
    let best: { readonly length: number; readonly template: string } | undefined;
    for (const server of servers()) {
      for (const template of namesOf('resourceTemplates', server)?.keys() ?? []) {
        const length = template.indexOf('{');
        if (length > (best?.length ?? 0) && uri.startsWith(template.slice(0, length))) best = { length, template };
      }
    }
    const owner = best && exactly('resourceTemplates', best.template);
    return owner && { server: owner.server, name: uri };
  }

  return {
    learn(member, server, names) {
      const byServer = listed.get(member) ?? new Map<string, ReadonlyMap<string, string>>();
      listed.set(member, byServer);
      byServer.set(server, names);
      if (members.resources.includes(member)) owners.learn(server, names.keys());
    },
    owns: (member, server, shown) => exactly(member, shown)?.server === server,
    find(primitive, shown) {
      for (const member of members[primitive]) {
        const origin = exactly(member, shown);
        if (origin !== undefined) return origin;
      }
      return primitive === 'resources' ? byTemplate(shown) : undefined;
    },
  };
}
