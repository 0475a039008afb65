// A settings file in JSON, perhaps with comments, of which one entry is changed and every other character stays.
import { isDeepStrictEqual } from 'node:util';
import { createScanner, findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { GenkanError } from '../base/errors.ts';

const deepest = 100;

export interface JsonDocument {
  /** What stands at a path; undefined when nothing does. */
  valueAt(path: readonly string[]): unknown;
  /**
   * The whole text with one entry added or replaced.
   * @throws GenkanError `connect_file_invalid` where something else stands in the way
   */
  withEntry(path: readonly string[], value: unknown): string;
}

/**
 * Reads a file. Nothing at all, and white space, count as `{}`.
 * @param file as it shall appear in messages
 * @throws GenkanError `connect_file_invalid`
 */
export function readJsonDocument(file: string, whole: string): JsonDocument {
  const mark = whole.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = whole.slice(mark.length);
  if (text.trim() === '') return documentOf(file, mark, '{}\n');
  return documentOf(file, mark, text);
}

function documentOf(file: string, mark: string, text: string): JsonDocument {
  const invalid = (offset: number, reason: string): GenkanError => {
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    const place = { line: before.length, column: before.at(-1)!.length + 1 };
    return new GenkanError('connect_file_invalid', { file, ...place, reason });
  };
  const root = parse(text, invalid);
  if (root.type !== 'object') throw invalid(root.offset, 'an object is expected');

  /** The nodes on a path as far as it exists, each checked for a second key of the same name: readers differ on which counts. */
  function follow(path: readonly string[]): Node[] {
    const nodes = [root];
    for (const key of path) {
      const here = nodes.at(-1)!;
      if (here.type !== 'object') throw invalid(here.offset, 'an object is expected');
      const found = here.children!.filter(({ children }) => children?.[0]?.value === key);
      if (found.length > 1) throw invalid(found[1]!.offset, `"${key}" stands here twice`);
      const value = found[0]?.children?.[1];
      if (value === undefined) break;
      nodes.push(value);
    }
    return nodes;
  }

  return {
    valueAt(path) {
      const nodes = follow(path);
      return nodes.length > path.length ? plain(getNodeValue(nodes.at(-1)!)) : undefined;
    },
    withEntry(path, value) {
      const nodes = follow(path);
      const node = nodes.at(-1)!;
      const missing = path.slice(nodes.length - 1);
      const written = missing.slice(1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
      const style = styleOf(text, root);
      if (missing.length > 0 && node.type !== 'object') throw invalid(node.offset, 'an object is expected');
      const changed =
        missing.length === 0
          ? splice(text, node.offset, node.length, written, style)
          : insert(text, node, missing[0]!, written, style);
      const after = parse(changed, invalid);
      const stands = findNodeAtLocation(after, [...path]);
      // The promise that all else stays is kept here, whatever was written above.
      if (
        !isDeepStrictEqual(plain(stands && getNodeValue(stands)), plain(value)) ||
        !isDeepStrictEqual(without(plain(getNodeValue(after)), path), without(plain(getNodeValue(root)), path)) ||
        comments(changed).length < comments(text).length - (missing.length === 0 ? comments(text, node).length : 0)
      )
        throw invalid(node.offset, 'it cannot be changed without harm');
      return mark + changed;
    },
  };
}

type Invalid = (offset: number, reason: string) => GenkanError;

function parse(text: string, invalid: Invalid): Node {
  const tooDeep = depthExceeded(text);
  if (tooDeep !== undefined) throw invalid(tooDeep, 'it is nested too deeply');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  // The reader goes on after a mistake; we would write into what it guesses.
  if (error !== undefined) throw invalid(error.offset, spell(printParseErrorCode(error.error)));
  if (root === undefined) throw invalid(0, 'an object is expected');
  return root;
}

const spell = (code: string): string => code.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

// Kinds of tokens as the scanner numbers them; its enumeration exists for the type checker alone.
const kinds = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, comma: 5 } as const;
const trivia = { line: 12, block: 13, lineBreak: 14, space: 15 } as const;
const endOfFile = 17;

function depthExceeded(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind: number = scanner.scan(); kind !== endOfFile; kind = scanner.scan()) {
    if (kind === kinds.openBrace || kind === kinds.openBracket) depth++;
    else if (kind === kinds.closeBrace || kind === kinds.closeBracket) depth--;
    if (depth > deepest) return scanner.getTokenOffset();
  }
  return undefined;
}

