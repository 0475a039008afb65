// Aggregates inside of expressions (`max(a) - min(a)`): bound on their own, then columns in their place.
import { isAggregate } from '../aggregates/bind.ts';
import type { RowBinder } from '../binding.ts';
import type { BoundAggregate } from '../bound.ts';
import type { Call, Expression } from '../syntax.ts';

export interface Lifted {
  readonly aggregates: readonly BoundAggregate[];
  /** Which aggregate a call is. */
  readonly placeOf: ReadonlyMap<Call, number>;
}

export function liftAggregates(rows: RowBinder, assignments: readonly { readonly value: Expression }[]): Lifted {
  const aggregates: BoundAggregate[] = [];
  const placeOf = new Map<Call, number>();
  const look = (expression: Expression): Expression => {
    if (expression.kind !== 'call' || !isAggregate(expression.name.text)) return withParts(expression, look);
    placeOf.set(expression, aggregates.length);
    aggregates.push(rows.aggregate(expression));
    return expression;
  };
  for (const { value } of assignments) look(value);
  return { aggregates, placeOf };
}

/** The same expression with columns in the place of aggregates. */
export function withColumns(expression: Expression, nameOf: (call: Call) => string | undefined): Expression {
  const name = expression.kind === 'call' ? nameOf(expression) : undefined;
  if (name === undefined) return withParts(expression, (part) => withColumns(part, nameOf));
  return { kind: 'name', name, from: expression.from, to: expression.to };
}

function withParts(expression: Expression, change: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case 'member':
      return { ...expression, object: change(expression.object) };
    case 'index':
      return { ...expression, object: change(expression.object), index: change(expression.index) };
    case 'unary':
      return { ...expression, operand: change(expression.operand) };
    case 'binary':
      return { ...expression, left: change(expression.left), right: change(expression.right) };
    case 'between':
      return {
        ...expression,
        left: change(expression.left),
        low: change(expression.low),
        high: change(expression.high),
      };
    case 'in':
      return {
        ...expression,
        left: change(expression.left),
        list: expression.list.map((item) => (item.kind === 'query' ? item : change(item))),
      };
    case 'call':
      return {
        ...expression,
        arguments: expression.arguments.map((argument) => {
          if (argument.kind === 'query') return argument;
          return argument.kind === 'named' ? { ...argument, value: change(argument.value) } : change(argument);
        }),
      };
    default:
      return expression;
  }
}
