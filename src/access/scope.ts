// Where a right holds: Azure's resource hierarchy and ours (`/servers/{server}/tools/{tool}`), read strictly and compared by segments.
import { GenkanError } from '../base/errors.ts';
import { compileWildcard, foldCase } from './wildcard.ts';

/** A scope that passed `parseScope`. Equal scopes have equal keys; a scope covers another whose keys begin with its own. */
export interface Scope {
  /** As it was written. */
  readonly text: string;
  /** Segments in the form in which they are compared. */
  readonly keys: readonly string[];
  /** Index of the first key that holds `*`, where one does. Only what administrators write may. */
  readonly patternAt: number | undefined;
}

const maxLength = 2048;

/**
 * All scopes there are, as one expression over text whose case is folded.
 * Its letters are an allow-list: no `%`, `\`, white space, control or invisible characters, and no segment `.` or `..` or
 * with a trailing dot, which some layer below might normalise into another resource. Azure allows letters of every script.
 * @param star `*` to allow patterns: within names, never for a word of the path
 */
function grammar(star: '' | '*'): RegExp {
  const segmentWith = (wildcard: string): string =>
    `[\\p{L}\\p{Nd}_.()@~+$${wildcard}-]*[\\p{L}\\p{Nd}_()@~+$${wildcard}-]`;
  const segment = segmentWith(star);
  const word = segmentWith('');
  const orPattern = star === '' ? '' : `|(?=[^/]*\\*)${segment}`;
  const guid = `(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}${orPattern})`;
  const server = `(?:[a-z0-9](?:-?[a-z0-9]){0,39}${orPattern})`;
  // {namespace}, then type and name; a further `providers/{namespace}` starts an extension resource.
  const resource = `/providers/${word}(?:/${word}/${segment}){1,16}`;
  const own = `/servers(?:/${server}(?:/(?:tools|prompts|resources)(?:/${segment})?)?)?`;
  const azure = `/subscriptions/${guid}(?:/resourcegroups/${segment})?(?:${resource})?`;
  return new RegExp(`^(?:/|${own}|${azure}|${resource})$`, 'u');
}

const grammars = { literal: grammar(''), patterns: grammar('*') };
const plainSegment = /^[\p{L}\p{Nd}_.()@~+$-]*[\p{L}\p{Nd}_()@~+$-]$/u;

/** Whether a text can be one segment of a scope as it stands. */
export const isPlainSegment = (text: string): boolean => text.length <= 256 && plainSegment.test(text);

/**
 * Reads a scope. Nothing is normalised: what is not written exactly as a scope is none.
 * @param allow `patterns` where an administrator writes (`resourceGroups/dev-*`), `literal` for what a call touches
 * @returns `undefined` for anything that is not a scope
 */
export function parseScope(text: string, allow: 'literal' | 'patterns'): Scope | undefined {
  if (text.length > maxLength) return undefined;
  // MCP names are case-sensitive (`Read` and `read` may be two tools), Azure's are not.
  const isOwn = text.startsWith('/servers');
  const compared = isOwn ? text : foldCase(text);
  if (!grammars[allow].test(compared) || (!isOwn && compared.startsWith('/servers'))) return undefined;
  const keys = compared === '/' ? [] : compared.slice(1).split('/');
  const patternAt = compared.includes('*') ? keys.findIndex((key) => key.includes('*')) : undefined;
  return { text, keys, patternAt };
}

/**
 * The scope of what an administrator fixed.
 * @throws GenkanError `access_scope_invalid`
 */
export function fixedScope(text: string): Scope {
  const scope = parseScope(text, 'literal');
  if (scope === undefined) throw new GenkanError('access_scope_invalid', { scope: text });
  return scope;
}

/** Words of a path between two names, with the slashes around them: `/resourceGroups/`. */
export interface Words {
  readonly text: string;
  readonly keys: readonly string[];
}

export const wordsOf = (text: string): Words => ({ text, keys: foldCase(text).slice(1, -1).split('/') });

/**
 * The scope of something in an Azure scope that was read, without reading all of it again: what a call touches is put
 * together from parts that were checked one by one.
 * @param name a plain segment
 */
export function scopeBelow({ text, keys }: Scope, words: Words, name: string): Scope {
  return { text: text + words.text + name, keys: [...keys, ...words.keys, foldCase(name)], patternAt: undefined };
}

/** Whether everything within `inner` lies within `outer`: the inheritance of rights. Either may be a pattern. */
export function covers(outer: Scope, inner: Scope): boolean {
  // A `*` of the inner pattern is an ordinary character here, which only a `*` of the outer one can match.
  return (
    outer.keys.length <= inner.keys.length && outer.keys.every((key, at) => compileWildcard(key)(inner.keys[at] ?? ''))
  );
}
