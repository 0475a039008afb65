// A change of the policy as people read it: what came, what went, and what is different, line by line.
import type { Content, ItemEdit } from './policy-item.ts';

/** One change in one line: `+ assignment of "MCP User" to group dev-team at /servers/files`. */
export const describeEdit = ({ kind, id, before, after }: ItemEdit): string =>
  `${signOf(before, after)} ${nameOf(kind, id, after ?? before ?? {})}`;

const signOf = (before: unknown, after: unknown): '+' | '-' | '~' =>
  before === undefined ? '+' : after === undefined ? '-' : '~';

function nameOf(kind: string, id: string, content: Content): string {
  const { role, scope, principal } = content;
  if ((kind !== 'assignment' && kind !== 'exclusion') || typeof role !== 'string') return `${kind} ${id}`;
  const out = kind === 'exclusion' ? `exclusion of ${String(principal)} from ` : '';
  const { kind: whom, id: who } = ((out === '' ? principal : content['of']) ?? {}) as Record<string, unknown>;
  return `${out}assignment of "${role}" to ${String(whom)} ${String(who)} at ${String(scope)}`;
}

/** What is different in an item: `+` and `-` lines; members of lists one a line. */
export function linesOf({ before = {}, after = {} }: Pick<ItemEdit, 'before' | 'after'>): string[] {
  const [was, is] = [flat(before), flat(after)];
  return [
    ...[...was].filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...[...is].filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}

function flat(content: Content): Set<string> {
  const lines = new Set<string>();
  const add = (path: string, value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) add(path, each);
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) add(path === '' ? name : `${path}.${name}`, member);
    else lines.add(`${path}: ${path.endsWith('AtMs') ? new Date(Number(value)).toISOString() : String(value)}`);
  };
  add('', content);
  return lines;
}
