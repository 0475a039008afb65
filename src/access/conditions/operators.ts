// The comparisons that conditions know: what each takes on either side, and how it compares.
import { guid } from '../../base/guid.ts';
import { contains, readRange } from './ip-range.ts';
import type { IpRange } from './ip-range.ts';
import { compileLike } from './like.ts';
import type { Quantifier } from './syntax.ts';

export type ValueType = 'text' | 'number' | 'moment' | 'boolean' | 'guid' | 'address';

/** One comparison without its negation. `Left` and `Right` are values made ready, once where they are written down. */
export interface Operator<Left = unknown, Right = unknown> {
  readonly type: ValueType;
  /** A value of the left side; undefined for one that cannot be compared. */
  readonly readLeft: (value: unknown) => Left | undefined;
  readonly readRight: (value: unknown) => Right | undefined;
  readonly test: (left: Left, right: Right) => boolean;
  /** Both sides are read alike, and equality is all that is asked: many values can be looked up at once. */
  readonly isEquality: boolean;
  /** The right side is a pattern, which no caller may choose. */
  readonly takesPattern: boolean;
  readonly isNegated: boolean;
  /** Azure lists it after `ForAnyOfAnyValues:` and its like. */
  readonly isQuantified: boolean;
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const asFolded = (value: unknown): string | undefined => (typeof value === 'string' ? foldOrdinal(value) : undefined);
const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const asGuid = (value: unknown): string | undefined =>
  typeof value === 'string' && guid.test(value) ? value.toLowerCase() : undefined;
const asRange = (value: unknown): IpRange | undefined => (typeof value === 'string' ? readRange(value) : undefined);

/**
 * A moment as Azure writes it (`yyyy-mm-ddThh:mm:ss.mmmmmmmZ`), in a form in which earlier ones sort first. Texts, because
 * a number of milliseconds cannot hold seven digits of a second.
 */
export function asMoment(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 28) return undefined;
  const [, seconds = '', fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z$/.exec(value) ?? [];
  const date = new Date(`${seconds}Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(seconds)) return undefined;
  return `${seconds}.${fraction.padEnd(7, '0')}`;
}

let [lastMs, lastMoment] = [NaN, asMoment('')];

/** `asMoment` of the text of an instant. One is asked for again and again: for every action of a call and every condition. */
export function momentAt(nowMs: number): string | undefined {
  if (nowMs !== lastMs) {
    const text = new Date(nowMs).toISOString();
    // Years of more than four digits are written longer.
    lastMoment = text.length === 24 ? `${text.slice(0, -1)}0000` : undefined;
    lastMs = nowMs;
  }
  return lastMoment;
}

/** Case as .NET's ordinal comparison folds it: letter by letter, and no letter beyond ASCII becomes one of ASCII. */
export function foldOrdinal(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toUpperCase();
  return text.replace(/[a-z\x80-\uffff]/g, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === 1 && (letter < '\x80' || upper > '\x7f') ? upper : letter;
  });
}

type Core<Left, Right> = Pick<Operator<Left, Right>, 'type' | 'readLeft' | 'readRight' | 'test'> &
  Partial<Operator<Left, Right>>;

function operator<Left, Right>(core: Core<Left, Right>): Operator {
  const whole = { isEquality: false, takesPattern: false, isNegated: false, isQuantified: true, ...core };
  return whole as unknown as Operator;
}
const negated = (positive: Operator): Operator => ({ ...positive, isNegated: true });

function comparing<Value>(
  type: ValueType,
  read: (value: unknown) => Value | undefined,
): Omit<Core<Value, Value>, 'test'> {
  return { type, readLeft: read, readRight: read, isQuantified: type === 'number' };
}
const ordered = <Value>(prefix: string, type: ValueType, read: (value: unknown) => Value | undefined) => {
  const base = comparing(type, read);
  const equal = operator({ ...base, test: (left, right) => left === right, isEquality: true });
  return {
    [`${prefix}Equals`]: equal,
    [`${prefix}NotEquals`]: negated(equal),
    [`${prefix}GreaterThan`]: operator({ ...base, test: (left, right) => left > right }),
    [`${prefix}GreaterThanEquals`]: operator({ ...base, test: (left, right) => left >= right }),
    [`${prefix}LessThan`]: operator({ ...base, test: (left, right) => left < right }),
    [`${prefix}LessThanEquals`]: operator({ ...base, test: (left, right) => left <= right }),
  };
};

function textual(): Record<string, Operator> {
  const made: Record<string, Operator> = {};
  for (const [ending, read] of [
    ['', asText],
    ['IgnoreCase', asFolded],
  ] as const) {
    const base = { type: 'text', readLeft: read, readRight: read } as const;
    const positive = {
      Equals: operator<string, string>({ ...base, test: (left, right) => left === right, isEquality: true }),
      StartsWith: operator<string, string>({
        ...base,
        test: (left, right) => left.startsWith(right),
        isQuantified: false,
      }),
      Like: operator<string, (text: string) => boolean>({
        ...base,
        readRight: (value) => {
          const pattern = read(value);
          return pattern === undefined ? undefined : compileLike(pattern);
        },
        test: (left, matches) => matches(left),
        takesPattern: true,
      }),
    };
    for (const [name, each] of Object.entries(positive)) {
      made[`String${name}${ending}`] = each;
      made[`StringNot${name}${ending}`] = negated(each);
    }
  }
  return made;
}

const equalBooleans = operator({
  ...comparing('boolean', asBoolean),
  test: (left, right) => left === right,
  isEquality: true,
});
const equalGuids = operator({
  ...comparing('guid', asGuid),
  test: (left, right) => left === right,
  isEquality: true,
  isQuantified: true,
});
const withinRange = operator<IpRange | 'anywhere', IpRange>({
  type: 'address',
  // Network rules write `*` and `Any` for everywhere.
  readLeft: (value) => (typeof value === 'string' && /^(\*|any)$/i.test(value) ? 'anywhere' : asRange(value)),
  readRight: asRange,
  test: (left, right) => left !== 'anywhere' && contains(right, left),
  takesPattern: true,
});

export const operators: Readonly<Record<string, Operator>> = {
  ...textual(),
  ...ordered('Numeric', 'number', asNumber),
  ...ordered('DateTime', 'moment', asMoment),
  BoolEquals: equalBooleans,
  BoolNotEquals: negated(equalBooleans),
  GuidEquals: equalGuids,
  GuidNotEquals: negated(equalGuids),
  IpMatch: withinRange,
  IpNotMatch: negated(withinRange),
};

export const operatorNames: readonly string[] = Object.keys(operators);
export const quantifiers: readonly Quantifier[] = [
  'ForAnyOfAnyValues',
  'ForAllOfAnyValues',
  'ForAnyOfAllValues',
  'ForAllOfAllValues',
];
