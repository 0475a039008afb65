// Which lines of a role match no operation of Azure that is known here, and what was probably meant.
import type { RoleDefinition } from '../role-definition.ts';
import { azureRoles } from '../azure-roles.ts';
import { compileWildcard, foldCase } from '../wildcard.ts';

export interface UnknownAction {
  readonly list: 'Actions' | 'NotActions' | 'DataActions' | 'NotDataActions';
  readonly action: string;
  /** `plane`: there is such an operation, but of the other plane: it belongs in DataActions, or in Actions. */
  readonly problem: 'unknown' | 'plane';
  /** The operation whose name differs least, if one is near. */
  readonly nearest?: string;
}

interface Known {
  readonly control: readonly Operation[];
  readonly data: readonly Operation[];
  /** Namespaces of which operations are listed, and those that are only known to exist; lower case. */
  readonly listed: ReadonlySet<string>;
  readonly existing: ReadonlyMap<string, string>;
}
interface Operation {
  readonly name: string;
  readonly folded: string;
}

// For a role as long as one may be, this is enough to show what is wrong with it.
const mostNearest = 20;
/** So many letters may be wrong. */
const nearEnough = 2;

/**
 * The lines of a role that grant or exclude nothing in Azure, as far as the operations known here show it (their sources
 * stand in `operations.json`). Lines of `mcp/` and `genkan/` are not Azure's. The list is read with the first question.
 */
export async function unknownActions(role: RoleDefinition): Promise<UnknownAction[]> {
  const known = await knownOperations();
  const found: UnknownAction[] = [];
  for (const list of ['Actions', 'NotActions', 'DataActions', 'NotDataActions'] as const) {
    const [own, other] = list.includes('Data') ? [known.data, known.control] : [known.control, known.data];
    for (const action of role[list]) {
      const folded = foldCase(action);
      if (/^(mcp|genkan)\//.test(folded) || isSilent(folded, known) || matchesSome(folded, own)) continue;
      if (matchesSome(folded, other)) found.push({ list, action, problem: 'plane' });
      else {
        const nearest = found.length < mostNearest ? nearestTo(folded, own, known) : undefined;
        found.push({ list, action, problem: 'unknown', ...(nearest !== undefined && { nearest }) });
      }
    }
  }
  return found;
}

/** For people, on one line. */
export function describeUnknown({ list, action, problem, nearest }: UnknownAction): string {
  if (problem === 'plane') {
    const other = list.includes('Data') ? list.replace('Data', '') : list.replace('Actions', 'DataActions');
    return `"${action}" under ${list} is an operation of the other plane and does nothing there; it belongs under ${other}.`;
  }
  const meant = nearest === undefined ? 'Is it new, or misspelt?' : `Was ${nearest} meant?`;
  return `"${action}" under ${list} matches no operation of Azure that is known here. ${meant}`;
}

let reading: Promise<Known> | undefined;

function knownOperations(): Promise<Known> {
  return (reading ??= read());
}

async function read(): Promise<Known> {
  const { default: lists } = await import('./operations.json', { with: { type: 'json' } });
  // Azure's own roles use names that neither list has; as patterns they know themselves.
  const all = (names: readonly string[], inRoles: readonly string[]): Operation[] =>
    [...names, ...inRoles.filter((name) => name.includes('.'))].map((name) => ({ name, folded: foldCase(name) }));
  const control = all(
    lists.operations.flatMap(({ actions }) => actions),
    azureRoles.flatMap(({ Actions, NotActions }) => [...Actions, ...NotActions]),
  );
  const data = all(
    lists.operations.flatMap(({ dataActions }) => dataActions),
    azureRoles.flatMap(({ DataActions, NotDataActions }) => [...DataActions, ...NotDataActions]),
  );
  const listed = new Set(
    lists.operations.flatMap(({ actions, dataActions }) => [...actions, ...dataActions]).map(namespaceOf),
  );
  const names = [...lists.namespaces.names, ...[...control, ...data].map(({ name }) => name.split('/')[0] ?? '')];
  return { control, data, listed, existing: new Map(names.map((name) => [foldCase(name), name])) };
}

const namespaceOf = (action: string): string => foldCase(action.split('/')[0] ?? '');

/** There is such a namespace, but nothing is known of its operations. */
function isSilent(folded: string, { listed, existing }: Known): boolean {
  const namespace = namespaceOf(folded);
  return existing.has(namespace) && !listed.has(namespace);
}

function matchesSome(pattern: string, operations: readonly Operation[]): boolean {
  const matches = compileWildcard(pattern);
  return operations.some(({ folded }) => matches(folded));
}

function nearestTo(pattern: string, operations: readonly Operation[], { existing }: Known): string | undefined {
  const namespace = namespaceOf(pattern);
  let [nearest, least]: [string | undefined, number] = [undefined, nearEnough + 1];
  for (const { name, folded } of operations) {
    if (folded.includes('*') || distance(namespace, namespaceOf(folded), least) >= least) continue;
    const away = distance(pattern, folded, least);
    if (away < least) [nearest, least] = [name, away];
  }
  if (nearest !== undefined || existing.has(namespace)) return nearest;
  return [...existing].find(([folded]) => distance(namespace, folded, least) < least)?.[1];
}

/** How many letters of a pattern are to change until it matches a text; a star stands for any. No further than `limit`. */
function distance(pattern: string, text: string, limit: number): number {
  if (!pattern.includes('*') && Math.abs(pattern.length - text.length) >= limit) return limit;
  let row = Array.from({ length: text.length + 1 }, (_, at) => at);
  for (const letter of pattern) {
    const isStar = letter === '*';
    const next = [isStar ? row[0]! : row[0]! + 1];
    for (let at = 1; at <= text.length; at += 1) {
      const change = row[at - 1]! + (letter === text[at - 1] ? 0 : 1);
      next.push(isStar ? Math.min(row[at]!, next[at - 1]!) : Math.min(change, row[at]! + 1, next[at - 1]! + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return Math.min(row[text.length]!, limit);
}
