// The README as its reader meets it: every link leads somewhere, every command exists, every attack test is listed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { genkan } from '../support/trial-process.ts';

const root = path.join(import.meta.dirname, '../..');
const documents = ['README.md', 'AGENTS.md', 'SECURITY.md'].map((name) => ({
  name,
  text: readFileSync(path.join(root, name), 'utf8'),
}));
const readme = documents[0]!.text;
const attacks = path.join(root, 'test/attacks');

test('every relative link leads to a file', () => {
  for (const { name, text } of documents) {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)]+)\)/g))
      assert.ok(existsSync(path.join(root, target)), `${name} links to ${target}`);
  }
});

test('every attack test is in the table, and the README says how many there are', () => {
  const table = readFileSync(path.join(attacks, 'README.md'), 'utf8');
  const tests = readdirSync(attacks).filter((file) => file.endsWith('.test.ts'));
  for (const file of tests)
    assert.ok(table.includes(`](${file})`), `${file} needs a row in test/attacks/README.md: what somebody tries`);
  assert.ok(readme.includes(`${tests.length} files of attacks`));
});

test('every npm script that is named exists', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object };
  for (const { name, text } of documents) {
    for (const [, script = ''] of text.matchAll(/\bnpm (?:run (?:-s )?)?(start|test|(?<=run (?:-s )?)[a-z]+)/g))
      assert.ok(script in scripts, `${name} names the script ${script}`);
  }
});

test('every command of Genkan that is named exists', async () => {
  const { output } = await genkan('--help');
  const commands = [...readme.matchAll(/npm run -s genkan -- ([a-z]+(?: [a-z][a-z-]*)?)/g)].map(
    ([, command]) => command!,
  );
  assert.ok(commands.length >= 4);
  for (const command of commands) assert.ok(output.includes(`genkan ${command}`), `genkan ${command} is unknown`);
});
