// docs/entra-setup.md: its commands are ones that there are, and its settings are ones that are taken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../src/base/errors.ts';
import { checkConfig } from '../src/config/load.ts';
import { readArguments } from '../src/operations/cli-arguments.ts';
import { parseInput } from '../src/operations/perform.ts';
import { findOperation } from '../src/operations/registry.ts';

const guide = readFileSync(path.join(import.meta.dirname, '../docs/entra-setup.md'), 'utf8');
const guid = '11111111-2222-4333-8444-555555555555';
const filled = (text: string): string => text.replaceAll(/\b(TENANT|CLIENT|PUBLIC-CLIENT|GROUP)-ID\b/g, guid);
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => filled(text!));

test('every command of the guide is one that there is, with these options', () => {
  const lines = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line.startsWith('genkan ')));
  assert.ok(lines.length >= 9);
  for (const line of lines) {
    const [, noun = '', verb = '', ...rest] = line.split(' ');
    const operation = findOperation(noun, verb);
    assert.ok(operation, line);
    const read = readArguments(operation, rest);
    assert.ok(!isRefusal(read), `${line}: ${JSON.stringify(read)}`);
    assert.ok(parseInput(operation, read.input).ok, line);
  }
});

test('the settings of the guide are taken as they stand, with each way to prove oneself', () => {
  const [settings] = blocks('yaml');
  const credentials = [
    ...guide.matchAll(/\| `(\{ (?:managedIdentity|federatedToken|certificate|secret)[^`]*\})`/g),
  ].map(([, text]) => text!.replaceAll('REF', '{ source: file, path: secret }').replaceAll('…', 'x'));
  assert.ok(credentials.length >= 4);
  for (const credential of [...credentials, undefined]) {
    const text = credential === undefined ? settings! : settings!.replace('{ managedIdentity: {} }', credential);
    const checked = checkConfig('genkan.yaml', text);
    assert.ok(!('mistakes' in checked), JSON.stringify(checked));
  }
});
