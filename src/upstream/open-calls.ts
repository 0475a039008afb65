// Requests that wait for their response on a stream that they share with others (stdio, HTTP+SSE).
import { GenkanError } from '../base/errors.ts';
import { reservedPrefix } from '../protocol/envelope.ts';
import type {
  Era,
  JsonObject,
  NotificationMessage,
  RequestId,
  RequestMessage,
  ResponseMessage,
} from '../protocol/message.ts';
import type { SendOptions } from './channel.ts';
import { InterimGate } from './interim.ts';
import { maxHeldByCallMs, maxHeldMs } from './limits.ts';
import { swapMembers } from '../protocol/swap-members.ts';
import type { Swap } from '../protocol/swap-members.ts';

interface Call {
  /** As its owner knows it. */
  readonly message: RequestMessage;
  /** As the server knows it: under an id and a token that no other call on the stream has. */
  readonly sent: RequestMessage;
  /** A subscription, which stays open for what the server has to say. */
  readonly listens: boolean;
  readonly gate: InterimGate | undefined;
  /** @param end how it ended where the server need not be told: by its doing, or because it never took the request */
  readonly settle: (outcome: ResponseMessage | Error, end?: 'by the server' | 'untaken') => void;
  /** Its owner has yet to read what it was handed. */
  unread: boolean;
  /** A sign of life: the time allowed begins anew, or ends for a subscription that stands. */
  readonly refresh: () => void;
}

export interface OpenCallsOptions {
  readonly server: string;
  readonly era: Era;
  /** Told of every call that was given up while the server may still work on it. */
  readonly onGivenUp: (id: RequestId) => void;
}

/** What was read belongs to a request: it is held back by its owner, or it is done with. */
export interface Taken {
  readonly held?: Promise<void> | undefined;
}

/** Ids and tokens of calls given up that are remembered, so that nothing late ever reaches a later call with the same. */
const maxAbandoned = 1024;

const subscriptionId = `${reservedPrefix}subscriptionId`;
const logLevel = `${reservedPrefix}logLevel`;
const done: Taken = {};

export class OpenCalls {
  readonly #options: OpenCallsOptions;
  // Maps tell 1 from "1", as JSON-RPC does.
  readonly #calls = new Map<RequestId, Call>();
  readonly #tokens = new Map<unknown, Call>();
  readonly #abandoned = new Set<RequestId>();
  readonly #abandonedTokens = new Set<unknown>();
  #renumbered = 0;
  /** Subscriptions that are open. */
  listening = 0;

