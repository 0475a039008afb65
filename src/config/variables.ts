// Placeholders such as {subscription-id}: replaces them by the values that `variables` gives, and finds those without one.
import { guid } from '../base/guid.ts';
import type { Path } from './source.ts';

const placeholder = /\{([A-Za-z][A-Za-z0-9_-]*)\}/g;

export interface Unresolved {
  readonly name: string;
  /** Path of the value that contains the placeholder. */
  readonly path: Path;
  /** Offset of the placeholder within the value, in characters. */
  readonly offset: number;
}

/**
 * Replaces every `{name}` in the strings of a value, however deep. A replaced value is not looked at again.
 * @param value plain data as read from YAML or JSON
 * @returns the new value, and the placeholders that no variable answers (left as they are written)
 */
export function fillPlaceholders(
  value: unknown,
  variables: Readonly<Record<string, string>>,
  path: Path = [],
): { value: unknown; unresolved: Unresolved[] } {
  const unresolved: Unresolved[] = [];
  const fill = (at: unknown, here: Path): unknown => {
    if (typeof at === 'string') {
      return at.replace(placeholder, (written, name: string, offset: number) => {
        if (Object.hasOwn(variables, name)) return variables[name]!;
        // Azure's conditions write lists of GUIDs in braces, and need no quotes for them.
        if (guid.test(name)) return written;
        unresolved.push({ name, path: here, offset });
        return written;
      });
    }
    if (Array.isArray(at)) return at.map((item, index) => fill(item, [...here, index]));
    if (typeof at === 'object' && at !== null)
      return Object.fromEntries(Object.entries(at).map(([key, item]) => [key, fill(item, [...here, key])]));
    return at;
  };
  return { value: fill(value, path), unresolved };
}
