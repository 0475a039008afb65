// Translation between the two families of revisions: pure functions from what one side said to what the other understands.
import { reservedPrefix } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject, ResponseMessage } from './message.ts';
import { eraOf, latestLegacy } from './revisions.ts';

/** How a request ended: exactly one of the two. */
export type Outcome = Pick<ResponseMessage, 'result' | 'error'>;
type RpcError = NonNullable<ResponseMessage['error']>;

/** Results that carry caching hints (MCP 2026-07-28, "Cacheable Results"). */
const cacheable: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/** What a server may ask a client for in both families, and the capability by which the client declares that it can be asked. */
const askable: ReadonlyMap<string, 'elicitation' | 'sampling' | 'roots'> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
]);

export const askableCapability = (method: string): 'elicitation' | 'sampling' | 'roots' | undefined =>
  askable.get(method);

/**
 * The parameters of `initialize` for a modern client's conversation with a legacy server. Only what can be carried between
 * the families is declared: questions are, by parking the call that they interrupt; tasks and changes of roots are not.
 */
export function initializeFor(envelope: Envelope): JsonObject {
  const { experimental, extensions, elicitation, sampling, roots } = envelope.clientCapabilities;
  return {
    protocolVersion: latestLegacy,
    capabilities: {
      ...(isJsonObject(elicitation) && { elicitation }),
      ...(isJsonObject(sampling) && { sampling }),
      ...(isJsonObject(roots) && { roots: {} }),
      ...(isJsonObject(experimental) && { experimental }),
      ...(isJsonObject(extensions) && { extensions: withoutTasks(extensions) }),
    },
    clientInfo: envelope.clientInfo ?? anonymous,
  };
}

/** The result of `server/discover`, from what a legacy server answered to `initialize`. */
export function discoverResult(initializeResult: JsonObject, supportedVersions: readonly string[]): JsonObject {
  const { capabilities, serverInfo, instructions } = initializeResult;
  return {
    resultType: 'complete',
    supportedVersions,
    capabilities: carriable(capabilities),
    ...(typeof instructions === 'string' && { instructions }),
    ...uncached,
    ...(isJsonObject(serverInfo) && { _meta: { [`${reservedPrefix}serverInfo`]: serverInfo } }),
  };
}

/** Takes off what only the modern revision knows; the progress token, trace context and foreign `_meta` stay. */
export function toLegacyParams(params: JsonObject): JsonObject {
  const { inputResponses: _responses, requestState: _state, _meta, ...rest } = params;
  return { ...rest, ...metaOf(foreign(_meta)) };
}

/**
 * Completes a legacy result. What a legacy server writes into members that only the modern revision defines is overwritten:
 * it could make the client ask its person for input, or let others see a cached answer.
 */
export function toModernResult(method: string, result: JsonObject): JsonObject {
  return { ...result, resultType: 'complete', ...(cacheable.has(method) && uncached) };
}

/** Renumbers a legacy error; codes that the modern revision gives a meaning of its own, or forbids, do not pass. */
export function toModernError(params: JsonObject, error: RpcError): RpcError {
  if (error.code === RESOURCE_NOT_FOUND) return { ...error, code: INVALID_PARAMS, data: { uri: params['uri'] } };
  const reserved = error.code === URL_ELICITATION_REQUIRED || (error.code <= -32020 && error.code >= -32099);
  return reserved ? { code: INTERNAL_ERROR, message: error.message } : error;
}

/** The result of `initialize`, from what a modern server answered to `server/discover`. */
export function discoverAsInitializeResult(discovered: JsonObject, requestedVersion: unknown): JsonObject {
  const { capabilities, instructions, _meta } = discovered;
  const serverInfo = isJsonObject(_meta) ? _meta[`${reservedPrefix}serverInfo`] : undefined;
  return {
    protocolVersion: eraOf(requestedVersion) === 'legacy' ? requestedVersion : latestLegacy,
    capabilities: carriable(capabilities),
    serverInfo: isJsonObject(serverInfo) ? serverInfo : anonymous,
    ...(typeof instructions === 'string' && { instructions }),
  };
}

