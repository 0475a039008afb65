// Cuts a list into pages. Nothing is kept between them: a cursor says after which item the next page begins.
import { createHash } from 'node:crypto';

/** Large enough that the 235 tools of the Azure server come on one page. */
const pageSize = 500;
const cursorShape = /^(\d{1,7})\.([\w-]{22})$/;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/**
 * @param cursor the client's, which may be anything; undefined for the first page
 * @param identify what tells the items of this list apart
 * @returns undefined when the cursor does not fit the list, or not any more
 */
export function pageOf<Item>(
  items: readonly Item[],
  cursor: unknown,
  identify: (item: Item) => string,
): Page<Item> | undefined {
  const begin = cursor === undefined ? 0 : following(items, cursor, identify);
  if (begin === undefined) return undefined;
  const end = begin + pageSize;
  if (end >= items.length) return { items: begin === 0 ? items : items.slice(begin) };
  return { items: items.slice(begin, end), nextCursor: `${end}.${digestOf(identify(items[end - 1]!))}` };
}

/** The place after the item that the cursor names: where it was, or wherever it has moved to. */
function following<Item>(
  items: readonly Item[],
  cursor: unknown,
  identify: (item: Item) => string,
): number | undefined {
  const [, place, digest] = (typeof cursor === 'string' && cursorShape.exec(cursor)) || [];
  if (digest === undefined) return undefined;
  const isIt = (item: Item): boolean => digestOf(identify(item)) === digest;
  const expected = items[Number(place) - 1];
  if (expected !== undefined && isIt(expected)) return Number(place);
  const found = items.findIndex(isIt);
  return found === -1 ? undefined : found + 1;
}

const digestOf = (identifier: string): string =>
  createHash('sha256').update(identifier, 'utf16le').digest('base64url').slice(0, 22);
