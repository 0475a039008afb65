// What both directions of the translation between the families of revisions need.
import { reservedPrefix } from './envelope.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject, ResponseMessage } from './message.ts';

/** How a request ended: exactly one of the two. */
export type Outcome = Pick<ResponseMessage, 'result' | 'error'>;
export type RpcError = NonNullable<ResponseMessage['error']>;

/** Codes with a meaning in one of the families, or in both. */
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
export const HEADER_MISMATCH = -32020;
export const CAPABILITY_MISSING = -32021;
export const RESOURCE_NOT_FOUND = -32002;
export const URL_ELICITATION_REQUIRED = -32042;

/** Requests that may be answered with questions (MCP 2026-07-28, multi round-trip requests, "Supported Requests"). */
export const mayAsk: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Nobody answers more at once. */
export const maxQuestions = 16;

/** What a person may be asked to open. */
export const isWebAddress = (url: unknown): boolean =>
  typeof url === 'string' && /^https?:$/.test(URL.parse(url)?.protocol ?? '');

/** For whoever does not introduce himself. */
export const anonymous = { name: 'unknown', version: '0' };

/** What a server may ask a client for in both families, and the capability by which the client declares that it can be asked. */
const askable: ReadonlyMap<string, 'elicitation' | 'sampling' | 'roots'> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

export const askableCapability = (method: string): 'elicitation' | 'sampling' | 'roots' | undefined =>
  askable.get(method);

/** Capabilities of a server without tasks, which the families do differently. */
export function carriable(capabilities: unknown): JsonObject {
  if (!isJsonObject(capabilities)) return {};
  const { tasks: _tasks, extensions, ...rest } = capabilities;
  return { ...rest, ...(isJsonObject(extensions) && { extensions: withoutTasks(extensions) }) };
}

export function withoutTasks(extensions: JsonObject): JsonObject {
  const { [`${reservedPrefix}tasks`]: _tasks, ...rest } = extensions;
  return rest;
}

/** `_meta` without the members that belong to the protocol itself. */
export function foreign(meta: unknown): JsonObject {
  if (!isJsonObject(meta)) return {};
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !name.startsWith(reservedPrefix)));
}

export const withMeta = (meta: JsonObject): JsonObject => (Object.keys(meta).length === 0 ? {} : { _meta: meta });
