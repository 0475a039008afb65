// The book of approvals: asked for, decided once, carried out with the decision or not at all, the same on every process.
import type { Selectable } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import type { Principal } from '../../base/principal.ts';
import { isTooLong } from '../../base/read-details.ts';
import { announce } from '../../state/announce.ts';
import type { ApprovalTables } from '../../state/approval-schema.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import { whyNotDecide } from './approval.ts';
import type { ApprovalNotices } from './approval-notices.ts';
import type { Approval, ApprovalKind, ApprovalRequest, Approver } from './approval.ts';

export interface ApprovalQuery {
  readonly state?: Approval['state'];
  readonly kind?: ApprovalKind;
  readonly requester?: string;
  /** Newest first; 100 if absent, never more than 1,000. */
  readonly limit?: number;
}

export interface Decision {
  readonly verdict: 'approved' | 'denied';
  readonly comment: string;
  /** Whoever approves says that they have read all of what is too long for a page. */
  readonly readWhole?: boolean;
}

/** Does what was approved, in the transaction that makes the decision durable; what throws undoes both. */
export type CarryOut = (approval: Approval, transaction: Database) => Promise<void>;

export interface Approvals {
  /** @returns refusal `access_approvals_too_many` for whoever has too many under way */
  open(request: ApprovalRequest): Promise<Approval | Refusal>;
  find(id: string): Promise<Approval | undefined>;
  list(query?: ApprovalQuery): Promise<Approval[]>;
  /** How many wait for somebody to decide, of all processes. */
  waiting(): Promise<number>;
  /** Why somebody may not decide on an approval as it is now; undefined where they may. */
  whyNot(approval: Approval, by: Principal): Refusal | undefined;
  /**
   * Decides once. The decision and what follows from it are durable, and known to this process, when this resolves.
   * @returns refusal `access_approval_unknown`, `_own`, `_not_approver`, `_mfa`, `_over`, `_unread`
   */
  decide(id: string, by: Principal, decision: Decision): Promise<Approval | Refusal>;
  /** The requester, or who has the right to, takes it back. @returns refusal `access_approval_unknown`, `_over` */
  withdraw(id: string, by: Pick<Principal, 'id' | 'name'>): Promise<Approval | Refusal>;
  /** What is done on approval of a kind; once a kind. */
  carryOut(kind: ApprovalKind, act: CarryOut): void;
  /**
   * Resolves once an approval is no longer pending, whichever process has decided it.
   * @param signal ends the wait; it then rejects with the signal's reason
   */
  settled(id: string, signal?: AbortSignal): Promise<Approval>;
}

interface ApprovalsNeighbours {
  readonly database: Database;
  readonly revocations: Revocations;
  readonly hasSecondFactor: (principal: Principal) => boolean;
  readonly clock: Clock;
  /** Tells people. */
  readonly notices?: ApprovalNotices;
}

/** Under way for one requester: beyond that, nobody reads them any more. */
const maxPending = 20;
/** Asked for by one requester, whatever became of it: taking requests back must not make room for ever new ones. */
const maxPerHour = 60;
const hourMs = 3_600_000;
/** What was decided stands in the audit log; what it was about is not kept for longer. */
const keptMs = 90 * 24 * hourMs;
const longestTimerMs = 2 ** 31 - 1;

