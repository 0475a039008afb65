// What is different between two versions of an item, for people: member by member, word by word, with nothing in it that cannot be seen.
import { digestOf } from './surface.ts';

export interface Difference {
  /** Where, as a JSON Pointer (RFC 6901); control and invisible characters written out. */
  readonly at: string;
  readonly lines: readonly string[];
}

interface Budget {
  pairs: number;
}

const maxMembers = 200;
/** Pairs of words that are compared for one item; beyond that both sides are shown whole. */
const maxPairs = 2_000_000;
const maxShown = 4000;
/** Words around a difference that are shown with it. */
const context = 6;

/** Control and invisible characters, changes of direction and odd spaces, as `\u{…}`: what a model reads and a person does not see. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(
      /(?! )[\p{C}\p{Z}\u115F\u1160\u3164\uFFA0\u2800\p{Variation_Selector}]/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );

/**
 * @param before undefined where there was nothing
 * @param options.whole however long it is; otherwise it says how much is left out
 */
export function differences(
  before: string | undefined,
  after: string,
  { whole = false }: { readonly whole?: boolean } = {},
): readonly Difference[] {
  const old = leaves(before === undefined ? {} : JSON.parse(before));
  const now = leaves(JSON.parse(after));
  const budget = { pairs: maxPairs };
  const cutTo = (length: number) => (text: string) => (whole ? text : cut(text, length));
  const found = [...new Set([...old.keys(), ...now.keys()])].flatMap((key): Difference[] => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was?.text === is?.text && was?.isString === is?.isString) return [];
    const isRetyped = was !== undefined && is !== undefined && was.isString !== is.isString;
    const [from, to] = [was, is].map(
      (leaf) => leaf && (isRetyped && leaf.isString ? JSON.stringify(leaf.text) : leaf.text),
    );
    return [{ at: cut(visible((was ?? is)!.at), 300), lines: linesOf(from, to, budget, cutTo(maxShown)) }];
  });
  if (whole || found.length <= maxMembers) return found;
  const more = `… and ${found.length - maxMembers} more members; name the item to see them`;
  return [...found.slice(0, maxMembers), { at: '', lines: [more] }];
}

interface Leaf {
  readonly at: string;
  readonly text: string;
  readonly isString: boolean;
}

/** A longer name of a member stands by itself, and cut in the places below it: there may be thousands. */
const maxName = 200;

/** Every scalar by its place; arrays and objects that are empty count as well. An element of a list has another place than a member. */
function leaves(value: unknown, at = '', key = '', into = new Map<string, Leaf>()): Map<string, Leaf> {
  const isHolder = typeof value === 'object' && value !== null;
  const members = isHolder ? Object.entries(value) : [];
  if (members.length === 0) {
    const isString = typeof value === 'string';
    if (at !== '' || !isHolder)
      into.set(key, { at, text: isString ? value : (JSON.stringify(value) ?? 'null'), isString });
    return into;
  }
  for (const [name, member] of members) {
    const isLong = name.length > maxName;
    const token = escaped(isLong ? `${name.slice(0, maxName).toWellFormed()}…` : name);
    const below = `${key}/${Array.isArray(value) ? 'element' : isLong ? 'long' : 'member'} ${isLong ? digestOf(name) : token}`;
    if (isLong) into.set(`${below}/name`, { at: `${at}/${token}`, text: name, isString: true });
    leaves(member, `${at}/${token}`, below, into);
  }
  return into;
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function linesOf(
  was: string | undefined,
  is: string | undefined,
  budget: Budget,
  cut: (text: string) => string,
): readonly string[] {
  if (was === undefined) return [`+ ${cut(visible(is!))}`];
  if (is === undefined) return [`- ${cut(visible(was))}`];
  return between(was.split(/(?<=\s)/u), is.split(/(?<=\s)/u), budget).map(
    ([sign, text]) => `${sign} ${cut(visible(text))}`,
  );
}

const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text.slice(0, length).toWellFormed()}… (${text.length - length} more characters; name the item to see them)`;

/** What both begin and end with is left out but for a few words; the middle is compared word by word while that is not too much. */
function between(
  was: readonly string[],
  is: readonly string[],
  budget: Budget,
): (readonly [sign: '-' | '+' | ' ', text: string])[] {
  let start = 0;
  while (start < was.length && start < is.length && was[start] === is[start]) start++;
  let end = 0;
  while (end < was.length - start && end < is.length - start && was.at(-1 - end) === is.at(-1 - end)) end++;
  const [left, right] = [was.slice(start, was.length - end), is.slice(start, is.length - end)];
  const lead = was.slice(Math.max(0, start - context), start).join('');
  const tail = end === 0 ? '' : was.slice(was.length - end, was.length - end + context).join('');
  const parts: (readonly [sign: '-' | '+' | ' ', text: string])[] = [];
  if (lead !== '') parts.push([' ', (start > context ? '…' : '') + lead]);
  if ((budget.pairs -= left.length * right.length) >= 0 && left.length > 0 && right.length > 0)
    parts.push(...wordDiff(left, right));
  else {
    if (left.length > 0) parts.push(['-', left.join('')]);
    if (right.length > 0) parts.push(['+', right.join('')]);
  }
  if (tail !== '') parts.push([' ', tail + (end > context ? '…' : '')]);
  return parts;
}

/** The longest common sequence of words; both sides are bounded by the caller. */
function wordDiff(left: readonly string[], right: readonly string[]): [sign: '-' | '+' | ' ', text: string][] {
  const width = right.length + 1;
  const common = new Uint16Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row--)
    for (let column = right.length - 1; column >= 0; column--)
      common[row * width + column] =
        left[row] === right[column]
          ? common[(row + 1) * width + column + 1]! + 1
          : Math.max(common[(row + 1) * width + column]!, common[row * width + column + 1]!);
  const parts: [sign: '-' | '+' | ' ', text: string][] = [];
  const add = (sign: '-' | '+' | ' ', word: string): void => {
    const last = parts.at(-1);
    if (last?.[0] === sign) last[1] += word;
    else parts.push([sign, word]);
  };
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      add(' ', left[row++]!);
      column++;
    } else if (
      row < left.length &&
      (column >= right.length || common[(row + 1) * width + column]! >= common[row * width + column + 1]!)
    )
      add('-', left[row++]!);
    else add('+', right[column++]!);
  }
  return parts;
}
