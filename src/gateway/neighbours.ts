// The rooms that the gateway asks, and what it tells them.
import type { IncomingMessage } from 'node:http';
import type { CallApprovals } from '../access/approvals/call-approvals.ts';
import type { Limits } from '../access/limits/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { Recorder } from '../record/entry.ts';
import type { Arrival } from './arrival.ts';
import type { Judges } from './judge.ts';
import type { Catalogue } from './lines/line.ts';
import type { Observed } from './observed.ts';
import type { TaskBook } from './task-book.ts';
import type { TraceRules } from './tracing.ts';

export interface Verified {
  readonly outcome: 'allow';
  readonly principal: Principal;
  /** When the token ends: nothing that it has shown is to be kept for longer. */
  readonly expiresAtMs?: number;
}

export type Verdict = Verified | Refusal;

export interface Neighbours extends Judges {
  /**
   * Identity: whose token is it, and was it issued for this resource? At once when it was asked before.
   * @param again asked on our own account, so that nobody is to be bothered with a sign-in, and no proof is used up
   */
  readonly verify: (
    authorization: string | undefined,
    resource: string,
    from: Arrival,
    again?: true,
  ) => Verdict | Promise<Verdict>;
  /** Identity: the `WWW-Authenticate` value for a refusal that more of a sign-in, or a wider scope, would undo. */
  readonly challenge: (refusal: Refusal, resource: string, principal?: Principal) => string;
  readonly inspect: Judges['inspect'] & { readonly limits: { readonly maxBytes: number; readonly maxDepth: number } };
  readonly limits: Limits;
  readonly catalogue: Catalogue;
  readonly tasks: TaskBook;
  /** Access: who approves calls that rules want to be looked at. Absent where nobody can be asked. */
  readonly approvals?: CallApprovals | undefined;
  readonly record: Recorder;
  /** Access: those of a person's groups that decisions rest on, for the record; none unless given. */
  readonly holdingGroups?: (principal: Principal) => readonly string[];
  readonly traces: TraceRules;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly sourceAddress: (request: IncomingMessage) => string;
  /** Counts and times one finished request for the metrics. */
  readonly observe: (observed: Observed) => void;
}
