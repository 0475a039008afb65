// Checks that what is sealed can be read in its own place alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openSeal } from './seal.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-seal-'));
after(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'keys', 'seal.key');
const seal = openSeal(file);
const sealed = seal.seal('a refresh token', ['dana', 'notes']);

test('a sealed text is read again, also after a restart', () => {
  assert.equal(openSeal(file).open(sealed, ['dana', 'notes']), 'a refresh token');
});

test('the key file is readable by its owner alone', () => {
  assert.equal(statSync(file).mode & 0o777, 0o600);
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
  assert.equal(openSeal(path.join(folder, 'other.key')).open(sealed, ['dana', 'notes']), undefined);
});
