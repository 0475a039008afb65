// Everything that decides who may do what, connected: roles and assignments, and what waits for somebody's approval.
import { createAccess } from '../access/access.ts';
import type { AccessControl } from '../access/access.ts';
import { createApprovalNotices } from '../access/approvals/approval-notices.ts';
import { createApprovals } from '../access/approvals/approvals.ts';
import type { Approvals } from '../access/approvals/approvals.ts';
import { createCallApprovals } from '../access/approvals/call-approvals.ts';
import type { CallApprovals } from '../access/approvals/call-approvals.ts';
import { resolveApprovers } from '../access/approvals/approvers.ts';
import type { ApproverSettings } from '../access/approvals/approvers.ts';
import { createNameBook } from '../access/approvals/name-book.ts';
import { createElevationDesk, eligibleAssignments } from '../access/elevation/elevation-desk.ts';
import type { ElevationDesk } from '../access/elevation/elevation-desk.ts';
import { requestPage } from '../access/elevation/elevation.ts';
import { createPimActivator } from '../access/elevation/pim/pim-activator.ts';
import { createArm } from '../access/elevation/pim/arm.ts';
import { createScheduleRequests } from '../access/elevation/pim/schedule-requests.ts';
import { createReviewDesk } from '../access/reviews/review-desk.ts';
import type { ReviewDesk } from '../access/reviews/review-desk.ts';
import type { Person } from '../access/reviews/candidates.ts';
import { collectRoles } from '../access/roles.ts';
import { createApproverList } from '../access/rules/approver-list.ts';
import type { ApproverList, Resolve } from '../access/rules/approver-list.ts';
import { createRules } from '../access/rules/rules.ts';
import type { ConfiguredRules } from '../access/rules/rules.ts';
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Principal } from '../base/principal.ts';
import type { Config } from '../config/load.ts';
import type { Identity } from '../identity/identity.ts';
import type { Cause } from '../identity/kill-switch/kill-switch.ts';
import type { Foundation } from './foundation.ts';

export interface OpenAccess {
  readonly access: AccessControl;
  readonly approvals: Approvals;
  readonly calls: CallApprovals;
  readonly elevation: ElevationDesk;
  readonly reviews: ReviewDesk;
  readonly rules: ConfiguredRules;
  /** Approvers that others than the rules ask for. */
  readonly approverList: (rule: string, written: readonly ApproverSettings[]) => ApproverList;
}

/** Who is who. Asked only once everything is connected. */
export interface WhoIsWho extends Pick<Identity, 'person' | 'personNamed'> {
  /** Everybody who has signed in and may still come in. */
  everybody(): Promise<readonly Person[]>;
  endGrant(grantId: string, cause: Cause): Promise<boolean>;
  /** Tokens in people's names. */
  readonly callers: Pick<CallerTokens, 'tokenFor'>;
}

export async function openAccess({ settings }: Config, ground: Foundation, who: WhoIsWho): Promise<OpenAccess> {
  const { database, revocations, clock, log, readFile } = ground;
  const { variables } = settings;
  // The authentication context that proves a second factor is the one that conditional access knows.
  const { mfa } = settings.identity.conditionalAccess.contexts;
  const hasSecondFactor = ({ contexts = [] }: Principal): boolean => mfa !== undefined && contexts.includes(mfa);
  const approvals = createApprovals({
    database,
    revocations,
    hasSecondFactor,
    clock,
    notices: createApprovalNotices(ground.notices, ground.publicUrl, (error) =>
      log.error({ err: error }, 'people could not be told of an approval'),
    ),
  });
  const findPerson = createNameBook({ database, lookUp: who.personNamed, clock });
  const resolve: Resolve = (written) => resolveApprovers(written, findPerson);
  const rules = createRules(settings.access.rules, { resolveApprovers: resolve, log });
  const { pim } = settings.access.elevation;
  const requestsAt = (managementUrl: string) =>
    createScheduleRequests(createArm(managementUrl, { callers: who.callers, fetch, clock }));
  const activator =
    pim && createPimActivator(pim, { requests: requestsAt(pim.managementUrl), clock, publicUrl: ground.publicUrl });
  let access: AccessControl | undefined;
  const configuredRoles = [...collectRoles(settings.access.roles, readFile, variables).values()];
  const elevation = createElevationDesk(settings.access, {
    ...ground,
    ...who,
    approvals,
    hasSecondFactor,
    mfaKnown: mfa !== undefined,
    findPerson,
    roles: () => access?.roles() ?? configuredRoles,
    items: () => access?.policy.items('eligibility') ?? [],
    notifier: ground.notices,
    record: (entry) => ground.record.append(entry),
    changed: async () => access?.refresh(),
    ...(activator && { activator }),
  });
  access = await createAccess(settings.access, {
    running: { database, revocations, approvals, findPerson },
    sources: [elevation],
    eligible: { list: async () => eligibleAssignments(elevation.eligible()) },
    rules,
    requestPage: (wish) => requestPage(ground.publicUrl, wish),
    variables,
    readFile,
    clock,
    log,
  });
  await access.refresh(); // who is eligible while running stands in the policy
  const held = access;
  const reviews = createReviewDesk(settings.access.reviews, {
    ...ground,
    access: {
      assignments: held.assignments,
      roles: held.roles,
      put: held.policy.changes.put,
      history: held.policy.history,
    },
    approvals,
    people: () => who.everybody(),
    scan: (window) => ground.record.scan(window),
    hasSecondFactor,
    mfaKnown: mfa !== undefined,
    findPerson,
    notifier: ground.notices,
    record: (entry) => ground.record.append(entry),
  });
  return {
    access,
    approvals,
    elevation,
    reviews,
    rules,
    approverList: (rule, written) => createApproverList(rule, written, { resolveApprovers: resolve, log }),
    calls: createCallApprovals({
      approvals,
      database,
      isIn: async (id) => (await who.person(id)) !== undefined,
      clock,
    }),
  };
}