  constructor(options: OpenCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Registers a call.
   * @returns the request to send, and a promise that settles with the response, a timeout, or the signal's reason
   * @throws GenkanError `inspect_not_jsonrpc` when the id is in use on a legacy stream (MCP base protocol, "Requests": never
   *   reused in a session). Modern clients are not in a session with each other; theirs are told apart
   */
  open(message: RequestMessage, { interim, signal }: SendOptions, timeoutMs: number) {
    signal?.throwIfAborted();
    const sent = this.#unmistakable(message);
    const listens = isListen(message);
    const { promise: answer, resolve, reject } = Promise.withResolvers<ResponseMessage>();
    const timer = setTimeout(() => {
      call.settle(new GenkanError('upstream_timeout', { server: this.#options.server, seconds: timeoutMs / 1000 }));
    }, timeoutMs);
    const abort = (): void => call.settle(signal?.reason as Error);
    const call: Call = {
      message,
      sent,
      listens,
      unread: false,
      gate: interim === undefined ? undefined : new InterimGate(interim, (error) => call.settle(error)),
      refresh: () => (listens ? clearTimeout(timer) : void timer.refresh()),
      settle: (outcome, end) => {
        if (!this.#close(call)) return;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        call.gate?.end();
        if ('kind' in outcome) return resolve(outcome);
        if (end !== 'untaken') this.#abandon(sent);
        reject(outcome);
        if (end === undefined) this.#options.onGivenUp(sent.id);
      },
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#calls.set(sent.id, call);
    const token = tokenOf(sent);
    if (token !== undefined) this.#tokens.set(token, call);
    if (listens) this.listening++;
    return { sent, answer };
  }

  /** Hands a response to its request; `false` when nobody waits for it. */
  respond(response: ResponseMessage): boolean {
    if (response.id === null) return false;
    this.#abandoned.delete(response.id);
    const call = this.#calls.get(response.id);
    call?.settle(asOwn(response, call, ['id'], ['result', '_meta', subscriptionId]));
    return call !== undefined;
  }

  /**
   * Hands a notification to the request that it belongs to.
   * @returns `undefined` when it belongs to none; what holds the stream back does so no longer than the call is open
   */
  take(message: NotificationMessage): Taken | undefined {
    const { method, params } = message;
    const isModern = this.#options.era === 'modern';
    if (method === 'notifications/progress') {
      const call = this.#tokens.get(params['progressToken']);
      if (call?.gate !== undefined) return this.#hand(call, message, ['params', 'progressToken']);
      return isModern ? done : undefined;
    }
    if (!isModern) return undefined;
    // MCP 2026-07-28, subscriptions: on stdio this member alone says which one a notification is for.
    const subscription = (params['_meta'] as JsonObject | undefined)?.[subscriptionId];
    if (subscription !== undefined) {
      const call = this.#calls.get(subscription as RequestId);
      return call?.listens ? this.#hand(call, message, ['params', '_meta', subscriptionId]) : done;
    }
    if (method === 'notifications/cancelled') return this.#tornDown(params['requestId'] as RequestId);
    if (method !== 'notifications/message') return undefined;
    const call = this.#onlyOneLogging();
    return call && this.#hand(call, message);
  }

  /** The server did not take a request: it may be sent again. */
  refuse(id: RequestId, error: Error): void {
    this.#calls.get(id)?.settle(error, 'untaken');
  }

  /** The stream is over. */
  failAll(error: Error): void {
    for (const call of this.#calls.values()) call.settle(error, 'by the server');
  }

  /** MCP 2026-07-28, cancellation: a server cancels only subscriptions, when it tears them down. */
  #tornDown(id: RequestId): Taken {
    const call = this.#calls.get(id);
    const { server } = this.#options;
    if (call?.listens) {
      const detail = 'it ended the subscription';
      call.settle(new GenkanError('upstream_unavailable', { server }, { detail }), 'by the server');
    }
    return done;
  }

  /** MCP 2026-07-28, logging: messages are for a request that asked for them, but do not say for which. */
  #onlyOneLogging(): Call | undefined {
    const asking = [...this.#calls.values()].filter(({ message }) => metaOf(message)?.[logLevel] !== undefined);
    return asking.length === 1 ? asking[0] : undefined;
  }

  #hand(call: Call, message: NotificationMessage, own?: readonly string[]): Taken {
    call.refresh();
    if (call.unread) return done; // its owner still has what came before: others have waited long enough
    const held = call.gate?.deliver(own === undefined ? message : asOwn(message, call, own));
    if (held === undefined) return done;
    call.unread = true;
    const { promise: free, resolve } = Promise.withResolvers<void>();
    // What precedes an answer can be spared, the answer cannot. A subscription that misses something is worth nothing.
    const giveUp = (): void => (call.listens ? call.settle(new GenkanError('gateway_cancelled')) : resolve());
    const timer = setTimeout(giveUp, call.listens ? maxHeldMs : maxHeldByCallMs);
    void held.then(() => {
      clearTimeout(timer);
      call.unread = false;
      resolve();
    });
    return { held: free };
  }

  /** The request under an id and a token that nothing else on this stream can be taken for. */
  #unmistakable(message: RequestMessage): RequestMessage {
    const { id } = message;
    const token = tokenOf(message);
    const inUse = this.#calls.has(id) || this.#abandoned.has(id);
    if (this.#options.era === 'legacy') {
      if (inUse) throw new GenkanError('inspect_not_jsonrpc', { reason: 'its id is in use' });
      return message;
    }
    if (!inUse && !this.#tokens.has(token) && !this.#abandonedTokens.has(token)) return message;
    let unique: string;
    do unique = `genkan-${++this.#renumbered}`;
    while (this.#calls.has(unique) || this.#tokens.has(unique) || this.#isAbandoned(unique));
    return swapMembers(message, [
      [['id'], unique],
      [['params', '_meta', 'progressToken'], unique],
    ]);
  }

  #close({ sent, listens }: Call): boolean {
    if (!this.#calls.delete(sent.id)) return false;
    const token = tokenOf(sent);
    if (this.#tokens.get(token)?.sent === sent) this.#tokens.delete(token);
    if (listens) this.listening--;
    return true;
  }

  /** A client can choose an id that looks like one of ours, and give its call up. */
  #isAbandoned(id: string): boolean {
    return this.#abandoned.has(id) || this.#abandonedTokens.has(id);
  }

  #abandon(sent: RequestMessage): void {
    remember(this.#abandoned, sent.id);
    const token = tokenOf(sent);
    if (token !== undefined) remember(this.#abandonedTokens, token);
  }
}

/** Whether it opens a subscription (MCP 2026-07-28). */
export const isListen = ({ method }: RequestMessage): boolean => method === 'subscriptions/listen';

const metaOf = ({ params }: RequestMessage): JsonObject | undefined => params['_meta'] as JsonObject | undefined;
const tokenOf = (message: RequestMessage): unknown => metaOf(message)?.['progressToken'];

/** What the server said of a call that it knows under another id, as its owner knows it. */
function asOwn<Kind extends NotificationMessage | ResponseMessage>(
  message: Kind,
  { message: asked, sent }: Call,
  ...paths: readonly (readonly string[])[]
): Kind {
  if (asked === sent) return message;
  const swaps = paths.map((path): Swap => {
    return [path, path.at(-1) === 'progressToken' ? (tokenOf(asked) as RequestId) : asked.id];
  });
  return swapMembers(message, swaps);
}

function remember<Value>(set: Set<Value>, value: Value): void {
  set.add(value);
  if (set.size > maxAbandoned) set.delete(set.values().next().value!);
}
