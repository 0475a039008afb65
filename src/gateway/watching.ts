// A `subscriptions/listen` request under way: it ends with the right to it, with Genkan, or when the server ends it.
import { GenkanError } from '../base/errors.ts';
import { result } from '../protocol/message.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Conversation, RequestOptions } from './conversation.ts';
import type { OpenStreams } from './open-streams.ts';

/** Forwards the request for as long as it may stay open. When we end it, the client is told that it ended in order. */
export async function watch(
  conversation: Conversation,
  message: RequestMessage,
  { outlet, signal }: RequestOptions,
  streams: OpenStreams,
  allowed: () => Promise<boolean>,
): Promise<ResponseMessage> {
  const ended = new AbortController();
  const forget = streams.add({ allowed, end: () => ended.abort(new GenkanError('gateway_stopping')) });
  try {
    return await conversation.request(message, undefined, { outlet, signal: AbortSignal.any([signal, ended.signal]) });
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    // MCP 2026-07-28, subscriptions: a server that tears a subscription down responds to the request.
    const _meta = { 'io.modelcontextprotocol/subscriptionId': message.id };
    return result(message.id, { resultType: 'complete', _meta });
  } finally {
    forget();
  }
}
