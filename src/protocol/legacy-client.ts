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
  RESOURCE_NOT_FOUND,
  withMeta,
  withoutTasks,
} from './between-families.ts';
import type { Outcome, RpcError } from './between-families.ts';
import { isJsonObject, notification } from './message.ts';
import type { JsonObject, Message, NotificationMessage } from './message.ts';
import { fitCapabilities, fitImplementation, fitResult } from './older-content.ts';
import { eraOf, latestLegacy } from './revisions.ts';
import type { LegacyRevision } from './revisions.ts';
import { asWritten } from './written-numbers.ts';

/** The revision that a legacy client and we agree on. */
export const agreedRevision = (requested: unknown): LegacyRevision =>
  eraOf(requested) === 'legacy' ? (requested as LegacyRevision) : latestLegacy;

/** The result of `initialize`, from what a modern server answered to `server/discover`. */
export function discoverAsInitializeResult(discovered: JsonObject, revision: LegacyRevision): JsonObject {
  const { capabilities, instructions, _meta } = discovered;
  const serverInfo = isJsonObject(_meta) ? _meta[`${reservedPrefix}serverInfo`] : undefined;
  return {
    protocolVersion: revision,
    capabilities: fitCapabilities(carriable(capabilities), revision),
    serverInfo: isJsonObject(serverInfo) ? fitImplementation(serverInfo, revision) : anonymous,
    ...(typeof instructions === 'string' && { instructions }),
  };
}

/** What the client declared in `initialize`, in modern terms: only what its revision knows, and we carry. */
export function toModernCapabilities(capabilities: unknown, revision: LegacyRevision): JsonObject {
  const { elicitation, sampling, roots, experimental, extensions } = isJsonObject(capabilities) ? capabilities : {};
  return {
    ...(isJsonObject(elicitation) && revision >= '2025-06-18' && { elicitation: modesOf(elicitation, revision) }),
    ...(isJsonObject(sampling) && {
      sampling: revision >= '2025-11-25' ? objectsOf(sampling, ['context', 'tools']) : {},
    }),
    ...(isJsonObject(roots) && { roots: {} }), // changes of roots have no counterpart
    ...(isJsonObject(experimental) && { experimental }),
    ...(isJsonObject(extensions) && { extensions: withoutTasks(extensions) }),
  };
}

/** One without any mode has forms (MCP 2026-07-28, elicitation, "Capabilities"); 2025-06-18 has nothing else. */
function modesOf(elicitation: JsonObject, revision: LegacyRevision): JsonObject {
  const modes = revision >= '2025-11-25' ? objectsOf(elicitation, ['form', 'url']) : {};
  return Object.keys(modes).length === 0 ? { form: {} } : modes;
}

const objectsOf = (value: JsonObject, members: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([member, one]) => members.includes(member) && isJsonObject(one)));

/**
 * Puts the envelope on a legacy client's parameters. What the client itself wrote under reserved names is taken off, and so
 * is what would be an answer to a question that nobody asked it, or make a task of the call.
 */
export function toModernParams(params: JsonObject, envelope: Envelope): JsonObject {
  const { _meta, task: _task, inputResponses: _responses, requestState: _state, ...rest } = params;
  const own = Object.entries(envelope).filter(([, value]) => value !== undefined);
  return {
    ...rest,
    _meta: { ...foreign(_meta), ...Object.fromEntries(own.map(([name, value]) => [reservedPrefix + name, value])) },
  };
}

/** Takes off what only the modern revision knows. A result of a type that we do not know cannot be told in legacy terms. */
export function toLegacyResult(method: string, result: JsonObject, revision = latestLegacy): Outcome {
  const { resultType = 'complete', ttlMs: _ttl, cacheScope: _scope, _meta, ...rest } = result;
  if (resultType !== 'complete') {
    return {
      error: { code: INTERNAL_ERROR, message: 'The server answered in a way that this revision of MCP does not know' },
    };
  }
  return { result: { ...fitResult(method, rest, revision), ...withMeta(foreign(_meta)) } };
}

/** What a modern server may say before it answers: how far it is, and what it logs. Undefined for anything else. */
export function toLegacyNotification(message: Message, revision: LegacyRevision): NotificationMessage | undefined {
  if (message.kind !== 'notification' || !saidOnTheWay.has(message.method)) return undefined;
  if (revision >= '2025-03-26' || message.params['message'] === undefined) return message;
  const { message: _unknown, ...params } = asWritten(message).params;
  return notification(message.method, params);
}

const saidOnTheWay: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message']);

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
