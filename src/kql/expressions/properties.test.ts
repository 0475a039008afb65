// What holds of expressions for all values, not only for those that golden files name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expressionScope } from '../../../test/support/kql-expressions.ts';
import { parse } from '../parser.ts';
import { endMs, firstMs, readDatetime, readTimespan } from '../read-value.ts';
import type { Scope } from '../bound.ts';
import type { KqlType, Value } from '../values.ts';
import { writeDatetime, writeTimespan } from '../write-value.ts';
import { bindExpression } from './bind.ts';
import { hasTerm, termsOf } from './terms.ts';
import { keyOf } from '../json.ts';

/** An expression over columns `a` and `b`, as a function of their values. */
function over(types: readonly KqlType[], expression: string): (...values: Value[]) => Value {
  const columns = types.map((type, index) => ({ name: 'ab'[index]!, type }));
  const scope: Scope = { ...expressionScope, columns };
  const { source } = parse(`print ${expression}`).query;
  assert.equal(source.kind, 'print');
  if (source.kind !== 'print') throw new Error('no expression');
  const { evaluate } = bindExpression(source.columns[0]!.value, scope);
  return (...values) => evaluate(values);
}

const long = fc.option(fc.maxSafeInteger(), { nil: null });
const bool = fc.constantFrom(true, false, null);
const small = fc.integer({ min: -1_000_000, max: 1_000_000 });

test('bin is the largest multiple that is no more, below zero as well', () => {
  const bin = over(['long', 'long'], 'bin(a, b)');
  fc.assert(
    fc.property(small, fc.integer({ min: 1, max: 10_000 }), (value, size) => {
      const found = bin(value, size) as number;
      assert.ok(found <= value && value - found < size && Math.abs(found % size) === 0);
    }),
  );
});

test('bins of a moment begin where bins of the year 1 do', () => {
  const bin = over(['datetime', 'timespan'], 'bin(a, b)');
  const moment = fc.integer({ min: firstMs, max: endMs - 1 });
  fc.assert(
    fc.property(moment, fc.constantFrom(1000, 60_000, 3_600_000, 86_400_000, 604_800_000), (ms, size) => {
      const found = bin(ms, size) as number;
      assert.ok(found <= ms && ms - found < size && (found - firstMs) % size === 0);
    }),
  );
});

test('the rest of a division is small and not negative, and division puts back together what it took apart', () => {
  const rest = over(['long', 'long'], 'a % b');
  const quotient = over(['long', 'long'], 'a / b');
  fc.assert(
    fc.property(small, small, (a, b) => {
      if (b === 0) return assert.equal(rest(a, b), null);
      const found = rest(a, b) as number;
      assert.ok(found >= 0 && found < Math.abs(b) && !Object.is(found, -0));
      assert.ok(Math.abs((quotient(a, b) as number) * b - a) < Math.abs(b));
    }),
  );
});

test('a moment to the microsecond is read as it was written', () => {
  const microseconds = fc.integer({ min: 0, max: 999_999 });
  const seconds = fc.integer({ min: 0, max: 4_102_444_800 });
  fc.assert(
    fc.property(seconds, microseconds, (second, micro) => {
      const ms = second * 1000 + micro / 1000;
      const text = writeDatetime(ms);
      assert.equal(readDatetime(text), ms);
      assert.equal(text.slice(20, 26), String(micro).padStart(6, '0'));
    }),
  );
});

test('the last tick of a second is never the next second', () => {
  fc.assert(
    fc.property(fc.integer({ min: firstMs / 1000, max: endMs / 1000 - 1 }), (second) => {
      const text = new Date(second * 1000).toISOString().slice(0, 19);
      const ms = readDatetime(`${text}.9999999Z`)!;
      assert.ok(ms < (second + 1) * 1000);
      assert.equal(writeDatetime(ms), `${text}.9999999Z`);
    }),
  );
});

test('a length of time is read as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (tick) => {
      const ms = tick / 10_000;
      assert.equal(Math.round(readTimespan(writeTimespan(ms))! * 10_000), tick);
    }),
  );
});

