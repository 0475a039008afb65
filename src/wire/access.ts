// Everything that decides who may do what, connected: roles and assignments, and what waits for somebody's approval.
import { createAccess } from '../access/access.ts';
import type { AccessControl } from '../access/access.ts';
import { createApprovalNotices } from '../access/approvals/approval-notices.ts';
import { createApprovals } from '../access/approvals/approvals.ts';
import type { Approvals } from '../access/approvals/approvals.ts';
import { createCallApprovals } from '../access/approvals/call-approvals.ts';
import type { CallApprovals } from '../access/approvals/call-approvals.ts';
import type { Config } from '../config/load.ts';
import type { Foundation } from './foundation.ts';

export interface OpenAccess {
  readonly access: AccessControl;
  readonly approvals: Approvals;
  readonly calls: CallApprovals;
}

export async function openAccess({ settings }: Config, ground: Foundation): Promise<OpenAccess> {
  const { database, revocations, clock, readFile } = ground;
  // The authentication context that proves a second factor is the one that conditional access knows.
  const { mfa } = settings.identity.conditionalAccess.contexts;
  const approvals = createApprovals({
    database,
    revocations,
    hasSecondFactor: ({ contexts = [] }) => mfa !== undefined && contexts.includes(mfa),
    clock,
    notices: createApprovalNotices(ground.notices, ground.publicUrl),
  });
  const access = await createAccess(settings.access, { database, variables: settings.variables, readFile, clock });
  return { access, approvals, calls: createCallApprovals({ approvals, database, clock }) };
}
