// A modern client's conversation with a legacy server: pure functions from what one side said to what the other understands.
import { reservedPrefix } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import {
  anonymous,
  carriable,
  foreign,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  RESOURCE_NOT_FOUND,
  URL_ELICITATION_REQUIRED,
  withMeta,
  withoutTasks,
} from './between-families.ts';
import type { RpcError } from './between-families.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject } from './message.ts';
import { latestLegacy } from './revisions.ts';

/** Results that carry caching hints (MCP 2026-07-28, "Cacheable Results"). */
const cacheable: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

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
  return { ...rest, ...withMeta(foreign(_meta)) };
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

const uncached = { ttlMs: 0, cacheScope: 'private' };
