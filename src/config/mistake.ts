// One mistake in genkan.yaml, and how it is shown: place, reason, the line with a caret, and advice, as a compiler would.
import { displayWidth } from '../base/display-width.ts';
import { GenkanError } from '../base/errors.ts';
import { mask } from '../base/mask.ts';
import { t } from '../base/text.ts';
import type { Language, Text } from '../base/text.ts';
import { didYouMean, mistakeTexts, typeNames } from './mistake-texts.ts';
import type { MistakeKind } from './mistake-texts.ts';
import type { Range, Source } from './source.ts';

export interface Mistake {
  readonly kind: MistakeKind;
  /** Values for the placeholders of the texts. */
  readonly params: Readonly<Record<string, string>>;
  readonly suggestion?: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** The line, with everything that may be secret masked. */
  readonly excerpt: string;
  /** How far to indent the caret below the excerpt, and how many carets, in columns. */
  readonly caret: { readonly indent: string; readonly length: number };
}

/** Thrown when genkan.yaml cannot be used; the message shows every mistake. */
export class ConfigMistakes extends GenkanError {
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[]) {
    const detail = mistakes.map((mistake) => renderMistake(mistake, 'en')).join('\n\n');
    super('config_invalid', { file, count: mistakes.length }, { detail });
    this.mistakes = mistakes;
  }
}

/** Marks a place in the file; `hidden` are the ranges that no excerpt may show. */
export function markPlace(
  source: Source,
  [start, end]: Range,
  hidden: readonly Range[],
): Pick<Mistake, 'file' | 'line' | 'column' | 'excerpt' | 'caret'> {
  const { line, column } = source.position(start);
  const lineStart = start - (column - 1);
  const lineBreak = source.text.slice(lineStart).search(/\r?\n|$/);
  const lineEnd = lineStart + lineBreak;
  let excerpt = '';
  let caretFrom = 0;
  let caretTo = 0;
  for (let offset = lineStart; offset < lineEnd;) {
    const before = excerpt.length;
    const secret = hidden.find(([from, to]) => from <= offset && offset < to);
    const next = secret === undefined ? offset + 1 : Math.min(secret[1], lineEnd);
    excerpt += secret === undefined ? source.text[offset]! : mask;
    if (offset <= start) caretFrom = start < next ? before : excerpt.length;
    if (offset < end) caretTo = excerpt.length;
    offset = next;
  }
  const indent = excerpt.slice(0, caretFrom).replace(/[^\t]/gu, (character) => ' '.repeat(displayWidth(character)));
  const length = Math.max(1, displayWidth(excerpt.slice(caretFrom, caretTo)));
  return { file: source.file, line, column, excerpt, caret: { indent, length } };
}

/** Shows a mistake on several lines: `file:line:column: reason`, the line, a caret, and what to do. */
export function renderMistake(mistake: Mistake, language: Language): string {
  const texts: { message: Text; hint?: Text } = mistakeTexts[mistake.kind];
  const params = Object.fromEntries(
    Object.entries(mistake.params).map(([name, value]) => [
      name,
      isTypeParam(name) ? typeName(value, language) : value,
    ]),
  );
  const gutter = String(mistake.line);
  const blank = ' '.repeat(gutter.length);
  const advice =
    mistake.suggestion !== undefined
      ? t(didYouMean, language, { suggestion: mistake.suggestion })
      : texts.hint && t(texts.hint, language, params);
  return [
    `${mistake.file}:${mistake.line}:${mistake.column}: ${t(texts.message, language, params)}`,
    `  ${gutter} | ${mistake.excerpt}`,
    `  ${blank} | ${mistake.caret.indent}${'^'.repeat(mistake.caret.length)}`,
    ...(advice === undefined ? [] : [`  ${blank} = ${advice}`]),
  ].join('\n');
}

const isTypeParam = (name: string): boolean => name === 'expected' || name === 'received';

function typeName(types: string, language: Language): string {
  return types
    .split('|')
    .map((type) => (typeNames[type] === undefined ? type : t(typeNames[type], language)))
    .join(' / ');
}
