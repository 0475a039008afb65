// Translations between the families of revisions, each as a file: what is called with what, a line of dashes, what comes out.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as legacyClient from '../../src/protocol/legacy-client.ts';
import * as modernClient from '../../src/protocol/modern-client.ts';

const translations = { ...legacyClient, ...modernClient };
const folder = path.join(import.meta.dirname, 'translation');

for (const file of readdirSync(folder).sort()) {
  test(path.basename(file, '.txt').replaceAll('-', ' '), () => {
    const [input = '', expected = ''] = readFileSync(path.join(folder, file), 'utf8').split(/^-{10}$/m);
    const { call, with: given } = JSON.parse(input) as { call: keyof typeof translations; with: unknown[] };
    const before = JSON.stringify(given);
    const translated = (translations[call] as (...given: unknown[]) => unknown)(...given);
    assert.deepEqual(JSON.parse(JSON.stringify(translated)), JSON.parse(expected));
    assert.equal(JSON.stringify(given), before, 'what was given is left as it was');
  });
}