/** Puts the envelope on a legacy client's parameters; what the client itself wrote under reserved names is taken off. */
export function toModernParams(params: JsonObject, envelope: Envelope): JsonObject {
  const { _meta, ...rest } = params;
  const own = Object.entries(envelope).filter(([, value]) => value !== undefined);
  return {
    ...rest,
    _meta: { ...foreign(_meta), ...Object.fromEntries(own.map(([name, value]) => [reservedPrefix + name, value])) },
  };
}

/** Takes off what only the modern revision knows. A result that is not complete cannot be told in legacy terms. */
export function toLegacyResult(method: string, result: JsonObject): Outcome {
  const { resultType = 'complete', ttlMs: _ttl, cacheScope: _scope, _meta, ...rest } = result;
  if (resultType !== 'complete') {
    const message = 'The server needs input that cannot be asked for in this revision of MCP';
    return { error: { code: INTERNAL_ERROR, message } };
  }
  const fitting = method === 'tools/list' ? fitTools(rest) : method === 'tools/call' ? fitContent(rest) : rest;
  return { result: { ...fitting, ...metaOf(foreign(_meta)) } };
}

/** Renumbers a modern error. A missing capability of the client is told to the model where the call has a place for that. */
export function toLegacyError(method: string, error: RpcError): Outcome {
  const { code, message, data } = error;
  if (code === INVALID_PARAMS && method === 'resources/read' && isJsonObject(data) && typeof data['uri'] === 'string') {
    return { error: { ...error, code: RESOURCE_NOT_FOUND } };
  }
  if (code === CAPABILITY_MISSING && method === 'tools/call') {
    return { result: { content: [{ type: 'text', text: message }], isError: true } };
  }
  const modernOnly = code <= -32020 && code >= -32099;
  return { error: modernOnly ? { ...error, code: INTERNAL_ERROR } : error };
}

/** Up to 2025-11-25 an output schema describes an object; one that does not is left out. */
function fitTools(result: JsonObject): JsonObject {
  const { tools } = result;
  if (!Array.isArray(tools)) return result;
  return {
    ...result,
    tools: tools.map((tool: unknown) => {
      if (!isJsonObject(tool) || !isJsonObject(tool['outputSchema']) || tool['outputSchema']['type'] === 'object')
        return tool;
      const { outputSchema: _dropped, ...rest } = tool;
      return rest;
    }),
  };
}

/** Up to 2025-11-25 structured content is an object; any other value is told as text, unless the server did so itself. */
function fitContent(result: JsonObject): JsonObject {
  const { structuredContent, ...rest } = result;
  if (structuredContent === undefined || isJsonObject(structuredContent)) return result;
  const content = Array.isArray(rest['content']) ? (rest['content'] as unknown[]) : [];
  const told = content.some((part) => isJsonObject(part) && part['type'] === 'text');
  return { ...rest, content: told ? content : [...content, { type: 'text', text: JSON.stringify(structuredContent) }] };
}

/** Capabilities of a server without those whose messages are not carried between the families. */
function carriable(capabilities: unknown): JsonObject {
  if (!isJsonObject(capabilities)) return {};
  const { tasks: _tasks, extensions, ...rest } = capabilities;
  const kept = Object.entries(rest).map(([name, value]) => {
    if (!isJsonObject(value) || !lists.has(name)) return [name, value];
    const { listChanged: _changed, subscribe: _subscribe, ...others } = value;
    return [name, others];
  });
  return {
    ...(Object.fromEntries(kept) as JsonObject),
    ...(isJsonObject(extensions) && { extensions: withoutTasks(extensions) }),
  };
}

function withoutTasks(extensions: JsonObject): JsonObject {
  const { 'io.modelcontextprotocol/tasks': _tasks, ...rest } = extensions;
  return rest;
}

function foreign(meta: unknown): JsonObject {
  if (!isJsonObject(meta)) return {};
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !name.startsWith(reservedPrefix)));
}

const metaOf = (meta: JsonObject): JsonObject => (Object.keys(meta).length === 0 ? {} : { _meta: meta });

const anonymous = { name: 'unknown', version: '0' };
const uncached = { ttlMs: 0, cacheScope: 'private' };
const lists: ReadonlySet<string> = new Set(['tools', 'prompts', 'resources']);
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const CAPABILITY_MISSING = -32021;
const RESOURCE_NOT_FOUND = -32002;
const URL_ELICITATION_REQUIRED = -32042;
