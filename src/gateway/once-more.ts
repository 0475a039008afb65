// A call that a server was too busy for is made once more, where that can do no harm and takes but a moment.
import { setTimeout as passed } from 'node:timers/promises';
import { GenkanError } from '../base/errors.ts';
import type { ResponseMessage } from '../protocol/message.ts';
import type { Ticket } from './judge.ts';

/** The code of a server that asks to be left alone for a while. */
export const leftAlone = 'upstream_rate_limited';

/** Callers wait so long without being told: two seconds, rounded up after what keeps them apart from others was added. */
const longestWaitSeconds = 3;

/** @param signal gives the wait up as well */
export async function onceMore(
  { use, allowed }: Ticket,
  signal: AbortSignal,
  request: () => Promise<ResponseMessage>,
): Promise<ResponseMessage> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof GenkanError) || error.code !== leftAlone) throw error;
    const seconds = error.data?.['retryAfterSeconds'];
    // Both have to say so: what the server says of its tool grants nothing, what a map says may not know of this server.
    const harmless = allowed?.effect === 'read' && use?.tool?.annotations?.readOnlyHint === true;
    if (!harmless || typeof seconds !== 'number' || seconds > longestWaitSeconds) throw error;
    await passed(seconds * 1000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw signal.reason as Error;
    return request();
  }
}
