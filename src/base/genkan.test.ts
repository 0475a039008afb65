// Tests for the name by which we introduce ourselves: it says the version that is installed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { genkan } from './genkan.ts';

test('says the version of the package', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    name: string;
    version: string;
  };
  assert.deepEqual([genkan.name, genkan.version], [name, version]);
});