test('has finds exactly the terms of a text', () => {
  const words = fc.array(fc.constantFrom('ab', 'abc', 'b', 'é', '東', '-', '_', ' ', '.', 'ab1', '🙂'), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(words, fc.constantFrom('ab', 'abc', 'b', 'é', '東', 'ab1'), (parts, term) => {
      const text = parts.join('');
      assert.equal(hasTerm(text, term, true, true), termsOf(text).includes(term), text);
      assert.equal(
        hasTerm(text, term, true, false),
        termsOf(text).some((each) => each.startsWith(term)),
        text,
      );
      assert.equal(
        hasTerm(text, term, false, true),
        termsOf(text).some((each) => each.endsWith(term)),
        text,
      );
    }),
  );
});

test('and, or and not keep the laws of logic with three values', () => {
  const values = new Map<Value, number>([[false, 0], [null, 1], [true, 2]]); // prettier-ignore
  const least = (a: Value, b: Value): Value => (values.get(a)! <= values.get(b)! ? a : b);
  const most = (a: Value, b: Value): Value => (values.get(a)! >= values.get(b)! ? a : b);
  const and = over(['bool', 'bool'], 'a and b');
  const or = over(['bool', 'bool'], 'a or b');
  const deMorgan = over(['bool', 'bool'], 'not(not(a) or not(b))');
  fc.assert(
    fc.property(bool, bool, (a, b) => {
      assert.equal(and(a, b), least(a, b));
      assert.equal(or(a, b), most(a, b));
      assert.equal(deMorgan(a, b), and(a, b));
    }),
  );
});

test('in is the same as a row of equalities', () => {
  const constants = over(['long'], 'a in (1, 2, 3)');
  const columns = over(['long', 'long'], 'a in (b, 2)');
  const spelled = over(['long', 'long'], 'a == b or a == 2');
  const not = over(['long', 'long'], 'a !in (b, 2)');
  const notSpelled = over(['long', 'long'], 'a != b and a != 2');
  const few = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null });
  fc.assert(
    fc.property(few, few, (a, b) => {
      assert.equal(constants(a), a !== null && a >= 1 && a <= 3);
      assert.equal(columns(a, b), spelled(a, b));
      assert.equal(not(a, b), notSpelled(a, b));
    }),
  );
});

test('equality and inequality are opposites where they are known, and both unknown of two nulls', () => {
  const equal = over(['long', 'long'], 'a == b');
  const unequal = over(['long', 'long'], 'a != b');
  fc.assert(
    fc.property(long, long, (a, b) => {
      const found = equal(a, b);
      assert.equal(unequal(a, b), found === null ? null : !found);
      assert.equal(found === null, a === null && b === null);
    }),
  );
});

test('JSON becomes what it says, whatever its names are', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'));
  const read = over(['string', 'string'], 'tostring(parse_json(a)[b])');
  const remade = over(['string'], 'tostring(bag_merge(parse_json(a), dynamic({})))');
  fc.assert(
    fc.property(fc.dictionary(names, fc.string(), { noNullPrototype: true }), names, (bag, name) => {
      const entries = Object.entries(bag);
      const text = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
      const expected = entries.findLast(([key]) => key === name)?.[1] ?? '';
      assert.equal(read(text, name), expected);
      assert.deepEqual(Object.entries(JSON.parse(remade(text) as string) as object).sort(), entries.sort());
      assert.deepEqual(Object.keys(Object.prototype), []);
    }),
  );
});

test('values have the same key exactly where they are equal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
      assert.equal(keyOf(a as Value) === keyOf(b as Value), same);
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const slots = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const);
  return ['bag', ...slots.sort(([a], [b]) => (a < b ? -1 : 1))];
}

test('splitting and joining give the text back', () => {
  const joined = over(['string', 'string'], "strcat_array(split(a, ','), ',')");
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(joined(text, ''), text);
    }),
  );
});

test('encodings give the text back', () => {
  const base64 = over(['string'], 'base64_decode_tostring(base64_encode_tostring(a))');
  const url = over(['string'], 'url_decode(url_encode(a))');
  const points = over(['string'], 'unicode_codepoints_to_string(unicode_codepoints_from_string(a))');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(base64(text), text);
      assert.equal(url(text), text);
      assert.equal(points(text), text);
    }),
  );
});
