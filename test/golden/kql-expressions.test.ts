// What expressions of KQL give, a line each: `expression => type value`, or the problem and the words that it points at.
// UPDATE_GOLDEN=1 writes what they give now.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { bindExpression } from '../../src/kql/expressions/bind.ts';
import { KqlError } from '../../src/kql/problem.ts';
import { expressionScope, parseExpression } from '../support/kql-expressions.ts';
import { goldenFiles, groupsIn } from '../support/kql-golden.ts';
import { writeValue } from '../../src/kql/write-value.ts';

function answer(expression: string): string {
  try {
    const { tree, offset } = parseExpression(expression);
    try {
      const { type, evaluate } = bindExpression(tree, expressionScope);
      const value = evaluate([]);
      return `${type} ${value === null ? 'null' : value === '' ? "''" : writeValue(value, type)}`;
    } catch (error) {
      if (!(error instanceof KqlError)) throw error;
      const { kind, from, to, message } = error.problem;
      return `! ${kind} at "${expression.slice(from - offset, to - offset)}": ${message}`;
    }
  } catch (error) {
    if (error instanceof KqlError) return `! ${error.problem.kind}: ${error.message}`;
    throw error;
  }
}

let cases = 0;
for (const file of goldenFiles('kql-expressions')) {
  const text = readFileSync(file.path, 'utf8');
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const lines = text.split('\n').map((line) => {
      const [expression, expected] = line.split(' => ');
      return expected === undefined ? line : `${expression} => ${answer(expression!)}`;
    });
    writeFileSync(file.path, lines.join('\n'));
    continue;
  }
  describe(file.name, () => {
    for (const { name, lines } of groupsIn(text)) {
      cases += lines.length;
      test(name, () => {
        const given = lines.map((line) => `${line.split(' => ')[0]!} => ${answer(line.split(' => ')[0]!)}`);
        assert.deepEqual(given, lines);
      });
    }
  });
}

test('there are enough cases to rely on', () => {
  if (process.env['UPDATE_GOLDEN'] !== '1') assert.ok(cases > 600, `${cases} cases`);
});
