// One JSON-RPC 2.0 message, parsed once and kept together with its original bytes.
declare global {
  interface JSON {
    /** What `stringify` writes as this text (ECMA-262, "JSON.parse source text access"). */
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}

/** The two families of MCP revisions: `legacy` up to 2025-11-25 (initialize, sessions), `modern` from 2026-07-28 (stateless). */
export type Era = 'legacy' | 'modern';

export type JsonObject = { readonly [member: string]: unknown };
export type RequestId = string | number;

interface Bytes {
  /** The message as it arrived, UTF-8 JSON without framing. Forwarded as it is when nothing was changed. */
  readonly raw: Buffer;
}

export interface RequestMessage extends Bytes {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  /** `{}` when absent on the wire. */
  readonly params: JsonObject;
}

export interface NotificationMessage extends Bytes {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
}

export interface ResponseMessage extends Bytes {
  readonly kind: 'response';
  /** `null` only on an error to a message whose id could not be read (JSON-RPC 2.0 §5). */
  readonly id: RequestId | null;
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage;

/** Builds a request of our own. */
export function request(id: RequestId, method: string, params: JsonObject = {}): RequestMessage {
  return { kind: 'request', id, method, params: asRead(params), raw: encode({ jsonrpc: '2.0', id, method, params }) };
}

/** Builds a notification of our own. */
export function notification(method: string, params: JsonObject = {}): NotificationMessage {
  return { kind: 'notification', method, params: asRead(params), raw: encode({ jsonrpc: '2.0', method, params }) };
}

/** Builds a successful response of our own. */
export function result(id: RequestId, value: JsonObject): ResponseMessage {
  return { kind: 'response', id, result: asRead(value), raw: encode({ jsonrpc: '2.0', id, result: value }) };
}

/** Builds an error response of our own. */
export function failure(id: RequestId | null, error: NonNullable<ResponseMessage['error']>): ResponseMessage {
  return { kind: 'response', id, error: asRead(error), raw: encode({ jsonrpc: '2.0', id, error }) };
}

/** Whether a parsed value is an object: neither null nor an array, nor a number as it was written. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The same value with each number as JavaScript reads it, which alone is judged; the very same where `asWritten` kept nothing. */
function asRead<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (JSON.isRawJSON(value)) return Number(value.rawJSON) as Value;
  if (Array.isArray(value)) {
    const items = value.map(asRead);
    return items.every((item, index) => item === value[index]) ? value : (items as Value);
  }
  let read = value;
  for (const name in value) {
    const member = asRead(value[name]);
    if (member === value[name]) continue;
    if (read === value) read = { ...value };
    read[name] = member;
  }
  return read;
}
