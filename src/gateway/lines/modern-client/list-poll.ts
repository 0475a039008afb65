// Notices changed lists of a server that has no way to tell of them: its lists are read again and again, and compared.
import { createHash } from 'node:crypto';
import type { ResponseMessage } from '../../../protocol/message.ts';
import { isJsonObject } from '../../../protocol/message.ts';
import type { ChangingList } from '../../../protocol/subscriptions.ts';

/** A server that never stops paging does not hold us for ever. */
const maxPages = 100;

export interface ListPollOptions {
  readonly everyMs: number;
  /** Lists to look at; none while the server tells of changes by itself, or nobody wants to know. */
  readonly awaited: () => readonly ChangingList[];
  readonly page: (method: string, cursor: string | undefined) => Promise<ResponseMessage>;
  readonly onChange: (list: ChangingList) => void;
}

/** @returns a function that ends it */
export function startListPoll({ everyMs, awaited, page, onChange }: ListPollOptions): () => void {
  const known = new Map<ChangingList, string>();
  let looking = false;
  let stopped = false;

  async function digestOf({ methods }: ChangingList): Promise<string> {
    const hash = createHash('sha256');
    for (const method of methods) {
      let cursor: string | undefined;
      for (let count = 0; count < maxPages && !stopped; count++) {
        const { result, error } = await page(method, cursor);
        const { nextCursor, _meta, ...listed } = isJsonObject(result) ? result : {};
        hash.update(JSON.stringify([method, listed, error?.code])); // a page is as it is, whatever its cursor is called
        if (typeof nextCursor !== 'string' || nextCursor === cursor) break;
        cursor = nextCursor;
      }
    }
    return hash.digest('base64url');
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    for (const list of awaited()) {
      const digest = await digestOf(list).catch(() => undefined); // a server that fails has not changed its list
      if (digest === undefined || stopped) continue;
      const before = known.get(list);
      known.set(list, digest);
      if (before !== undefined && before !== digest) onChange(list);
    }
    looking = false;
  }

  const timer = setInterval(() => void look(), everyMs).unref();
  void look();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
