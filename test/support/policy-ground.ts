// What changing the policy while running stands on, without a whole house; and assignments made and taken back in few words.
import type { AccessControl } from '../../src/access/access.ts';
import { createApprovals } from '../../src/access/approvals/approvals.ts';
import type { Approvals } from '../../src/access/approvals/approvals.ts';
import type { Assignment, AssignmentRequest } from '../../src/access/assignment.ts';
import type { RunningPolicy } from '../../src/access/policy/policy.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { Database } from '../../src/state/database.ts';
import { createRevocations } from '../../src/state/revocations.ts';

/** @param heard whether changes of other processes are heard of; without it, only on `refresh` */
export async function policyGround(
  database: Database,
  clock: Clock,
  heard = false,
): Promise<RunningPolicy & { readonly approvals: Approvals }> {
  const log = createLog('silent');
  const revocations = await createRevocations({ database, log, ...(!heard && { bell: () => () => undefined }) });
  const approvals = createApprovals({ database, revocations, hasSecondFactor: () => true, clock });
  return { database, revocations, approvals, findPerson: () => Promise.resolve(undefined) };
}

type Changing = Pick<AccessControl, 'policy'>;

/** Assigns at once, as where nobody has to approve it. */
export async function assign({ policy }: Changing, request: AssignmentRequest, by: Principal): Promise<Assignment> {
  return (await policy.changes.assign([request], { by, why: 'test' })).thing[0]!;
}

export async function unassign({ policy }: Changing, id: string): Promise<Assignment> {
  const by: Principal = { id: 'operator', kind: 'operator', name: 'operator', groups: [] };
  return (await policy.changes.unassign(id, { by, why: 'test' })).thing;
}
