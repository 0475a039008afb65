// Threat: settings that somebody else wrote name the server of local mode so that its records, or its roles, land elsewhere.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { takePlace } from '../../src/local/places.ts';
import { genkan } from '../support/genkan-process.ts';

const names = ['../../elsewhere', '/tmp/elsewhere', 'a/b', 'a__b', '..', 'UPPER', '*', 'x'.repeat(65)];

test('control: a name that nobody looks at leads out of the data directory', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-name-'));
  const root = path.join(folder, 'data');
  const place = takePlace(root, names[0]!);
  place.release();
  assert.ok(existsSync(path.join(folder, 'elsewhere')));
  rmSync(folder, { recursive: true });
});

test('such a name is refused before anything is started or written', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-name-'));
  const root = path.join(folder, 'data');
  for (const name of names) {
    const { code } = await genkan(['local', '--data', root, '--as-server', name, '--', process.execPath, '-e', '']);
    assert.equal(code, 2, name);
  }
  assert.ok(!existsSync(root));
  rmSync(folder, { recursive: true });
});
