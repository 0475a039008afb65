// Turns hostile bytes into one JSON-RPC 2.0 message, or into the reason why they are refused.
import { isUtf8 } from 'node:buffer';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import {
  countMembers,
  isWellFormed,
  measure,
  overflows,
  readAsMeant,
  repeatsIgnoringCase,
  spellNames,
} from './ambiguity.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject, Message, RequestId, ResponseMessage } from './message.ts';

export interface ParseLimits {
  readonly maxBytes: number;
  /** Levels of nested objects and arrays; the message itself is the first. */
  readonly maxDepth: number;
}

/**
 * Parses one message. Everything of which two parsers could think differently is refused, since the original bytes are
 * what is forwarded: a decision about `a` must not become a call of `b`. The same checks hold for what upstreams send,
 * as their answers too are judged in parsed form and forwarded as bytes.
 * @param raw the message without framing
 */
export function parseMessage(raw: Buffer, limits: ParseLimits): Message | Refusal {
  if (raw.length > limits.maxBytes) {
    return refuse('inspect_body_too_large', { limit: limits.maxBytes }, { outcome: 'block' });
  }
  // RFC 8259 §8.1: UTF-8, without a byte order mark (which JSON.parse refuses because `toString` keeps it).
  if (!isUtf8(raw)) return refuse('inspect_not_json');
  const text = raw.toString('utf8');
  const measured = measure(text);
  if (measured.depth > limits.maxDepth) {
    return refuse('inspect_too_deep', { limit: limits.maxDepth }, { outcome: 'block' });
  }
  let value: unknown;
  let names: readonly string[];
  try {
    const spelled = spellNames(text, measured.escapedNames);
    value = JSON.parse(spelled.text);
    names = spelled.names;
  } catch {
    return refuse('inspect_not_json');
  }
  if (!isJsonObject(value)) return malformed(Array.isArray(value) ? 'batches are not accepted' : 'it is not an object');
  if (countMembers(value) !== measured.members) return refuse('inspect_duplicate_key', {}, { outcome: 'block' });
  if (!readAsMeant(value, names)) return malformed('a member name cannot be read with certainty');
  return typeof value['method'] === 'string' ? fromCaller(value, raw, text) : fromResponder(value, raw);
}

/** A request or a notification (JSON-RPC 2.0 §4). */
function fromCaller(value: JsonObject, raw: Buffer, text: string): Message | Refusal {
  const { jsonrpc, id, method, params } = value as { jsonrpc: unknown; id: unknown; method: string; params: unknown };
  if (jsonrpc !== '2.0') return malformed('jsonrpc is not "2.0"');
  if (method === '') return malformed('method is empty');
  for (const member in value) {
    if (!callerMembers.has(member)) return malformed('it has a member that neither a request nor a notification has');
  }
  // MCP narrows JSON-RPC: params are an object, never an array.
  if (params !== undefined && !isJsonObject(params)) return malformed('params is not an object');
  // A lone surrogate is read by some parsers as it is and by others as U+FFFD (RFC 7493 §2.1).
  if (text.includes('\\u') && !isWellFormed(value)) return malformed('it has an unpaired surrogate');
  if (params !== undefined) {
    // Parsers of Go and .NET may match names without regard to case: `Name` beside `name` would be a second reading.
    const named = params['arguments'];
    if (repeatsIgnoringCase(params) || (isJsonObject(named) && repeatsIgnoringCase(named))) {
      return refuse('inspect_duplicate_key', {}, { outcome: 'block' });
    }
  }
  if (id === undefined) return { kind: 'notification', method, params: params ?? {}, raw };
  if (!isRequestId(id)) return malformed('id is neither a string nor a whole number');
  if (overflows(text, params)) return refuse('inspect_number_too_large', {}, { outcome: 'block' });
  return { kind: 'request', id, method, params: params ?? {}, raw };
}

/** A response (JSON-RPC 2.0 §5). */
function fromResponder(value: JsonObject, raw: Buffer): ResponseMessage | Refusal {
  const { jsonrpc, id = null, result, error } = value;
  if (jsonrpc !== '2.0') return malformed('jsonrpc is not "2.0"');
  for (const member in value) {
    if (!responderMembers.has(member)) return malformed('it has neither a method, nor only the members of a response');
  }
  if ((result === undefined) === (error === undefined)) return malformed('it is neither a call nor a response');
  if (error !== undefined) {
    if (!isJsonObject(error) || !Number.isSafeInteger(error['code']) || typeof error['message'] !== 'string') {
      return malformed('error has no whole-number code or no message');
    }
    // MCP lets an error leave its id out where JSON-RPC writes null.
    if (id !== null && !isRequestId(id)) return malformed('id is neither a string nor a whole number');
    return { kind: 'response', id, error: error as unknown as NonNullable<ResponseMessage['error']>, raw };
  }
  if (!isJsonObject(result)) return malformed('result is not an object');
  if (!isRequestId(id)) return malformed('id is neither a string nor a whole number');
  return { kind: 'response', id, result, raw };
}

// The MCP SDKs refuse other members of a message as well, so nobody can rely on them; case variants of these go with them.
const callerMembers = new Set(['jsonrpc', 'id', 'method', 'params']);
const responderMembers = new Set(['jsonrpc', 'id', 'result', 'error']);

const isRequestId = (id: unknown): id is RequestId => typeof id === 'string' || Number.isSafeInteger(id);
const malformed = (reason: string): Refusal => refuse('inspect_not_jsonrpc', { reason });
