// The literal `dynamic(…)`: JSON in which strings may be KQL's, and times stand as KQL writes them.
import type { Literal } from '../syntax.ts';
import type { Value } from '../values.ts';
import { toDynamic } from '../write-value.ts';
import type { Cursor } from './cursor.ts';

/** Reads on after the word `dynamic`. */
export function readDynamic(cursor: Cursor): Literal {
  const { from } = cursor.next();
  cursor.expect('(', "after 'dynamic'");
  const value = cursor.nested(() => readValue(cursor));
  cursor.expect(')', "to end 'dynamic('");
  return { kind: 'literal', type: 'dynamic', value, from, to: cursor.endedAt };
}

function readValue(cursor: Cursor): Value {
  const { kind, type, value } = cursor.peek();
  if (kind === 'string') return readStrings(cursor);
  if (kind === 'literal') {
    cursor.next();
    return toDynamic(value!, type!);
  }
  if (cursor.accept('-')) {
    const number = cursor.peek();
    if (number.type !== 'long' && number.type !== 'real') return cursor.fail("a number after '-'");
    cursor.next();
    return -(number.value as number);
  }
  if (cursor.accept('null')) return null;
  if (cursor.accept('[')) return cursor.nested(() => readArray(cursor));
  if (cursor.accept('{')) return cursor.nested(() => readBag(cursor));
  if (cursor.is('dynamic')) return readDynamic(cursor).value;
  return cursor.fail('a value of JSON', '; what is computed goes into pack_array(…) or bag_pack(…)');
}

function readArray(cursor: Cursor): Value {
  const values: Value[] = [];
  if (cursor.accept(']')) return values;
  do values.push(readValue(cursor));
  while (cursor.accept(','));
  cursor.expect(']', 'to end the array');
  return values;
}

function readBag(cursor: Cursor): Value {
  const pairs: [string, Value][] = [];
  if (!cursor.accept('}')) {
    do {
      if (cursor.peek().kind !== 'string') return cursor.fail('a name in quotes');
      const name = readStrings(cursor);
      cursor.expect(':', 'after a name');
      pairs.push([name, readValue(cursor)]);
    } while (cursor.accept(','));
    cursor.expect('}', 'to end the bag');
  }
  return Object.fromEntries(pairs);
}

/** Strings side by side are one. */
export function readStrings(cursor: Cursor): string {
  let text = '';
  while (cursor.peek().kind === 'string') text += cursor.next().value as string;
  return text;
}
