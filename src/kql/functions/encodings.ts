// Encodings and digests of texts.
import { createHash } from 'node:crypto';
import type { Bound } from '../bound.ts';
import { isArray } from '../json.ts';
import { asString } from '../nodes.ts';
import type { Value } from '../values.ts';
import { piecesOf } from './characters.ts';
import { define } from './define.ts';
import type { Binder } from './define.ts';

const grows = { grows: true };

/** Bytes as UTF-8; undefined where they are none. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function fromBase64(text: string): Buffer | undefined {
  const compact = text.trim();
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64');
}

function decodeToString(text: string): string {
  const bytes = fromBase64(text);
  return bytes === undefined ? '' : (utf8(bytes) ?? '');
}

function decodeToArray(text: string): Value {
  const bytes = fromBase64(text);
  return bytes === undefined ? null : [...bytes];
}

function encodeArray(array: Value): string | null {
  if (!isArray(array) || !array.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256)) return null;
  return Buffer.from(array as number[]).toString('base64');
}

/** In lower case and with a space as `+`, as .NET's WebUtility has it. */
function urlEncode(text: string, space: string): string {
  return piecesOf(text, (piece) =>
    encodeURIComponent(piece.toWellFormed())
      .replace(/%20/g, space)
      .replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ).join('');
}

/** What is no escape stays as it is. */
function urlDecode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  const bytes: number[] = [];
  const source = Buffer.from(text);
  for (let at = 0; at < source.length; at++) {
    const hex = source[at] === 0x25 ? source.toString('latin1', at + 1, at + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(source[at] === 0x2b ? 0x20 : source[at]!);
  }
  return Buffer.from(bytes).toString();
}

const digest =
  (algorithm: 'sha256' | 'sha1' | 'md5'): Binder =>
  (name, parts, place, scope) => {
    const compute = (text: string): string => createHash(algorithm).update(text).digest('hex');
    const texts: readonly Bound[] = parts.map(asString);
    return define('string', 'string', compute)(name, texts, place, scope);
  };

export const encodingFunctions: readonly (readonly [string, Binder])[] = [
  ['base64_encode_tostring', define('string', 'string', (text: string) => Buffer.from(text).toString('base64'), grows)],
  ['base64_decode_tostring', define('string', 'string', decodeToString)],
  ['base64_decode_toarray', define('string', 'dynamic', decodeToArray, grows)],
  ['base64_encode_fromarray', define('array', 'string', encodeArray)],
  ['url_encode', define('string', 'string', (text: string) => urlEncode(text, '+'), grows)],
  ['url_encode_component', define('string', 'string', (text: string) => urlEncode(text, '%20'), grows)],
  ['url_decode', define('string', 'string', urlDecode)],
  ['hash_sha256', digest('sha256')],
  ['hash_sha1', digest('sha1')],
  ['hash_md5', digest('md5')],
];
