// What a text says in other clothes: encoded runs decoded, spelled-out words put together.
import { isUtf8 } from 'node:buffer';

/** A second reading of a part of a text. */
export interface Layer {
  readonly text: string;
  /** What it was read from, in positions of the text. */
  readonly from: number;
  readonly to: number;
  /** How it was written, e.g. `base64`. */
  readonly as: string;
}

/** What the reader of units has seen of a slice, so that nothing is searched in texts that cannot have it. */
export interface Hints {
  /** Letters and digits in the longest word. */
  readonly longest: number;
  /** The most words of one letter in a row. */
  readonly single: number;
  /** Signs that begin an escape: %, & and \\. */
  readonly coded: number;
}

interface Clothes {
  readonly as: string;
  readonly worn: (hints: Hints, text: string) => boolean;
  /** One class with a lower bound, or alternatives that begin with different characters: matching is linear. */
  readonly run: RegExp;
  readonly read: (run: string) => string | undefined;
}

/** Whether a text has what begins such an escape often enough to say something; a search for the signs costs less than one for runs. */
const escapedBy =
  (...signs: readonly string[]) =>
  ({ coded }: Hints, text: string): boolean => {
    if (coded < fewestEscapes) return false;
    let found = 0;
    for (const sign of signs)
      for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1))
        if (++found >= fewestEscapes) return true;
    return false;
  };
const fewestEscapes = 4;
const clothes: readonly Clothes[] = [
  { as: 'base64', worn: ({ longest }) => longest >= 16, run: /[A-Za-z0-9+/_-]{24,}={0,2}/g, read: base64 },
  {
    as: 'hex',
    worn: ({ longest }) => longest >= 32,
    run: /[0-9A-Fa-f]{32,}/g,
    read: (run) => readable(Buffer.from(run, 'hex')),
  },
  { as: 'percent-encoding', worn: escapedBy('%'), run: /(?:%[0-9A-Fa-f]{2}|[\w.~+-]){6,}/g, read: percent },
  { as: 'character-references', worn: escapedBy('&#'), run: /(?:&#?\w{2,8};|[\w ]){6,}/g, read: references },
  {
    as: 'escapes',
    worn: escapedBy('\\u', '\\x'),
    run: /(?:\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[\w ]){6,}/g,
    read: escapes,
  },
  {
    as: 'spelled-out',
    worn: ({ single }) => single >= 8,
    run: /(?:\p{L}[ .\-_*·|]{1,3}){7,}\p{L}(?!\p{L})/gu,
    read: spelled,
  },
];

/** Of what is decoded, so many times the length of the text are read: harmless runs cannot use it up before an order comes. */
const mostReadings = 8;

const anything: Hints = { longest: Infinity, single: Infinity, coded: Infinity };

/** @param depth how many more times what was read is read again */
export function* layersOf(text: string, hints: Hints = anything, depth = 2): Generator<Layer> {
  if (depth === 0) return;
  let left = mostReadings * text.length;
  for (const { as, worn, run, read } of clothes) {
    if (!worn(hints, text)) continue;
    for (const found of text.matchAll(run)) {
      const said = read(found[0]);
      if (said === undefined || said.length < 8) continue;
      if ((left -= said.length) < 0) return;
      const place = { from: found.index, to: found.index + found[0].length, as };
      yield { ...place, text: said };
      for (const inner of layersOf(said, anything, depth - 1)) yield { ...place, text: inner.text };
    }
  }
}

/** Paths and names in kebab case are of the same letters, but have no long word. */
function base64(run: string): string | undefined {
  return /[A-Za-z0-9]{16}/.test(run) ? readable(Buffer.from(run, 'base64')) : undefined;
}

/** Decoded bytes, where they are text. */
function readable(bytes: Buffer): string | undefined {
  for (const read of [utf8, utf16] as const) {
    const text = read(bytes);
    if (text === undefined || text.length < 8) continue;
    const plain = text.replace(/[\p{L}\p{N}\p{P}\p{Zs}\n\r\t]/gu, '').length;
    if (plain * 10 <= text.length) return text;
  }
  return undefined;
}

const decoder = new TextDecoder(); // leaves out a byte order mark
function utf8(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return decoder.decode(bytes);
  // A run cut out of more has a broken end.
  const text = bytes.subarray(0, bytes.length - 3).toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}

/** As PowerShell's -EncodedCommand has it. */
const utf16 = (bytes: Buffer): string | undefined =>
  bytes[1] === 0 && bytes[3] === 0 ? bytes.toString('utf16le') : undefined;

function percent(run: string): string | undefined {
  if ((run.match(/%/g)?.length ?? 0) < fewestEscapes) return undefined;
  return Buffer.from(
    run.replaceAll('+', ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
function references(run: string): string | undefined {
  if ((run.match(/&#/g)?.length ?? 0) < fewestEscapes) return undefined;
  return run.replace(
    /&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) =>
      name !== undefined ? (named[name] ?? whole) : character(hex !== undefined ? parseInt(hex, 16) : Number(decimal)),
  );
}

const character = (point: number): string => (point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ' ');

function escapes(run: string): string | undefined {
  if ((run.match(/\\/g)?.length ?? 0) < fewestEscapes) return undefined;
  return run.replace(/\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))/g, (_, long?: string, short?: string) =>
    String.fromCharCode(parseInt(long ?? short!, 16)),
  );
}

/** "i g n o r e   a l l": what separates words is wider than what separates letters. */
function spelled(run: string): string {
  const gaps = run.match(/[^\p{L}]+/gu) ?? [];
  const narrow = Math.min(...gaps.map(({ length }) => length));
  return run.replace(/[^\p{L}]+/gu, (gap) => (gap.length > narrow ? ' ' : ''));
}
