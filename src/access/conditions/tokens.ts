// Cuts the text of a condition into words, texts, attributes and signs, and says where a text cannot be one.
import { GenkanError } from '../../base/errors.ts';
import type { Offset } from './syntax.ts';

export interface Token {
  readonly kind: 'sign' | 'word' | 'text' | 'attribute' | 'number' | 'end';
  /** Signs and words as written; the inside of a text or an attribute's brackets. */
  readonly text: string;
  readonly at: Offset;
  /** `Request` of `@Request[…]`. */
  readonly source?: string;
}

/** Azure takes 4 KB (role assignment) and 8 KB (REST); what is longer, nobody reads any more. */
export const maxLength = 8192;

// Each at one place, so none looks further than the token itself: linear in the text.
const space = /[ \t\r\n]+/y;
const token =
  /(?<sign>&&|\|\||[(){},!])|'(?<text>[^'\0-\x1f\x7f]*)'|@(?<source>[A-Za-z]+)\[(?<attribute>[^\]\r\n]*)\]|(?<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(?![\w-])|(?<number>-?[0-9]+)(?![\w.-])|(?<word>[A-Za-z][A-Za-z0-9]*(?::[A-Za-z]+)?)/y;

/** @throws GenkanError `access_condition_invalid` */
export function tokensOf(text: string): Token[] {
  if (text.length > maxLength) throw fault(text, 0, `at most ${maxLength} characters`, `${text.length}`);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    space.lastIndex = at;
    if (space.test(text)) {
      at = space.lastIndex;
      continue;
    }
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    if (groups === undefined) throw fault(text, at, ...whatIsWrong(text, at));
    const { source } = groups;
    const value = groups['text'] ?? groups['guid'];
    if (value !== undefined) tokens.push({ kind: 'text', text: value, at });
    else if (source !== undefined) tokens.push({ kind: 'attribute', text: groups['attribute'] ?? '', at, source });
    else {
      const kind = groups['sign'] !== undefined ? 'sign' : groups['number'] !== undefined ? 'number' : 'word';
      tokens.push({ kind, text: text.slice(at, token.lastIndex), at });
    }
    at = token.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function whatIsWrong(text: string, at: Offset): [expected: string, found: string] {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === "'") return ["a closing ' on the same line", 'none'];
  if (character === '@') return ['an attribute such as @Request[genkan:location]', excerpt(text, at)];
  if (character === '"') return ["single quotes, as in 'japaneast'", '"'];
  if (/[0-9-]/.test(character)) return ['a whole number or a GUID', excerpt(text, at)];
  // Word processors leave them behind, and nobody sees them.
  if (!/[!-~]/.test(character)) {
    const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return ['plain spaces and letters outside quotes', `U+${code}`];
  }
  return ['a part of a condition', character];
}

const excerpt = (text: string, at: Offset): string => text.slice(at, at + 40).split(/[\s)}]/, 1)[0]!;

/** What is wrong with a condition, where, and what would do. */
export function fault(text: string, at: Offset, expected: string, found: string): GenkanError {
  const before = text.slice(0, at).split('\n');
  const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
  return new GenkanError('access_condition_invalid', { line, column, expected, found: found.slice(0, 120) });
}

/** How messages call a token. */
export function shown({ kind, text, source }: Token): string {
  if (kind === 'end') return 'the end of the condition';
  if (kind === 'text') return `'${text}'`;
  return source === undefined ? text : `@${source}[${text}]`;
}
