// Which characters belong to what, as one table: every scanner here goes from character to character and never back without a bound.

export const digit = 1;
export const upper = 2;
export const lower = 4;
/** `+` and `/`, RFC 4648 §4. */
export const plusSlash = 8;
/** `-` and `_`, RFC 4648 §5. */
export const dashLine = 16;
export const dot = 32;
export const equals = 64;
export const tilde = 128;
export const percent = 256;
export const blank = 512;
export const lineBreak = 1024;
export const quote = 2048;
export const backslash = 4096;
export const hexLetter = 8192;

export const letter = upper | lower;
export const alphanumeric = digit | letter;
export const base64 = alphanumeric | plusSlash | dashLine;
export const base64url = alphanumeric | dashLine;
export const token68 = base64 | dot | tilde | equals;

export const classes = new Uint16Array(128);
const put = (characters: string, flag: number): void => {
  for (const character of characters) classes[character.charCodeAt(0)]! |= flag;
};
put('0123456789', digit);
put('ABCDEFGHIJKLMNOPQRSTUVWXYZ', upper);
put('abcdefghijklmnopqrstuvwxyz', lower);
put('+/', plusSlash);
put('-_', dashLine);
put('.', dot);
put('=', equals);
put('~', tilde);
put('%', percent);
put(' \t', blank);
put('\r\n', lineBreak);
put('"\'`', quote);
put('\\', backslash);
put('abcdefABCDEF', hexLetter);

/** The flags of the character at a place; 0 outside of ASCII and of the text. */
export const classAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return code < 128 ? classes[code]! : 0;
};

/** Where a run of characters with any of the flags ends. */
export function runEnd(text: string, from: number, flags: number, limit = text.length): number {
  let at = from;
  const end = Math.min(limit, text.length);
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code > 127 || (classes[code]! & flags) === 0) break;
    at++;
  }
  return at;
}

/** Where a run of such characters that ends before a place begins. */
export function runStart(text: string, to: number, flags: number, limit: number): number {
  let at = to;
  const start = Math.max(0, to - limit);
  while (at > start && (classAt(text, at - 1) & flags) !== 0) at--;
  return at;
}

/** Different characters in a stretch, of at most 128: what tells a key from `xxxxxxxx`. */
export function variety(text: string, from: number, to: number): number {
  let [low, high, count] = [0, 0, 0];
  for (let at = from; at < Math.min(to, from + 128); at++) {
    const code = text.charCodeAt(at) & 63;
    const bit = 1 << (code & 31);
    if (code < 32 ? (low & bit) !== 0 : (high & bit) !== 0) continue;
    if (code < 32) low |= bit;
    else high |= bit;
    count++;
  }
  return count;
}
