// `subscriptions/listen` at `/mcp`: one stream for the client, and behind it one at each server that has anything to tell.
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { METHOD_NOT_FOUND } from '../../protocol/between-families.ts';
import { isJsonObject, notification, request } from '../../protocol/message.ts';
import type {
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../../protocol/message.ts';
import {
  acknowledged,
  changingLists,
  endOfStream,
  honourable,
  isWithin,
  onStream,
} from '../../protocol/subscriptions.ts';
import { resourceUpdated } from '../../protocol/subscriptions.ts';
import type { Filter } from '../../protocol/subscriptions.ts';
import type { RequestOptions } from '../conversations/conversation.ts';
import { through } from '../conversations/through.ts';
import { ownId } from '../lines/line.ts';
import type { MergedLines } from './merged-lines.ts';
import type { Origins } from './origins.ts';

/** What a client can listen for at `/mcp`, whatever its servers can. */
const everything = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};
/** How long the client's acknowledgment waits for those of the servers. */
const acknowledgeMs = 1000;

export interface MergedSubscriptions {
  /** Stays open until the client leaves or the conversation ends. */
  listen(message: RequestMessage, options: RequestOptions): Promise<ResponseMessage>;
  /** Follows the servers that come and go, and those whose stream has ended. */
  follow(): void;
  /** Ends every stream in order. */
  close(): void;
}

export interface MergedSubscriptionsOptions {
  readonly servers: () => readonly string[];
  readonly lines: MergedLines;
  readonly origins: Origins;
  /** Parameters of every request upstream: the client's envelope. */
  readonly envelope: JsonObject;
  /** Told of every changed list, before the client is. */
  readonly onChange: (server: string, message: NotificationMessage) => void;
  readonly log: Log;
}

interface Subscription {
  follow(): void;
  end(): void;
}

export function createMergedSubscriptions(options: MergedSubscriptionsOptions): MergedSubscriptions {
  const open = new Set<Subscription>();
  return {
    async listen(message, { outlet, signal }) {
      signal.throwIfAborted();
      const over = Promise.withResolvers<ResponseMessage>();
      const abort = (): void => over.reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      const upstream = listenEverywhere(options, message, outlet);
      const subscription = { follow: upstream.follow, end: () => over.resolve(endOfStream(message.id)) };
      open.add(subscription);
      upstream.begun.catch(over.reject);
      try {
        return await over.promise;
      } finally {
        open.delete(subscription);
        signal.removeEventListener('abort', abort);
        upstream.stop();
      }
    },
    follow() {
      for (const subscription of open) subscription.follow();
    },
    close() {
      for (const subscription of open) subscription.end();
    },
  };
}

function listenEverywhere(
  { servers, lines, origins, envelope, onChange, log }: MergedSubscriptionsOptions,
  message: RequestMessage,
  outlet: RequestOptions['outlet'],
) {
  const wanted: Filter = honourable(message.params, everything);
  /** What ends the stream at each server. */
  const streams = new Map<string, AbortController>();
  const granted = new Set<string>();
  /** Servers whose stream has ended by itself: what changed until the next one nobody has told. */
  const lost = new Set<string>();
  /** Told before the acknowledgment, and so to be told after it. */
  const early = new Map<string, NotificationMessage>();
  let acknowledgedIt = false;

  function tell(key: string, part: NotificationMessage): void | Promise<void> {
    if (acknowledgedIt) return outlet.interim(part);
    early.set(key, part); // one of a kind is enough
  }

  /** What a server says on its stream. It is believed about its own lists, and about the resources that are watched there. */
  function hear(server: string, uris: readonly string[], part: Message): void | Promise<void> {
    if (part.kind !== 'notification') return;
    const { method, params } = part;
    if (method === resourceUpdated) {
      const { uri } = params;
      const known = typeof uri === 'string' ? uris.find((watched) => isWithin(uri, watched)) : undefined;
      return known === undefined ? undefined : tell(`${method} ${known}`, onStream(message.id, method, { uri: known }));
    }
    const changed = changingLists.find(({ announced }) => announced === method);
    if (changed === undefined) return;
    onChange(server, part);
    if (wanted.lists.includes(changed)) return tell(method, onStream(message.id, method, {}));
  }

  /** After a gap everything is said to have changed: a client that looks once too often has missed nothing. */
  function catchUp(server: string, honoured: JsonObject, watched: readonly string[]): void {
    for (const { wanted: flag, announced } of wanted.lists)
      if (honoured[flag] === true) void hear(server, watched, notification(announced));
    for (const uri of watched) void hear(server, watched, notification(resourceUpdated, { uri }));
  }

  /** Resolves when the server has said what it will tell, or that it will not. */
  function listenAt(server: string): Promise<void> {
    const uris = wanted.uris.filter((uri) => origins.find('resources', uri)?.server === server);
    const flags = Object.fromEntries(wanted.lists.map((list) => [list.wanted, true]));
    const notifications = { ...flags, ...(uris.length > 0 && { resourceSubscriptions: uris }) };
    if (Object.keys(notifications).length === 0) return Promise.resolve();
    const controller = new AbortController();
    streams.set(server, controller);
    const begun = Promise.withResolvers<void>();
    const own = through(outlet, (part) => {
      if (part.kind !== 'notification' || part.method !== 'notifications/subscriptions/acknowledged')
        return hear(server, uris, part);
      const honoured = part.params['notifications'];
      const told = isJsonObject(honoured) ? honoured['resourceSubscriptions'] : undefined;
      const watched = uris.filter((uri) => Array.isArray(told) && told.includes(uri));
      for (const uri of watched) granted.add(uri);
      begun.resolve();
      if (lost.delete(server) && isJsonObject(honoured)) catchUp(server, honoured, watched);
    });
    const { signal } = controller;
    function lose(): void {
      if (streams.get(server) !== controller) return;
      streams.delete(server);
      lost.add(server);
    }
    async function stay(): Promise<void> {
      const line = await lines.to(server);
      signal.throwIfAborted();
      const asked = request(ownId(), 'subscriptions/listen', { ...envelope, notifications });
      const { error } = await line.request(asked, { outlet: own, signal });
      if (error?.code === METHOD_NOT_FOUND) return; // it is not asked again
      lose();
    }
    stay()
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log.info({ server, err: error }, 'a subscription at a server has failed');
        lose();
      })
      .finally(begun.resolve);
    return begun.promise;
  }

  async function begin(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, acknowledgeMs);
    await Promise.race([Promise.all(servers().map(listenAt)), late]);
    clearTimeout(timer);
    const uris = wanted.uris.filter((uri) => granted.has(uri));
    await outlet.interim(acknowledged(message.id, { lists: wanted.lists, uris }));
    acknowledgedIt = true;
    for (const part of early.values()) await outlet.interim(part);
    early.clear();
  }

  return {
    begun: begin(),
    follow() {
      const now = servers();
      for (const [server, controller] of streams) {
        if (now.includes(server)) continue;
        controller.abort(new GenkanError('gateway_cancelled'));
        streams.delete(server);
      }
      for (const server of now) if (!streams.has(server)) void listenAt(server);
    },
    stop() {
      for (const controller of streams.values()) controller.abort(new GenkanError('gateway_cancelled'));
      streams.clear();
    },
  };
}
