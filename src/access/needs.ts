// What a request needs: by the action map of its server, or by the default action of the tool, prompt or resource.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { ActionMap, NeededAction, Needs } from './action-map.ts';
import type { AccessRequest, Effect, Requirement } from './decision.ts';
import { isPlainSegment } from './scope.ts';

export type ActionMaps = ReadonlyMap<string, ActionMap>;

// MCP recommends at most 128 characters; what is far beyond is no name but an attempt.
const longestName = 256;

/** The actions and scopes of one call, or why it is refused before any role is looked at. */
export function needsOf(request: AccessRequest, maps: ActionMaps): Needs | Refusal {
  const map = mapOf(request, maps);
  if (map !== undefined) {
    const needs = map.requirements(request.name, request.arguments);
    return 'outcome' in needs || needs.requirements.length > 0 ? needs : refuseUnmapped(request);
  }
  if (request.primitive !== 'resources' && request.name.length > longestName) return refuseUnmapped(request);
  return { effect: effectOf(request), requirements: [defaultRequirement(request)] };
}

/** The actions that the request needs whatever its arguments are; `undefined` where nothing can allow it. */
export function alwaysNeeded(
  request: Omit<AccessRequest, 'arguments'>,
  maps: ActionMaps,
): readonly NeededAction[] | undefined {
  const map = mapOf(request, maps);
  if (map !== undefined) {
    const always = map.always(request.name);
    return always !== undefined && always.length > 0 ? always : undefined;
  }
  if (request.primitive !== 'resources' && request.name.length > longestName) return undefined;
  return [defaultRequirement(request)];
}

const mapOf = ({ server, primitive }: Pick<AccessRequest, 'server' | 'primitive'>, maps: ActionMaps) =>
  primitive === 'tools' ? maps.get(server) : undefined;

/** The action that a tool, prompt or resource without a map needs, at its own scope. */
export function defaultRequirement(request: Pick<AccessRequest, 'server' | 'primitive' | 'name'>): Requirement {
  const { server, primitive, name } = request;
  const surface = `/servers/${server}/${primitive}`;
  if (primitive === 'resources') return { action: `mcp/servers/${server}/resources/read`, data: false, scope: surface };
  // A name that cannot be one segment must not look like a path: it is judged where all names of its kind are.
  const scope = isPlainSegment(name) ? `${surface}/${name}` : surface;
  const segment = encodeURIComponent(name.toWellFormed());
  return { action: `mcp${surface}/${segment}/${primitive === 'tools' ? 'call' : 'get'}`, data: false, scope };
}

/** The effect that annotations claim. Claims only ever grade: what claims nothing is taken to destroy, as MCP's defaults say. */
export function effectOf({ primitive, hints }: Pick<AccessRequest, 'primitive' | 'hints'>): Effect {
  if (primitive !== 'tools' || hints?.readOnly === true) return 'read';
  return hints?.destructive === false ? 'write' : 'destroy';
}

/** What texts call the thing that was asked for: a hostile name or URI may be long. */
export const shownName = (request: Pick<AccessRequest, 'name'>): string =>
  request.name.length > 200 ? `${request.name.slice(0, 200)}…` : request.name;

const refuseUnmapped = (request: Omit<AccessRequest, 'arguments'>): Refusal =>
  refuse('access_tool_unmapped', { tool: shownName(request), server: request.server });
