// docs/least-privilege.md: its commands are ones that there are, its example is what is learned, and its figures are those that come out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runExpectations } from '../src/access/analysis/expectations.ts';
import { judgeLearning } from '../src/access/analysis/judgement.ts';
import { learn } from '../src/access/analysis/learning.ts';
import { collectUse } from '../src/access/analysis/usage.ts';
import type { Window } from '../src/access/analysis/usage.ts';
import { isRefusal } from '../src/base/errors.ts';
import { loadConfig } from '../src/config/load.ts';
import { readArguments } from '../src/operations/cli-arguments.ts';
import { parseInput } from '../src/operations/perform.ts';
import { findOperation } from '../src/operations/registry.ts';
import { createCompany, dayMs, firstDayMs } from './support/recorded-company.ts';

const root = path.join(import.meta.dirname, '..');
const guide = readFileSync(path.join(root, 'docs/least-privilege.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);

const company = createCompany(5);
const record = [...company.entries(90)];
const window = { fromMs: firstDayMs, toMs: firstDayMs + 90 * dayMs };
const options = { nowMs: window.toMs, minAgeMs: 0 };
async function* scan({ fromMs, toMs }: Window) {
  for (const entry of record) if (entry.timestamp >= fromMs && entry.timestamp < toMs) yield entry;
}

test('every command is one that there is, with these options', () => {
  const lines = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line.startsWith('genkan ')));
  assert.ok(lines.length >= 10);
  for (const line of lines) {
    const [, noun = '', verb = '', ...rest] = line.replace(/ > \S+$/, '').split(' ');
    const operation = findOperation(noun, verb);
    assert.ok(operation, line);
    // The files are the reader's own; quotes are the shell's.
    const words = rest
      .join(' ')
      .replace(/"[^"]*"/g, 'text')
      .split(' ')
      .map((word, at, all) =>
        word.endsWith('.json') ? (/^--(assignments|definitions)$/.test(all[at - 1]!) ? '[]' : '{}') : word,
      );
    const read = readArguments(operation, words);
    assert.ok(!isRefusal(read), `${line}: ${JSON.stringify(read)}`);
    assert.ok(parseInput(operation, read.input).ok, line);
  }
});

test('the role of the example is the one that is learned', async () => {
  const usage = await collectUse(scan(window), window);
  const { suggestion } = (await learn(company, usage, options)).find(({ holding }) => holding.holder.id === 'nightly')!;
  const { Name, Actions, AssignableScopes } = suggestion!.roles[0]!;
  assert.deepEqual({ Name, Actions, AssignableScopes }, JSON.parse(blocks('json')[0]!));
});

test('the figures are those that come out', async () => {
  const { refused, judged, refusedShare, unusedHighRisk } = await judgeLearning(company, scan, window, options);
  const written = guide.replace(/\s+/g, ' ');
  assert.ok(written.includes(`**${refused} of ${judged.calls} calls (${(refusedShare * 100).toFixed(1)} %)**`));
  assert.ok(written.includes(`from **${unusedHighRisk.before} to ${unusedHighRisk.after}**`));
});

test('the expectations of the guide are met by the trial', async () => {
  const file = path.join(root, 'examples/trial/genkan.yaml');
  const { settings } = loadConfig(file);
  const results = await runExpectations(blocks('yaml')[0]!, 'guide', async () => ({
    settings: settings.access,
    variables: settings.variables,
    readFile: (name) => readFileSync(path.resolve(path.dirname(file), name), 'utf8'),
  }));
  assert.deepEqual(
    results.map(({ ok, principal }) => `${principal} ${ok}`),
    ['dana true', 'nightly true'],
  );
});
