// What a request needs: by the action map of its server, or by the default action of the tool, prompt or resource.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { ActionMap, NeededAction, Needs } from './action-map.ts';
import type { Attributes } from './conditions/condition.ts';
import type { AccessRequest } from './decision.ts';
import { createDefaultRequirements, effectOf } from './default-action.ts';

export type ActionMaps = ReadonlyMap<string, ActionMap>;

export interface NeedsReader {
  /** The actions and scopes of one call, or why it is refused before any role is looked at. Requirements are never empty. */
  of(request: AccessRequest): Needs | Refusal;
  /** The actions that are needed whatever the arguments are; `undefined` where nothing can allow it. */
  always(request: Omit<AccessRequest, 'arguments'>): readonly NeededAction[] | undefined;
  /** What conditions and rules may know of the arguments. Costs more than a decision: asked for only where one looks. */
  attributesOf(request: AccessRequest): Attributes;
}

const noAttributes: Attributes = {};

// MCP recommends at most 128 characters; what is far beyond is no name but an attempt.
const longestName = 256;

export function createNeedsReader(maps: ActionMaps): NeedsReader {
  const defaultRequirementOf = createDefaultRequirements();
  const mapOf = ({ server, primitive }: Omit<AccessRequest, 'arguments'>): ActionMap | undefined =>
    primitive === 'tools' ? maps.get(server) : undefined;
  const isNamed = ({ primitive, name }: Omit<AccessRequest, 'arguments'>): boolean =>
    primitive === 'resources' || name.length <= longestName;

  return {
    of(request) {
      const map = mapOf(request);
      if (isNamed(request)) {
        if (map === undefined)
          return { effect: effectOf(request), requirements: [defaultRequirementOf(request)], isKept: true };
        const needs = map.requirements(request.name, request.arguments, request.hints);
        if ('outcome' in needs || needs.requirements.length > 0) return needs;
      }
      return refuse('access_tool_unmapped', { tool: shownName(request), server: request.server });
    },
    always(request) {
      if (!isNamed(request)) return undefined;
      const map = mapOf(request);
      if (map === undefined) return [defaultRequirementOf(request)];
      const always = map.always(request.name, request.hints);
      return always !== undefined && always.length > 0 ? always : undefined;
    },
    attributesOf: (request) => mapOf(request)?.attributes?.(request.name, request.arguments) ?? noAttributes,
  };
}

/** What texts call the thing that was asked for: a hostile name or URI may be long. */
export const shownName = ({ name }: Pick<AccessRequest, 'name'>): string =>
  name.length > 200 ? `${name.slice(0, 200)}…` : name;
