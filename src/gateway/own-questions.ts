// Questions of our own that clients of the stateless era carry beside those of servers: each under a name that is ours.
import { isJsonObject, request } from '../protocol/message.ts';
import type { JsonObject, Message, RequestMessage } from '../protocol/message.ts';
import { asWritten } from '../protocol/written-numbers.ts';

/** The client's answer to a question of ours; undefined where it brings none. */
export function answerTo(message: Message, key: string): JsonObject | undefined {
  const given = message.kind === 'request' ? message.params['inputResponses'] : undefined;
  const answer = isJsonObject(given) && Object.hasOwn(given, key) ? given[key] : undefined;
  return isJsonObject(answer) ? answer : undefined;
}

/** Takes that answer out: it is none of the server's business. */
export function withoutAnswer<Any extends Message>(message: Any, key: string): Any | RequestMessage {
  const given = message.kind === 'request' ? message.params['inputResponses'] : undefined;
  if (message.kind !== 'request' || !isJsonObject(given) || !Object.hasOwn(given, key)) return message;
  const { inputResponses, ...params } = asWritten(message as RequestMessage).params;
  const { [key]: _ours, ...theirs } = inputResponses as JsonObject;
  const kept = Object.keys(theirs).length > 0 ? { ...params, inputResponses: theirs } : params;
  return request(message.id, message.method, kept);
}

/** The same request as if it were made for the first time: without what somebody claims to come back with. */
export function madeAnew(message: RequestMessage): RequestMessage {
  if (message.params['inputResponses'] === undefined && message.params['requestState'] === undefined) return message;
  const { inputResponses: _answers, requestState: _state, ...params } = asWritten(message).params;
  return request(message.id, message.method, params);
}
