// What a legacy server asks its client, as a modern client is asked it in a result (MCP 2026-07-28, multi round-trip requests).
import { foreign, isWebAddress, maxQuestions, withMeta } from './between-families.ts';
import type { RpcError } from './between-families.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject, RequestMessage } from './message.ts';

export interface InputRequest {
  readonly method: string;
  readonly params: JsonObject;
}

/** What a client must have declared to be asked this; undefined for what no client can be asked. */
export function requiredCapabilities({ method, params }: InputRequest): JsonObject | undefined {
  if (method === 'elicitation/create' && params['mode'] !== 'url') return { elicitation: { form: {} } };
  if (method === 'elicitation/create') return isPage(params) ? { elicitation: { url: {} } } : undefined;
  if (method === 'sampling/createMessage') return { sampling: params['tools'] === undefined ? {} : { tools: {} } };
  return method === 'roots/list' ? { roots: {} } : undefined;
}

/** Whether a client that declares this can be asked what requires that. */
export function declares(declared: JsonObject, required: JsonObject): boolean {
  return Object.entries(required).every(([name, parts]) => {
    const own = declared[name];
    return isJsonObject(own) && Object.keys(parts as JsonObject).every((part) => has(own, part));
  });
}

/** An empty declaration of elicitation means forms (MCP 2026-07-28, elicitation, "Capabilities"). */
const has = (own: JsonObject, part: string): boolean =>
  own[part] !== undefined || (part === 'form' && own['url'] === undefined);

/** Takes off what belongs to the server's own conversation: tasks, progress, the id of an elicitation. */
export function toInputRequest({ method, params }: Pick<RequestMessage, 'method' | 'params'>): InputRequest {
  const { task: _task, elicitationId: _id, _meta, ...rest } = params;
  const { progressToken: _token, ...meta } = foreign(_meta);
  return { method, params: { ...rest, ...withMeta(meta) } };
}

/**
 * The pages that a server wants to have opened before it carries a request out (MCP 2025-11-25, `URLElicitationRequiredError`).
 * @returns undefined when the error does not say so as the schema demands
 */
export function requiredPages({ data }: RpcError): readonly InputRequest[] | undefined {
  const elicitations = isJsonObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(elicitations) || elicitations.length === 0 || elicitations.length > maxQuestions) return;
  if (!elicitations.every(isPage)) return undefined;
  return elicitations.map((params) => toInputRequest({ method: 'elicitation/create', params }));
}

function isPage(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || value['mode'] !== 'url' || typeof value['message'] !== 'string') return false;
  return isWebAddress(value['url']);
}
