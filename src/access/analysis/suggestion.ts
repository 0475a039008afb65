// The least that would have done, assignment by assignment: built-in roles that fit closely, else a role of just the used actions.
import type { Assignee, AssignmentRequest } from '../assignment.ts';
import type { Role } from '../role.ts';
import type { RoleDefinition } from '../role-definition.ts';
import type { Scope } from '../scope.ts';
import { foldCase } from '../wildcard.ts';
import { closestRoles } from './closest-roles.ts';
import type { Exercised, HeldAssignment, Holding } from './held-rights.ts';
import { distinctActions } from './known-actions.ts';
import type { KnownAction } from './known-actions.ts';
import { narrowestScopes, placeOf } from './places-of-use.ts';
import type { Level } from './places-of-use.ts';
import { learnedLines } from './role-lines.ts';

/** What takes the place of one assignment at one level of places. */
export interface SuggestedPart {
  readonly replaces: string;
  readonly level: Level;
  /** `existing`: roles that there are. `custom`: one that the suggestion brings along. */
  readonly kind: 'existing' | 'custom';
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** How many different actions were used. */
  readonly actions: number;
}

/** What the holder would have instead of its judged assignments: never more than now. */
export interface Suggestion {
  readonly holder: Assignee;
  readonly parts: readonly SuggestedPart[];
  /** Roles that do not exist yet, in Azure's custom role JSON. */
  readonly roles: readonly RoleDefinition[];
  readonly assign: readonly AssignmentRequest[];
  /** Ids of the assignments that go. */
  readonly remove: readonly string[];
}

export interface SuggestionOptions {
  /** All roles there are: candidates, and names that are taken. */
  readonly roles: readonly Role[];
  /** All operations there are, where one line is to stand for a whole type of resource. Wider than the use. */
  readonly generalise?: readonly KnownAction[] | undefined;
  /** What was learned from, for descriptions. */
  readonly learnedFrom: string;
}

/** @returns `undefined` where nothing of it is judged, or all fits already */
export function suggest({ holder, assignments }: Holding, options: SuggestionOptions): Suggestion | undefined {
  const judged = assignments.filter(({ spared }) => spared === undefined);
  const names = new Set(options.roles.map(({ name }) => foldCase(name)));
  const parts: (SuggestedPart & { readonly role?: RoleDefinition })[] = [];
  for (const { held, uses } of shared(judged))
    for (const [level, placed] of byLevel(uses, held.grant.scope)) {
      const found = replace(held, level, placed, options);
      const { role } = found;
      if (role === undefined) {
        parts.push(found);
        continue;
      }
      const name = freeName(held.grant.role.name, holder, names);
      parts.push({ ...found, roles: [name], role: { ...role, Name: name } });
    }

  const wanted = distinctWishes(
    parts.flatMap(({ roles, scopes }) =>
      roles.flatMap((role) => scopes.map((scope): AssignmentRequest => ({ principal: holder, role, scope }))),
    ),
  );
  const remove = judged.filter((each) => !wanted.some((wish) => isSame(each, wish)));
  if (remove.length === 0) return undefined;
  return {
    holder,
    parts: parts.map(({ role: _, ...part }) => part),
    roles: parts.flatMap(({ role }) => (role === undefined ? [] : [role])),
    assign: wanted.filter((wish) => !judged.some((each) => isSame(each, wish))),
    remove: remove.map(({ grant }) => grant.assignment.id),
  };
}

const isSame = ({ grant }: HeldAssignment, { role, scope }: AssignmentRequest): boolean =>
  grant.role.name === role && wayTo(grant.scope.text) === wayTo(scope);

// Servers and tools are told apart by case, what is Azure's is not.
const wayTo = (scope: string): string => (scope.startsWith('/servers') ? scope : foldCase(scope));

const distinctWishes = (wishes: readonly AssignmentRequest[]): AssignmentRequest[] => [
  ...new Map(wishes.map((wish) => [`${wish.role}\n${wayTo(wish.scope)}`, wish])).values(),
];

/**
 * Each use rests on the least of the assignments that grant it, so that the wider ones are given up first, and what takes
 * the place of one never grants what only another did.
 */
function shared(judged: readonly HeldAssignment[]): { held: HeldAssignment; uses: Exercised[] }[] {
  const least = [...judged].sort(
    (one, other) => one.granted - other.granted || other.grant.scope.keys.length - one.grant.scope.keys.length,
  );
  const taken = new Set<Exercised>();
  return least.map((held) => {
    const uses = held.exercised.filter((each) => !taken.has(each));
    for (const each of uses) taken.add(each);
    return { held, uses };
  });
}

interface PlacedUse extends Exercised {
  readonly place: Scope;
}

function byLevel(uses: readonly Exercised[], held: Scope): Map<Level, PlacedUse[]> {
  const levels = new Map<Level, PlacedUse[]>();
  for (const each of uses) {
    const { level, scope } = placeOf(each.scope, held);
    levels.set(level, [...(levels.get(level) ?? []), { ...each, place: scope }]);
  }
  return levels;
}

function replace(
  { grant }: HeldAssignment,
  level: Level,
  uses: readonly PlacedUse[],
  { roles, generalise, learnedFrom }: SuggestionOptions,
): SuggestedPart & { readonly role?: RoleDefinition } {
  const actions = distinctActions(uses.map(({ used }) => used));
  const base = { replaces: grant.assignment.id, level, actions: actions.length };
  const tools = level === 'server' ? scopesOfTools(uses) : undefined;
  if (tools !== undefined) return { ...base, kind: 'existing', roles: ['MCP User'], scopes: tools };
  const scopes = narrowestScopes(
    uses.map(({ place }) => place),
    grant.scope,
  );
  const at = scopes.map(({ text }) => text);
  const fitting = closestRoles(actions, scopes, { replaced: grant.role, roles });
  if (fitting !== undefined) return { ...base, kind: 'existing', roles: fitting, scopes: at };
  const { kind, id } = grant.assignment.principal;
  const role: RoleDefinition = {
    Name: '',
    IsCustom: true,
    Description: `What ${kind} ${id} used of ${grant.role.name}, learned from ${learnedFrom}.`.slice(0, 2048),
    ...learnedLines(actions, grant.role, generalise),
    AssignableScopes: at,
  };
  return { ...base, kind: 'custom', roles: [], scopes: at, role };
}

const mostTools = 8;

/** `MCP User` at each tool is exactly the use of those tools; where they are many, one role with their actions reads better. */
function scopesOfTools(uses: readonly PlacedUse[]): string[] | undefined {
  const tools = new Map(uses.map(({ scope }) => [scope.text, scope]));
  const isTool = ({ keys, patternAt }: Scope): boolean =>
    patternAt === undefined && (keys.length === 4 || (keys.length === 3 && keys[2] === 'resources'));
  const isCall = ({ used: { action, data } }: PlacedUse): boolean => action.startsWith('mcp/servers/') && !data;
  const fit = tools.size <= mostTools && [...tools.values()].every(isTool) && uses.every(isCall);
  return fit ? [...tools.keys()].sort() : undefined;
}

function freeName(role: string, { id }: Assignee, taken: Set<string>): string {
  const base = `${role.slice(0, 60)} as used by ${id.slice(0, 45)}`;
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base} ${count}`;
    if (taken.has(foldCase(name))) continue;
    taken.add(foldCase(name));
    return name;
  }
}
