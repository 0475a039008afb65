// The map of a server by what its administrator, its tools' names or its annotations say of them.
import { GenkanError, refuse } from '../../base/errors.ts';
import type { ActionMap } from '../action-map.ts';
import { readAttributes } from '../azure/attributes.ts';
import type { AccessRequest, Effect, Requirement } from '../decision.ts';
import { defaultRequirement, effectOf } from '../default-action.ts';
import { compileWildcard } from '../wildcard.ts';
import { createClaims } from './claims.ts';
import { compilePatternRow } from './pattern-row.ts';
import type { PatternRow } from './pattern-row.ts';
import type { PatternMapSettings } from './settings.ts';
import { readToolName, worse } from './tool-name.ts';
import type { Verb } from './tool-name.ts';

type Hints = AccessRequest['hints'];

const effects: Readonly<Record<Verb, Effect>> = { read: 'read', write: 'write', action: 'write', delete: 'destroy' };

/**
 * Builds the map. A tool with a row needs what the row says. Any other needs `mcp/servers/{s}/tools/{t}/call`, unless the
 * administrator trusts the server's names or annotations: then it needs what the worse of the two says.
 * @throws GenkanError `access_scope_invalid`
 */
export function createPatternMap(server: string, settings: PatternMapSettings): ActionMap {
  const claims = createClaims();
  const isTrusted = settings.trustNames || settings.trustAnnotations;
  const rowOf = createRowFinder(server, settings);
  const meaningOf = remember((tool: string) => (settings.trustNames ? readToolName(tool) : undefined));
  const requirementOf = remember((tool: string) => defaultRequirement({ server, primitive: 'tools', name: tool }));
  const derived = (verb: Verb): ((tool: string) => Requirement) =>
    remember((tool) => {
      const resource = meaningOf(tool)?.resource ?? `tools/${encodeURIComponent(tool.toWellFormed())}`;
      return { ...requirementOf(tool), action: `mcp/servers/${server}/${resource}/${verb}` };
    });
  const derivedOf = {
    read: derived('read'),
    write: derived('write'),
    action: derived('action'),
    delete: derived('delete'),
  };

  function verbOf(tool: string, hints: Hints, named: Verb | undefined): Verb | undefined {
    const claimed = claims.worstOf(tool, hints);
    if (named === undefined) return settings.trustAnnotations ? claimed : undefined;
    // What a server says against its own tool is believed in any case.
    return claimed === undefined ? named : worse(named, claimed);
  }

  function withoutRow(tool: string, hints: Hints): { effect: Effect; requirement: Requirement } {
    const verb = isTrusted ? verbOf(tool, hints, meaningOf(tool)?.verb) : undefined;
    if (verb !== undefined) return { effect: effects[verb], requirement: derivedOf[verb](tool) };
    return { effect: effectOf({ primitive: 'tools', hints }), requirement: requirementOf(tool) };
  }

  return {
    tools: Object.keys(settings.tools).filter((name) => !name.includes('*')),
    isOpen: true,
    always(tool, hints) {
      return rowOf(tool)?.always ?? [withoutRow(tool, hints).requirement];
    },
    requirements(tool, args, hints) {
      const row = rowOf(tool);
      if (row === undefined) {
        const { effect, requirement } = withoutRow(tool, hints);
        return { effect, requirements: [requirement] };
      }
      const unclear = row.unclearIn(args);
      if (unclear !== undefined) return unresolved(tool, unclear);
      return row.needs(requirementOf(tool).scope, args) ?? unresolved(tool, row.argumentNames.join(', '));
    },
    attributes: (tool, args) => readAttributes(rowOf(tool)?.attributes ?? {}, args),
  };
}

const unresolved = (tool: string, argument: string): ReturnType<ActionMap['requirements']> =>
  refuse('access_argument_unresolved', { tool, argument: argument.slice(0, 64) });

function createRowFinder(server: string, settings: PatternMapSettings): (tool: string) => PatternRow | undefined {
  const rows = Object.entries(settings.tools).map(([pattern, row]) => {
    const compiled = compilePatternRow(server, row);
    if (compiled === undefined) throw new GenkanError('access_scope_invalid', { scope: row.scope ?? '' });
    return { pattern, row: compiled };
  });
  const byName = new Map(rows.map(({ pattern, row }) => [pattern, row]));
  const byPattern = rows
    .filter(({ pattern }) => pattern.includes('*'))
    .sort((one, other) => literalLength(other.pattern) - literalLength(one.pattern))
    .map(({ pattern, row }) => ({ matches: compileWildcard(pattern), row }));
  return remember((tool) => {
    const named = tool.includes('*') ? undefined : byName.get(tool);
    return named ?? byPattern.find(({ matches }) => matches(tool))?.row;
  });
}

// Callers choose names; what they can make us keep has an end.
const rememberedNames = 8192;

function remember<Value>(find: (tool: string) => Value): (tool: string) => Value {
  const remembered = new Map<string, Value>();
  return (tool) => {
    const known = remembered.get(tool);
    if (known !== undefined || remembered.has(tool)) return known as Value;
    if (remembered.size >= rememberedNames) remembered.clear();
    const found = find(tool);
    remembered.set(tool, found);
    return found;
  };
}

const literalLength = (pattern: string): number => pattern.replaceAll('*', '').length;
