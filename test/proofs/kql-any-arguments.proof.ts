// Every function and every operator, with arguments of every kind: what comes out is a value of the type that was said, or a problem.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expressionScope } from '../support/kql-expressions.ts';
import type { Bound, Scope } from '../../src/kql/bound.ts';
import { bindExpression } from '../../src/kql/expressions/bind.ts';
import { KqlError } from '../../src/kql/problem.ts';
import type { Binary, BinaryOperator, Call, Expression } from '../../src/kql/syntax.ts';
import { sizeOf } from '../../src/kql/value-size.ts';
import type { KqlType, Value } from '../../src/kql/values.ts';
import { writeValue } from '../../src/kql/write-value.ts';
import { functions } from '../../src/kql/functions/scalar-functions.ts';
import { specialForms } from '../../src/kql/functions/special-forms.ts';

const place = { from: 0, to: 1 };
const types = ['bool', 'int', 'long', 'real', 'decimal', 'string', 'datetime', 'timespan', 'guid', 'dynamic'] as const;

const texts = [
  '', 'a', 'hello world', '[1,2]', '{"a":1}', '$.a', '(a)(b)', 'day', 'yyyy-MM-dd', '192.168.1.1/24', '::1', 'https://a:b@c:1/d?e=f#g',
  'S3VzdG8=', '%41%zz', '🙂é', '\ud800', 'x'.repeat(5000), '__proto__', '2020-01-01', '1.02:03:04', '-', '(', 'normal', 'regex',
]; // prettier-ignore
const numbers = [0, 1, -1, 2, 3, 7, 64, 1000, 2 ** 31, -(2 ** 31), 2 ** 53, 1e18, -1e18];
const reals = [...numbers, 0.5, -2.5, NaN, Infinity, -Infinity, 1e-300, 1e300];
const values: Record<KqlType, readonly Value[]> = {
  bool: [true, false, null],
  int: [...numbers.filter((value) => Math.abs(value) <= 2 ** 31 - 1), null],
  long: [...numbers, null],
  real: [...reals, null],
  decimal: [...reals.filter(Number.isFinite), null],
  string: texts,
  datetime: [0, 1_700_000_000_123.456, -62_135_596_800_000, 253_402_300_799_999, null],
  timespan: [0, 1, -1, 0.0001, 86_400_000, 1e15, -1e15, null],
  guid: ['74be27de-1e4e-49d9-b579-fe0b331d3642', null],
  dynamic: [
    ...[
      null,
      true,
      5,
      -2.5,
      'text',
      '2020-01-01',
      [],
      [1, 2, 3],
      ['a', null, 1.5, 'a'],
      [[1], { a: [2] }],
      [true, false],
    ],
    ...[
      {},
      { a: 1, b: { c: [1, { d: 2 }] } },
      Object.assign(Object.create(null), { ['__proto__']: 1, constructor: 'x' }),
    ],
    Array.from({ length: 300 }, (_, index) => (index * 7) % 24),
  ],
};

const fits: Record<KqlType, (value: Value) => boolean> = {
  bool: (value) => typeof value === 'boolean',
  int: Number.isInteger,
  long: (value) => typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value)),
  real: (value) => typeof value === 'number',
  decimal: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  datetime: (value) => typeof value === 'number' && value >= -62_135_596_800_000 && value < 253_402_300_800_000,
  timespan: (value) => typeof value === 'number' && !Number.isNaN(value),
  guid: (value) => typeof value === 'string' && value.length === 36,
  dynamic: (value) => value !== undefined,
};

function check(what: string, bound: Bound, row: readonly Value[]): void {
  const value = bound.evaluate(row);
  const good = value === null ? bound.type !== 'string' : value !== undefined && fits[bound.type](value);
  const light = value !== undefined && sizeOf(value) < 20_000_000;
  const written = Array.isArray(value) && value.length > 1000 ? '' : writeValue(value, bound.type);
  if (good && light && typeof written === 'string') return;
  assert.fail(`${what} of ${JSON.stringify(row).slice(0, 300)}: ${bound.type} ${JSON.stringify(value)?.slice(0, 100)}`);
}

