// The operators on text: equality without case, parts of texts, terms of texts and regular expressions.
import type { Bound } from '../bound.ts';
import { asString, call, isConstant, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { compiledPattern, patternOf } from '../pattern.ts';
import type { BinaryOperator } from '../syntax.ts';
import { aType } from '../types.ts';
import { refuseLongSearch } from './search.ts';
import { hasTerm } from './terms.ts';

type Test = (text: string, part: string) => boolean;

/** By name; each has a twin that heeds case (`_cs`) and one that denies (`!`). */
const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['contains', (text, part) => text.includes(part)],
  ['startswith', (text, part) => text.startsWith(part)],
  ['endswith', (text, part) => text.endsWith(part)],
  ['has', (text, part) => hasTerm(text, part, true, true)],
  ['hasprefix', (text, part) => hasTerm(text, part, true, false)],
  ['hassuffix', (text, part) => hasTerm(text, part, false, true)],
]);

export function isTextOperator(operator: BinaryOperator): boolean {
  return operator === '=~' || operator === '!~' || operator === 'matches regex' || tests.has(bare(operator));
}

function bare(operator: string): string {
  return operator.replace('!', '').replace('_cs', '');
}

export function bindText(operator: BinaryOperator, left: Bound, right: Bound, place: Place): Bound {
  for (const side of [left, right])
    if (side.type !== 'string' && side.type !== 'dynamic')
      throw typeProblem(`'${operator}' compares texts, and this is ${aType(side.type)}: use tostring()`, side);
  const [text, part] = [asString(left), asString(right)];
  if (operator === 'matches regex') return matching(text, part, place);
  if (operator === '=~' || operator === '!~') return alike(operator, text, part, place);
  const heedsCase = operator.endsWith('_cs');
  const compare = tests.get(bare(operator))!;
  const test: Test = (whole, wanted) => {
    refuseLongSearch(whole, wanted, place);
    return compare(whole, wanted);
  };
  const negated = operator.startsWith('!');
  const [a, b] = [text.evaluate, part.evaluate];
  if (isConstant(part)) {
    const wanted = heedsCase ? (part.value as string) : foldCase(part.value as string);
    if (heedsCase)
      return call(operator, 'bool', [text, part], place, (row) => test(a(row) as string, wanted) !== negated);
    return call(operator, 'bool', [text, part], place, (row) => test(foldCase(a(row) as string), wanted) !== negated);
  }
  return call(operator, 'bool', [text, part], place, (row) => {
    const [whole, wanted] = [a(row) as string, b(row) as string];
    return (heedsCase ? test(whole, wanted) : test(foldCase(whole), foldCase(wanted))) !== negated;
  });
}

function alike(operator: '=~' | '!~', left: Bound, right: Bound, place: Place): Bound {
  const [a, b] = [left.evaluate, right.evaluate];
  const negated = operator === '!~';
  if (isConstant(right)) {
    const wanted = foldCase(right.value as string);
    return call(operator, 'bool', [left, right], place, (row) => (foldCase(a(row) as string) === wanted) !== negated);
  }
  return call(operator, 'bool', [left, right], place, (row) => {
    return (foldCase(a(row) as string) === foldCase(b(row) as string)) !== negated;
  });
}

function matching(text: Bound, pattern: Bound, place: Place): Bound {
  const evaluate = text.evaluate;
  if (isConstant(pattern)) {
    const compiled = compiledPattern(pattern.value as string, pattern);
    return call('matches regex', 'bool', [text, pattern], place, (row) => compiled.test(evaluate(row) as string));
  }
  const source = pattern.evaluate;
  return call('matches regex', 'bool', [text, pattern], place, (row) => {
    return patternOf(source(row) as string)?.test(evaluate(row) as string) ?? false;
  });
}

/** Texts that differ in case only fold to the same. */
export function foldCase(text: string): string {
  return text.toLowerCase();
}
