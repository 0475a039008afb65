// A row of a map by patterns, made ready for calls.
import type { NeededAction, Needs } from '../action-map.ts';
import { countIn, locationIn, nameIn, prefixIn, switchIn } from '../azure/attributes.ts';
import type { AttributeReader } from '../azure/attributes.ts';
import type { Effect, Requirement } from '../decision.ts';
import { readScopeTemplate } from './scope-template.ts';
import type { PatternRowSettings } from './settings.ts';
import { tagsIn } from '../azure/tags.ts';

type Args = Readonly<Record<string, unknown>>;

export interface PatternRow {
  /** Arguments that say where or what. */
  readonly argumentNames: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeReader>>;
  readonly always: readonly NeededAction[];
  /** An argument that is spelt almost as one of `argumentNames`: nobody knows which of the two the server takes. */
  unclearIn(args: Args): string | undefined;
  /** `undefined` where the arguments give no place. */
  needs(ownScope: string, args: Args): Needs | undefined;
}

/** @returns `undefined` for a scope that is none */
export function compilePatternRow(server: string, row: PatternRowSettings): PatternRow | undefined {
  const template = readScopeTemplate(row.scope ?? '/');
  if (template === undefined) return undefined;
  const needed = [
    ...row.actions.map((action) => ({ action: fullAction(server, action), data: false })),
    ...row.dataActions.map((action) => ({ action, data: true })),
  ].map((need) => ({ ...need, isOwn: need.action.startsWith('mcp/') }));
  const isPlaced = !needed.every(({ isOwn }) => isOwn);
  const effect = row.effect ?? effectOfActions(needed.map(({ action }) => action));
  const read = Object.entries(row.attributes ?? {});
  const argumentNames = [...(isPlaced ? template.names : []), ...read.map(([, argument]) => argument)];
  const folded = new Map(argumentNames.map((name) => [bare(name), name]));
  return {
    argumentNames,
    attributes: Object.fromEntries(read.map(([name, argument]) => [name, readers[name]!(argument)])),
    always: needed.map(({ action, data, isOwn }) =>
      isOwn ? { action, data } : { action, data, narrowest: template.narrowest },
    ),
    unclearIn: (args) =>
      folded.size === 0
        ? undefined
        : Object.keys(args).find((name) => folded.has(bare(name)) && !argumentNames.includes(name)),
    needs(ownScope, args) {
      const place = isPlaced ? template.fill(args) : ownScope;
      if (place === undefined) return undefined;
      const requirements: Requirement[] = needed.map(({ action, data, isOwn }) => ({
        action,
        data,
        scope: isOwn ? ownScope : place,
      }));
      return { effect, requirements };
    },
  };
}

/** Operations of Azure have a dot in their first word; `issues/read` is an action of this server. */
function fullAction(server: string, action: string): string {
  const isWhole = action.startsWith(`mcp/servers/${server}/`) || /^[^/]*\./.test(action);
  return isWhole ? action : `mcp/servers/${server}/${action}`;
}

function effectOfActions(actions: readonly string[]): Effect {
  const ends = actions.map((action) => action.slice(action.lastIndexOf('/') + 1).toLowerCase());
  if (ends.includes('delete')) return 'destroy';
  return ends.every((end) => end === 'read') ? 'read' : 'write';
}

/** Servers take `resourceGroup` and `Resource-Group` for one another. */
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '') || name;

const readers: Readonly<Record<string, (argument: string) => AttributeReader>> = {
  location: locationIn,
  sku: nameIn,
  tier: nameIn,
  count: countIn,
  publicIp: switchIn,
  publicNetworkAccess: switchIn,
  sourcePrefix: prefixIn,
  tags: (argument) => tagsIn(argument, 'any'),
};
