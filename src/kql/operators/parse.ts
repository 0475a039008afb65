// `parse` and `parse-where`: columns out of a text.
import type { Binder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { columnsOf, eachBatch, missing, type Plan } from '../plan.ts';
import { asString } from '../nodes.ts';
import { refuseTwice } from '../sources.ts';
import type { Parse } from '../syntax.ts';
import type { Column, Row, Value } from '../values.ts';
import { moved } from './reshape.ts';
import { createMatcher } from './text-pattern.ts';

export function parse(binder: Binder, input: Plan, operator: Parse): Plan {
  const rows = binder.over(input);
  const value = asString(rows.bind(operator.value));
  const match = createMatcher(operator, operator);
  const declared = operator.pattern.flatMap((part) => ('column' in part ? [part.column] : []));
  refuseTwice(declared.map(({ name }) => name));
  const made = declared.map(({ name, type }) => ({ name: name.text, type }));
  return extracted(rows.input(), value, made, match, operator.kind === 'parse-where');
}

/** Columns that a text gives all at once, behind those of the input or in the place of those of the same name. */
export function extracted(
  input: Plan,
  value: Bound,
  made: readonly Column[],
  match: (text: string) => readonly Value[] | undefined,
  onlyMatches = false,
): Plan {
  const columns = [...input.columns];
  const places = made.map((column) => {
    const found = columns.findIndex(({ name }) => name === column.name);
    const place = found === -1 ? columns.length : found;
    columns[place] = column;
    return place;
  });
  const nothing = made.map(({ type }) => missing(type));
  const replaced = new Set(places);
  const { evaluate } = value;
  return {
    ...input,
    columns,
    grouped: undefined,
    open(run, wanted) {
      const kept = [...wanted.columns].filter((place) => place < input.columns.length && !replaced.has(place));
      const untouched = columns.map(({ name, type }, source) =>
        source < input.columns.length && !replaced.has(source) ? { name, type, source } : undefined,
      );
      const where = (wanted.where ?? []).flatMap((condition) => moved(condition, untouched) ?? []);
      const below = input.open(run, { columns: columnsOf([value], new Set(kept)), where });
      return eachBatch(below, run, (rows) =>
        rows.flatMap((row): Row[] => {
          const found = match(evaluate(row) as string);
          if (found === undefined && onlyMatches) return [];
          const out = row.slice() as Value[];
          while (out.length < columns.length) out.push(null);
          for (const [index, place] of places.entries()) out[place] = (found ?? nothing)[index]!;
          return [out];
        }),
      );
    },
  };
}
