// JSON-RPC batches, which revision 2025-03-26 alone knows: split into messages that each keep their own bytes.
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Message, RequestId } from './message.ts';
import { parseMessage } from './parse.ts';
import type { ParseLimits } from './parse.ts';

/** The only revision with batches (MCP 2025-03-26, base protocol, "Batching"; taken out again by 2025-06-18). */
export const batchRevision = '2025-03-26';
const maxMembers = 50;

/** Whether the bytes are an array, if they are JSON at all. */
export function isBatch(raw: Buffer): boolean {
  let at = 0;
  while (isSpace(raw[at])) at++;
  return raw[at] === OPENING_BRACKET;
}

/**
 * Reads all members, or refuses all of them: nothing of a batch is carried out that could not be read to its end. Each
 * member is parsed from its own bytes, so it is judged by the same rules as a message that came alone.
 */
export function parseBatch(raw: Buffer, limits: ParseLimits): readonly Message[] | Refusal {
  if (raw.length > limits.maxBytes) {
    return refuse('inspect_body_too_large', { limit: limits.maxBytes }, { outcome: 'block' });
  }
  const parts = split(raw);
  if (isRefusal(parts)) return parts;
  const members: Message[] = [];
  const ids = new Set<RequestId>();
  for (const part of parts) {
    const message = parseMessage(part, limits);
    if (isRefusal(message)) return message;
    members.push(message);
    if (message.kind !== 'request') continue;
    // Two answers under one id could not be told apart.
    if (ids.has(message.id)) return malformed('two requests of the batch have the same id');
    ids.add(message.id);
  }
  if (members.length === 0) return malformed('the batch is empty'); // JSON-RPC 2.0 §6
  return members;
}

/**
 * What a legacy server wrote at once, message by message, each still to be parsed. What is no batch, or cannot be split,
 * comes back as it is.
 */
export function membersOf(raw: Buffer): readonly Buffer[] {
  if (!isBatch(raw)) return [raw];
  const parts = split(raw);
  return isRefusal(parts) ? [raw] : parts;
}

/**
 * The bytes between the brackets and commas of the outermost array. They need not be JSON: a bracket that closes what a
 * brace opened is left for the parser of the member to refuse.
 */
function split(raw: Buffer): Buffer[] | Refusal {
  const parts: Buffer[] = [];
  let level = 0;
  let start = 0;
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at]!;
    if (level === 0 && byte !== OPENING_BRACKET && !isSpace(byte)) return refuse('inspect_not_json');
    if (byte === QUOTE) at = endOfString(raw, at + 1);
    else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) {
      if (level++ > 0) continue;
      if (start > 0) return refuse('inspect_not_json'); // a second array behind the first
      start = at + 1;
    } else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) {
      if (--level > 0) continue;
      if (byte !== CLOSING_BRACKET) return refuse('inspect_not_json');
      const last = raw.subarray(start, at);
      if (parts.length > 0 || !last.every(isSpace)) parts.push(last);
    } else if (byte === COMMA && level === 1) {
      parts.push(raw.subarray(start, at));
      start = at + 1;
    }
    if (parts.length > maxMembers) return malformed(`a batch has at most ${maxMembers} members`);
  }
  return level === 0 && start > 0 ? parts.map(trimmed) : refuse('inspect_not_json');
}

function trimmed(part: Buffer): Buffer {
  let [start, end] = [0, part.length];
  while (start < end && isSpace(part[start])) start++;
  while (end > start && isSpace(part[end - 1])) end--;
  return part.subarray(start, end);
}

/** Index of the quote that ends a string, or the length of the bytes. */
function endOfString(raw: Buffer, start: number): number {
  for (let at = start; at < raw.length; at++) {
    if (raw[at] === BACKSLASH) at++;
    else if (raw[at] === QUOTE) return at;
  }
  return raw.length;
}

const malformed = (reason: string): Refusal => refuse('inspect_not_jsonrpc', { reason });
/** RFC 8259 §2. */
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
