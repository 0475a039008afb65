// Names of secrets with their values: `password=…`, `"clientSecret": "…"`, `--token …`, 「パスワードは…」.
import {
  alphanumeric,
  backslash,
  blank,
  classAt,
  dashLine,
  dot,
  percent,
  quote,
  runEnd,
  token68,
} from './characters.ts';
import type { Report } from './rules.ts';
import { kindOfName, mayEndName } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import { isSecretValue } from './secret-values.ts';

const maxName = 48;
const maxQuoted = 512;
const maxUnquoted = 160;

/**
 * Reports the value that a name of a secret is given.
 * @param at where `:`, `=` or a particle such as は stands
 * @returns where the value ends, or the place itself
 */
export function findAssigned(text: string, at: number, report: Report): number {
  let end = at;
  // `"name" :`, `\"name\":`, `name']  =`
  for (let skipped = 0; skipped < 6; skipped++) {
    const code = text.charCodeAt(end - 1);
    if (code === 32 || code === 34 || code === 39 || code === 96 || code === 92 || code === 93 || code === 42) end--;
    else break;
  }
  if (!mayEndName(text, end)) {
    const last = text[end - 1];
    const alone = (last === 'd' || last === 'k') && (classAt(text, end - 2) & quote) !== 0;
    return alone ? findPrivateMember(text, at + 1, report) : at;
  }
  const name = nameBefore(text, end);
  const kind = kindOfName(name.text);
  return kind === undefined ? at : reportValue(text, at + 1, kind, name.from, report);
}

/** An option and its argument. @param at where `--` stands */
export function findOption(text: string, at: number, report: Report): number {
  let end = at + 2;
  while (end < at + maxName && (classAt(text, end) & (alphanumeric | dashLine)) !== 0) end++;
  if (text[end] !== ' ' || text[end + 1] === '-' || !mayEndName(text, end)) return at;
  const kind = kindOfName(text.slice(at + 2, end));
  return kind === undefined ? at : reportValue(text, end, kind, at, report);
}

function nameBefore(text: string, end: number): { readonly text: string; readonly from: number } {
  let from = end;
  const limit = Math.max(0, end - maxName);
  while (from > limit) {
    const code = text.charCodeAt(from - 1);
    // Words of a name may stand apart: "Client secret: …".
    const part =
      code > 127
        ? code !== 0xff1a && code !== 0x3002 && code !== 0xff0c && code !== 0x300c
        : code === 32 || (classAt(text, from - 1) & (alphanumeric | dashLine | dot)) !== 0;
    if (!part) break;
    from--;
  }
  return { text: text.slice(from, end), from };
}

/** RFC 7518 §6: the private members of a key are named by one letter. */
function findPrivateMember(text: string, after: number, report: Report): number {
  const value = valueAfter(text, after, false);
  if (value?.quoted !== true || !/^[A-Za-z0-9_-]{42,}$/.test(text.slice(value.from, value.to))) return after - 1;
  report(value.from, value.to, 'private-key', '****');
  return value.to;
}

function reportValue(text: string, after: number, kind: NameKind, nameFrom: number, report: Report): number {
  const separator = text[nameFrom - 1];
  const exact = (separator === ';' || separator === '?' || separator === '&') && text[after - 1] === '=';
  const value = valueAfter(text, after, separator === ';');
  if (value === undefined) return after - 1;
  const { from, quoted } = value;
  if (!isSecretValue(kind, text.slice(from, value.to), { quoted, exact })) return after - 1;
  // What is longer than was looked at goes with it.
  const to = value.to - from < maxUnquoted || quoted ? value.to : runEnd(text, value.to, token68 | percent);
  report(from, to, kind === 'password' ? 'password' : 'secret', '****');
  return to;
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly quoted: boolean;
}

/** @param listed whether it stands in a list of `name=value;`, where only a semicolon ends it */
function valueAfter(text: string, after: number, listed: boolean): Value | undefined {
  let from = after;
  if (text[from] === '=' || text[from] === '>' || text[from] === '*') from++; // `:=`, `=>`, `**name:** value`
  if (text[from] === '*') from++;
  while (from < after + 12 && (classAt(text, from) & blank) !== 0) from++;
  // Arguments of a call and `"name": b"…"` begin like that, too.
  let escapes = 0;
  while (escapes < 4 && (classAt(text, from + escapes) & backslash) !== 0) escapes++;
  const opening = text[from + escapes];
  if (opening !== undefined && (opening === '「' || opening === '“' || (classAt(text, from + escapes) & quote) !== 0)) {
    const begin = from + escapes + 1;
    const closing = opening === '「' ? '」' : opening === '“' ? '”' : opening;
    const to = closingQuote(text, begin, closing, escapes);
    if (to === begin) return undefined;
    if (to > begin) return { from: begin, to, quoted: true };
    from = begin; // nothing closes it: it ends as without
  }
  let to = from;
  for (; to < from + maxUnquoted && to < text.length; to++) {
    const code = text.charCodeAt(to);
    if (code <= 32 || code === 59 || code === 34 || code === 39 || code === 96 || code === 60 || code === 62) break;
    if (!listed && (code === 44 || code === 38 || code === 125) && endsAt(text, to)) break;
    if (code > 0x2fff) break;
  }
  // The stop that ends a sentence, and what closes around it, is not of the value.
  while (to > from && /[.)\]]/.test(text[to - 1]!) && !listed) to--;
  return to > from ? { from, to, quoted: false } : undefined;
}

/** Whether a comma, `&` or `}` ends a value: passwords have them, too, but then no other name follows. */
function endsAt(text: string, at: number): boolean {
  const next = runEnd(text, at + 1, alphanumeric | dashLine | dot, at + maxName);
  const after = text.charCodeAt(next);
  if (next > at + 1) return after === 58 || after === 61;
  return Number.isNaN(after) || after <= 32 || (classAt(text, next) & (quote | backslash)) !== 0 || after === 125;
}

/** @returns -1 where nothing closes in the same line */
function closingQuote(text: string, begin: number, closing: string, escapes: number): number {
  const limit = Math.min(text.length, begin + maxQuoted);
  for (let at = begin; at < limit; at++) {
    if (text[at] === '\n') return -1;
    if (text[at] === closing) return escapes === 0 ? at : Math.max(begin, at - escapes);
    if (escapes === 0 && text[at] === '\\') at++;
  }
  return -1;
}
