// The desk of pins: what waits and why, what is different in it, and saying yes or no to exactly what one has looked at.
import type { Clock } from '../../base/clock.ts';
import { GenkanError, isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { announce } from '../../state/announce.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Reason } from './pin-book.ts';
import { differences } from './pin-diff.ts';
import type { Difference } from './pin-diff.ts';
import { reasonsIn } from './pin-store.ts';
import type { PinRow } from './pin-store.ts';
import type { PinKeeper } from './pins.ts';
import { digestOf } from './surface.ts';
import type { ItemKind } from './surface.ts';

export type PinState = 'approved' | 'waiting' | 'rejected' | 'gone';

export interface PinView {
  readonly server: string;
  readonly kind: ItemKind;
  readonly name: string;
  readonly state: PinState;
  readonly approved?: {
    readonly digest: string;
    readonly by: string;
    readonly name: string;
    readonly why: string;
    readonly atMs: number;
  };
  readonly waiting?: { readonly digest: string; readonly reasons: readonly Reason[]; readonly sinceMs: number };
  readonly rejected?: { readonly digest: string; readonly by: string; readonly name: string; readonly atMs: number };
}

export interface PinComparison extends PinView {
  readonly differences: readonly Difference[];
}

/** What is decided on: one version, or all that wait at a server exactly as they were looked at. */
export interface PinChoice {
  readonly server: string;
  readonly digest: string;
  readonly all: boolean;
  readonly why: string;
}

export interface PinDesk {
  list(query: {
    readonly server?: string | undefined;
    readonly all: boolean;
    readonly limit: number;
  }): Promise<readonly PinView[]>;
  show(query: {
    readonly server: string;
    readonly name?: string | undefined;
    readonly kind?: ItemKind | undefined;
    readonly limit: number;
  }): Promise<{
    readonly pins: readonly PinComparison[];
    /** One digest of all versions that wait at a server, where all of them are shown here: who approves them names it. */
    readonly digestOfAll: string | undefined;
  }>;
  /** @returns refusal `inspect_pin_moved`, `inspect_pin_mfa` */
  approve(choice: PinChoice, by: Principal): Promise<readonly PinView[] | Refusal>;
  /** @returns refusal `inspect_pin_moved`, `inspect_pin_mfa` */
  reject(choice: PinChoice, by: Principal): Promise<readonly PinView[] | Refusal>;
  /** Forgets a server that was removed: the next of that name is met anew. */
  forget(server: string): Promise<void>;
}

interface DeskNeighbours {
  readonly database: Database;
  readonly revocations: Pick<Revocations, 'commit'>;
  readonly hasSecondFactor: (principal: Principal) => boolean;
  /** Whether a second factor is known here at all. */
  readonly mfaKnown: boolean;
  readonly clock: Clock;
}

export function createPinDesk(pins: PinKeeper, neighbours: DeskNeighbours): PinDesk {
  const { database, revocations, hasSecondFactor, mfaKnown, clock } = neighbours;
  const { store } = pins;

  async function decide(
    verdict: 'approve' | 'reject',
    choice: PinChoice,
    by: Principal,
  ): Promise<readonly PinView[] | Refusal> {
    const { server, digest, all, why } = choice;
    if (by.actors !== undefined || by.kind === 'application') return refuse('inspect_pin_not_person');
    if (mfaKnown && by.kind === 'user' && !hasSecondFactor(by)) return refuse('inspect_pin_mfa');
    const decided = await revocations.commit(async (transaction) => {
      const open = await openRows(transaction, server);
      const waiting = open.filter(({ waiting_digest: version }) => version !== null);
      // What is approved is what was looked at: whatever came meanwhile has another digest.
      const chosen = all
        ? surfaceOf(waiting) === digest
          ? waiting
          : []
        : open.filter((row) => versionOf(row)?.digest === digest);
      if (chosen.length === 0) return refuse('inspect_pin_moved', { server });
      const atMs = clock.now();
      for (const row of chosen) {
        const { kind, name } = row;
        const item = { kind: kind as ItemKind, name, ...versionOf(row)! };
        if (verdict === 'approve') await store.approve(transaction, server, item, by, why, atMs);
        else if (row.waiting_digest !== null) await store.reject(transaction, row, by, atMs);
      }
      const told = { kind: 'pin', subject: server, act: 'change', by: by.id, reason: verdict } as const;
      await announce(transaction, told, clock);
      return chosen.map(viewOf);
    });
    if (!isRefusal(decided)) await pins.reload(server);
    return decided;
  }

  function openRows(reader: Database, server: string): Promise<PinRow[]> {
    return reader
      .selectFrom('pin')
      .selectAll()
      .where('server', '=', server)
      .where((or) => or.or([or('waiting_digest', 'is not', null), or('rejected_digest', 'is not', null)]))
      .orderBy('kind')
      .orderBy('name')
      .execute();
  }

  return {
    async list({ server, all, limit }) {
      const rows = await store.rows({ ...(server !== undefined && { server }), waiting: !all, limit });
      return rows.map(viewOf);
    },
    async show({ server, name, kind, limit }) {
      const all =
        name === undefined ? await store.rows({ server, waiting: true, limit }) : await named(server, name, limit);
      const rows = all.filter((row) => kind === undefined || row.kind === kind);
      if (rows.length === 0 && name !== undefined) throw new GenkanError('inspect_pin_unknown', { server });
      // One that is named is shown whole, however long it is.
      const pins = rows.map((row) => {
        const after = row.waiting_text ?? row.rejected_text ?? row.approved_text!;
        const before = row.approved_text === after ? undefined : (row.approved_text ?? undefined);
        return { ...viewOf(row), differences: differences(before, after, { whole: name !== undefined }) };
      });
      const isAll = name === undefined && kind === undefined && rows.length > 0 && rows.length < limit;
      return { pins, digestOfAll: isAll ? surfaceOf(rows) : undefined };
    },
    approve: (choice, by) => decide('approve', choice, by),
    reject: (choice, by) => decide('reject', choice, by),
    async forget(server) {
      await revocations.commit(async (transaction) => {
        await store.forget(transaction, server);
        const told = { kind: 'pin', subject: server, act: 'change', by: 'catalogue', reason: 'removed' } as const;
        await announce(transaction, told, clock);
      });
      await pins.reload(server);
    },
  };

  async function named(server: string, name: string, limit: number): Promise<PinRow[]> {
    return database
      .selectFrom('pin')
      .selectAll()
      .where('server', '=', server)
      .where('name', '=', name)
      .orderBy('kind')
      .limit(limit)
      .execute();
  }
}

/** The version that is decided on: the one that waits, or else the one that was not wanted, for whoever thinks again. */
function versionOf(row: PinRow): { readonly digest: string; readonly text: string } | undefined {
  if (row.waiting_digest !== null) return { digest: row.waiting_digest, text: row.waiting_text! };
  return row.rejected_digest === null ? undefined : { digest: row.rejected_digest, text: row.rejected_text! };
}

const surfaceOf = (rows: readonly PinRow[]): string =>
  digestOf(JSON.stringify(rows.map(({ kind, name, waiting_digest }) => [kind, name, waiting_digest]).sort(byText)));

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

function viewOf(row: PinRow): PinView {
  const { server, kind, name } = row;
  return {
    server,
    kind: kind as ItemKind,
    name,
    state:
      row.waiting_digest !== null
        ? 'waiting'
        : row.rejected_digest !== null
          ? 'rejected'
          : row.gone_at !== null
            ? 'gone'
            : 'approved',
    ...(row.approved_digest !== null && {
      approved: {
        digest: row.approved_digest,
        by: row.approved_by ?? '',
        name: row.approved_name ?? '',
        why: row.approved_why ?? '',
        atMs: row.approved_at ?? 0,
      },
    }),
    ...(row.waiting_digest !== null && {
      waiting: { digest: row.waiting_digest, reasons: reasonsIn(row.reasons), sinceMs: row.waiting_since ?? 0 },
    }),
    ...(row.rejected_digest !== null && {
      rejected: {
        digest: row.rejected_digest,
        by: row.rejected_by ?? '',
        name: row.rejected_name ?? '',
        atMs: row.rejected_at ?? 0,
      },
    }),
  };
}
