// A legacy client's conversation with a modern server: pure functions from what one side said to what the other understands.
import { reservedPrefix } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import {
  anonymous,
  CAPABILITY_MISSING,
  carriable,
  foreign,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  metaOf,
  RESOURCE_NOT_FOUND,
} from './between-families.ts';
import type { Outcome, RpcError } from './between-families.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject } from './message.ts';
import { eraOf, latestLegacy } from './revisions.ts';

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
