// Terms: Kusto breaks texts into the longest runs of letters and digits, and `has` looks for those.

/**
 * Whether a part stands in a text so that it begins, or ends, where a term does. Where the part begins or ends with something
 * else than a letter or digit, a term ends there anyway.
 */
export function hasTerm(text: string, part: string, begins: boolean, ends: boolean): boolean {
  if (part === '') return true;
  const first = isTermUnit(part, 0);
  const last = isTermUnit(part, part.length - 1);
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    if (begins && first && at > 0 && isTermUnit(text, at - 1)) continue;
    if (ends && last && end < text.length && isTermUnit(text, end)) continue;
    return true;
  }
  return false;
}

const other = /[\p{L}\p{N}]/u;

/** Whether the character that this unit is part of is a letter or a digit. */
function isTermUnit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) return isTermCode(code);
  const isSecond = code >= 0xdc00 && code < 0xe000 && at > 0;
  return other.test(String.fromCodePoint(text.codePointAt(isSecond ? at - 1 : at)!));
}

function isTermCode(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** All terms of a text, in their order. */
export function termsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}
