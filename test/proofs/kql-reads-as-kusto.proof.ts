// Our parser beside Kusto's own: they read the same queries, and see the same operations in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineByOracle, outlineOf, problemsByOracle } from '../support/kql-oracle.ts';
import { readable, readOtherwise, refusedByName, unreadable } from '../support/kql-queries.ts';
import { parse } from '../../src/kql/parser.ts';
import { KqlError, type KqlProblem } from '../../src/kql/problem.ts';

function problemOf(query: string): KqlProblem | undefined {
  try {
    parse(query);
    return undefined;
  } catch (error) {
    if (error instanceof KqlError) return error.problem;
    throw error;
  }
}

const isReadByUs = (query: string): boolean => problemOf(query)?.kind !== 'syntax';
const isReadByKusto = (query: string): boolean => problemsByOracle(query).length === 0;

test('reads what Kusto reads', () => {
  for (const query of readable)
    assert.deepEqual([query, problemOf(query), isReadByKusto(query)], [query, undefined, true]);
});

test('refuses by name what Kusto has and this engine has not', () => {
  for (const [query, kind] of refusedByName) {
    assert.deepEqual([query, problemOf(query)?.kind, isReadByKusto(query)], [query, kind, true]);
  }
});

test('refuses what Kusto cannot read', () => {
  for (const query of unreadable) {
    assert.deepEqual([query, problemOf(query)?.kind, isReadByKusto(query)], [query, 'syntax', false]);
  }
});

test('reads otherwise than Kusto only where there is a reason', () => {
  for (const [query, because] of readOtherwise) {
    assert.notEqual(isReadByUs(query), isReadByKusto(query), `${query}: ${because}`);
  }
});

test('sees the operations that Kusto sees, with the same operands', () => {
  for (const query of readable) assert.deepEqual([query, outlineOf(parse(query))], [query, outlineByOracle(query)]);
});
