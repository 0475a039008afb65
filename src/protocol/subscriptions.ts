// What `subscriptions/listen` asks for and what travels on its stream (MCP 2026-07-28, "Subscriptions").
import { foreign } from './between-families.ts';
import { reservedPrefix } from './envelope.ts';
import { isJsonObject, notification, result } from './message.ts';
import type { JsonObject, NotificationMessage, RequestId, ResponseMessage } from './message.ts';

/** The lists whose changes can be announced, and how a filter, a capability and a notification name them. */
export const changingLists = [
  {
    list: 'tools',
    wanted: 'toolsListChanged',
    announced: 'notifications/tools/list_changed',
    methods: ['tools/list'],
  },
  {
    list: 'prompts',
    wanted: 'promptsListChanged',
    announced: 'notifications/prompts/list_changed',
    methods: ['prompts/list'],
  },
  {
    list: 'resources',
    wanted: 'resourcesListChanged',
    announced: 'notifications/resources/list_changed',
    methods: ['resources/list', 'resources/templates/list'],
  },
] as const;

export type ChangingList = (typeof changingLists)[number];

export const resourceUpdated = 'notifications/resources/updated';

/**
 * Whether a resource is the one that is watched or lies below it (schema, `ResourceUpdatedNotificationParams`). What lies
 * below goes on with a path, a query or a fragment (RFC 3986 §3), so that a longer name beside it does not.
 */
export const isWithin = (uri: string, watched: string): boolean =>
  uri === watched || (uri.startsWith(watched) && /[/?#]/.test(watched.slice(-1) + uri.charAt(watched.length)));

/** What a listener gets: a type that is not named here is never sent to it. */
export interface Filter {
  readonly lists: readonly ChangingList[];
  readonly uris: readonly string[];
}

/**
 * The part of a filter that a server with these capabilities can honour.
 * @param params of the request, whose URIs have been found to be texts
 */
export function honourable(params: JsonObject, capabilities: JsonObject): Filter {
  const { notifications } = params;
  if (!isJsonObject(notifications)) return { lists: [], uris: [] };
  const can = (list: string, what: string): boolean => {
    const declared = capabilities[list];
    return isJsonObject(declared) && declared[what] === true;
  };
  const uris = can('resources', 'subscribe') ? notifications['resourceSubscriptions'] : undefined;
  return {
    lists: changingLists.filter(({ list, wanted }) => notifications[wanted] === true && can(list, 'listChanged')),
    uris: Array.isArray(uris) ? [...new Set(uris as readonly string[])] : [],
  };
}

/** The first message on the stream: what is honoured of the filter. */
export function acknowledged(id: RequestId, { lists, uris }: Filter): NotificationMessage {
  const notifications = {
    ...Object.fromEntries(lists.map(({ wanted }) => [wanted, true])),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
  };
  return notification('notifications/subscriptions/acknowledged', { ...tag(id), notifications });
}

/** A notification of the legacy era as it stands on the stream of the request with this id. */
export function onStream(id: RequestId, method: string, { _meta, ...params }: JsonObject): NotificationMessage {
  return notification(method, { ...params, ...tag(id, foreign(_meta)) });
}

/** The response that ends the stream in order. */
export const endOfStream = (id: RequestId): ResponseMessage => result(id, { resultType: 'complete', ...tag(id) });

const tag = (id: RequestId, meta: JsonObject = {}): JsonObject => ({
  _meta: { ...meta, [`${reservedPrefix}subscriptionId`]: id },
});
