// Expressions of KQL by themselves: read out of `print`, and bound without any column.
import { parse } from '../../src/kql/parser.ts';
import type { Scope } from '../../src/kql/bound.ts';
import type { Expression } from '../../src/kql/syntax.ts';

export const nowMs = Date.UTC(2026, 0, 1);

export const expressionScope: Scope = {
  columns: [],
  scalars: new Map(),
  nowMs,
  rowsOf: () => ({ columns: [], rows: [] }),
  inlined: () => undefined,
};

const before = 'print x = ';

/** @throws KqlError for what cannot be read */
export function parseExpression(expression: string): { readonly tree: Expression; readonly offset: number } {
  const { source } = parse(before + expression).query;
  if (source.kind !== 'print' || source.columns.length !== 1)
    throw new Error(`more than one expression: ${expression}`);
  return { tree: source.columns[0]!.value, offset: before.length };
}
