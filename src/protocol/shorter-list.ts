// Leaves items out of a list that a server has sent; the others stay as they were written.
import { result } from './message.ts';
import type { JsonObject, ResponseMessage } from './message.ts';
import { asWritten } from './written-numbers.ts';

/**
 * @param kept items of the list that the response has under the member's name
 * @param more members of the result to be put in place of the server's
 */
export function shorterList(
  response: ResponseMessage,
  member: string,
  kept: readonly unknown[],
  more: JsonObject = {},
): ResponseMessage {
  const items = response.result![member] as readonly unknown[];
  const left = new Set(kept);
  const written = asWritten(response).result!;
  const own = (written[member] as readonly unknown[]).filter((_item, index) => left.has(items[index]));
  return result(response.id!, { ...written, [member]: own, ...more });
}
