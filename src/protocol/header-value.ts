// How a value of the body is written in a header that mirrors it (MCP 2026-07-28, Streamable HTTP, "Value Encoding").
import { isUtf8 } from 'node:buffer';

const PREFIX = '=?base64?';
const SUFFIX = '?=';

/** Plain where the value is visible ASCII without blanks at its ends, else Base64 of its UTF-8 between the markers. */
export function encodeHeaderValue(value: string): string {
  const plain = plainValue.test(value) && value.trim() === value && !isMarked(value);
  return plain ? value : `${PREFIX}${Buffer.from(value).toString('base64')}${SUFFIX}`;
}

/** The value that a header carries; undefined when it is malformed: other characters, or not canonical Base64 of UTF-8. */
export function decodeHeaderValue(header: string): string | undefined {
  if (!plainValue.test(header)) return undefined;
  if (!isMarked(header)) return header;
  const encoded = header.slice(PREFIX.length, -SUFFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

const isMarked = (value: string): boolean =>
  value.length >= PREFIX.length + SUFFIX.length && value.startsWith(PREFIX) && value.endsWith(SUFFIX);

/** RFC 9110 §5.5: visible ASCII, space and tab. */
const plainValue = /^[\x20-\x7e\t]*$/;
