// Regular expressions that people write in queries, on an engine that takes time linear in the text.
import { RE2JS } from 're2js';
import { spend } from './effort.ts';
import { typeProblem } from './nodes.ts';
import type { Place } from './nodes.ts';
import { sizeWrittenOut } from './pattern-size.ts';
import { KqlError } from './problem.ts';

export interface Match {
  readonly from: number;
  readonly to: number;
  /** The match, then its groups; what a group did not take part in is the empty string. */
  readonly groups: readonly string[];
}

export interface Pattern {
  readonly groups: number;
  /** Places of the groups that have names. */
  readonly names: Readonly<Record<string, number>>;
  test(text: string): boolean;
  first(text: string): Match | undefined;
  /** All matches, none over another. @throws KqlError `budget` where looking for the next one again and again takes too long */
  all(text: string, place: Place): Match[];
}

const maxSourceLength = 8192;
const maxProgramSize = 10_000;
/** Each search may look at all that is left of the text: characters that all searches in one text may look at. */
const maxLook = 200_000_000;

/** @throws KqlError for what is no regular expression, or needs backtracking */
export function compiledPattern(source: string, place: Place): Pattern {
  if (source.length > maxSourceLength)
    throw new KqlError('budget', `A regular expression may have ${maxSourceLength} characters at most`, place);
  try {
    const known = kept.get(source);
    if (known !== undefined) return known;
    const compiled = compile(source);
    if (compiled === undefined)
      throw new KqlError('budget', 'This regular expression is too large: repeat less in it', place);
    keep(source, compiled);
    return compiled;
  } catch (error) {
    if (error instanceof KqlError) throw error;
    if (/\(\?(?:[=!]|<[=!])/.test(source))
      throw new KqlError('unsupported', 'Look-around is no part of regular expressions in KQL (RE2)', place);
    throw typeProblem(`This is no regular expression: ${(error as Error).message.slice(0, 200)}`, place);
  }
}

/** For expressions that are known only when a row is there; undefined for what is none. */
export function patternOf(source: string): Pattern | undefined {
  const known = kept.get(source);
  if (known !== undefined || kept.has(source)) return known;
  let compiled: Pattern | undefined;
  try {
    compiled = source.length > maxSourceLength ? undefined : compile(source);
  } catch {
    compiled = undefined;
  }
  keep(source, compiled);
  return compiled;
}

const kept = new Map<string, Pattern | undefined>();
const maxKept = 200;

function keep(source: string, pattern: Pattern | undefined): void {
  if (kept.size >= maxKept) kept.delete(kept.keys().next().value!);
  kept.set(source, pattern);
}

function compile(source: string): Pattern | undefined {
  if (sizeWrittenOut(source) > maxProgramSize) return undefined;
  const expression = RE2JS.compile(source);
  if (expression.programSize() > maxProgramSize) return undefined;
  const groups = expression.groupCount();
  type Matcher = ReturnType<typeof expression.matcher>;
  const read = (matcher: Matcher): Match => ({
    from: matcher.start(),
    to: matcher.end(),
    groups: Array.from({ length: groups + 1 }, (_, group) => matcher.group(group) ?? ''),
  });
  return {
    groups,
    names: Object.assign(Object.create(null), expression.namedGroups()) as Record<string, number>,
    test: (text) => expression.test(text),
    first(text) {
      const matcher = expression.matcher(text);
      return matcher.find() ? read(matcher) : undefined;
    },
    all(text, place) {
      const matcher = expression.matcher(text);
      const matches: Match[] = [];
      let looked = 0;
      let end = 0;
      while (matcher.find()) {
        const match = read(matcher);
        matches.push(match);
        // Each search begins where the one before ended.
        spend(8 + ((match.to - end) >> 2));
        end = match.to;
        looked += text.length - match.from;
        if (looked > maxLook)
          throw new KqlError('budget', 'This regular expression matches too often in too long a text', place);
      }
      return matches;
    },
  };
}
