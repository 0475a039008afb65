// `project-away`, `project-keep`, `project-rename`, `project-reorder`: columns by name, with `*` for any part of one.
import type { Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { refuseTwice } from '../sources.ts';
import type { Name, ProjectAway, ProjectRename } from '../syntax.ts';
import type { Column } from '../values.ts';
import { copies, reshape } from './reshape.ts';

/** Whether a name is meant by another that may hold stars. Linear: the parts are looked for one after the other. */
export function nameMatches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift()!;
  const last = parts.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function places(columns: readonly Column[], name: Name): number[] {
  const found = [...columns.keys()].filter((place) => nameMatches(name.text, columns[place]!.name));
  if (found.length === 0 && !name.text.includes('*')) throw unknownColumn(name);
  return found;
}

const unknownColumn = (name: Name): KqlError => new KqlError('unknown', `There is no column ${name.text} here.`, name);

export function projectColumns(input: Plan, { kind, columns }: ProjectAway): Plan {
  const named = columns.map((name) => ({ name, found: places(input.columns, name) }));
  const all = copies(input.columns);
  const chosen = new Set(named.flatMap(({ found }) => found));
  if (kind === 'project-away')
    return reshape(
      input,
      all.filter((_, place) => !chosen.has(place)),
    );
  if (kind === 'project-keep')
    return reshape(
      input,
      all.filter((_, place) => chosen.has(place)),
    );
  const first = new Set(
    named.flatMap(({ name: { order }, found }) => {
      if (order === undefined) return found;
      const byName = found.sort((a, b) => (all[a]!.name < all[b]!.name ? -1 : 1));
      return order === 'asc' ? byName : byName.reverse();
    }),
  );
  return reshape(input, [...[...first].map((place) => all[place]!), ...all.filter((_, place) => !first.has(place))]);
}

export function projectRename(input: Plan, { columns }: ProjectRename): Plan {
  const outputs = copies(input.columns);
  for (const { name, was } of columns) {
    const place = input.columns.findIndex((column) => column.name === was.text);
    if (place === -1) throw unknownColumn(was);
    outputs[place] = { ...outputs[place]!, name: name.text };
  }
  refuseTwice(columns.map(({ name }) => name));
  for (const { name } of columns) {
    if (outputs.filter((output) => output.name === name.text).length > 1) refuseTwice([name, name]);
  }
  return reshape(input, outputs);
}
