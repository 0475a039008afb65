// Tests of the encoding of records as leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditEntry } from '../../test/support/audit-directory.ts';
import { decodeLeaf, encodeLeaf, prepareEntry } from './leaf.ts';

const maxDetailsBytes = 16_384;
const encode = (changes: Parameters<typeof auditEntry>[0], index = 7): Buffer =>
  encodeLeaf(index, prepareEntry(auditEntry(changes), maxDetailsBytes));

test('a leaf is JSON with its members in one order, whatever order they came in', () => {
  const { correlationId, ...rest } = auditEntry();
  const shuffled = { correlationId, ...rest };
  const leaf = encodeLeaf(7, prepareEntry(shuffled, maxDetailsBytes));
  assert.deepEqual(leaf, encode({}));
  assert.deepEqual(decodeLeaf(leaf), { index: 7, ...auditEntry() });
  assert.match(leaf.toString(), /^\{"index":7,"v":2,"timestamp":1767323045000,"action":"tools\/call","resource":/);
});

test('hostile text neither breaks the encoding nor survives where SQLite could not hold it', () => {
  const user = 'a"b\\c\n\0\u2028\ud800é玄関';
  assert.equal(decodeLeaf(encode({ user })).user, user.toWellFormed());
  assert.equal(decodeLeaf(encode({ user: '","user":"ada' })).user, '","user":"ada');
});

test('details longer than allowed are cut with a notice, at any content', () => {
  for (const character of ['x', '"', '\u0001', '玄', '\ud83d\ude00', '\\']) {
    const details = { text: character.repeat(20_000) };
    const kept = decodeLeaf(encode({ details })).details;
    assert.match(String(kept['notice']), /^details cut: \d+ bytes of JSON, at most 16384 are kept$/);
    assert.ok(JSON.stringify(details).startsWith(String(kept['beginning']).slice(0, 100)));
    assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= maxDetailsBytes);
    assert.ok(Buffer.byteLength(JSON.stringify(kept)) > maxDetailsBytes / 2, 'keeps as much as it may');
  }
  const exact = { text: 'x'.repeat(maxDetailsBytes - '{"text":""}'.length) };
  assert.deepEqual(decodeLeaf(encode({ details: exact })).details, exact);
});

test('the longest possible leaf fits into an entry bundle of tlog-tiles', () => {
  const worst = '\u0001'.repeat(5000);
  const entry = auditEntry({
    user: worst,
    action: worst,
    resource: worst,
    correlationId: worst,
    sourceIP: worst,
    userAgent: worst,
    details: { worst: worst.repeat(20) },
  });
  assert.ok(encodeLeaf(2 ** 52, prepareEntry(entry, 24_576)).length <= 65_535);
});

test('refuses what cannot be written as JSON', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  assert.throws(() => encode({ details: circular }), TypeError);
  assert.throws(() => encode({ details: { big: 1n } }), TypeError);
  assert.throws(() => encode({ timestamp: NaN }), TypeError);
  assert.throws(() => encode({ timestamp: 1.5 }), TypeError);
});
