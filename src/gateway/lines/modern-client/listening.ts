// The `subscriptions/listen` requests of modern clients on a line to a legacy server, fed by what that server says unasked.
import { setTimeout as pause } from 'node:timers/promises';
import type { GenkanError } from '../../../base/errors.ts';
import type { JsonObject, NotificationMessage, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import {
  acknowledged,
  changingLists,
  endOfStream,
  honourable,
  onStream,
  resourceUpdated,
} from '../../../protocol/subscriptions.ts';
import type { ChangingList, Filter } from '../../../protocol/subscriptions.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { Outlet, RequestOptions } from '../../conversations/conversation.ts';
import { createWatchedResources } from './watched-resources.ts';

/** What happens again within this time is told once: "has changed" says no more when it is said a thousand times. */
const paceMs = 250;

/** A server may begin its event stream only with its first word. */
const heardWithinMs = 5000;

export interface Listening {
  /** Stays open until its client leaves or the line ends. */
  listen(message: RequestMessage, options: RequestOptions): Promise<ResponseMessage>;
  /** Tells those whom it concerns what the server has said. */
  tell(message: NotificationMessage): void;
  /** Lists for whose changes somebody waits. */
  awaited(): readonly ChangingList[];
  /** Ends every stream in order. */
  close(): void;
  /** The server is gone. */
  fail(fault: GenkanError): void;
}

interface Listen {
  filter: Filter;
  readonly tell: (key: string, method: string, params: JsonObject) => void;
  readonly over: PromiseWithResolvers<ResponseMessage>;
  readonly end: () => void;
}

export interface ListeningOptions {
  /** What the server declares. */
  readonly capabilities: JsonObject;
  /** Resolves once what the server says unasked is heard, or it is known that it is not. */
  readonly heard: () => Promise<void>;
  /** Sends a request about one resource; false when the server does not grant it. */
  readonly ask: (method: 'resources/subscribe' | 'resources/unsubscribe', uri: string) => Promise<boolean>;
  /** The first has come; called anew after the last has left. @returns what to do when the last has left */
  readonly onFirst: () => () => void;
}

export function createListening({ capabilities, heard, ask, onFirst }: ListeningOptions): Listening {
  const listens = new Set<Listen>();
  const watched = createWatchedResources<Listen>(ask);
  let onLast: (() => void) | undefined;

  function enter(listen: Listen): void {
    listens.add(listen);
    if (listens.size === 1) onLast = onFirst();
  }

  function leave(listen: Listen, uris: readonly string[]): void {
    listens.delete(listen);
    watched.leave(uris, listen);
    if (listens.size === 0) onLast?.();
  }

  return {
    async listen(message, { outlet, signal }) {
      signal.throwIfAborted();
      const over = Promise.withResolvers<ResponseMessage>();
      const { tell, start, stop, left } = createTelling(message, outlet);
      const wanted = honourable(message.params, capabilities);
      const listen: Listen = {
        filter: wanted,
        tell,
        over,
        end: () => over.resolve(endOfStream(message.id)),
      };
      const abort = (): void => over.reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      enter(listen); // before the server is asked: nothing may change unheard between its grant and ours
      async function begin(): Promise<void> {
        await soon(heard());
        const uris = await watched.watch(wanted.uris, listen, left);
        listen.filter = { ...wanted, uris };
        await start(acknowledged(message.id, listen.filter));
      }
      begin().catch(over.reject);
      try {
        return await over.promise;
      } finally {
        signal.removeEventListener('abort', abort);
        stop();
        leave(listen, wanted.uris);
      }
    },
    tell(message) {
      const { method, params } = asWritten(message);
      const { _meta, uri } = params;
      if (method === resourceUpdated) {
        if (typeof uri !== 'string') return;
        // Only a URI that was decided on is ever named, whatever the server names.
        for (const { uri: known, watchers } of watched.concerned(uri)) {
          for (const listen of watchers) listen.tell(`${method} ${known}`, method, { _meta, uri: known });
        }
        return;
      }
      const changed = changingLists.find(({ announced }) => announced === method);
      if (changed === undefined) return;
      for (const { filter, tell } of listens) if (filter.lists.includes(changed)) tell(method, method, { _meta });
    },
    awaited: () => changingLists.filter((list) => [...listens].some(({ filter }) => filter.lists.includes(list))),
    close() {
      for (const { end } of listens) end();
    },
    fail(fault) {
      for (const { over } of listens) over.reject(fault);
    },
  };
}

/** Waits for something that may never come, but not for long. */
async function soon(work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, heardWithinMs);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Writes to one stream, no faster than its client reads and no more often than it is of use. */
function createTelling({ id }: RequestMessage, outlet: Outlet) {
  /** What is still to be told, the latest of its kind: bounded by what the client listens for. */
  const untold = new Map<string, NotificationMessage>();
  const over = new AbortController();
  let busy = true; // until it has been acknowledged

  async function tellAll(): Promise<void> {
    busy = true;
    while (untold.size > 0 && !over.signal.aborted) {
      for (const [key, message] of untold) {
        untold.delete(key);
        await outlet.interim(message);
        if (over.signal.aborted) return;
      }
      await pause(paceMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    }
    busy = false;
  }

  return {
    tell(key: string, method: string, params: JsonObject): void {
      untold.set(key, onStream(id, method, params));
      if (!busy) void tellAll();
    },
    async start(acknowledgement: NotificationMessage): Promise<void> {
      if (over.signal.aborted) return;
      await outlet.interim(acknowledgement);
      void tellAll();
    },
    stop: (): void => over.abort(),
    left: over.signal,
  };
}
