// Other readings of a text: percent signs, HTML entities, JSON's escapes, full-width forms, NULs and invisible characters undone.

/** A text as it reads without its veil, and where each of its characters stands in the text itself. */
export interface View {
  readonly text: string;
  /** One more than there are characters: the last is where the text ends. */
  readonly places: Uint32Array;
}

const entities = new Map([
  ['amp', 38],
  ['lt', 60],
  ['gt', 62],
  ['quot', 34],
  ['apos', 39],
  ['nbsp', 32],
  ['commat', 64],
  ['colon', 58],
  ['equals', 61],
  ['period', 46],
  ['plus', 43],
  ['hyphen', 45],
  ['sol', 47],
]);
const escapes = new Map([...'nrtbf'].map((character, index) => [character.charCodeAt(0), [10, 13, 9, 8, 12][index]!]));
const longestEntity = 10;

/** @returns undefined where there is nothing to undo */
export function unveil(text: string): View | undefined {
  const { length } = text;
  const codes = new Uint16Array(length);
  const places = new Uint32Array(length + 1);
  let count = 0;
  for (let at = 0; at < length;) {
    const code = text.charCodeAt(at);
    let [plain, width] = [code, 1];
    if (code === 37) [plain, width] = percentAt(text, at);
    else if (code === 38) [plain, width] = entityAt(text, at);
    else if (code === 92) [plain, width] = escapeAt(text, at);
    else if (code > 127 || code === 0) plain = plainForm(code);
    if (plain >= 0) {
      codes[count] = plain;
      places[count++] = at;
    }
    at += width;
  }
  places[count] = length;
  const view = Buffer.from(codes.buffer, 0, count * 2).toString('utf16le');
  return view === text ? undefined : { text: view, places: places.subarray(0, count + 1) };
}

type Reading = [code: number, width: number];

/** RFC 3986 §2.1, with UTF-8 of up to three bytes. */
function percentAt(text: string, at: number): Reading {
  const first = hexAt(text, at + 1, 2);
  if (first < 0) return [37, 1];
  if (first < 0x80) return [first, 3];
  const more = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : 0;
  let code = first & (more === 1 ? 0x1f : 0x0f);
  for (let index = 1; index <= more; index++) {
    const next = text.charCodeAt(at + index * 3) === 37 ? hexAt(text, at + index * 3 + 1, 2) : -1;
    if (next >> 6 !== 2) return [37, 1];
    code = (code << 6) | (next & 0x3f);
  }
  return more === 0 ? [37, 1] : [plainForm(code), 3 + more * 3];
}

function entityAt(text: string, at: number): Reading {
  const end = text.slice(at, at + longestEntity).indexOf(';');
  if (end < 3) return [38, 1];
  const name = text.slice(at + 1, at + end);
  const code = !name.startsWith('#')
    ? entities.get(name)
    : /^#x[0-9a-f]{1,5}$/i.test(name)
      ? parseInt(name.slice(2), 16)
      : /^#\d{1,6}$/.test(name)
        ? Number(name.slice(1))
        : undefined;
  return code !== undefined && code < 0x10000 ? [plainForm(code), end + 1] : [38, 1];
}

/** RFC 8259 §7, and `\x41` of several languages. */
function escapeAt(text: string, at: number): Reading {
  const next = text.charCodeAt(at + 1);
  if (next === 117 || next === 120) {
    const digits = next === 117 ? 4 : 2;
    const code = hexAt(text, at + 2, digits);
    return code >= 0 ? [plainForm(code), digits + 2] : [92, 1];
  }
  const escaped = escapes.get(next);
  if (escaped !== undefined) return [escaped, 2];
  return next === 34 || next === 47 || next === 92 || next === 39 ? [next, 2] : [92, 1];
}

function hexAt(text: string, at: number, digits: number): number {
  let number = 0;
  for (let place = at; place < at + digits; place++) {
    const value = parseInt(text.charAt(place), 16);
    if (Number.isNaN(value)) return -1;
    number = number * 16 + value;
  }
  return number;
}

/** ASCII for its full-width forms, blanks and hyphens of all kinds; -1 for what is not to be seen. */
function plainForm(code: number): number {
  if (code === 0 || code === 0xad || (code >= 0x200b && code <= 0x200f) || code === 0x2060 || code === 0xfeff)
    return -1;
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212) return 45;
  return code === 0x3000 || code === 0xa0 ? 32 : code;
}
