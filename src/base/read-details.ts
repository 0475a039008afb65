// What whoever decides on a request is to read of it, as text, and how much of that a page shows.
import { visible } from './visible.ts';

interface Asked {
  readonly kind: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Characters of one value that a page shows. */
export const longestShown = 12_000;

/** Whether some of it is too long for a page: nobody approves what they were not shown. */
export const isTooLong = (asked: Asked): boolean =>
  Object.values(readPart(asked)).some((value) => shownText(value).length > longestShown);

/** The changes of a policy say all that its edits do, and what they rest on is for us. */
export function readPart({ kind, details }: Asked): Asked['details'] {
  if (kind !== 'policy-change') return details;
  const { edits: _, restsOn: __, ...read } = details;
  return read;
}

export function shownText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  // A line of its own for each: none of them can look like two.
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? value.map(visible).join('\n') : JSON.stringify(value, undefined, 2);
}
