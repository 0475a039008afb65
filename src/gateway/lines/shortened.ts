// Of a list that is put together with those of others, only so much as can be shown is looked at at all.
import { isJsonObject, result } from '../../protocol/message.ts';
import type { RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import { requests } from '../methods.ts';

/** What of one server's list is shown at `/mcp`. */
export const shownTogether = { items: 5000, bytes: 2_097_152 };

/** Says in the `_meta` of a list that there was more. */
export const shortenedMember = 'genkan/shortened';

/** A server's list with no more than that; a shorter one keeps its original bytes. */
export function shortened({ method }: RequestMessage, response: ResponseMessage): ResponseMessage {
  const { items, bytes } = shownTogether;
  const member = requests.get(method)?.lists?.member;
  const listed: unknown = member && response.result?.[member];
  if (!Array.isArray(listed) || (listed.length <= items && response.raw.length <= bytes)) return response;
  const written = asWritten(response).result!;
  const kept: unknown[] = [];
  let size = 0;
  for (const item of (written[member!] as unknown[]).slice(0, items)) {
    size += JSON.stringify(item).length;
    if (size > bytes) break;
    kept.push(item);
  }
  if (kept.length === listed.length) return response;
  const { _meta: meta } = written;
  return result(response.id!, {
    ...written,
    [member!]: kept,
    _meta: { ...(isJsonObject(meta) && meta), [shortenedMember]: true },
  });
}
