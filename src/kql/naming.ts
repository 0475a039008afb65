// The names that columns get where a query gives none, as Kusto's own language service derives them.
import type { Call, Expression } from './syntax.ts';

/** Functions whose result bears the name of their first argument. */
const namedByArgument = new Set(
  (
    'split tostring tohex todynamic toobject tolong toint toreal todouble todatetime totimespan totime tobool toboolean ' +
    'todecimal toguid parse_csv parsejson parse_json parse_xml format_datetime format_timespan startofday bin floor bin_at ' +
    'bin_auto binary_and binary_or binary_xor binary_not binary_shift_right binary_shift_left bitset_count_ones series_fir ' +
    'series_outliers series_iir series_fill_backward series_fill_forward series_fill_const series_fill_linear round ceiling ' +
    'pow sqrt log log2 log10 exp exp2 exp10 cos sin tan acos asin atan atan2 abs rand gamma loggamma erf erfc format_bytes'
  ).split(' '),
);
const prefixes = new Map([
  ['strlen', 'strlen'],
  ['string_size', 'string_size'],
  ['gettype', 'type'],
  ['treepath', 'tree'],
  ['repeat', 'repeat'],
]);

/**
 * @param ofAggregate the name of an aggregate's column, where aggregates may stand
 * @returns undefined where the column is to be called `Column1`, `print_0` or the like
 */
export function nameOf(expression: Expression, ofAggregate?: (call: Call) => string | undefined): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'member': {
      const object = nameOf(expression.object, ofAggregate);
      return object === undefined ? undefined : `${object}_${expression.name.text}`;
    }
    case 'index': {
      const object = nameOf(expression.object, ofAggregate);
      const { index } = expression;
      return object === undefined ? undefined : `${object}_${index.kind === 'literal' ? String(index.value) : ''}`;
    }
    case 'call':
      return ofAggregate?.(expression) ?? nameOfCall(expression, ofAggregate);
    default:
      return undefined;
  }
}

function nameOfCall(call: Call, ofAggregate?: (call: Call) => string | undefined): string | undefined {
  const name = call.name.text;
  const [first] = call.arguments;
  if (first === undefined || first.kind === 'query' || first.kind === 'named') return undefined;
  if (namedByArgument.has(name)) return nameOf(first, ofAggregate);
  const prefix = prefixes.get(name);
  if (prefix !== undefined) return `${prefix}_${nameOf(first, ofAggregate) ?? ''}`;
  const column = name === 'column_ifexists' || name === 'columnifexists';
  return column && first.kind === 'literal' ? String(first.value) : undefined;
}
