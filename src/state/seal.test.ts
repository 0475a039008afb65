// Checks that what is sealed can be read in its own place alone.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSeal } from './seal.ts';

const key = randomBytes(32);
const seal = createSeal(key);
const sealed = seal.seal('a refresh token', ['dana', 'notes']);

test('a sealed text is read again with the same key', () => {
  assert.equal(createSeal(Buffer.from(key)).open(sealed, ['dana', 'notes']), 'a refresh token');
});

test('the text does not stand in what is stored, and no two sealings are alike', () => {
  assert.doesNotMatch(Buffer.from(sealed, 'base64').toString('latin1'), /refresh/);
  assert.notEqual(seal.seal('a refresh token', ['dana', 'notes']), sealed);
});

test('moved to another person or server it cannot be read', () => {
  assert.equal(seal.open(sealed, ['omar', 'notes']), undefined);
  assert.equal(seal.open(sealed, ['dana', 'files']), undefined);
  assert.equal(seal.open(sealed, ['dananotes']), undefined);
});

test('changed by one bit, cut, or foreign, it cannot be read', () => {
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  assert.equal(seal.open(bytes.toString('base64'), ['dana', 'notes']), undefined);
  assert.equal(seal.open(sealed.slice(0, 20), ['dana', 'notes']), undefined);
  assert.equal(seal.open('', ['dana', 'notes']), undefined);
  assert.equal(createSeal(randomBytes(32)).open(sealed, ['dana', 'notes']), undefined);
});

test('a key of another length is no key', () => {
  assert.throws(() => createSeal(randomBytes(16)), TypeError);
});
