// `subscriptions/listen` requests under way: each ends with the right to it, with Genkan, or when the server ends it.
import { GenkanError } from '../base/errors.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { endOfStream } from '../protocol/subscriptions.ts';
import type { Conversation, RequestOptions } from './conversations/conversation.ts';
import type { OpenStreams } from './open-streams.ts';

/**
 * Forwards a request for as long as it may stay open. When we end it, the client is told that it ended in order.
 * @throws GenkanError `gateway_listens_full` when the person has too many open
 */
export type Watch = (
  person: string,
  conversation: Conversation,
  message: RequestMessage,
  options: RequestOptions,
  allowed: () => Promise<boolean>,
) => Promise<ResponseMessage>;

export function createWatch(maxPerPerson: number, streams: OpenStreams): Watch {
  const open = new Map<string, number>();

  function enter(person: string): () => void {
    const already = open.get(person) ?? 0;
    if (already >= maxPerPerson) throw new GenkanError('gateway_listens_full', { limit: maxPerPerson });
    open.set(person, already + 1);
    return () => {
      const left = (open.get(person) ?? 1) - 1;
      if (left > 0) open.set(person, left);
      else open.delete(person);
    };
  }

  return async (person, conversation, message, { outlet, signal, trace }, allowed) => {
    const leave = enter(person);
    const ended = new AbortController();
    const joined = conversation.rights?.joining(message, outlet);
    const forget = streams.add({ allowed, end: () => ended.abort(new GenkanError('gateway_stopping')) });
    const either = AbortSignal.any([signal, ended.signal]);
    try {
      return await conversation.request(message, undefined, {
        outlet: joined?.outlet ?? outlet,
        signal: either,
        trace,
      });
    } catch (error) {
      if (!ended.signal.aborted) throw error;
      return endOfStream(message.id);
    } finally {
      joined?.leave();
      forget();
      leave();
    }
  };
}
