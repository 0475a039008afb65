// `parse-kv`: columns out of pairs of keys and values in a text.
import type { Binder } from '../binding.ts';
import { readAs } from '../conversion.ts';
import { asString, type Place } from '../nodes.ts';
import { compiledPattern } from '../pattern.ts';
import type { Plan } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { refuseTwice } from '../sources.ts';
import type { ParseKv } from '../syntax.ts';
import { missing } from '../plan.ts';
import { extracted } from './parse.ts';

type Pair = readonly [key: string, value: string];

interface Options {
  /** Empty: whatever is no letter, digit or underscore. */
  readonly pair: string;
  readonly keyValue: string;
  readonly quotes: readonly (readonly [open: string, close: string])[];
  readonly escape: string;
  readonly greedy: boolean;
}

export function parseKv(binder: Binder, input: Plan, operator: ParseKv): Plan {
  const rows = binder.over(input);
  const value = asString(rows.bind(operator.value));
  refuseTwice(operator.columns.map(({ name }) => name));
  const columns = operator.columns.map(({ name, type }) => ({ name: name.text, type }));
  const known = new Set(columns.map(({ name }) => name));
  const pairsOf = bindPairs(binder, operator, known);
  return extracted(rows.input(), value, columns, (text) => {
    const found = new Map<string, string>();
    // The first value of a key counts.
    for (const [key, each] of pairsOf(text)) if (known.has(key) && !found.has(key)) found.set(key, each);
    return columns.map(({ name, type }) => {
      const written = found.get(name);
      return written === undefined ? missing(type) : readAs(type, written);
    });
  });
}

function bindPairs(binder: Binder, operator: ParseKv, known: ReadonlySet<string>): (text: string) => Iterable<Pair> {
  const option = (name: string): string | boolean | undefined => {
    const expression = operator.options.get(name);
    if (expression === undefined) return undefined;
    const bound = binder.constant(expression);
    if (bound.kind === 'constant' && (typeof bound.value === 'string' || typeof bound.value === 'boolean'))
      return bound.value;
    throw new KqlError('type', `${name} of parse-kv is a constant.`, expression);
  };
  const regex = option('regex');
  if (typeof regex === 'string') return byRegex(regex, operator);
  const quote = String(option('quote') ?? '');
  const options: Options = {
    pair: String(option('pair_delimiter') ?? ''),
    keyValue: String(option('kv_delimiter') ?? ''),
    quotes: quote === '' ? [] : [[quote[0]!, quote[1] ?? quote[0]!]],
    escape: String(option('escape') ?? ''),
    greedy: option('greedy') === true,
  };
  if ((options.pair === '') !== (options.keyValue === '')) {
    throw new KqlError('type', 'parse-kv takes pair_delimiter and kv_delimiter together, or neither.', operator);
  }
  return (text) => (options.greedy ? greedyPairs(text, options, known) : pairs(text, options));
}

function byRegex(source: string, place: Place): (text: string) => Pair[] {
  const pattern = compiledPattern(source, place);
  if (pattern.groups !== 2) {
    throw new KqlError('type', 'The regex of parse-kv has two groups: the key and the value.', place);
  }
  return (text) => pattern.all(text, place).map(({ groups }) => [groups[1]!, groups[2]!]);
}

const isWordCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122) || code > 127;

/** Where a delimiter stands next: asked for from left to right, so that all questions together read the text once. */
function finder(text: string, delimiter: string): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      const next = text.indexOf(delimiter, from);
      found = next === -1 ? text.length : next;
    }
    return found;
  };
}

/** A text from one end to the other: words, quoted or not, and what stands between them. */
function* pairs(text: string, { pair, keyValue, quotes, escape }: Options): Generator<Pair> {
  let at = 0;
  const nextPair = finder(text, pair);
  const nextKeyValue = finder(text, keyValue);
  let closed = true;
  const quoted = (): string | undefined => {
    const quote = closed ? quotes.find(([open]) => text.startsWith(open, at)) : undefined;
    if (quote === undefined) return undefined;
    let value = '';
    for (let end = at + 1; end < text.length; end++) {
      if (escape !== '' && text[end] === escape && end + 1 < text.length) value += text[++end]!;
      else if (text[end] === quote[1]) {
        at = end + 1;
        return value;
      } else value += text[end]!;
    }
    // What is not closed here is not closed further on.
    closed = false;
    return undefined;
  };
  const until = (end: number): string => {
    const word = text.slice(at, end);
    at = end;
    return word;
  };
  const word = (): string => {
    const start = at;
    while (at < text.length && isWordCode(text.charCodeAt(at))) at++;
    return text.slice(start, at);
  };
  if (pair === '') {
    const words: string[] = [];
    while (at < text.length) {
      const found = quoted() ?? word();
      if (found === '') at++;
      else words.push(found);
    }
    // Any word may be a key, and the word after it its value.
    for (let index = 0; index + 1 < words.length; index++) yield [words[index]!, words[index + 1]!];
    return;
  }
  while (at < text.length) {
    while (text[at] === ' ' && pair !== ' ') at++;
    const key = quoted() ?? until(Math.min(nextKeyValue(at), nextPair(at))).trim();
    if (text.startsWith(keyValue, at)) {
      at += keyValue.length;
      while (text[at] === ' ' && keyValue !== ' ') at++;
      yield [key, quoted() ?? until(nextPair(at)).trim()];
    }
    until(nextPair(at));
    at += pair.length;
  }
}

/** A value goes on until the next key that is asked for. */
function* greedyPairs(text: string, { pair, keyValue }: Options, known: ReadonlySet<string>): Generator<Pair> {
  let open: { key: string; from: number } | undefined;
  for (let at = 0; ;) {
    const next = text.indexOf(keyValue, at);
    if (next === -1) break;
    const before = text.slice(at, next).lastIndexOf(pair);
    const from = before === -1 ? at : at + before + pair.length;
    const key = text.slice(from, next).trim();
    if (known.has(key)) {
      if (open !== undefined) yield [open.key, text.slice(open.from, Math.max(open.from, from - pair.length)).trim()];
      open = { key, from: next + keyValue.length };
    }
    at = next + keyValue.length;
  }
  if (open !== undefined) yield [open.key, text.slice(open.from).trim()];
}