function comments(text: string, within?: Node): string[] {
  const scanner = createScanner(text, false);
  const found: string[] = [];
  for (let kind: number = scanner.scan(); kind !== endOfFile; kind = scanner.scan()) {
    const at = scanner.getTokenOffset();
    if (within !== undefined && (at < within.offset || at >= within.offset + within.length)) continue;
    if (kind === trivia.line || kind === trivia.block) found.push(scanner.getTokenValue());
  }
  return found;
}

interface Style {
  readonly eol: string;
  readonly unit: string;
}

function styleOf(text: string, root: Node): Style {
  const [first] = root.children ?? [];
  const indent = first === undefined ? undefined : indentAt(text, first.offset);
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit: indent === undefined || indent === '' ? '  ' : indent };
}

/** The white space before an offset, when nothing else stands before it on its line. */
function indentAt(text: string, offset: number): string | undefined {
  return /(?:^|[\r\n])([ \t]*)$/.exec(text.slice(Math.max(0, offset - 1000), offset))?.[1];
}

const lineIndent = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1))![0];

const inStyle = (value: unknown, indent: string, { eol, unit }: Style): string =>
  JSON.stringify(value, undefined, unit).replaceAll('\n', eol + indent);

function splice(text: string, offset: number, length: number, value: unknown, style: Style): string {
  return text.slice(0, offset) + inStyle(value, lineIndent(text, offset), style) + text.slice(offset + length);
}

/** Adds a property after the last one, and after what is said about that one on its line. */
function insert(text: string, parent: Node, key: string, value: unknown, style: Style): string {
  const last = parent.children!.at(-1);
  const end = last === undefined ? parent.offset + 1 : last.offset + last.length;
  const { place, comma, broken } = gapAfter(text, end, last === undefined);
  const oneLine = last !== undefined && !/[\r\n]/.test(text.slice(parent.offset, parent.offset + parent.length));
  const outer = lineIndent(text, parent.offset);
  const indent = (last && indentAt(text, last.offset)) ?? outer + style.unit;
  const property = oneLine
    ? ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`
    : `${style.eol}${indent}${JSON.stringify(key)}: ${inStyle(value, indent, style)}`;
  return (
    text.slice(0, end) +
    (last === undefined || comma ? '' : ',') +
    text.slice(end, place) +
    property +
    (oneLine || broken ? '' : style.eol + outer) +
    text.slice(place)
  );
}

/** Where to go on between the last property and the closing brace, whether a comma stands there, and a line break after it. */
function gapAfter(text: string, from: number, all: boolean): { place: number; comma: boolean; broken: boolean } {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  let [place, comma, broken] = [from, false, false];
  for (let kind: number = scanner.scan(); kind !== kinds.closeBrace && kind !== endOfFile; kind = scanner.scan()) {
    if (kind === trivia.lineBreak) broken = true;
    else if (kind === kinds.comma || (kind !== trivia.space && (all || !broken))) {
      if (kind === kinds.comma) comma = true;
      [place, broken] = [scanner.getPosition(), false];
    }
  }
  return { place, comma, broken };
}

// The reader's objects have no prototype.
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

// Parents that are made for the entry count as empty ones.
function without(data: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof data !== 'object' || data === null) return {};
  const entries = Object.entries(data).filter(([name]) => name !== key);
  const inner: unknown = rest.length === 0 ? {} : without(Reflect.get(data, key) ?? {}, rest);
  return { entries, inner };
}
