// Conditions of a query in the words of the database, as far as both mean exactly the same.
import type { Bound, BoundCall, BoundConstant } from '../../kql/bound.ts';
import type { Value } from '../../kql/values.ts';

export interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** What a column is called in the database; undefined where it has none of its own. */
export type SqlColumn = (index: number) => string | undefined;

const mostValues = 500;
const mostDepth = 32;

/**
 * The condition in SQL. In the database no column is null and all texts are well-formed, so that equality of texts is equality
 * of bytes and nothing is unknown; whatever else KQL has to say (case, terms, types that are alike) is left to the engine.
 */
export function asSql(bound: Bound, columnOf: SqlColumn, depth = 0): Sql | undefined {
  if (bound.kind !== 'call' || depth > mostDepth) return undefined;
  switch (bound.name) {
    case 'and':
    case 'or':
      return joined(bound, columnOf, depth);
    case 'not':
      return negated(asSql(bound.arguments[0]!, columnOf, depth + 1));
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(bound, columnOf);
    case 'between':
    case '!between':
      return range(bound, columnOf);
    case 'in':
    case '!in':
      return membership(bound, columnOf);
    case 'isempty':
    case 'isnotempty':
      return emptiness(bound, columnOf);
    default:
      return undefined;
  }
}

function joined({ name, arguments: parts }: BoundCall, columnOf: SqlColumn, depth: number): Sql | undefined {
  const all = parts.map((part) => asSql(part, columnOf, depth + 1));
  if (!all.every((one) => one !== undefined)) return undefined;
  return {
    text: `(${all.map(({ text }) => text).join(name === 'and' ? ' AND ' : ' OR ')})`,
    values: all.flatMap(({ values }) => values),
  };
}

const negated = (inner: Sql | undefined): Sql | undefined =>
  inner && { text: `NOT (${inner.text})`, values: inner.values };

interface Side {
  readonly column: string;
  readonly type: Bound['type'];
}

function columnSide(bound: Bound, columnOf: SqlColumn): Side | undefined {
  if (bound.kind !== 'column') return undefined;
  const column = columnOf(bound.index);
  return column === undefined ? undefined : { column, type: bound.type };
}

const numbers = new Set<Bound['type']>(['int', 'long', 'real', 'decimal']);

/** The value of a constant as the database has it, beside a column of this type. */
function valueBeside(type: Bound['type'], bound: BoundConstant): string | number | undefined {
  const { value } = bound;
  if (type === 'string') return bound.type === 'string' ? textOf(value) : undefined;
  const alike = bound.type === type || (numbers.has(type) && numbers.has(bound.type));
  return alike && typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

// The database would put another sign where half of a surrogate pair stands alone.
const textOf = (value: Value): string | undefined =>
  typeof value === 'string' && value.isWellFormed() ? value : undefined;

const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** A column, how it compares, and with what: `a < 1` as well as `1 > a`. */
export function comparedColumn(
  { name, arguments: parts }: BoundCall,
  columnOf: SqlColumn,
): { readonly column: string; readonly operator: string; readonly value: string | number } | undefined {
  const [left, right] = parts as [Bound, Bound];
  const turned = left.kind === 'constant';
  const side = columnSide(turned ? right : left, columnOf);
  const other = turned ? left : right;
  if (side === undefined || other.kind !== 'constant') return undefined;
  const operator = turned ? (mirrored[name] ?? name) : name;
  const value = valueBeside(side.type, other);
  return value === undefined ? undefined : { column: side.column, operator, value };
}

function comparison(bound: BoundCall, columnOf: SqlColumn): Sql | undefined {
  const found = comparedColumn(bound, columnOf);
  if (found === undefined) return undefined;
  const { column, operator, value } = found;
  if (typeof value === 'string' && operator !== '==' && operator !== '!=') return undefined;
  return { text: `${column} ${operator === '==' ? '=' : operator} ?`, values: [value] };
}

/** Both ends of a `between` over a column of numbers or moments. */
export function columnRange(
  { arguments: parts }: BoundCall,
  columnOf: SqlColumn,
): { readonly column: string; readonly low: number; readonly high: number } | undefined {
  const [value, low, high] = parts as [Bound, Bound, Bound];
  const side = columnSide(value, columnOf);
  if (side === undefined || side.type === 'string' || low.kind !== 'constant' || high.kind !== 'constant')
    return undefined;
  const from = valueBeside(side.type, low);
  const span = side.type === 'datetime' && high.type === 'timespan';
  const to = valueBeside(span ? 'timespan' : side.type, high);
  if (typeof from !== 'number' || typeof to !== 'number') return undefined;
  return { column: side.column, low: from, high: span ? from + to : to };
}

function range(bound: BoundCall, columnOf: SqlColumn): Sql | undefined {
  const found = columnRange(bound, columnOf);
  if (found === undefined) return undefined;
  const inside = { text: `${found.column} BETWEEN ? AND ?`, values: [found.low, found.high] };
  return bound.name === 'between' ? inside : negated(inside);
}

/** A column of texts and the texts that it is to be, or not to be, one of. */
export function columnList(
  { arguments: parts }: BoundCall,
  columnOf: SqlColumn,
): { readonly column: string; readonly texts: readonly string[] } | undefined {
  const [left, ...list] = parts as [Bound, ...Bound[]];
  const side = columnSide(left, columnOf);
  if (side?.type !== 'string') return undefined;
  const texts: string[] = [];
  for (const each of list) {
    if (each.kind !== 'constant' || (each.type !== 'string' && each.type !== 'dynamic')) return undefined;
    const values: readonly Value[] = Array.isArray(each.value) ? (each.value as readonly Value[]) : [each.value];
    for (const value of values) {
      const text = textOf(value);
      if (text === undefined || texts.push(text) > mostValues) return undefined;
    }
  }
  return { column: side.column, texts };
}

function membership(bound: BoundCall, columnOf: SqlColumn): Sql | undefined {
  const found = columnList(bound, columnOf);
  if (found === undefined) return undefined;
  const { column, texts } = found;
  const not = bound.name === '!in' ? ' NOT' : '';
  return { text: `${column}${not} IN (${texts.map(() => '?').join(', ')})`, values: texts };
}

function emptiness({ name, arguments: [part] }: BoundCall, columnOf: SqlColumn): Sql | undefined {
  const side = columnSide(part!, columnOf);
  return side?.type === 'string'
    ? { text: `${side.column} ${name === 'isempty' ? '=' : '<>'} ''`, values: [] }
    : undefined;
}
