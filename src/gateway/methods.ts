// Every MCP method that passes the door, and what it asks for. A method that is not here is answered "method not found".
import type { Primitive } from '../access/decision.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { Era, JsonObject, ResponseMessage } from '../protocol/message.ts';

/** The lists of MCP by the member of the result that holds them. */
export type ListMember = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

export interface Method {
  readonly eras: readonly Era[];
  /** Uses one tool, prompt or resource: access decides on `target(params)`. */
  readonly uses?: Primitive;
  /** Lists primitives: the member of the result that is filtered by the caller's rights. */
  readonly lists?: { readonly primitive: Primitive; readonly member: ListMember; readonly identifier: string };
  /** Answered with what the other side can do. */
  readonly greets?: true;
  /** Stays open and tells of changes; access decides on each resource that it watches. */
  readonly watches?: true;
  /** Has to do with tasks: may become one, is about one, or lists them. */
  readonly tasks?: 'creates' | 'uses' | 'lists';
  /** Has effects of its own, whatever those of the tool were: forwarded only after its intent is durable. */
  readonly acts?: true;
  /** Whether it is too little to record: it touched no primitive and changed nothing. */
  readonly quiet?: (response: ResponseMessage) => boolean;
}

const both: readonly Era[] = ['legacy', 'modern'];
const legacy: readonly Era[] = ['legacy'];
const modern: readonly Era[] = ['modern'];
const always = (): boolean => true;

/** Requests. Source: MCP 2025-11-25 and 2026-07-28, schema `ClientRequest`; extension `io.modelcontextprotocol/tasks`. */
export const requests: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['initialize', { eras: legacy, greets: true }],
  ['ping', { eras: legacy, quiet: always }],
  ['logging/setLevel', { eras: legacy, quiet: always }],
  ['server/discover', { eras: modern, greets: true, quiet: always }],
  ['subscriptions/listen', { eras: modern, watches: true }],
  ['tools/list', { eras: both, lists: { primitive: 'tools', member: 'tools', identifier: 'name' } }],
  ['prompts/list', { eras: both, lists: { primitive: 'prompts', member: 'prompts', identifier: 'name' } }],
  ['resources/list', { eras: both, lists: { primitive: 'resources', member: 'resources', identifier: 'uri' } }],
  [
    'resources/templates/list',
    { eras: both, lists: { primitive: 'resources', member: 'resourceTemplates', identifier: 'uriTemplate' } },
  ],
  ['tools/call', { eras: both, uses: 'tools', tasks: 'creates' }],
  ['prompts/get', { eras: both, uses: 'prompts' }],
  ['resources/read', { eras: both, uses: 'resources' }],
  ['resources/subscribe', { eras: legacy, uses: 'resources' }],
  ['resources/unsubscribe', { eras: legacy, uses: 'resources' }],
  ['completion/complete', { eras: both, uses: 'prompts' }],
  ['tasks/list', { eras: legacy, tasks: 'lists', quiet: always }],
  ['tasks/get', { eras: both, tasks: 'uses', quiet: stillWorking }],
  ['tasks/result', { eras: legacy, tasks: 'uses' }],
  ['tasks/update', { eras: modern, tasks: 'uses', acts: true }],
  ['tasks/cancel', { eras: both, tasks: 'uses', acts: true }],
]);

/** Notifications of clients. Source: schema `ClientNotification` of both revisions. */
export const notifications: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'notifications/tasks/status',
]);

export interface Target {
  readonly primitive: Primitive;
  readonly name: string;
  readonly arguments: JsonObject;
}

/**
 * What a request wants to use: the tool or prompt by name, the resource by URI.
 * @returns undefined when the parameters do not name it as the schema demands
 */
export function targetOf(method: string, uses: Primitive, params: JsonObject): Target | undefined {
  if (method === 'completion/complete') return completionTarget(params);
  const name = uses === 'resources' ? params['uri'] : params['name'];
  if (typeof name !== 'string' || name === '') return undefined;
  const given = params['arguments'] ?? {};
  return isJsonObject(given) ? { primitive: uses, name, arguments: given } : undefined;
}

function completionTarget(params: JsonObject): Target | undefined {
  const ref = params['ref'] as JsonObject | undefined;
  if (ref?.['type'] === 'ref/prompt' && typeof ref['name'] === 'string') {
    return { primitive: 'prompts', name: ref['name'], arguments: {} };
  }
  if (ref?.['type'] === 'ref/resource' && typeof ref['uri'] === 'string') {
    return { primitive: 'resources', name: ref['uri'], arguments: {} };
  }
  return undefined;
}

/** True of the answer to a poll that has no news. */
function stillWorking({ result: task }: ResponseMessage): boolean {
  return task?.['status'] === 'working';
}

/** Tasks that `subscriptions/listen` wants to watch (extension `io.modelcontextprotocol/tasks`). Undefined when malformed. */
export const watchedTasks = (params: JsonObject): readonly string[] | undefined => watched(params, 'taskIds');

/** In one request: each is decided on again and again while it is open. */
const maxWatched = 256;

/** Resources that `subscriptions/listen` wants to watch (MCP 2026-07-28, subscriptions). Undefined when malformed. */
export const watchedResources = (params: JsonObject): readonly string[] | undefined =>
  watched(params, 'resourceSubscriptions');

function watched(params: JsonObject, kind: 'resourceSubscriptions' | 'taskIds'): readonly string[] | undefined {
  const wanted = params['notifications'];
  if (!isJsonObject(wanted)) return undefined;
  const names: unknown = wanted[kind] ?? [];
  const fit = Array.isArray(names) && names.length <= maxWatched && names.every((name) => typeof name === 'string');
  return fit ? names : undefined;
}
