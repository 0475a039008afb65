// The lines of a learned role: the used actions as they are, or, if that is wanted, whole types of resources without their dangers.
import type { Role } from '../role.ts';
import type { RoleDefinition } from '../role-definition.ts';
import { compileWildcard, foldCase } from '../wildcard.ts';
import type { KnownAction } from './known-actions.ts';
import { riskOf } from './risk.ts';

type Lines = Pick<RoleDefinition, 'Actions' | 'NotActions' | 'DataActions' | 'NotDataActions'>;

/**
 * @param replaced its exclusions stay, also where nothing listed needs them: they say what somebody wanted kept out
 * @param generalise all operations there are: then `Provider/type/*` stands for a type of resource of which several were
 *   used, and what is dangerous among the others is excluded. Without it no line grants more than was used.
 */
export function learnedLines(
  actions: readonly KnownAction[],
  replaced: Role,
  generalise: readonly KnownAction[] | undefined,
): Lines {
  const { definition } = replaced;
  const control = linesOf(actions, false, definition.NotActions, generalise);
  const data = linesOf(actions, true, definition.NotDataActions, generalise);
  return {
    Actions: control.granting,
    NotActions: control.excluding,
    DataActions: data.granting,
    NotDataActions: data.excluding,
  };
}

function linesOf(
  actions: readonly KnownAction[],
  data: boolean,
  exclusions: readonly string[],
  generalise: readonly KnownAction[] | undefined,
): { granting: string[]; excluding: string[] } {
  const used = actions.filter((each) => each.data === data).map(({ action }) => written(action));
  const isUsed = (line: string): boolean => {
    const excludes = compileWildcard(foldCase(line));
    return used.some((action) => excludes(foldCase(action)));
  };
  const types = generalise === undefined ? [] : typesOf(used);
  const isOf = (type: string) => compileWildcard(foldCase(`${type}/*`));
  const single = used.filter((action) => !types.some((type) => isOf(type)(foldCase(action))));
  const dangers = types.flatMap((type) => [
    `${type}/delete`,
    `${type}/*/delete`,
    ...(generalise ?? []).flatMap(({ action, data: known }) =>
      known === data && isOf(type)(foldCase(action)) && ['high', 'critical'].includes(riskOf(action, data))
        ? [action]
        : [],
    ),
  ]);
  const kept = exclusions.filter((line) => used.length > 0 && !isUsed(line));
  return {
    granting: sorted([...types.map((type) => `${type}/*`), ...single]),
    excluding: sorted([...kept, ...dangers.filter((line) => !isUsed(line))]),
  };
}

const fewestOfType = 3;

/** Types of resources, `Provider/type`, of which several operations were used. */
function typesOf(used: readonly string[]): string[] {
  const types = new Map<string, { type: string; count: number }>();
  for (const action of used) {
    const type = /^[a-z0-9]+\.[a-z0-9.]+\/[^/]+/i.exec(action)?.[0];
    if (type === undefined) continue;
    const { count } = types.get(foldCase(type)) ?? { count: 0 };
    types.set(foldCase(type), { type, count: count + 1 });
  }
  return [...types.values()].filter(({ count }) => count >= fewestOfType).map(({ type }) => type);
}

const sorted = (lines: readonly string[]): string[] =>
  [...new Map(lines.map((line) => [foldCase(line), line])).values()].sort((one, other) =>
    foldCase(one) < foldCase(other) ? -1 : 1,
  );

// The action of a tool with a very long name is longer than a line may be: it is cut where a pattern can stand for the rest.
const longestLine = 512;
const written = (action: string): string =>
  action.length <= longestLine ? action : `${action.slice(0, longestLine - 1)}*`;
