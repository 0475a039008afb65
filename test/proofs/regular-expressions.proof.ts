// No text keeps a regular expression of ours busy: each one meets texts made against it, a hundred thousand characters long.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createContext, Script } from 'node:vm';
import { attacksOn } from '../support/regex-attacks.ts';
import { literalsIn } from '../support/regex-literals.ts';

const root = path.join(import.meta.dirname, '..', '..', 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/^(inspect[\\/]training|trial)[\\/]/.test(file),
);
const length = 100_000;
/** What is quadratic takes seconds for that, what is exponential ages. */
const patienceMs = 1000;

/** Expressions that never meet texts of that length; those without a bound never meet a text from outside. */
const bounded: readonly {
  readonly file: string;
  readonly source: string;
  readonly most?: number;
  readonly because: string;
}[] = [
  {
    file: 'access/azure/argument-checks.ts',
    source: '\\b(?:(?:cluster|',
    most: 10_000,
    because: 'longer queries are refused before',
  },
  { file: 'access/azure/compiled-row.ts', source: '\\{([^}]+)\\}', because: 'paths of our own table' },
  { file: 'access/azure/compiled-row.ts', source: '([^{]+)\\{', because: 'paths of our own table' },
  { file: 'access/elevation/pim/faults.ts', source: 'claims=', most: 4096, because: 'cut before' },
  { file: 'config/hidden-ranges.ts', source: '^([\\s-]*)', because: "the administrator's own file" },
  { file: 'config/load.ts', source: '\\/+$', because: "the administrator's own file" },
  { file: 'identity/entra/failures.ts', source: 'AADSTS\\d[^]', most: 2048, because: 'cut before' },
  { file: 'identity/entra/settings.ts', source: '^(api|https)', because: "the administrator's own file" },
  {
    file: 'inspect/redaction/base64-layer.ts',
    source: '=+$',
    most: 2,
    because: 'Buffer writes two of them at most, at the end',
  },
  {
    file: 'inspect/redaction/secret-values.ts',
    source: '^(?:genkan_',
    most: 512,
    because: 'longer values are let go before',
  },
  { file: 'upstream/caller-identity/settings.ts', source: '\\/+$', because: "the administrator's own file" },
];
/** Where an expression is made of a string: of our own words, or on an engine that cannot backtrack. */
const made = new Set([
  'access/scope.ts',
  'identity/entra/caller-tokens.ts',
  'inspect/examination/spotlight.ts', // of a code of our own
  'inspect/redaction/base64-layer.ts',
  'inspect/redaction/secret-names.ts',
  'inspect/types/shell.ts',
]);

const replace = new Script('text.replace(expression, "")');
const search = new Script('expression.test(text)');

/** Milliseconds, or undefined when it did not come to an end in time. */
function timed(expression: RegExp, text: string): number | undefined {
  const context = createContext({ expression, text });
  const startedAt = performance.now();
  try {
    (expression.global ? replace : search).runInContext(context, { timeout: patienceMs });
  } catch {
    return undefined;
  }
  return performance.now() - startedAt;
}

test('the attacks find what is exponential, what is quadratic, and nothing else', () => {
  const isSlow = (expression: RegExp): boolean =>
    attacksOn(expression.source, expression.flags, length).some((text) => timed(expression, text) === undefined);
  for (const slow of [/^(a+)+$/, /^(\w|\d)*!$/, /\s+$/, /^(?:a|ab|b)*c$/, /(x+x+)+y/, /^(?:[\w.-]+)*@$/])
    assert.ok(isSlow(slow), slow.source);
  for (const quick of [/^[a-z]+$/, /^\s*x/, /"[^"\\]*"/y, /^(?:a|b)+$/, /\d{1,9}/g])
    assert.ok(!isSlow(quick), quick.source);
});

test(
  'every regular expression takes all texts in linear time, or meets short ones only',
  { timeout: 600_000 },
  (context) => {
    const slow: string[] = [];
    const unused = new Set(bounded);
    let [expressions, texts] = [0, 0];
    for (const file of files) {
      const name = file.replaceAll('\\', '/');
      for (const { source, flags, line } of literalsIn(readFileSync(path.join(root, file), 'utf8'))) {
        expressions++;
        const exception = bounded.find((each) => each.file === name && source.startsWith(each.source));
        if (exception !== undefined) unused.delete(exception);
        if (exception !== undefined && exception.most === undefined) continue;
        const expression = new RegExp(source, flags);
        for (const text of attacksOn(source, flags, exception?.most ?? length)) {
          texts++;
          // Once more where something else on the machine was in the way.
          if (timed(expression, text) !== undefined || timed(expression, text) !== undefined) continue;
          slow.push(`${name}:${line} /${source.slice(0, 80)}/ on ${JSON.stringify(text.slice(0, 40))}`);
          break;
        }
      }
    }
    context.diagnostic(`${expressions} expressions, ${texts} texts`);
    assert.deepEqual(slow, []);
    assert.deepEqual(
      [...unused].map(({ file, source }) => `${file}: ${source}`),
      [],
      'these are exceptions of nothing',
    );
    assert.ok(expressions > 400);
  },
);

test('no expression is made of words from outside', () => {
  const making = files.filter((file) =>
    /\bnew RegExp\(|[^.\w]RegExp\(/.test(readFileSync(path.join(root, file), 'utf8')),
  );
  assert.deepEqual(
    making
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !made.has(file))
      .sort(),
    [],
  );
});