export function createApprovals({
  database,
  revocations,
  hasSecondFactor,
  clock,
  notices,
}: ApprovalsNeighbours): Approvals {
  const acts = new Map<ApprovalKind, CarryOut>();
  const waiting = new Map<string, Set<() => void>>();
  revocations.follow(({ kind, subject }) => {
    if (kind === 'approval') for (const look of waiting.get(subject) ?? []) look();
  });

  const read = (row: Selectable<ApprovalTables['approval']>): Approval => approvalOf(row, clock.now());

  async function findIn(reader: Database, id: string): Promise<Approval | undefined> {
    const row = await reader.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
    return row && read(row);
  }

  async function end(
    transaction: Database,
    approval: Approval,
    state: 'approved' | 'denied' | 'withdrawn',
    by: Pick<Principal, 'id' | 'name'>,
    comment: string,
  ): Promise<Approval> {
    const atMs = clock.now();
    await transaction
      .updateTable('approval')
      .set({ state, decided_by: by.id, decided_name: by.name, comment, decided_at: atMs })
      .where('id', '=', approval.id)
      .execute();
    const ended = { ...approval, state, decision: { by: by.id, name: by.name, comment, atMs } };
    if (state === 'approved') await acts.get(approval.kind)?.(ended, transaction);
    const told = { kind: 'approval', subject: approval.id, act: 'change', by: by.id, reason: state } as const;
    await announce(transaction, told, clock);
    return ended;
  }

  return {
    async open(request) {
      const nowMs = clock.now();
      const id = unguessableId();
      // One transaction, so that many at once cannot pass the bound together.
      const opened = await revocations.commit(async (transaction): Promise<Approval | Refusal> => {
        const same = await sameIn(transaction, request, nowMs);
        if (same !== undefined) return read(same);
        await sweep(transaction, nowMs);
        // Of each kind by itself: an agent's calls must not keep its person from an elevation.
        const { pending, opened: lately } = await transaction
          .selectFrom('approval')
          .select(({ fn, eb }) => [
            fn
              .countAll<number>()
              .filterWhere(eb.and([eb('state', '=', 'pending'), eb('expires_at', '>', nowMs)]))
              .as('pending'),
            fn
              .countAll<number>()
              .filterWhere('created_at', '>', nowMs - hourMs)
              .as('opened'),
          ])
          .where('requester', '=', request.requester.id)
          .where('kind', '=', request.kind)
          .executeTakeFirstOrThrow();
        if (pending >= maxPending) return refuse('access_approvals_too_many', { limit: maxPending });
        if (lately >= maxPerHour) return refuse('access_approvals_too_many', { limit: maxPerHour });
        await transaction
          .insertInto('approval')
          .values(rowOf(request, id, nowMs))
          .execute();
        return { ...request, id, state: 'pending', createdAtMs: nowMs };
      });
      if (!isRefusal(opened)) await notices?.requested(opened);
      return opened;
    },
    find: (id) => findIn(database, id),
    async waiting() {
      const { pending } = await database
        .selectFrom('approval')
        .select(({ fn }) => fn.countAll<number>().as('pending'))
        .where('state', '=', 'pending')
        .where('expires_at', '>', clock.now())
        .executeTakeFirstOrThrow();
      return pending;
    },
    async list({ state, kind, requester, limit = 100 } = {}) {
      const nowMs = clock.now();
      const stored = state === 'expired' ? 'pending' : state;
      const rows = await database
        .selectFrom('approval')
        .selectAll()
        .$if(stored !== undefined, (query) => query.where('state', '=', stored!))
        .$if(state === 'pending', (query) => query.where('expires_at', '>', nowMs))
        .$if(state === 'expired', (query) => query.where('expires_at', '<=', nowMs))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
        .$if(requester !== undefined, (query) => query.where('requester', '=', requester!))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(Math.min(limit, 1000))
        .execute();
      return rows.map(read);
    },
    whyNot: (approval, by) => whyNotDecide(approval, by, hasSecondFactor),
    async decide(id, by, { verdict, comment, readWhole = false }) {
      const decided = await revocations.commit(async (transaction): Promise<Approval | Refusal> => {
        const approval = await findIn(transaction, id);
        if (approval === undefined) return refuse('access_approval_unknown');
        const refusal = whyNotDecide(approval, by, hasSecondFactor);
        if (refusal !== undefined) return refusal;
        // At every door, however the answer is put together: pages never say that more was read than they show.
        if (verdict === 'approved' && !readWhole && isTooLong(approval))
          return refuse('access_approval_unread', { id });
        return end(transaction, approval, verdict, by, comment);
      });
      if (!isRefusal(decided)) await notices?.decided(decided);
      return decided;
    },
    withdraw: (id, by) =>
      revocations.commit(async (transaction) => {
        const approval = await findIn(transaction, id);
        if (approval === undefined) return refuse('access_approval_unknown');
        if (approval.state !== 'pending') return refuse('access_approval_over', { state: approval.state });
        return end(transaction, approval, 'withdrawn', by, '');
      }),
    carryOut(kind, act) {
      if (acts.has(kind)) throw new TypeError(`what is done on approval of a ${kind} is said already`);
      acts.set(kind, act);
    },
    settled: (id, signal) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const over = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', aborted);
          const looks = waiting.get(id);
          looks?.delete(look);
          if (looks?.size === 0) waiting.delete(id);
        };
        const fail = (error: unknown): void => {
          over();
          reject(error as Error);
        };
        const aborted = (): void => fail(signal?.reason);
        const look = (): void => {
          findIn(database, id).then((approval) => {
            if (approval === undefined) return fail(new TypeError('there is no such approval'));
            if (approval.state === 'pending') {
              clearTimeout(timer);
              timer = setTimeout(look, Math.min(approval.expiresAtMs - clock.now() + 1, longestTimerMs));
              timer.unref();
              return;
            }
            over();
            resolve(approval);
          }, fail);
        };
        if (signal?.aborted) return aborted();
        signal?.addEventListener('abort', aborted, { once: true });
        if (!waiting.has(id)) waiting.set(id, new Set());
        waiting.get(id)!.add(look);
        look();
      }),
  };
}

