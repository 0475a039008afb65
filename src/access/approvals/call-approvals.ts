// Approvals of single calls: one for the very call, good for making it once.
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { ApprovalDemand, Effect, Primitive } from '../decision.ts';
import { approvalOf } from './approvals.ts';
import type { Approvals } from './approvals.ts';
import type { Approval } from './approval.ts';

/** A call that a rule wants to be looked at first. */
export interface AskedCall {
  readonly principal: Principal;
  readonly method: string;
  readonly server: string;
  readonly primitive: Primitive;
  readonly name: string;
  /** With numbers as they were written: what is approved is what is sent. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What else the server gets of the request, such as `task` and what clients put into `_meta`. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly effect: Effect;
  readonly demand: ApprovalDemand;
  readonly sourceIP: string;
}

/** An approval that a call is made with. */
export interface Approved {
  readonly id: string;
  readonly by: string;
  /** Whether the call was made already, and its client comes back with what the server has asked for. */
  readonly goesOn: boolean;
}

export interface CallApprovals {
  /** The approval that this call has or waits for, if it has been asked for. */
  find(call: AskedCall): Promise<Approval | undefined>;
  /** The approval that this call has or waits for; asks for one where there is none. `isNew` where it has just been asked for. */
  begin(call: AskedCall): Promise<(Approval & { readonly isNew: boolean }) | Refusal>;
  /** As `Approvals.settled`. */
  settled: Approvals['settled'];
  /** Takes an approval for the call, once. @returns undefined when it was taken before, or too long ago given */
  use(approval: Approval, call: AskedCall): Promise<Approved | undefined>;
  withdraw: Approvals['withdraw'];
  /** The approved call was interrupted by a question of the server: whoever brings this state goes on with it, once. */
  interrupted(approved: Approved, requestState: string): Promise<void>;
  /** Whether this is such a return. */
  goesOn(call: AskedCall, requestState: string): Promise<Approved | undefined>;
}

interface CallApprovalsNeighbours {
  readonly approvals: Pick<Approvals, 'open' | 'settled' | 'withdraw'>;
  readonly database: Database;
  /** Whether somebody may still come in: what was approved by whoever was disabled since is approved by nobody. */
  readonly isIn: (person: string) => Promise<boolean>;
  readonly clock: Clock;
}

/** Whoever approves a call sees all of it. What nobody can look through is not approved. */
const maxShown = 8192;
/** Questions of a server in one call. */
const maxRounds = 8;

export function createCallApprovals({ approvals, database, isIn, clock }: CallApprovalsNeighbours): CallApprovals {
  async function isGood({ state, decision, approvers }: Approval, { demand }: AskedCall): Promise<boolean> {
    if (state !== 'approved' || decision === undefined) return false;
    if (decision.atMs + demand.withinSeconds * 1000 <= clock.now()) return false;
    return approvers.some(({ kind }) => kind === 'operator') || isIn(decision.by);
  }

  async function latest(call: AskedCall): Promise<Approval | undefined> {
    const row = await database
      .selectFrom('approval')
      .selectAll()
      .where('reference', '=', referenceOf(call))
      .where('kind', '=', 'call')
      .where('requester', '=', call.principal.id)
      .where('used_at', 'is', null)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && approvalOf(row, clock.now());
  }

  return {
    find: latest,
    async begin(call) {
      const { principal, demand, server, primitive, name, more } = call;
      const reference = referenceOf(call);
      const nowMs = clock.now();
      const [given, besides] = [call.arguments, more].map((part) => JSON.stringify(part, undefined, 2));
      if (given!.length + besides!.length > maxShown)
        return refuse('access_approval_too_long', { rule: demand.rule, limit: maxShown });
      const known = await latest(call);
      // A no holds for as long as the question would have: asking again at once would only wear approvers out.
      if (known?.state === 'pending' || (known?.state === 'denied' && known.expiresAtMs > nowMs))
        return { ...known, isNew: false };
      if (known !== undefined && (await isGood(known, call))) return { ...known, isNew: false };
      const opened = await approvals.open({
        kind: 'call',
        requester: { id: principal.id, name: principal.name },
        reference,
        subject: `${name} on ${server}`,
        details: {
          rule: demand.rule,
          server,
          method: call.method,
          primitive,
          name,
          effect: call.effect,
          // As JSON text, because reading it again would round numbers. Nothing is masked: what is hidden is not approved.
          arguments: given!,
          ...(Object.keys(more).length > 0 && { besides: besides! }),
          client: principal.clientId ?? '',
          ...(principal.actors !== undefined && { actors: principal.actors }),
          sourceIP: call.sourceIP,
        },
        justification: '',
        approvers: demand.approvers,
        mfa: demand.mfa,
        expiresAtMs: nowMs + demand.withinSeconds * 1000,
      });
      return 'state' in opened ? { ...opened, isNew: true } : opened;
    },
    settled: (id, signal) => approvals.settled(id, signal),
    withdraw: (id, by) => approvals.withdraw(id, by),
    async use(approval, call) {
      if (!(await isGood(approval, call))) return undefined;
      const { numUpdatedRows } = await database
        .updateTable('approval')
        .set({ used_at: clock.now() })
        .where('id', '=', approval.id)
        .where('state', '=', 'approved')
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n ? { id: approval.id, by: approval.decision!.by, goesOn: false } : undefined;
    },
    async interrupted({ id }, requestState) {
      await database
        .updateTable('approval')
        .set((row) => ({ continuation: digest(requestState), rounds: row('rounds', '+', 1) }))
        .where('id', '=', id)
        .where('used_at', 'is not', null)
        .where('rounds', '<', maxRounds)
        .execute();
    },
    async goesOn(call, requestState) {
      const row = await database
        .updateTable('approval')
        .set({ continuation: null })
        .where('reference', '=', referenceOf(call))
        .where('kind', '=', 'call')
        .where('requester', '=', call.principal.id)
        .where('continuation', '=', digest(requestState))
        .where('used_at', '>', clock.now() - call.demand.withinSeconds * 1000)
        .returning(['id', 'decided_by'])
        .executeTakeFirst();
      return row && { id: row.id, by: row.decided_by ?? '', goesOn: true };
    },
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * The same for the same call by the same client under the same demand, however its members are ordered: what one approver may
 * allow is not what a stricter rule wants.
 */
const referenceOf = ({
  principal,
  method,
  server,
  primitive,
  name,
  arguments: given,
  more,
  demand,
}: AskedCall): string =>
  digest(
    JSON.stringify([
      principal.clientId ?? '',
      principal.actors ?? [],
      [demand.rule, demand.approvers, demand.mfa],
      [method, server, primitive, name],
      inOrder(given),
      inOrder(more),
    ]),
  );

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
