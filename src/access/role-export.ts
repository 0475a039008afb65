// A role as Azure takes it: custom role JSON for `az role definition create` and New-AzRoleDefinition, without what is only ours.
import { isOwnAction } from './permission.ts';
import type { RoleDefinition } from './role-definition.ts';
import { covers, parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { foldCase } from './wildcard.ts';

/** https://learn.microsoft.com/azure/role-based-access-control/custom-roles, "Custom role properties". */
export interface AzureCustomRole {
  readonly Name: string;
  readonly Id?: string;
  readonly IsCustom: true;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
  readonly DataActions: readonly string[];
  readonly NotDataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

export interface RoleExport {
  /** Absent where Azure would have nothing to grant or nowhere to assign it. */
  readonly role?: AzureCustomRole;
  /** What is not as it was, a sentence each. */
  readonly notes: readonly string[];
}

interface ExportOptions {
  /** Scopes that exist, e.g. the ids of all resource groups: what patterns in AssignableScopes stand for. */
  readonly scopes: readonly string[];
}

// "Custom role limits" on that page: one * in an action, none in AssignableScopes and not /, at most 2,000 of them.
const mostScopes = 2000;
const lists = ['Actions', 'NotActions', 'DataActions', 'NotDataActions'] as const;
type List = (typeof lists)[number];

/**
 * Writes a role for Azure, which then grants nothing that it does not grant here.
 * @param definition with its variables filled in
 */
export function exportForAzure(definition: RoleDefinition, { scopes }: ExportOptions): RoleExport {
  const notes: string[] = [];
  const obstacles: string[] = [];
  const kept = { Actions: [], NotActions: [], DataActions: [], NotDataActions: [] } as Record<List, string[]>;
  for (const list of lists)
    for (const pattern of definition[list]) {
      const problem = problemOf(pattern);
      if (problem === undefined) kept[list].push(pattern);
      // Left out of Actions it takes something away; out of NotActions it would add.
      else (list.startsWith('Not') && !isOwnAction(pattern) ? obstacles : notes).push(`${list}: ${pattern} ${problem}`);
    }
  const assignable = expandScopes(definition.AssignableScopes, scopes, notes);
  if (kept.Actions.length + kept.DataActions.length === 0) obstacles.push('Nothing is left that Azure could grant.');
  if (assignable.length === 0) obstacles.push('AssignableScopes: none is left, and Azure wants one.');
  if (assignable.length > mostScopes)
    obstacles.push(`AssignableScopes: there are ${assignable.length} of them, and Azure takes ${mostScopes}.`);
  if (obstacles.length > 0) return { notes: [...notes, ...obstacles] };
  const { Name, Id, Description } = definition;
  const isTheirs = definition.IsCustom === false; // a built-in role becomes a custom one, with an id of its own
  const id = Id === undefined || Id === null || isTheirs ? {} : { Id };
  return { role: { Name, ...id, IsCustom: true, Description, ...kept, AssignableScopes: assignable }, notes };
}

function problemOf(pattern: string): string | undefined {
  if (isOwnAction(pattern)) return "is not Azure's, and left out.";
  return pattern.split('*').length > 2 ? 'has more than one *, which Azure does not take.' : undefined;
}

function expandScopes(assignable: readonly string[], existing: readonly string[], notes: string[]): string[] {
  const known = existing.map((text) => parseScope(text, 'literal')).filter((scope) => scope !== undefined);
  const expanded = new Map<string, string>();
  const add = (text: string): void => void expanded.set(foldCase(text), text);
  for (const text of assignable) {
    const scope = parseScope(text, 'patterns');
    if (scope === undefined) notes.push(`AssignableScopes: ${text} is no scope, and left out.`);
    else if (scope.keys.length === 0)
      notes.push('AssignableScopes: / is for built-in roles alone, and left out; name subscriptions.');
    else if (scope.keys[0] === 'servers') notes.push(`AssignableScopes: ${text} is not Azure's, and left out.`);
    else if (scope.patternAt === undefined) add(text);
    else {
      const found = matching(scope, known);
      for (const { text: match } of found) add(match);
      notes.push(
        found.length === 0
          ? `AssignableScopes: ${text} matches none of the ${known.length} scopes that are known, and is left out.`
          : `AssignableScopes: ${text} became ${found.length} scopes; what is created later is not among them.`,
      );
    }
  }
  return [...expanded.values()];
}

/** What a pattern stands for: scopes of its own length, not everything below them. */
const matching = (pattern: Scope, known: readonly Scope[]): Scope[] =>
  known.filter((scope) => scope.keys.length === pattern.keys.length && covers(pattern, scope));
