// How long records are kept: old ones go by whole prefixes of the log, their hashes stay, and a record says what went.
import type { Hold } from './holds.ts';
import { covers } from './holds.ts';

/** Width of a tile (c2sp.org/tlog-tiles): prefixes end at its multiples, so that what is left needs whole tiles alone. */
export const prunedBy = 256;

/** What is known of records without reading them. */
export interface Outline {
  readonly timestamp: number;
  readonly user: string;
}

export interface RetentionNeighbours {
  /** The records from one index to before another that are still there. */
  readonly outline: (from: number, to: number) => readonly Outline[];
  readonly oldest: () => number;
  readonly size: () => number;
  readonly nextTurn: () => Promise<unknown>;
}

export interface PrunePlan {
  /** Records with a smaller index may go. */
  readonly before: number;
  readonly oldest: number;
  /** Time of the newest among them. */
  readonly newestMs: number;
  /** What keeps older records from going; absent when only their age does. */
  readonly heldBy?: string;
}

const blocksAtOnce = 16;

/** Finds out which prefix is older than it has to be and needed by nobody. */
export async function planPrune(
  olderThanMs: number,
  holds: readonly Hold[],
  { outline, oldest, size, nextTurn }: RetentionNeighbours,
): Promise<PrunePlan> {
  const first = oldest();
  const last = size() - 1; // one record always stays
  let [before, newestMs] = [first, 0];
  for (let blocks = 1; ; blocks++) {
    const end = (Math.floor(before / prunedBy) + 1) * prunedBy;
    const plan = { before, oldest: first, newestMs };
    if (end > last) return plan;
    const records = outline(before, end);
    if (records.some(({ timestamp }) => timestamp >= olderThanMs)) return plan;
    const hold = holds.find((one) => records.some((record) => covers(one, record)));
    if (hold !== undefined) return { ...plan, heldBy: hold.id };
    newestMs = records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), newestMs);
    before = end;
    if (blocks % blocksAtOnce === 0) await nextTurn();
  }
}
