// What lies in dynamic values: `x.member`, `x['member']`, `x[0]`, `x[-1]`.
import type { Bound } from '../bound.ts';
import { isArray, memberOf } from '../json.ts';
import { call, constant, isConstant, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { aType, isInteger } from '../types.ts';
import type { KqlType, Value } from '../values.ts';

export function bindMember(object: Bound, name: string, place: Place, namePlace: Place): Bound {
  if (object.type !== 'dynamic') throw noParts(object, namePlace);
  const evaluate = object.evaluate;
  const parts = [object, constant('string', name, namePlace)];
  return call('.member', 'dynamic', parts, place, (row) => memberOf(evaluate(row), name));
}

export function bindIndex(object: Bound, index: Bound, place: Place): Bound {
  if (object.type !== 'dynamic') throw noParts(object, index);
  if (isConstant(index) && index.type === 'string') return bindMember(object, index.value as string, place, index);
  if (!isInteger(index.type) && index.type !== 'string' && index.type !== 'bool' && index.type !== 'dynamic')
    throw typeProblem(
      `A place in an array is a whole number and a name in a bag a string, not ${aType(index.type)}`,
      index,
    );
  const [evaluate, at] = [object.evaluate, index.evaluate];
  return call('.index', typeOfPart(object, index), [object, index], place, (row) => partOf(evaluate(row), at(row)));
}

/** What a function of several columns makes is known column by column. */
function typeOfPart(object: Bound, index: Bound): KqlType {
  if (object.kind !== 'call' || object.columns === undefined || !isConstant(index)) return 'dynamic';
  return object.columns[Number(index.value)]?.type ?? 'dynamic';
}

function partOf(value: Value, at: Value): Value {
  if (typeof at === 'string') return memberOf(value, at);
  return isArray(value) && (typeof at === 'number' || typeof at === 'boolean') ? (value.at(Number(at)) ?? null) : null;
}

function noParts({ type }: Bound, place: Place): Error {
  const hint = type === 'string' ? ': read the text with parse_json() first' : '';
  return typeProblem(`Only a dynamic value has parts, and this is ${aType(type)}${hint}`, place);
}
