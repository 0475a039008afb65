// A scope with `{arguments.NAME}` in it, filled in from the arguments of a call.
import { isPlainSegment, parseScope } from '../scope.ts';

export interface ScopeTemplate {
  /** Names of the arguments that it is made of. */
  readonly names: readonly string[];
  /** Where it can lie at its narrowest, for lists. */
  readonly narrowest: 'root' | 'subscription' | undefined;
  /**
   * The scope of one call. It ends before an argument that is left out.
   * @returns `undefined` where an argument is no plain name, or what comes out is no scope
   */
  fill(args: Readonly<Record<string, unknown>>): string | undefined;
}

const placeholder = /^\{arguments\.([^{}]{1,128})\}$/;
const sampleGuid = '00000000-0000-0000-0000-000000000000';

/** @returns `undefined` for what would never be a scope: a placeholder takes a whole segment */
export function readScopeTemplate(text: string): ScopeTemplate | undefined {
  const segments = text === '/' ? [] : text.slice(1).split('/');
  const names = segments.map((segment) => placeholder.exec(segment)?.[1]);
  const sample = segments.map((segment, at) => (names[at] === undefined ? segment : at === 1 ? sampleGuid : 'x'));
  if (!text.startsWith('/') || parseScope(`/${sample.join('/')}`, 'literal') === undefined) return undefined;
  if (segments[0] === 'servers') return undefined;
  return {
    names: names.filter((name) => name !== undefined),
    narrowest: segments.length === 0 ? 'root' : segments.length <= 2 ? 'subscription' : undefined,
    fill(args) {
      const filled: string[] = [];
      for (const [at, segment] of segments.entries()) {
        const name = names[at];
        const value = name === undefined ? segment : Object.hasOwn(args, name) ? args[name] : undefined;
        if (value === undefined || value === null) return widest(filled);
        if (typeof value !== 'string' || !isPlainSegment(value)) return undefined;
        filled.push(value);
      }
      const scope = `/${filled.join('/')}`;
      return parseScope(scope, 'literal') === undefined ? undefined : scope;
    },
  };
}

/** The longest part that is a scope by itself: `/subscriptions/…/resourceGroups` is none. */
function widest(segments: readonly string[]): string | undefined {
  for (let length = segments.length; length > 0; length -= 1) {
    const scope = `/${segments.slice(0, length).join('/')}`;
    if (parseScope(scope, 'literal') !== undefined) return scope;
  }
  // A first argument that is there but no subscription must not widen to everything: that would hide a mistake.
  return segments.length < 2 ? '/' : undefined;
}
