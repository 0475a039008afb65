// Private keys as blocks of text: PEM of every kind (RFC 7468, OpenSSH, OpenPGP), SSH2 and PuTTY.
import { alphanumeric, backslash, base64, blank, classAt, equals, lineBreak, runEnd } from './characters.ts';
import type { Report } from './rules.ts';

const maxHeader = 64;
const leastKey = 40;
/** A block whose end is farther away than that is taken to be cut off. */
const maxBlock = 64 * 1024;
const body = base64 | equals | blank | lineBreak | backslash;

/** Looks for keys in one text, from its beginning to its end. */
export function createKeyFinder(text: string, report: Report): (at: number) => number {
  // Ends are looked for once and remembered: many beginnings cost one search.
  const endings = ['-----END', '---- END'].map((written) => ({ written, at: -1 }));
  const nextEnd = (from: number): number => {
    for (const ending of endings) {
      if (ending.at >= from) continue;
      const found = text.indexOf(ending.written, from);
      ending.at = found < 0 ? Infinity : found;
    }
    return Math.min(...endings.map(({ at }) => at));
  };

  /** @param at where dashes begin @returns the end of the key that begins there, or the place itself */
  return (at) => {
    const header = text.slice(at, at + maxHeader);
    if (!header.startsWith('-----BEGIN ') && !header.startsWith('---- BEGIN ')) return at;
    const close = header.indexOf('----', 11);
    const name = close < 0 ? '' : header.slice(11, close);
    if (!/PRIVATE KEY(?: BLOCK)? ?$/.test(name)) return at;
    const from = runEnd(text, at + close, 16);
    const [stop, ending] = [keyEnd(text, from), nextEnd(from)];
    // Headers such as `DEK-Info: …` stand before the key itself, so the end that is written counts where it is near.
    const to = ending <= from + maxBlock && !text.slice(from, ending).includes('-----BEGIN') ? ending : stop;
    if (countKey(text, from, to) < leastKey) return at;
    report(from, to, 'private-key', '****');
    return to;
  };
}

/** @param at where `Private-Lines:` begins */
export function findPuttyKey(text: string, at: number, report: Report): number {
  const from = runEnd(text, at + 'Private-Lines:'.length, alphanumeric | blank, at + 32);
  const to = keyEnd(text, from, 'Private-MAC');
  if (countKey(text, from, to) < leastKey) return at;
  report(from, to, 'private-key', '****');
  return to;
}

function keyEnd(text: string, from: number, before = '----'): number {
  let at = from;
  const limit = Math.min(text.length, from + maxBlock);
  while (at < limit && (classAt(text, at) & body) !== 0 && !text.startsWith(before, at)) at++;
  return at;
}

function countKey(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to && count < leastKey; at++) if ((classAt(text, at) & base64) !== 0) count++;
  return count;
}
