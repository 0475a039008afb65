// Whose sessions are, how many one person may have, and when they are forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../base/principal.ts';
import { createSessionBook } from './session-book.ts';

const person = (id: string, clientId = 'vscode'): Principal => ({ id, kind: 'user', name: id, groups: [], clientId });
const [dana, omar] = [person('dana'), person('omar')];

function bookWith(settings = {}) {
  let nowMs = 0;
  const limits = { maxSessions: 3, maxSessionsPerUser: 2, sessionIdleSeconds: 60, sessionSeconds: 600, ...settings };
  const book = createSessionBook(limits, { now: () => nowMs });
  return { book, advance: (ms: number) => void (nowMs += ms) };
}

test('a session belongs to one person in one client, and cannot be announced to another', () => {
  const { book } = bookWith();
  assert.ok(book.bind('a', dana, false));
  assert.ok(book.isOf('a', dana));
  assert.ok(!book.isOf('a', omar));
  assert.ok(!book.isOf('a', person('dana', 'another client')));
  assert.ok(!book.bind('a', omar, false));
  assert.ok(book.bind('a', dana, false), 'an answer may repeat it');
});

test('one who opens many loses their own, never those of others, with however many clients they come', () => {
  const { book } = bookWith();
  book.bind('of omar', omar, false);
  for (let index = 0; index < 10; index++) book.bind(`of dana ${index}`, person('dana', `client ${index}`), false);
  assert.ok(book.has('of omar'));
  assert.deepEqual(
    [7, 8, 9].map((index) => book.has(`of dana ${index}`)),
    [false, true, true],
  );
});

test('idle sessions are forgotten, streams that are open are not idle, and nothing lasts for ever', () => {
  const { book, advance } = bookWith();
  book.bind('idle', dana, false);
  book.bind('stream', dana, true);
  advance(61_000);
  assert.ok(!book.isOf('idle', dana));
  assert.ok(book.isOf('stream', dana));
  advance(600_000);
  assert.ok(!book.isOf('stream', dana));
});

test('with the access of a person their sessions end', () => {
  const { book } = bookWith();
  book.bind('a', dana, false);
  book.bind('b', omar, false);
  book.endFor({ kind: 'principal', subject: 'dana' });
  assert.deepEqual([book.has('a'), book.has('b')], [false, true]);
});

test('a session that several streams keep is there until the last of them ends', () => {
  const { book } = bookWith();
  book.bind('a', dana, true);
  book.bind('a', dana, true);
  book.release('a');
  assert.ok(book.isOf('a', dana));
  book.release('a');
  assert.ok(!book.has('a'));
});
