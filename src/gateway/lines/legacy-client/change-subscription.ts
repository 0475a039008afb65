// The one `subscriptions/listen` by which a modern server tells a legacy client's session what has changed.
import { GenkanError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { foreign, INTERNAL_ERROR, METHOD_NOT_FOUND, withMeta } from '../../../protocol/between-families.ts';
import type { RpcError } from '../../../protocol/between-families.ts';
import { isJsonObject, notification, request } from '../../../protocol/message.ts';
import type { JsonObject, Message, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import { changingLists, isWithin, resourceUpdated } from '../../../protocol/subscriptions.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { Outlet, RequestOptions } from '../../conversations/conversation.ts';
import { ownId } from '../line.ts';

/** Resources that one session can watch at the same time. */
const maxWatched = 256;
const maxUriLength = 4096;
const acknowledgedWithinMs = 30_000;
/** Filters that are tried to find out which resources a server refuses. */
const maxTries = 32;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

export interface ChangeSubscription {
  /** Begins to listen for the changes of lists that the server announces. */
  start(): void;
  /** Watches a resource. @returns the server's error where it does not tell of its changes */
  watch(uri: string): Promise<RpcError | undefined>;
  unwatch(uri: string): Promise<void>;
  close(): void;
}

export interface ChangeSubscriptionOptions {
  readonly server: string;
  /** Capabilities that the server declared: what else it may announce is not asked for. */
  readonly capabilities: JsonObject;
  /** Sends a request of ours, to which it puts the envelope. */
  readonly send: (message: RequestMessage, options: RequestOptions) => Promise<ResponseMessage>;
  /** A returned promise holds the stream of the subscription back. */
  readonly push: (message: Message) => void | Promise<void>;
  readonly log: Log;
}

/** What a server does not tell of: all that it was asked for, or some resources. */
interface Refusals {
  readonly all?: RpcError;
  readonly some: ReadonlyMap<string, RpcError>;
}

interface Stream {
  /** The subset of the filter that the server agreed to. */
  readonly honoured: JsonObject;
  readonly sinceMs: number;
  /** The server has ended it, or it broke off. */
  over: boolean;
  end(): void;
}

export function createChangeSubscription(options: ChangeSubscriptionOptions): ChangeSubscription {
  const { server, capabilities, send, push, log } = options;
  const lists = announcedLists(capabilities);
  const watched = new Set<string>();
  /** Of these it is not known yet whether the server tells of them. */
  const pending = new Map<string, Promise<RpcError | undefined>>();
  const over = new GenkanError('gateway_stopping');
  let stream: Stream | undefined;
  let started = false;
  let closed = false;
  let failures = 0;
  /** Nothing was heard for a while, in which anything can have changed. */
  let gap = false;
  let later: NodeJS.Timeout | undefined;
  /** One change of the filter at a time; those that come meanwhile are one more. */
  let changing: Promise<unknown> = Promise.resolve();
  let next: Promise<Refusals> | undefined;

  function renew(): Promise<Refusals> {
    if (next !== undefined) return next;
    const change = async (): Promise<Refusals> => {
      next = undefined;
      return closed ? nothing : replace();
    };
    next = changing.then(change, change);
    changing = next;
    return next;
  }

  const isWanted = (uris: readonly string[]): boolean => uris.length > 0 || (started && Object.keys(lists).length > 0);

  /** The new stream is open before the old one is closed, so that no change falls in between. */
  async function replace(): Promise<Refusals> {
    const uris = [...watched];
    const isNeeded = isWanted(uris);
    const { opened, ...refusals } = isNeeded ? await openWhatIsGranted(uris) : nothing;
    if (isNeeded && opened === undefined && stream !== undefined) return refusals; // it goes on telling what it tells
    clearTimeout(later);
    stream?.end();
    stream = opened;
    // Its client believes that it will be told: it has to look for itself what has become of the resource.
    for (const uri of refusals.some.keys())
      if (!pending.has(uri) && watched.delete(uri)) void push(notification(resourceUpdated, { uri }));
    if (closed) stream?.end();
    else if (stream !== undefined) begun(stream);
    return refusals;
  }

  /** A strict server refuses all for one resource that it does not know: by halves the others are found that it tells of. */
  async function openWhatIsGranted(wanted: readonly string[]): Promise<Refusals & { readonly opened?: Stream }> {
    const granted: string[] = [];
    const some = new Map<string, RpcError>();
    const parts: (readonly string[])[] = [wanted];
    let opened: Stream | undefined;
    try {
      for (let tries = 1; parts.length > 0 && !closed; tries++) {
        const part = parts.shift()!;
        const uris = [...granted, ...part];
        const answer = await open({ ...(started && lists), ...(uris.length > 0 && { resourceSubscriptions: uris }) });
        if (!('code' in answer)) {
          opened?.end();
          opened = answer;
          granted.push(...part);
        } else if (part.length === 0 || concernsAll.has(answer.code)) {
          opened?.end();
          return { all: answer, some: new Map() };
        } else if (part.length > 1 && tries < maxTries) parts.unshift(...halved(part));
        else for (const uri of part) some.set(uri, answer);
        const isNothingLeft = parts.length === 0 && opened === undefined && stream === undefined;
        if (isNothingLeft && isWanted([])) parts.push([]);
      }
    } catch (error) {
      opened?.end();
      throw error;
    }
    return { opened, some };
  }

  /** First what was told of until now, then what is new, which is refused more often. */
  function halved(uris: readonly string[]): (readonly string[])[] {
    const firstNew = uris.findIndex((uri) => pending.has(uri));
    const middle = firstNew > 0 ? firstNew : Math.ceil(uris.length / 2);
    return [uris.slice(0, middle), uris.slice(middle)];
  }

  /** Resolves once the server has acknowledged the filter, or refused it. */
  async function open(filter: JsonObject): Promise<Stream | RpcError> {
    const controller = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Stream | RpcError>();
    const seconds = acknowledgedWithinMs / 1000;
    const late = (): void => controller.abort(new GenkanError('upstream_timeout', { server, seconds }));
    const timer = setTimeout(late, acknowledgedWithinMs);
    let own: Stream | undefined;
    const outlet: Outlet = {
      closed: false,
      behind: false,
      interim(message) {
        if (message.kind !== 'notification' || controller.signal.aborted) return;
        if (own !== undefined) return hear(message.method, asWritten(message).params, filter);
        if (message.method !== 'notifications/subscriptions/acknowledged') return; // nothing counts before it
        const { notifications: honoured } = message.params;
        own = {
          honoured: isJsonObject(honoured) ? honoured : {},
          sinceMs: performance.now(),
          over: false,
          end: () => controller.abort(over),
        };
        resolve(own);
      },
    };
    const listen = request(ownId(), 'subscriptions/listen', { notifications: filter });
    send(listen, { outlet, signal: controller.signal })
      .then(
        ({ error }) => (error === undefined ? reject(unacknowledged(server)) : resolve(error)),
        (error: unknown) => reject(error as Error),
      )
      .finally(() => {
        if (own === undefined) return;
        own.over = true;
        if (own === stream && !closed) lose(own);
      });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  function hear(method: string, params: JsonObject, filter: JsonObject): void | Promise<void> {
    const uri = params['uri'];
    const wanted =
      method === resourceUpdated
        ? typeof uri === 'string' && uri.length <= maxUriLength && [...watched].some((own) => isWithin(uri, own))
        : changingLists.some((list) => list.announced === method && filter[list.wanted] === true);
    if (!wanted) return undefined;
    const { _meta, ...rest } = params;
    return push(notification(method, { ...rest, ...withMeta(foreign(_meta)) }));
  }

  /** After a gap everything is said to have changed: a client that looks once too often has missed nothing. */
  function begun(opened: Stream): void {
    if (gap) {
      for (const { wanted, announced } of changingLists)
        if (opened.honoured[wanted] === true) void push(notification(announced));
      for (const uri of watched) void push(notification(resourceUpdated, { uri }));
    }
    gap = false;
    if (opened.over) lose(opened);
  }

  /** A stream that ended by itself is opened again, later each time, unless it had nothing to tell. */
  function lose({ sinceMs, honoured }: Stream): void {
    stream = undefined;
    if (performance.now() - sinceMs > longestPauseMs) failures = 0;
    if (Object.keys(honoured).length > 0) again();
  }

  function again(): void {
    clearTimeout(later);
    if (closed) return;
    gap = true;
    later = setTimeout(begin, Math.min(firstPauseMs * 2 ** failures++, longestPauseMs)).unref();
  }

  function begin(): void {
    renew().then(
      ({ all }) => {
        if (all?.code === INTERNAL_ERROR) again(); // e.g. too many subscriptions; any other refusal stands
      },
      (error: unknown) => {
        log.debug({ server, err: error }, 'a server cannot be listened to');
        again();
      },
    );
  }

  async function enter(uri: string): Promise<RpcError | undefined> {
    if (watched.size >= maxWatched || uri.length > maxUriLength)
      throw new GenkanError('gateway_watched_full', { limit: maxWatched });
    watched.add(uri);
    const { all, some } = await renew().catch((error: unknown) => {
      watched.delete(uri);
      throw error;
    });
    const refused = all ?? some.get(uri);
    const { resourceSubscriptions } = stream?.honoured ?? {};
    const honoured = Array.isArray(resourceSubscriptions) && resourceSubscriptions.includes(uri);
    if (refused === undefined && honoured) return undefined;
    watched.delete(uri);
    if (refused !== undefined) return refused;
    throw new GenkanError('upstream_changes_untold', { server });
  }

  return {
    start() {
      if (started || Object.keys(lists).length === 0) return;
      started = true;
      begin();
    },
    async watch(uri) {
      const asked = pending.get(uri);
      if (asked !== undefined) return asked;
      if (watched.has(uri)) return undefined;
      const asking = enter(uri).finally(() => pending.delete(uri));
      pending.set(uri, asking);
      return asking;
    },
    async unwatch(uri) {
      if (watched.delete(uri)) await renew().catch(() => undefined); // it is no longer heard in any case
    },
    close() {
      closed = true;
      clearTimeout(later);
      stream?.end();
    },
  };
}

const nothing: Refusals & { readonly opened?: Stream } = { some: new Map() };
/** Refusals that say nothing of what was asked for. */
const concernsAll: ReadonlySet<number> = new Set([INTERNAL_ERROR, METHOD_NOT_FOUND]);

function announcedLists(capabilities: JsonObject): JsonObject {
  const announced = changingLists.filter(({ list }) => {
    const declared = capabilities[list];
    return isJsonObject(declared) && declared['listChanged'] === true;
  });
  return Object.fromEntries(announced.map(({ wanted }) => [wanted, true]));
}

const unacknowledged = (server: string): GenkanError =>
  new GenkanError(
    'upstream_answer_invalid',
    { server },
    { detail: 'it ended a subscription without acknowledging it' },
  );
