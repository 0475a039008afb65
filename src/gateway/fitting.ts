// What of a server's answer its caller gets: their part of a list, tasks of their own, nothing for anybody else's cache.
import type { Clock } from '../base/clock.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Conversation } from './conversations/conversation.ts';
import type { Inspected } from './inspected.ts';
import type { Judges, Ticket } from './judge.ts';
import { declareChanges, filterList, keepPrivate } from './lists.ts';
import { requests } from './methods.ts';
import { filterTasks, keepTask } from './tasks.ts';
import type { Visit } from './visit.ts';

export async function fit(
  house: Pick<Judges, 'access' | 'tasks' | 'pins'> & { readonly clock: Clock },
  { arrival, principal, expiresAtMs }: Visit,
  conversation: Conversation,
  message: RequestMessage,
  { use, allowed }: Ticket,
  { response: given, counts: found }: Inspected,
): Promise<{ readonly response: ResponseMessage; readonly counts: object }> {
  const method = requests.get(message.method);
  let response = given;
  let counts = found;
  if (method?.lists) {
    const { cursor } = message.params;
    const { response: own, ...sizes } = filterList(
      given,
      method.lists,
      principal,
      conversation,
      house.access,
      cursor,
      house.pins,
    );
    [response, counts] = [own, { ...found, ...sizes }];
  }
  if (method?.tasks === 'creates') await keepTask(house.tasks, principal, use!, allowed!, response);
  if (method?.tasks === 'lists') response = await filterTasks(house, principal, arrival.server, response);
  if (method?.greets) response = declareChanges(response);
  if (conversation.era === 'modern') response = keepPrivate(response, expiresAtMs - house.clock.now());
  return { response, counts };
}
