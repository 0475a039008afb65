// The conversation of somebody who may use nothing on a server: it is polite, empty, and the server never hears of it.
import { once } from 'node:events';
import { GenkanError } from '../../base/errors.ts';
import { result } from '../../protocol/message.ts';
import type { Era, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { acknowledged, endOfStream } from '../../protocol/subscriptions.ts';
import type { Conversation, RequestOptions } from './conversation.ts';
import { greet } from '../everything/greeting.ts';
import { requests } from '../methods.ts';

/** @param alive false once rights have come, so that the client begins anew and finds the server */
export function createEmpty(era: Era, server: string, alive: () => boolean): Conversation {
  const closed = Promise.withResolvers<void>();

  /** There is nothing to hear of but that rights have come. */
  async function listen({ id }: RequestMessage, { outlet, signal }: RequestOptions): Promise<ResponseMessage> {
    signal.throwIfAborted();
    await outlet.interim(acknowledged(id, { lists: [], uris: [] }));
    if (!signal.aborted) await Promise.race([closed.promise, once(signal, 'abort')]);
    signal.throwIfAborted();
    return endOfStream(id);
  }

  return {
    era,
    alive,
    locate: (target) => Promise.resolve({ ...target, server }),
    request(message, _use, options) {
      const { method, id } = message;
      const lists = requests.get(method)?.lists;
      const complete = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
      if (lists !== undefined) return Promise.resolve(result(id, { ...complete, [lists.member]: [] }));
      if (method === 'initialize' || method === 'server/discover')
        return Promise.resolve(result(id, greet(message, [])));
      if (method === 'subscriptions/listen') return listen(message, options);
      if (method === 'ping' || method === 'logging/setLevel') return Promise.resolve(result(id, {}));
      return Promise.reject(new GenkanError('gateway_method_unknown', { method }));
    },
    deliver: () => Promise.resolve(),
    origin: () => undefined,
    close() {
      closed.resolve();
      return Promise.resolve();
    },
  };
}
