// Where a right holds: Azure's resource hierarchy and ours (`/servers/{server}/tools/{tool}`), read strictly and compared by segments.
import { compileWildcard, foldCase } from './wildcard.ts';

/** A scope that passed `parseScope`. Equal scopes have equal keys; a scope covers another whose keys begin with its own. */
export interface Scope {
  /** As it was written. */
  readonly text: string;
  /** Segments in the form in which they are compared. */
  readonly keys: readonly string[];
  /** Whether a segment holds `*`. Only what administrators write may. */
  readonly pattern: boolean;
}

const maxLength = 2048;
const maxSegments = 40;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const serverName = /^[a-z0-9](-?[a-z0-9]){0,39}$/;
// An allow-list: no `%`, `\`, white space, control or invisible characters, and no `.`, `..` or trailing dot, which
// some layer below might normalise into another resource. Azure allows letters of every script in resource group names.
const plainSegment = /^[\p{L}\p{Nd}_.()@~+$-]*[\p{L}\p{Nd}_()@~+$-]$/u;
const patternSegment = /^[\p{L}\p{Nd}_.()@~+$*-]*[\p{L}\p{Nd}_()@~+$*-]$/u;

/** Whether a text can be one segment of a scope as it stands. */
export const isPlainSegment = (text: string): boolean => text.length <= 256 && plainSegment.test(text);

/**
 * Reads a scope. Nothing is normalised: what is not written exactly as a scope is none.
 * @param allow `patterns` where an administrator writes (`resourceGroups/dev-*`), `literal` for what a call touches
 * @returns `undefined` for anything that is not a scope
 */
export function parseScope(text: string, allow: 'literal' | 'patterns'): Scope | undefined {
  if (text === '/') return { text, keys: [], pattern: false };
  if (text.length > maxLength || !text.startsWith('/')) return undefined;
  const segments = text.slice(1).split('/');
  if (segments.length > maxSegments) return undefined;
  const pattern = text.includes('*');
  if (pattern && allow === 'literal') return undefined;
  const shape = pattern ? patternSegment : plainSegment;
  if (!segments.every((segment) => shape.test(segment))) return undefined;
  // MCP names are case-sensitive (`Read` and `read` may be two tools), Azure's are not.
  const keys = segments[0] === 'servers' ? segments : segments.map(foldCase);
  return isKnownShape(keys) ? { text, keys, pattern } : undefined;
}

function isKnownShape(keys: readonly string[]): boolean {
  const [root, first, kind, second, ...rest] = keys;
  const isAny = (text: string): boolean => text.includes('*');
  if (root === 'servers') {
    if (first === undefined) return true;
    if (!isAny(first) && !serverName.test(first)) return false;
    if (kind === undefined) return true;
    return (kind === 'tools' || kind === 'prompts' || kind === 'resources') && rest.length === 0;
  }
  if (root === 'subscriptions') {
    if (first === undefined || (!isAny(first) && !guid.test(first))) return false;
    if (kind === undefined) return true;
    if (kind === 'providers') return isResource([second, ...rest]);
    if (kind !== 'resourcegroups' || second === undefined) return false;
    return rest.length === 0 || (rest[0] === 'providers' && isResource(rest.slice(1)));
  }
  return root === 'providers' && isResource(keys.slice(1));
}

// {namespace}, then pairs of type and name; a further `providers/{namespace}` starts an extension resource.
function isResource(keys: readonly (string | undefined)[]): boolean {
  const [namespace, ...pairs] = keys;
  if (namespace === undefined || namespace.includes('*') || pairs.length === 0 || pairs.length % 2 !== 0) return false;
  return pairs.every((key, index) => index % 2 !== 0 || !key?.includes('*'));
}

/** Whether everything within `inner` lies within `outer`: the inheritance of rights. Either may be a pattern. */
export function covers(outer: Scope, inner: Scope): boolean {
  // A `*` of the inner pattern is an ordinary character here, which only a `*` of the outer one can match.
  return (
    outer.keys.length <= inner.keys.length && outer.keys.every((key, at) => compileWildcard(key)(inner.keys[at] ?? ''))
  );
}

/** Reads what calls touch, remembering recent scopes: they repeat, and reading costs more than deciding. */
export function createScopeReader(capacity = 4096): (text: string) => Scope | undefined {
  const remembered = new Map<string, Scope>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const scope = parseScope(text, 'literal');
    if (scope === undefined) return undefined;
    if (remembered.size >= capacity) remembered.clear();
    remembered.set(text, scope);
    return scope;
  };
}
