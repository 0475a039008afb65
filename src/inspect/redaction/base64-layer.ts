// Texts in base64: which runs hold one, and how it is written back when something in it has to go.

/** A text that a run of base64 holds. */
export interface Layer {
  readonly text: string;
  readonly encode: (text: string) => string;
}

const values = new Int8Array(128).fill(-1);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((character, index) => {
  values[character.charCodeAt(0)] = index;
});
values[45] = 62;
values[95] = 63;

const glimpse = 32;

/** Undefined for what is no text: most runs are words, paths and pictures, and say so by their first bytes. */
export function openBase64(text: string, from: number, to: number): Layer | undefined {
  const wide = glimpseOf(text, from, to);
  if (wide === undefined) return undefined;
  const run = text.slice(from, to);
  const bytes = Buffer.from(run, 'base64');
  const decoded = wide ? bytes.toString('utf16le') : bytes.toString('utf8');
  // What is binary after all has characters that no text has.
  if (!isText(decoded)) return undefined;
  const url = run.includes('-') || run.includes('_');
  const broken = /[\r\n]/.exec(run) === null ? 0 : run.search(/[\r\n]/);
  return {
    text: decoded,
    encode(changed) {
      const encoded = Buffer.from(changed, wide ? 'utf16le' : 'utf8').toString(url ? 'base64url' : 'base64');
      const padded = url ? encoded : encoded.replace(/=+$/, '');
      return broken === 0 ? padded : padded.replace(new RegExp(`.{${broken}}(?=.)`, 'g'), '$&\n');
    },
  };
}

/** Whether the first bytes are those of a text: false for UTF-8, true for UTF-16, undefined for neither. */
function glimpseOf(text: string, from: number, to: number): boolean | undefined {
  let [narrow, wide, high] = [true, to - from >= 16, false];
  let [pending, count, low] = [0, 0, 0];
  for (let at = from; at + 3 < Math.min(to, from + glimpse); at += 4) {
    let bits = 0;
    for (let place = at; place < at + 4; place++) {
      const value = values[text.charCodeAt(place)] ?? -1;
      if (value < 0) return undefined;
      bits = (bits << 6) | value;
    }
    for (let shift = 16; shift >= 0; shift -= 8, count++) {
      const byte = (bits >> shift) & 255;
      if (byte === 0 || byte > 127) high = true;
      if (pending > 0) {
        narrow &&= byte >> 6 === 2;
        pending--;
      } else if (byte < 128) narrow &&= byte >= 32 ? byte !== 127 : byte >= 9 && byte <= 13;
      else {
        narrow &&= byte >= 0xc2 && byte <= 0xf4;
        pending = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      }
      if (count % 2 === 1) wide &&= isWideCharacter(low, byte);
      low = byte;
    }
    if (!narrow && !wide) return undefined; // most runs, at their first characters
  }
  return wide && high ? true : narrow ? false : undefined;
}

/** UTF-16 little-endian in ASCII or a script of East Asia: text in UTF-8 has no such bytes in every second place. */
const isWideCharacter = (low: number, high: number): boolean =>
  high === 0
    ? (low >= 32 && low < 127) || (low >= 9 && low <= 13)
    : high === 0x20 ||
      high === 0x30 ||
      (high >= 0x4e && high <= 0x9f) ||
      (high >= 0xac && high <= 0xd7) ||
      high === 0xff;

/** A few strange characters may be what a cut-off end leaves. */
function isText(text: string): boolean {
  let strange = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0xfffd || (code < 32 && code !== 9 && code !== 10 && code !== 13)) strange++;
  }
  return strange <= 2 + text.length / 64;
}
