// Which parts of a configuration file no message may show. What is not known to be harmless is hidden, comments included.
import type { z } from 'zod';
import { mask, maskSecrets, soundsSecret } from '../base/mask.ts';
import type { Finding } from './explain-issues.ts';
import { mayBeSecretAt, takesScalarAt, wordsOf } from './schema-walk.ts';
import { valueAt } from './source.ts';
import type { Leaf, Path, Range, Source } from './source.ts';

type Schema = z.core.$ZodType;

/**
 * The ranges to mask. Shown are keys, and values where the schema knows the place (or what it is a slip of), takes no secret
 * there, and no key around sounds secret. Of a file that is not YAML, and so cannot be told apart, only the
 * words that the schema knows as keys are shown.
 */
export function hiddenRanges(source: Source, schema: Schema, findings: readonly Finding[]): Range[] {
  if (source.complaints.some(({ fatal }) => fatal)) return complement(source.text, knownKeys(source.text, schema));
  const isSecret = (path: Path): boolean => path.some(soundsSecret) || mayBeSecretAt(schema, path);
  const isHarmless = (path: Path): boolean => {
    const meant = correct(path, findings);
    return !isSecret(path) && !isSecret(meant) && takesScalarAt(schema, meant);
  };
  const masked = maskSecrets(source.data);
  const shown: Leaf[] = [
    ...source.keys
      .filter(({ path }) => !isSecret(path.slice(0, -1)) || referenceKeys.has(String(path.at(-1))))
      .map((key) => ({ ...key, range: firstWord(source.text, key.range) })),
    ...source.leaves.filter(({ path, value }) =>
      path.at(-1) === 'source' ? sources.has(value) : isHarmless(path) && valueAt(masked, path) === value,
    ),
  ];
  return complement(
    source.text,
    shown.map(({ range }) => range),
  );
}

// The path with misspelt keys as they were meant.
function correct(path: Path, findings: readonly Finding[]): Path {
  return path.map((key, index) => {
    const slip = findings.find(
      ({ kind, path: at }) =>
        kind === 'unknownKey' && at.length === index + 1 && at.every((part, position) => part === path[position]),
    );
    return slip?.suggestion ?? key;
  });
}

const referenceKeys = new Set(['source', 'name', 'path', 'vaultName', 'secretName']);
const sources = new Set<unknown>(['env', 'file', 'keyvault', 'named', 'osStore']);

/** A key as messages may show it: its first word. Where a colon is missing, the value is read as a part of the key. */
export const shownKey = (key: PropertyKey): string => String(key).replace(/[\s:='"].*$/s, ` ${mask}`);

const firstWord = (text: string, [start, end]: Range): Range => {
  const gap = text.slice(start + 1, end).search(/[\s:='"]/);
  return [start, gap < 0 ? end : start + 1 + gap];
};

function knownKeys(text: string, schema: Schema): Range[] {
  const words = wordsOf(schema);
  return [...text.matchAll(/^([\s-]*)([\w-]+)(?=[^\S\n]*:(?:\s|$))/gm)].flatMap(
    ({ 1: indent = '', 2: word = '', index }): Range[] =>
      words.has(word) ? [[index + indent.length, index + indent.length + word.length]] : [],
  );
}

// Everything else that is more than white space and punctuation, line by line.
function complement(text: string, shown: readonly Range[]): Range[] {
  const sorted = shown.toSorted((a, b) => a[0] - b[0]);
  const gaps = [...sorted, [text.length, text.length] as Range].map(([start], index): Range => [
    sorted[index - 1]?.[1] ?? 0,
    start,
  ]);
  return gaps.flatMap(([start, end]) =>
    [...text.slice(start, end).matchAll(/[^\s{}[\],:'"?-](?:.*[^\s{}[\],:'"])?/g)].map(
      ({ 0: hidden, index }): Range => [start + index, start + index + hidden.length],
    ),
  );
}
