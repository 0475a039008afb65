// Turns what zod says about a configuration into mistakes that name the key, the reason and the likely intent.
import type { z } from 'zod';
import { mask } from '../base/mask.ts';
import { nearest } from '../base/nearest.ts';
import type { MistakeKind } from './mistake-texts.ts';
import { shownKey } from './hidden-ranges.ts';
import { alternativesAt, isReferenceAt, keysAt } from './schema-walk.ts';
import { valueAt } from './source.ts';
import type { Path } from './source.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** A mistake before its place in the file is known. */
export interface Finding {
  readonly kind: MistakeKind;
  readonly path: Path;
  /** Whether the key or the value is at fault. */
  readonly at: 'key' | 'value';
  readonly params: Readonly<Record<string, string>>;
  readonly suggestion?: string;
}

/**
 * Explains the issues of a failed parse.
 * @param data what was parsed, from which types and enum values as written are taken
 */
export function explainIssues(schema: Schema, data: unknown, issues: readonly Issue[]): Finding[] {
  const findings = issues.flatMap((issue) => explainIssue({ schema, data, at: [] }, issue));
  // A misspelt key is one mistake, not two.
  const meant = new Set(
    findings.flatMap(({ path, suggestion }) => (suggestion ? [[...path.slice(0, -1), suggestion].join('.')] : [])),
  );
  return findings.filter(({ kind, path }) => kind !== 'missing' || !meant.has(path.join('.')));
}

/** Where an explanation stands: the schema and the data of one place, and the way there. */
interface Place {
  readonly schema: Schema;
  readonly data: unknown;
  readonly at: Path;
}

function explainIssue(place: Place, issue: Issue): Finding[] {
  const path = [...place.at, ...issue.path];
  const key = nameOf(path);
  const value = valueAt(place.data, issue.path);
  if (value !== undefined && !isMapping(value) && isReferenceAt(place.schema, issue.path))
    return [{ kind: 'secretLiteral', path, at: 'value', params: { key } }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(place.schema, issue.path, value);
      return issue.keys.map((unknown) => {
        const suggestion = nearest(unknown, known);
        // `{ hunter2 }` is a mapping with the secret for a key.
        const isHarmless = suggestion !== undefined || !isReferenceAt(place.schema, issue.path);
        const params = { key: isHarmless ? shownKey(unknown) : mask, known: known.join(', ') };
        return { kind: 'unknownKey', path: [...path, unknown], at: 'key', params, suggestion };
      });
    }
    case 'invalid_union': {
      if (issue.errors.length === 0) return [notOneOf(path, value, optionsOf(issue))];
      return explainUnion(place, issue.errors, issue.path);
    }
    case 'invalid_value':
      if (value === undefined) return [missing(path)];
      return [notOneOf(path, value, issue.values)];
    case 'invalid_type': {
      if (value === undefined) return [missing(path)];
      const params = { key, expected: plain(issue.expected), received: typeOf(value) };
      return [{ kind: 'wrongType', path, at: 'value', params }];
    }
    case 'invalid_key': {
      const reason = issue.issues[0]?.message ?? issue.message;
      return [{ kind: 'keyInvalid', path, at: 'key', params: { key, reason } }];
    }
    default:
      return [{ kind: 'invalid', path, at: 'value', params: { key, reason: issue.message } }];
  }
}

// Shows the mistakes of the alternative that was most likely meant: of the right type, with the fewest unknown keys.
function explainUnion(place: Place, errors: readonly (readonly Issue[])[], union: Path): Finding[] {
  const path = [...place.at, ...union];
  const data = valueAt(place.data, union);
  const alternatives = alternativesAt(place.schema, union);
  const ofRightType = errors
    .map((issues, index) => ({ issues, schema: alternatives[index] ?? place.schema }))
    .filter(({ issues }) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'))
    .toSorted((a, b) => unknownKeys(a.issues) - unknownKeys(b.issues) || a.issues.length - b.issues.length);
  const [likely] = ofRightType;
  if (likely !== undefined)
    return likely.issues.flatMap((issue) => explainIssue({ schema: likely.schema, data, at: path }, issue));
  const expected = errors.flat().flatMap((issue) => (issue.code === 'invalid_type' ? [plain(issue.expected)] : []));
  const params = { key: nameOf(path), expected: [...new Set(expected)].join('|'), received: typeOf(data) };
  return [{ kind: 'wrongType', path, at: 'value', params }];
}

const unknownKeys = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);

const nameOf = (path: Path): string => shownKey(path.at(-1) ?? 'genkan.yaml');

const missing = (path: Path): Finding => ({
  kind: 'missing',
  path,
  at: 'key',
  params: { key: path.map(shownKey).join('.') },
});

function notOneOf(path: Path, value: unknown, allowed: readonly unknown[]): Finding {
  const words = allowed.map(String);
  return {
    kind: 'notOneOf',
    path,
    at: 'value',
    params: { key: nameOf(path), allowed: words.join(', ') },
    suggestion: typeof value === 'string' ? nearest(value, words) : undefined,
  };
}

// Present where a discriminator has a value that no alternative has.
const optionsOf = (issue: Issue): readonly unknown[] =>
  'options' in issue && Array.isArray(issue.options) ? issue.options : [];

const plain = (expected: string): string => (expected === 'record' ? 'object' : expected);

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
