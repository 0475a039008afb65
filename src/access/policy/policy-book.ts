// The book of the policy: what was made while running, every change one version with what it changed, the same on every process.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { announce, everybody } from '../../state/announce.ts';
import type { Database } from '../../state/database.ts';
import { isSame, keyOf, withEdits } from './policy-item.ts';
import type { ItemEdit, Items } from './policy-item.ts';
import { addVersion, changesAfter, newestVersion, storedItems } from './policy-store.ts';
import type { PolicyVersion } from './policy-store.ts';

/** Who makes a change, why, and by which approval. */
export type Cause = Pick<PolicyVersion, 'by' | 'why' | 'approval'>;

/** The policy as one process knows it. */
export interface PolicyState {
  /** The newest version that is in it; 0 before the first. */
  readonly version: number;
  readonly items: Items;
}

/**
 * What a change does, given the policy as it is. Asked in the transaction that makes the change, so what it has found is
 * still so when the change is made.
 * @throws GenkanError where the change may not be made
 */
export type Plan = (items: Items) => readonly ItemEdit[];

export interface PolicyBook {
  /** As it was read last. */
  state(): PolicyState;
  /** Reads what has changed since. */
  refresh(): Promise<void>;
  /**
   * Makes a change: one version, or none where the plan changes nothing.
   * @param transaction of `revocations.commit`, which lets one process write at a time
   * @returns its number
   * @throws GenkanError `access_policy_changed` where something is not as the plan took it to be, and what the plan throws
   */
  write(transaction: Database, plan: Plan, cause: Cause): Promise<number | undefined>;
}

interface BookNeighbours {
  readonly database: Database;
  readonly clock: Clock;
}

export function createPolicyBook({ database, clock }: BookNeighbours): PolicyBook {
  let state: PolicyState = { version: 0, items: new Map() };

  /** The policy as a reader sees it: what is known already, and the changes since. */
  async function readOn(reader: Database): Promise<PolicyState> {
    // First the number: what comes to be between the two readings is read again the next time, which changes nothing.
    const version = await newestVersion(reader);
    if (version === state.version) return state;
    if (state.version > 0) {
      const changes = await changesAfter(reader, 'running', state.version);
      return { version, items: withEdits(state.items, changes) };
    }
    const items = await storedItems(reader, 'running');
    return { version, items: new Map(items.map((item) => [keyOf(item), item])) };
  }

  return {
    state: () => state,
    async refresh() {
      const now = await readOn(database);
      if (now.version > state.version) state = now; // two may read at once, and the slower knows less
    },
    async write(transaction, plan, cause) {
      const { items } = await readOn(transaction);
      const edits = plan(items);
      if (edits.length === 0) return undefined;
      refuseStale(edits, items);
      const version = await addVersion(transaction, edits, { ...cause, source: 'running', atMs: clock.now() });
      const { id: by } = cause.by;
      await announce(transaction, { kind: 'policy', subject: everybody, act: 'change', by, reason: 'change' }, clock);
      return version;
    },
  };
}

/** @throws GenkanError `access_policy_changed` where something is not as a change takes it to be */
export function refuseStale(edits: readonly ItemEdit[], items: Items): void {
  const stale = edits.filter((edit) => !isSame(items.get(keyOf(edit))?.content, edit.before));
  if (stale.length > 0) throw new GenkanError('access_policy_changed', { items: stale.map(keyOf).join(', ') });
}
