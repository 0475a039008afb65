// A YAML file with positions: what it says, and where each of its parts stands.
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Pair, YAMLMap } from 'yaml';

/** Half-open range of character offsets in the text. */
export type Range = readonly [start: number, end: number];

export type Path = readonly PropertyKey[];

/** What the YAML reader itself objects to. `fatal` when the structure cannot be trusted any more. */
export interface SyntaxComplaint {
  readonly kind: 'duplicateKey' | 'tab' | 'alias' | 'syntax';
  readonly range: Range;
  readonly reason: string;
  readonly fatal: boolean;
}

/** One scalar of the file. */
export interface Leaf {
  readonly path: Path;
  readonly value: unknown;
  readonly range: Range;
}

export interface Source {
  readonly file: string;
  readonly text: string;
  readonly complaints: readonly SyntaxComplaint[];
  /** The content as plain data; `{}` for an empty file. */
  readonly data: unknown;
  /** Every scalar value, in the order of the file. */
  readonly leaves: readonly Leaf[];
  /** Every key, likewise. */
  readonly keys: readonly Leaf[];
  /** Where the key of a path stands; the nearest parent that exists when the path does not. */
  keyRange(path: Path): Range;
  /** Where the value of a path stands, likewise. */
  valueRange(path: Path): Range;
  /** Line and column, both from 1, of an offset. */
  position(offset: number): { readonly line: number; readonly column: number };
}

/** Reads YAML 1.2 without throwing: what is wrong stands in `complaints`. */
export function readSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, strict: true });
  const lineOf = ({ range }: SyntaxComplaint): number => lines.linePos(range[0]).line;
  const leaves = leavesOf(document.contents, []);
  // What is never closed is missed at the very end; show where it was opened.
  const placed = ([start, end]: Range): Range => {
    const last = start >= text.trimEnd().length ? leaves.at(-1) : undefined;
    return last === undefined ? [start, end] : [last.range[0], last.range[0] + 1];
  };
  const complaints = [...document.errors, ...document.warnings]
    .map((error): SyntaxComplaint => {
      const kind = kinds[error.code] ?? 'syntax';
      const [start] = error.pos;
      const range: Range = kind === 'duplicateKey' ? [start, start + keyAt(text, start).length] : placed(error.pos);
      return { kind, range, reason: firstSentence(error.message), fatal: kind !== 'duplicateKey' };
    })
    .concat(aliasesOf(document))
    // What follows a mistake on the same line is mostly its echo.
    .filter((complaint, index, all) => all.findIndex((other) => lineOf(other) === lineOf(complaint)) === index);
  return {
    file,
    text,
    complaints,
    data: complaints.some(({ fatal }) => fatal) ? undefined : (document.toJS() ?? {}),
    leaves,
    keys: keysOf(document.contents, []),
    keyRange: (path) => find(document, path).key,
    valueRange: (path) => find(document, path).value,
    position(offset) {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
  };
}

const kinds: Readonly<Record<string, SyntaxComplaint['kind']>> = {
  DUPLICATE_KEY: 'duplicateKey',
  TAB_AS_INDENT: 'tab',
};

const keyAt = (text: string, start: number): string => /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]*)/.exec(text.slice(start))![0];

// An alias makes a file say in one place what stands in another, endlessly if it likes; rights should be readable where they stand.
function aliasesOf(document: Document): SyntaxComplaint[] {
  const found: SyntaxComplaint[] = [];
  visit(document, {
    Alias: (_, { range }) => void found.push({ kind: 'alias', range: rangeOfNode(range), reason: '', fatal: true }),
  });
  return found;
}

const rangeOfNode = (range: readonly number[] | null | undefined): Range => [range?.[0] ?? 0, range?.[1] ?? 0];

// The reader's own message may go on to quote the text, which may be secret.
const firstSentence = (message: string): string =>
  message
    .split(/[:\n\\]/, 1)[0]!
    .trim()
    .replace(/\.$/, '');

function rangeOf(node: unknown): Range | undefined {
  return isNode(node) && node.range != null ? rangeOfNode(node.range) : undefined;
}

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

function pairOf(map: YAMLMap, key: PropertyKey): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === String(key));
}

function find(document: Document, path: Path): { key: Range; value: Range } {
  const start: Range = rangeOf(document.contents) ?? [0, 0];
  let found = { key: [start[0], start[0]] as Range, value: start };
  let node: unknown = document.contents;
  for (const step of path) {
    const pair = isMap(node) ? pairOf(node, step) : undefined;
    const child = pair === undefined && isSeq(node) ? node.items[Number(step)] : pair?.value;
    const key = pair === undefined ? rangeOf(child) : rangeOf(pair.key);
    if (key === undefined) break;
    found = { key, value: rangeOf(child) ?? key };
    node = child;
  }
  return found;
}

function leavesOf(node: unknown, path: Path): Leaf[] {
  if (isMap(node)) return node.items.flatMap((pair) => leavesOf(pair.value, [...path, keyOf(pair)]));
  if (isSeq(node)) return node.items.flatMap((item, index) => leavesOf(item, [...path, index]));
  const range = rangeOf(node);
  return isScalar(node) && range !== undefined ? [{ path, value: node.value, range }] : [];
}

function keysOf(node: unknown, path: Path): Leaf[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => keysOf(item, [...path, index]));
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => {
    const [here, range] = [[...path, keyOf(pair)], rangeOf(pair.key)];
    return [...(range === undefined ? [] : [{ path: here, value: keyOf(pair), range }]), ...keysOf(pair.value, here)];
  });
}

/** What stands at a path of plain data. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    data,
  );
}