interface Argument {
  readonly type: KqlType;
  readonly value: Value;
  readonly constant: boolean;
}
const argumentOf = (type: KqlType): fc.Arbitrary<Argument> =>
  fc.record({ type: fc.constant(type), value: fc.constantFrom(...values[type]), constant: fc.boolean() });
const argument = fc.constantFrom(...types).chain(argumentOf);

/** Whether it was bound: then what it gives was looked at. */
function run(what: string, make: (parts: readonly Expression[]) => Expression, given: readonly Argument[]): boolean {
  const columns = given.map(({ type }, index) => ({ name: `c${index}`, type }));
  const scope: Scope = { ...expressionScope, columns };
  const parts = given.map(({ type, value, constant }, index): Expression =>
    constant ? { kind: 'literal', type, value, ...place } : { kind: 'name', name: `c${index}`, ...place },
  );
  const row = given.map(({ value }) => value);
  try {
    check(what, bindExpression(make(parts), scope), row);
    return true;
  } catch (error) {
    if (!(error instanceof KqlError)) throw new Error(`${what} of ${JSON.stringify(given)}`, { cause: error });
    return error.problem.kind === 'budget';
  }
}

const callOf =
  (name: string) =>
  (parts: readonly Expression[]): Call => ({
    kind: 'call',
    name: { text: name, ...place },
    arguments: parts,
    ...place,
  });

/** Lists of types that a function takes: longer ones begin as shorter ones do, or fill up what was too short. */
function signaturesOf(name: string): (readonly KqlType[])[] {
  const tried = ['long', 'string', 'dynamic', 'real', 'datetime', 'timespan', 'bool', 'guid'] as const;
  const takes = (signature: readonly KqlType[]): boolean =>
    words.some((word) => {
      const given = signature.map((type) => ({
        type,
        value: type === 'string' ? word : values[type][1]!,
        constant: true,
      }));
      return run(name, callOf(name), given);
    });
  let rows: (readonly KqlType[])[] = [[]];
  const found: (readonly KqlType[])[] = takes([]) ? [[]] : [];
  for (let length = 1; length <= 4; length++) {
    rows = rows.flatMap((row) => tried.map((type) => [...row, type]));
    const fitting = rows.filter(takes);
    found.push(...fitting);
    // What three arguments do not tell, a fourth will hardly tell.
    rows = fitting.length > 0 ? fitting.slice(0, 8) : length < 3 ? rows : [];
  }
  return found;
}
/** A path, a pattern, a part of a date and a format. */
const words = ['$.a', '(a)(b)', 'day', 'dd'];

test('every function takes whatever it is given, or says what is wrong', () => {
  let bound = 0;
  const silent: string[] = [];
  for (const name of [...functions.keys(), ...specialForms.keys()]) {
    const signatures = signaturesOf(name);
    if (signatures.length === 0) silent.push(name);
    else
      fc.assert(
        fc.property(
          fc.constantFrom(...signatures).chain((signature) => fc.tuple(...signature.map(argumentOf))),
          (given) => void (bound += Number(run(name, callOf(name), given))),
        ),
        { numRuns: name === 'range' ? 10 : 60 },
      );
  }
  // A type is no value, and what takes four arguments of three types is not found one by one.
  assert.deepEqual(silent.sort(), ['series_periods_detect', 'typeof']);
  assert.ok(bound > 8000, `${bound} calls were made`);
});

const operators =
  '+ - * / % == != < <= > >= =~ !~ and or contains !contains contains_cs has !has has_cs hasprefix hassuffix startswith endswith'.split(
    ' ',
  );

test('every operator takes whatever it is given, or says what is wrong', () => {
  fc.assert(
    fc.property(fc.constantFrom(...operators, 'matches regex'), argument, argument, (operator, left, right) => {
      const make = ([a, b]: readonly Expression[]): Binary => ({
        kind: 'binary',
        operator: operator as BinaryOperator,
        left: a!,
        right: b!,
        ...place,
      });
      run(operator, make, [left, right]);
    }),
    { numRuns: 10_000 },
  );
});
