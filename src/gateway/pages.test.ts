// Pages of a list, for clients that are honest, late or hostile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from './pages.ts';

const many = (count: number, name = 'item'): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);
const page = (items: readonly string[], cursor?: unknown) => pageOf(items, cursor, (item) => item);

/** Everything, page by page; `change` happens to the list after each page. */
function walk(items: string[], change: () => void = () => undefined): string[] {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < 20; count++) {
    const { items: some, nextCursor } = page(items, cursor)!;
    found.push(...some);
    if (nextCursor === undefined) return found;
    cursor = nextCursor;
    change();
  }
  throw new Error('it never ends');
}

test('a list of a few hundred comes on one page, without a cursor', () => {
  const items = many(500);
  assert.deepEqual(page(items), { items });
});

test('every item of a long list comes once and in order, also when the last page is full', () => {
  for (const count of [501, 1000, 1234]) assert.deepEqual(walk(many(count)), many(count));
});

test('what is added or goes away in front of a page makes nobody see an item twice or miss one that stays', () => {
  const growing = many(1200);
  assert.deepEqual(
    walk(growing, () => growing.unshift(`new-${growing.length}`)),
    many(1200),
  );
  const shrinking = many(1200);
  assert.deepEqual(
    walk(shrinking, () => shrinking.splice(0, 7)),
    many(1200),
  );
});

test('a cursor that never was one, or whose item is gone, fits no list', () => {
  const items = many(600);
  const { nextCursor } = page(items)!;
  assert.equal(page(items.slice(0, 499), nextCursor), undefined);
  const hostile = [
    '',
    '500',
    '500.',
    '-1.aaaaaaaaaaaaaaaaaaaaaa',
    '9999999.aaaaaaaaaaaaaaaaaaaaaa',
    'x'.repeat(1e6),
    5,
    null,
    {},
  ];
  for (const cursor of hostile) assert.equal(page(items, cursor), undefined);
});

test('a cursor names nothing of the list', () => {
  assert.doesNotMatch(page(many(600, 'secret'))!.nextCursor!, /secret/);
});
