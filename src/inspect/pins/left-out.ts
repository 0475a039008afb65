// Names of items that were left out of a list although nothing is written down of them: too many, or too large. They may not be used either.
import type { ItemKind } from './surface.ts';

export interface LeftOut {
  has(server: string, kind: ItemKind, name: string): boolean;
  names(server: string, kind: ItemKind): Iterable<string>;
  /** Takes note of a list, or a page of one. */
  take(
    server: string,
    kind: ItemKind,
    passes: readonly boolean[],
    nameAt: (at: number) => string,
    isWithheld: (name: string) => boolean,
  ): void;
}

/** Names of one kind at one server. The oldest make room. */
const most = 20_000;

export function createLeftOut(): LeftOut {
  const servers = new Map<string, Map<ItemKind, Set<string>>>();
  const of = (server: string, kind: ItemKind): ReadonlySet<string> | undefined => servers.get(server)?.get(kind);
  return {
    has: (server, kind, name) => of(server, kind)?.has(name) === true,
    names: (server, kind) => of(server, kind) ?? [],
    take(server, kind, passes, nameAt, isWithheld) {
      const kinds = servers.get(server) ?? new Map<ItemKind, Set<string>>();
      const names = kinds.get(kind) ?? new Set();
      if (names.size > 0) passes.forEach((passed, at) => passed && names.delete(nameAt(at)));
      passes.forEach((passed, at) => {
        if (passed || isWithheld(nameAt(at))) return;
        names.add(nameAt(at));
        if (names.size > most) names.delete(names.values().next().value!);
      });
      if (names.size > 0) servers.set(server, kinds.set(kind, names));
    },
  };
}
