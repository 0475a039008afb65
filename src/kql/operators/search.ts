// `search`: rows in which a text stands in any column.
import type { Binder } from '../binding.ts';
import type { Plan } from '../plan.ts';
import type { Binary, BinaryOperator, Expression, Literal, Search } from '../syntax.ts';
import { copies, reshape } from './reshape.ts';
import { filtered } from './rows.ts';
import { constant } from '../nodes.ts';
import { KqlError } from '../problem.ts';

export function search(binder: Binder, input: Plan, operator: Search): Plan {
  const { condition, caseSensitive = false } = operator;
  const named = withTableName(input, operator);
  if (condition.kind === 'star') return named;
  // The name of the table is no text of the row.
  const rows = binder.over({ ...input, columns: input.columns });
  const bound = rows.bind(readable(condition, caseSensitive));
  if (bound.type !== 'bool') {
    throw new KqlError('type', `search needs texts and conditions, and this is ${bound.type}.`, condition);
  }
  return withTableName(filtered(rows, input, [bound]), operator);
}

/** `$table` before the columns, unless it stands there already. */
function withTableName(input: Plan, place: Search): Plan {
  if (input.columns.some(({ name }) => name === '$table')) return input;
  const label = constant('string', input.label ?? '', place);
  return reshape(input, [{ name: '$table', type: 'string', bound: label }, ...copies(input.columns)]);
}

/** Texts on their own become conditions on all columns. */
function readable(expression: Expression, caseSensitive: boolean): Expression {
  const again = (part: Expression): Expression => readable(part, caseSensitive);
  const { from, to } = expression;
  if (expression.kind === 'literal' && expression.type === 'string') return anywhere(expression, caseSensitive);
  if (expression.kind === 'binary') {
    const { operator } = expression;
    if (operator === 'and' || operator === 'or') {
      return { ...expression, left: again(expression.left), right: again(expression.right) };
    }
    return caseSensitive ? { ...expression, operator: sensitive(operator) } : expression;
  }
  if (expression.kind === 'call' && expression.name.text === 'not') {
    const parts = expression.arguments.map((part) =>
      part.kind === 'query' || part.kind === 'named' ? part : again(part),
    );
    return { ...expression, arguments: parts, from, to };
  }
  return expression;
}

const sensitive = (operator: BinaryOperator): BinaryOperator =>
  /^!?(?:contains|has|hasprefix|hassuffix|startswith|endswith)$/.test(operator)
    ? (`${operator}_cs` as BinaryOperator)
    : operator;

/** `err`, `err*`, `*err`, `*err*`, `Lab*PC` (documentation, "Search predicate syntax"). */
function anywhere(literal: Literal, caseSensitive: boolean): Binary {
  const { from, to } = literal;
  const written = literal.value as string;
  const starts = written.startsWith('*');
  const ends = written.length > 1 && written.endsWith('*');
  const text = written.slice(starts ? 1 : 0, ends ? -1 : undefined);
  const on = (operator: BinaryOperator, value: string): Binary => ({
    kind: 'binary',
    operator: caseSensitive ? sensitive(operator) : operator,
    left: { kind: 'star', from, to },
    right: { ...literal, value },
    from,
    to,
  });
  if (text.includes('*')) {
    const parts = text.split('*').map((part) => part.replace(/[^\p{L}\p{N}_\s]/gu, '\\$&'));
    const flags = caseSensitive ? '(?s)' : '(?is)';
    return on('matches regex', `${flags}${starts ? '' : '\\b'}${parts.join('.*')}${ends ? '' : '\\b'}`);
  }
  if (starts && ends) return on('contains', text);
  return on(starts ? 'hassuffix' : ends ? 'hasprefix' : 'has', text);
}
