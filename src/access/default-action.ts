// The action and scope of a tool, prompt or resource that no map speaks of, and the effect that its annotations claim.
import type { AccessRequest, Effect, Requirement } from './decision.ts';
import { isPlainSegment } from './scope.ts';

type Thing = Pick<AccessRequest, 'server' | 'primitive' | 'name'>;

/** The action that a tool, prompt or resource without a map needs, at its own scope. */
export function defaultRequirement({ server, primitive, name }: Thing): Requirement {
  const surface = `/servers/${server}/${primitive}`;
  if (primitive === 'resources') return { action: `mcp${surface}/read`, data: false, scope: surface };
  // A name that cannot be one segment must not look like a path: it is judged where all names of its kind are.
  const scope = isPlainSegment(name) ? `${surface}/${name}` : surface;
  const segment = encodeURIComponent(name.toWellFormed());
  return { action: `mcp${surface}/${segment}/${primitive === 'tools' ? 'call' : 'get'}`, data: false, scope };
}

// Callers choose names; what they can make us keep has an end.
const rememberedNames = 8192;

/** `defaultRequirement` that gives the same object for the same thing: putting the texts together costs more than deciding. */
export function createDefaultRequirements(): (thing: Thing) => Requirement {
  const remembered = { tools: createShelf(), prompts: createShelf(), resources: createShelf() };
  let kept = 0;
  return (thing) => {
    const shelf = remembered[thing.primitive];
    const name = thing.primitive === 'resources' ? '' : thing.name;
    const known = shelf.get(thing.server)?.get(name);
    if (known !== undefined) return known;
    if (kept >= rememberedNames) {
      for (const each of Object.values(remembered)) each.clear();
      kept = 0;
    }
    kept += 1;
    const requirement = defaultRequirement(thing);
    const names = shelf.get(thing.server);
    if (names === undefined) shelf.set(thing.server, new Map([[name, requirement]]));
    else names.set(name, requirement);
    return requirement;
  };
}

const createShelf = (): Map<string, Map<string, Requirement>> => new Map();

/** The effect that annotations claim. Claims only ever grade: what claims nothing is taken to destroy, as MCP's defaults say. */
export function effectOf({ primitive, hints }: Pick<AccessRequest, 'primitive' | 'hints'>): Effect {
  if (primitive !== 'tools' || hints?.readOnly === true) return 'read';
  return hints?.destructive === false ? 'write' : 'destroy';
}
