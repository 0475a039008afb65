// The rules of the house: who may import whom, how long a file may be, what it may be called.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const source = path.join(root, 'src');

/** Rooms from the ground up. A room imports from rows below its own; neighbours on one row never meet. */
const rows = [
  ['base'],
  ['protocol', 'state', 'kql'],
  ['identity', 'access', 'inspect', 'upstream', 'record', 'notify'],
  ['gateway', 'watch'],
  ['operations', 'config'],
  ['cli', 'server', 'wire', 'trial', 'connect', 'local', 'remote', 'express'],
];
/** The ways in may know each other: the command line starts what the wire connects. */
const topRow = rows.length - 1;

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const read = (file: string): string => readFileSync(path.join(source, file), 'utf8');
const roomOf = (file: string): string => file.split(path.sep)[0]!.replace(/(?:\.test)?\.ts$/, '');
const rowOf = (room: string): number => rows.findIndex((row) => row.includes(room));
const product = files.filter((file) => !file.endsWith('.test.ts'));

test('every file stands in a room of the house', () => {
  for (const file of files) assert.notEqual(rowOf(roomOf(file)), -1, `${file} is in no known room`);
});

test('rooms import only from rooms below them, types included', () => {
  const offences: string[] = [];
  for (const file of product) {
    for (const [, target] of read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const imported = path.relative(source, path.resolve(source, path.dirname(file), target!));
      if (imported.startsWith('..')) continue;
      const [from, to] = [roomOf(file), roomOf(imported)];
      const allowed = from === to || rowOf(to) < rowOf(from) || rowOf(from) === topRow;
      if (!allowed) offences.push(`${file} imports ${imported}`);
    }
  }
  assert.deepEqual(offences, []);
});

test('no file of the product is longer than 400 lines, and half of them stay within 150', () => {
  const lengths = product.map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 400),
    [],
  );
  const median = lengths.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(lengths.length / 2)]!;
  assert.ok(median <= 150, `the median file has ${median} lines`);
});

test('every file begins by saying what it is for', () => {
  const silent = files.filter((file) => !/^(#!.*\n)?\/\/ \S.{10,}/.test(read(file)));
  assert.deepEqual(silent, []);
});

test('nothing is called util, helper, common, shared, misc, manager or service', () => {
  const vague = files.filter((file) =>
    /(^|[-/.])(utils?|helpers?|common|shared|misc|managers?|services?)([-/.]|$)/.test(file),
  );
  assert.deepEqual(vague, []);
});

test('files are named in kebab-case, without default exports and without barrels', () => {
  for (const file of files) {
    assert.match(path.basename(file), /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/, file);
    assert.doesNotMatch(read(file), /^export default /m, file);
    assert.notEqual(path.basename(file), 'index.ts');
  }
});

test('only the configuration, the command line and the library read the environment', () => {
  const readers = product.filter(
    (file) => !/^(config\/|cli\.ts|express\/open-genkan\.ts)/.test(file) && /process\.env\b/.test(read(file)),
  );
  assert.deepEqual(readers, []);
});