async function sweep(transaction: Database, nowMs: number): Promise<void> {
  await transaction
    .deleteFrom('approval')
    .where('expires_at', '<', nowMs - keptMs)
    .execute();
}

/** The one that waits for the same already. */
function sameIn(
  transaction: Database,
  { kind, requester, reference }: ApprovalRequest,
  nowMs: number,
): Promise<Selectable<ApprovalTables['approval']> | undefined> {
  return transaction
    .selectFrom('approval')
    .selectAll()
    .where('reference', '=', reference ?? '') // none has this one
    .where('kind', '=', kind)
    .where('requester', '=', requester.id)
    .where('state', '=', 'pending')
    .where('expires_at', '>', nowMs)
    .executeTakeFirst();
}

function rowOf(request: ApprovalRequest, id: string, nowMs: number): ApprovalTables['approval'] {
  return {
    id,
    kind: request.kind,
    state: 'pending',
    requester: request.requester.id,
    requester_name: request.requester.name,
    reference: request.reference ?? null,
    subject: request.subject,
    details: JSON.stringify(request.details),
    justification: request.justification,
    approvers: JSON.stringify(request.approvers),
    mfa: request.mfa ? 1 : 0,
    created_at: nowMs,
    expires_at: request.expiresAtMs,
    decided_by: null,
    decided_name: null,
    comment: null,
    decided_at: null,
    used_at: null,
    continuation: null,
    rounds: 0,
  };
}

export function approvalOf(row: Selectable<ApprovalTables['approval']>, nowMs: number): Approval {
  const isOver = row.state === 'pending' && row.expires_at <= nowMs;
  return {
    id: row.id,
    kind: row.kind,
    state: isOver ? 'expired' : row.state,
    requester: { id: row.requester, name: row.requester_name },
    ...(row.reference !== null && { reference: row.reference }),
    subject: row.subject,
    details: JSON.parse(row.details) as Record<string, unknown>,
    justification: row.justification,
    approvers: JSON.parse(row.approvers) as Approver[],
    mfa: row.mfa === 1,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    ...(row.decided_by !== null && {
      decision: {
        by: row.decided_by,
        name: row.decided_name ?? '',
        comment: row.comment ?? '',
        atMs: row.decided_at ?? 0,
      },
    }),
  };
}
