// The tags that a call puts on a thing, in each of the ways in which tools write them.
import { malformed } from '../conditions/condition.ts';
import { foldCase } from '../wildcard.ts';
import { longestText, textOf } from './attributes.ts';
import type { AttributeReader, Malformed } from './attributes.ts';

/**
 * How a tool writes tags: `a=1,b=2`, `a=1 b=2`, a JSON object, or a list of `a=1`. `any`: one of these, nobody knows which, so
 * that only what is the same in all of them is read. An object is an object everywhere.
 */
export type TagSyntax = 'commas' | 'blanks' | 'json' | 'list' | 'any';

// Azure keeps no more on one resource.
const mostTags = 50;

/** `name=value` for each tag, names in lower case as Azure compares them; values keep theirs. */
export const tagsIn =
  (argument: string, syntax: TagSyntax): AttributeReader =>
  (args) => {
    const pairs = pairsOf(args[argument], syntax);
    if (pairs === undefined || pairs === malformed) return pairs;
    const tags = new Map(pairs.map(([name, held]) => [foldCase(name), held]));
    // Of a name that stands there twice, some servers take the first value and some the last.
    if (pairs.length > mostTags || tags.size < pairs.length) return malformed;
    return [...tags].map(([name, held]) => `${name}=${held}`);
  };

type Pair = readonly [name: string, value: string];
type Pairs = Pair[] | Malformed | undefined;

function pairsOf(value: unknown, syntax: TagSyntax): Pairs {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return objectPairs(value);
  const listed = textsIn(value);
  if (listed !== undefined && (syntax === 'list' || syntax === 'any'))
    return syntax === 'list' ? listed.flatMap(pairIn) : plainPairs(listed);
  // The server joins a list with blanks.
  const text = listed !== undefined && syntax === 'blanks' ? textOf(listed.join(' ')) : textOf(value);
  if (text === undefined || text === malformed) return text;
  switch (syntax) {
    case 'json':
      return jsonPairs(text);
    case 'any':
      return text.trimStart().startsWith('{') ? jsonPairs(text) : plainPairs(text.split(','));
    case 'commas':
      return text.split(',').flatMap((item) => pairIn(item).map(([name, held]): Pair => [name.trim(), held.trim()]));
    case 'blanks':
      return text.split(' ').flatMap(pairIn);
    case 'list':
      return pairIn(text);
  }
}

const textsIn = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;

function pairIn(text: string): Pair[] {
  const at = text.indexOf('=');
  return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}

// What could be a second pair, or be taken off by a server, is not told from a value.
const plainPair = /^([^="'[\]{};|\n]+)=([^="[\]{};|\n]*)$/;

function plainPairs(items: readonly string[]): Pair[] | Malformed {
  const pairs: Pair[] = [];
  for (const item of items.map((each) => each.trim()).filter((each) => each !== '')) {
    const [, name, held] = plainPair.exec(item)?.map((part) => part.trim()) ?? [];
    if (name === undefined || held === undefined || /^'|'$/.test(held)) return malformed;
    pairs.push([name, held]);
  }
  return pairs;
}

function jsonPairs(text: string): Pairs {
  if (text.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return malformed;
    const pairs = objectPairs(parsed);
    // JSON.parse says nothing of a name that stands there twice, but each has its colon.
    const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
    return pairs === malformed || pairs.length === colons ? pairs : malformed;
  } catch {
    return malformed;
  }
}

function objectPairs(held: object): Pair[] | Malformed {
  const pairs = Object.entries(held);
  const isPair = (pair: [string, unknown]): pair is [string, string] =>
    !pair[0].includes('=') && typeof pair[1] === 'string' && pair[0].length + pair[1].length <= longestText;
  return pairs.every(isPair) ? pairs : malformed;
}
