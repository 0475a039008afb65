// The conversation of somebody who may use nothing on a server: it is polite, empty, and the server never hears of it.
import { GenkanError } from '../base/errors.ts';
import { result } from '../protocol/message.ts';
import type { Era } from '../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import { greet } from './greeting.ts';
import { requests } from './methods.ts';

/** @param alive false once rights have come, so that the client begins anew and finds the server */
export function createEmpty(era: Era, server: string, alive: () => boolean): Conversation {
  return {
    era,
    alive,
    locate: (target) => Promise.resolve({ ...target, server }),
    request(message) {
      const { method, id } = message;
      const lists = requests.get(method)?.lists;
      const complete = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
      if (lists !== undefined) return Promise.resolve(result(id, { ...complete, [lists.member]: [] }));
      if (method === 'initialize' || method === 'server/discover') return Promise.resolve(result(id, greet(message)));
      if (method === 'ping' || method === 'logging/setLevel') return Promise.resolve(result(id, {}));
      return Promise.reject(new GenkanError('gateway_method_unknown', { method }));
    },
    deliver: () => Promise.resolve(),
    origin: () => undefined,
    close: () => Promise.resolve(),
  };
}
