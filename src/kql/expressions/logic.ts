// `and`, `or` and `not`, with the third value that null is: what the other side decides alone is decided.
import type { Bound } from '../bound.ts';
import { call, typeProblem } from '../nodes.ts';
import type { Evaluate, Place } from '../nodes.ts';
import { aType } from '../types.ts';

export function bindLogic(operator: 'and' | 'or', left: Bound, right: Bound, place: Place): Bound {
  for (const side of [left, right])
    if (side.type !== 'bool' && side.type !== 'dynamic')
      throw typeProblem(`'${operator}' joins conditions, and this is ${aType(side.type)}`, side);
  const [a, b] = [truth(left), truth(right)];
  /** What decides alone. */
  const decisive = operator === 'or';
  return call(operator, 'bool', [left, right], place, (row) => {
    const first = a(row);
    if (first === decisive) return decisive;
    const second = b(row);
    if (second === decisive) return decisive;
    return first === null || second === null ? null : !decisive;
  });
}

/** A dynamic value is as true as what it holds: a bool, or a number other than 0. */
export function truth({ type, evaluate }: Bound): Evaluate {
  if (type !== 'dynamic') return evaluate;
  return (row) => {
    const value = evaluate(row);
    return typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : null;
  };
}
