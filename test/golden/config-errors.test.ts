// Golden: a configuration with mistakes, and what is said about it. UPDATE_GOLDEN=1 writes what is said now.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { languages } from '../../src/base/text.ts';
import { checkConfig } from '../../src/config/load.ts';
import { renderMistake } from '../../src/config/mistake.ts';

const folder = path.join(import.meta.dirname, 'config-errors');
const separator = '\n----------\n';

const identity = 'identity: { provider: { issuer: https://login.example.com, clientId: genkan } }\n';

for (const file of readdirSync(folder)) {
  test(`explains ${path.basename(file, '.txt').replaceAll('-', ' ')}`, () => {
    const [input = '', expected] = readFileSync(path.join(folder, file), 'utf8').split(separator);
    // A configuration that is about something else need not repeat what each one must have.
    const text = input.trimEnd() + (/^(identity:|-)/m.test(input) ? '\n' : `\n${identity}`);
    const checked = checkConfig('genkan.yaml', text);
    const mistakes = 'mistakes' in checked ? checked.mistakes : [];
    const said = mistakes.map((mistake) => renderMistake(mistake, 'en')).join('\n\n');
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(path.join(folder, file), `${input.trimEnd()}${separator}${said}\n`);
      return;
    }
    assert.equal(said, expected?.trimEnd());
    const everywhere = languages.flatMap((language) => mistakes.map((mistake) => renderMistake(mistake, language)));
    assert.doesNotMatch([...everywhere, JSON.stringify(mistakes)].join('\n'), /hunter2/, 'a secret is shown');
  });
}
