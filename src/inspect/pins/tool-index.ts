// The names of all servers' approved tools, to notice who takes another's.
import { skeleton } from './likeness.ts';
import type { PinBook } from './pin-book.ts';

export interface ToolIndex {
  put(server: string, book: PinBook): void;
  /** Servers that have a tool of exactly this name. */
  named(name: string): readonly string[];
  /** @param except this server, and those that run the same program */
  alike(
    skeleton: string,
    except: (server: string) => boolean,
  ): { readonly server: string; readonly name: string } | undefined;
}

export function createToolIndex(): ToolIndex {
  /** By server: skeletons with the names that have them. */
  const tools = new Map<
    string,
    { readonly names: ReadonlySet<string>; readonly skeletons: ReadonlyMap<string, string> }
  >();
  return {
    put(server, book) {
      const names = [...(book.pins.get('tools') ?? [])].flatMap(([name, { approved, gone }]) =>
        approved !== undefined && !gone ? name : [],
      );
      tools.set(server, { names: new Set(names), skeletons: new Map(names.map((name) => [skeleton(name), name])) });
    },
    named: (name) => [...tools].flatMap(([server, { names }]) => (names.has(name) ? server : [])),
    alike(wanted, except) {
      for (const [server, { skeletons }] of tools) {
        const name = skeletons.get(wanted);
        if (name !== undefined && !except(server)) return { server, name };
      }
      return undefined;
    },
  };
}
