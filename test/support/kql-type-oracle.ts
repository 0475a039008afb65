// Kusto's own type checker, as an oracle for ours: of which type an expression is, and what is wrong with it.
import { createRequire } from 'node:module';

interface List<T> {
  readonly Count: number;
  getItem(at: number): T;
}
interface Analyzed {
  readonly ResultType: { readonly Columns?: List<{ readonly Name: string; readonly Type: { readonly Name: string } }> };
  GetDiagnostics(): List<{ readonly Message: string }>;
}
interface Language {
  readonly GlobalState: { readonly Default: unknown };
  readonly KustoCode: { ParseAndAnalyze(query: string, globals: unknown): Analyzed };
}

const require = createRequire(import.meta.url);
// The entry of the package alone does not bring the runtime that it is compiled for.
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { Language } = (globalThis as unknown as { readonly Kusto: { readonly Language: Language } }).Kusto;

const all = <T>(list: List<T>): readonly T[] => Array.from({ length: list.Count }, (_, at) => list.getItem(at));

export interface Verdict {
  /** `dynamic` for all the shapes of dynamic values that the oracle tells apart. */
  readonly type: string;
  readonly problems: readonly string[];
}

const known = new Map<string, Verdict>();

export function typeByOracle(expression: string): Verdict {
  const verdict = known.get(expression) ?? analyze(expression);
  known.set(expression, verdict);
  return verdict;
}

function analyze(expression: string): Verdict {
  const { columns, problems } = columnsByOracle(`print x = ${expression}`);
  return { type: columns[0]?.split(': ')[1] ?? 'none', problems };
}

/** The columns of a whole query, as `name: type`. */
export function columnsByOracle(query: string): {
  readonly columns: readonly string[];
  readonly problems: readonly string[];
} {
  const analyzed = Language.KustoCode.ParseAndAnalyze(query, Language.GlobalState.Default);
  const { Columns } = analyzed.ResultType;
  return {
    columns: Columns === undefined ? [] : all(Columns).map(({ Name, Type }) => `${Name}: ${Type.Name}`),
    problems: all(analyzed.GetDiagnostics()).map(({ Message }) => Message),
  };
}
