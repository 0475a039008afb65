// Approvals of single calls: one for the very call, good for making it once.
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/errors.ts';
import { maskSecrets } from '../../base/mask.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { ApprovalDemand, Effect, Primitive } from '../decision.ts';
import { approvalOf } from './approvals.ts';
import type { Approvals } from './approvals.ts';
import type { Approval } from './approval.ts';

/** A call that a rule wants to be looked at first. */
export interface AskedCall {
  readonly principal: Principal;
  readonly server: string;
  readonly primitive: Primitive;
  readonly name: string;
  /** With numbers as they were written: what is approved is what is sent. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly effect: Effect;
  readonly demand: ApprovalDemand;
  readonly sourceIP: string;
}

/** An approval that a call is made with. */
export interface Approved {
  readonly id: string;
  readonly by: string;
}

export interface CallApprovals {
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
  readonly clock: Clock;
}

/** What approvers see of the arguments. Longer ones they see by their digest and beginning. */
const maxShown = 8192;

export function createCallApprovals({ approvals, database, clock }: CallApprovalsNeighbours): CallApprovals {
  const isGood = ({ decision }: Pick<Approval, 'decision'>, withinMs: number): boolean =>
    decision !== undefined && decision.atMs + withinMs > clock.now();

  async function latest(call: AskedCall, reference: string): Promise<Approval | undefined> {
    const row = await database
      .selectFrom('approval')
      .selectAll()
      .where('reference', '=', reference)
      .where('kind', '=', 'call')
      .where('requester', '=', call.principal.id)
      .where('used_at', 'is', null)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && approvalOf(row, clock.now());
  }

  return {
    async begin(call) {
      const { principal, demand, server, primitive, name } = call;
      const reference = referenceOf(call);
      const nowMs = clock.now();
      const withinMs = demand.withinSeconds * 1000;
      const known = await latest(call, reference);
      // A no holds for as long as the question would have: asking again at once would only wear approvers out.
      if (known?.state === 'pending' || (known?.state === 'denied' && known.expiresAtMs > nowMs))
        return { ...known, isNew: false };
      if (known?.state === 'approved' && isGood(known, withinMs)) return { ...known, isNew: false };
      const opened = await approvals.open({
        kind: 'call',
        requester: { id: principal.id, name: principal.name },
        reference,
        subject: `${name} on ${server}`,
        details: {
          rule: demand.rule,
          server,
          primitive,
          name,
          effect: call.effect,
          digest: reference,
          arguments: shown(call.arguments),
          client: principal.clientId ?? '',
          ...(principal.actors !== undefined && { actors: principal.actors }),
          sourceIP: call.sourceIP,
        },
        justification: '',
        approvers: demand.approvers,
        mfa: demand.mfa,
        expiresAtMs: nowMs + withinMs,
      });
      return 'state' in opened ? { ...opened, isNew: true } : opened;
    },
    settled: (id, signal) => approvals.settled(id, signal),
    withdraw: (id, by) => approvals.withdraw(id, by),
    async use(approval, { demand }) {
      if (approval.state !== 'approved' || !isGood(approval, demand.withinSeconds * 1000)) return undefined;
      const { numUpdatedRows } = await database
        .updateTable('approval')
        .set({ used_at: clock.now() })
        .where('id', '=', approval.id)
        .where('state', '=', 'approved')
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n ? { id: approval.id, by: approval.decision!.by } : undefined;
    },
    async interrupted({ id }, requestState) {
      await database
        .updateTable('approval')
        .set({ continuation: digest(requestState) })
        .where('id', '=', id)
        .where('used_at', 'is not', null)
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
        .returning(['id', 'decided_by'])
        .executeTakeFirst();
      return row && { id: row.id, by: row.decided_by ?? '' };
    },
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The same for the same call by the same client, however its members are ordered. */
const referenceOf = ({ principal, server, primitive, name, arguments: given }: AskedCall): string =>
  digest(JSON.stringify([principal.clientId ?? '', principal.actors ?? [], server, primitive, name, inOrder(given)]));

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

/** As JSON text, because reading it again would round numbers. */
function shown(given: AskedCall['arguments']): string {
  const text = JSON.stringify(maskSecrets(given, JSON.isRawJSON), undefined, 2);
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}
