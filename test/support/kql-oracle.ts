// Kusto's own parser, as an oracle for ours: whether it reads a query, and which operators with which operands it sees in it.
import { createRequire } from 'node:module';
import type { Script } from '../../src/kql/syntax.ts';

interface List<T> {
  readonly Count: number;
  getItem(at: number): T;
}
interface OracleNode {
  readonly IsToken: boolean;
  readonly Text: string;
  readonly TextStart: number;
  readonly End: number;
  readonly ChildCount: number;
  GetChild(at: number): OracleNode | null;
}
interface Oracle {
  Parse(query: string): {
    readonly Syntax: OracleNode;
    GetSyntaxDiagnostics(): List<{ readonly Message: string; readonly Start: number }>;
  };
}

const require = createRequire(import.meta.url);
// The entry of the package alone does not bring the runtime that it is compiled for.
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { Kusto, Bridge } = globalThis as unknown as {
  readonly Kusto: { readonly Language: { readonly KustoCode: Oracle } };
  readonly Bridge: { getTypeName(node: OracleNode): string };
};

/** What Kusto finds wrong with the syntax; nothing where it reads it. */
export function problemsByOracle(query: string): readonly string[] {
  const found = Kusto.Language.KustoCode.Parse(query).GetSyntaxDiagnostics();
  return Array.from({ length: found.Count }, (_, at) => found.getItem(at).Message);
}

/** Kinds of the oracle, as both outlines call them. */
const namesByOracle: ReadonlyMap<string, string> = new Map([
  ...['Binary', 'In', 'HasAny', 'HasAll', 'Between', 'FunctionCall', 'Path'].map(
    (each) => [`${each}Expression`, each] as const,
  ),
  ['ElementExpression', 'Path'], // `a.['b']` is of the one kind there and of the other here
  ...['ToScalar', 'ToTable', 'Materialize'].map((each) => [`${each}Expression`, 'FunctionCall'] as const),
]);

/** Each operation with where it begins and ends, which says all about who holds whom; operators behind pipes by name and place. */
export function outlineByOracle(query: string): readonly string[] {
  const found: Span[] = [];
  const waiting = [Kusto.Language.KustoCode.Parse(query).Syntax];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const kind = Bridge.getTypeName(node).replace(/^.*\./, '');
    // Ours keeps of the columns of a join no more than their names.
    if (kind === 'DynamicExpression' || kind === 'JoinOnClause') continue;
    const name = namesByOracle.get(kind);
    if (name !== undefined) found.push(span(name, node.TextStart, node.End));
    if (kind.endsWith('Operator')) found.push(span('|', node.TextStart, node.TextStart));
    for (let at = 0; at < node.ChildCount; at++) {
      const child = node.GetChild(at);
      if (child !== null && !child.IsToken) waiting.push(child);
    }
  }
  return inOrder(found);
}

const namesByKind: Readonly<Record<string, string>> = {
  binary: 'Binary',
  between: 'Between',
  call: 'FunctionCall',
  member: 'Path',
  index: 'Path',
};

/** The same of our tree. */
export function outlineOf(script: Script): readonly string[] {
  const found: Span[] = [];
  const waiting: { readonly node: unknown; readonly isOperator: boolean }[] = [{ node: script, isOperator: false }];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { node, isOperator } = item;
    if (typeof node !== 'object' || node === null) continue;
    const { kind, from, to, operator, operators, body, leading } = node as Record<string, unknown>;
    if (kind === 'literal' || isTypeOf(node)) continue;
    const name = kind === 'in' ? nameOfList(operator as string) : namesByKind[kind as string];
    if (name !== undefined) found.push(span(name, from as number, to as number));
    if (isOperator || kind === 'print' || kind === 'range' || leading === true) {
      found.push(span('|', from as number, from as number));
    }
    const inPipes = new Set([operators, body].flatMap((each) => (Array.isArray(each) ? each : [])));
    for (const value of Object.values(node)) {
      for (const each of Array.isArray(value) ? value : [value])
        waiting.push({ node: each, isOperator: inPipes.has(each) });
    }
  }
  return inOrder(found);
}

/** `typeof(long)`, a literal to the oracle. */
const isTypeOf = (node: object): boolean =>
  'name' in node && typeof node.name === 'object' && (node.name as { text?: string }).text === 'typeof';

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const span = (name: string, from: number, to: number): Span => ({ name, from, to });
const nameOfList = (operator: string): string =>
  operator === 'has_any' ? 'HasAny' : operator === 'has_all' ? 'HasAll' : 'In';

function inOrder(found: readonly Span[]): readonly string[] {
  const sorted = found.toSorted((left, right) => left.from - right.from || left.to - right.to);
  return [...new Set(sorted.map(({ name, from, to }) => `${name} ${from}-${to}`))];
}
