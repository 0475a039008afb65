// Splitting a command line as a shell would, without being one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCommand } from './split-command.ts';

test('splits at spaces and keeps together what quotes and backslashes group', () => {
  assert.deepEqual(splitCommand('node  server.js --name "a b" \'c "d"\' e\\ f'), [
    'node',
    'server.js',
    '--name',
    'a b',
    'c "d"',
    'e f',
  ]);
  assert.deepEqual(splitCommand(`x "" ''`), ['x', '', '']);
  assert.deepEqual(splitCommand(`--a="b c"d`), ['--a=b cd']);
});

test('gives a shell none of its powers', () => {
  assert.deepEqual(splitCommand('x $HOME `id` ; rm * | y > z'), [
    'x',
    '$HOME',
    '`id`',
    ';',
    'rm',
    '*',
    '|',
    'y',
    '>',
    'z',
  ]);
});

test('knows when a quote is left open, and when nothing is there', () => {
  assert.equal(splitCommand('x "y'), undefined);
  assert.equal(splitCommand("x 'y"), undefined);
  assert.equal(splitCommand('   '), undefined);
});
