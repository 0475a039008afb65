// Which server each name or URI shown at `/mcp` stands for.
import type { Primitive } from '../access/decision.ts';

export interface Origin {
  readonly server: string;
  /** As the server itself calls it. */
  readonly name: string;
}

export interface Origins {
  /**
   * Lets a server have a shown name. Of two servers that list the same, the first by name has it, whichever is quicker.
   * @returns false when the name is another server's, or when there are too many
   */
  claim(primitive: Primitive, shown: string, origin: Origin): boolean;
  find(primitive: Primitive, shown: string): Origin | undefined;
}

const maxNames = 20_000;

export function createOrigins(): Origins {
  const known: Record<Primitive, Map<string, Origin>> = { tools: new Map(), prompts: new Map(), resources: new Map() };

  /** The owner of a URI that no list names but a template covers; the template with the longest literal beginning decides. */
  function byTemplate(uri: string): Origin | undefined {
    let best: { readonly length: number; readonly origin: Origin } | undefined;
    for (const [template, origin] of known.resources) {
      const length = template.indexOf('{');
      if (length > (best?.length ?? 0) && uri.startsWith(template.slice(0, length))) best = { length, origin };
    }
    return best?.origin;
  }

  return {
    claim(primitive, shown, origin) {
      const names = known[primitive];
      const holder = names.get(shown);
      if (holder !== undefined && holder.server !== origin.server && holder.server < origin.server) return false;
      if (holder === undefined && names.size >= maxNames) return false;
      names.set(shown, origin);
      return true;
    },
    find: (primitive, shown) =>
      known[primitive].get(shown) ?? (primitive === 'resources' ? byTemplate(shown) : undefined),
  };
}
