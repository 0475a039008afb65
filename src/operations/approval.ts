// Operations on approvals: what waits for somebody's yes, and saying it or not. Never offered over MCP, whoever asks.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Approval } from '../access/approvals/approval.ts';
import { approvalUrl } from '../access/approvals/approval-notices.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import type { Caller } from './operation.ts';
import { fields, table } from './table.ts';

const kinds = ['elevation', 'extension', 'call', 'policy-change'] as const;
const states = ['pending', 'approved', 'denied', 'withdrawn', 'expired'] as const;

const approvalView = z.object({
  id: z.string(),
  kind: z.enum(kinds),
  state: z.enum(states),
  subject: z.string().describe('What is asked for.'),
  requester: z.object({ id: z.string(), name: z.string() }),
  justification: z.string(),
  approvers: z.array(z.string()).describe('Who may decide; one of them is enough.'),
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decidedBy: z.string().optional(),
  decidedAt: z.iso.datetime().optional(),
  comment: z.string().optional(),
  mayDecide: z.boolean().describe('Whether the caller may decide on it now.'),
  whyNot: z.string().optional().describe('Why they may not: an error code.'),
  url: z.string().describe('The page where it is decided. Opening it changes nothing.'),
  details: z.record(z.string(), z.unknown()),
});

const named = z.string().min(1).max(100).describe('Id of the request.');

function viewOf(
  { approvals, publicUrl }: House,
  approval: Approval,
  { principal }: Caller,
): z.output<typeof approvalView> {
  const { decision } = approval;
  const refusal = approvals.whyNot(approval, principal);
  return {
    id: approval.id,
    kind: approval.kind,
    state: approval.state,
    subject: approval.subject,
    requester: approval.requester,
    justification: approval.justification,
    approvers: approval.approvers.map((each) =>
      each.kind === 'operator' ? 'operator' : `${each.kind} ${each.name ?? each.id}`,
    ),
    requestedAt: at(approval.createdAtMs),
    expiresAt: at(approval.expiresAtMs),
    ...(decision && { decidedBy: decision.name, decidedAt: at(decision.atMs), comment: decision.comment }),
    mayDecide: refusal === undefined,
    ...(refusal && { whyNot: refusal.code }),
    url: approvalUrl(publicUrl, approval.id),
    details: { ...approval.details },
  };
}

/** Who may look at a request: who asks, who may decide (with a second factor, even before it), and who administers. */
function maySee({ approvals, access }: House, approval: Approval, { principal }: Caller): boolean {
  if (approval.requester.id === principal.id) return true;
  if (access.allows(principal, 'genkan/approval/list', '/')) return true;
  // What is over was theirs to decide.
  const refusal = approvals.whyNot({ ...approval, state: 'pending' }, principal);
  return refusal === undefined || refusal.code === 'access_approval_mfa';
}

async function seen(house: House, id: string, caller: Caller): Promise<Approval | Refusal> {
  const approval = await house.approvals.find(id);
  return approval !== undefined && maySee(house, approval, caller) ? approval : refuse('access_approval_unknown');
}

const list = defineOperation({
  id: 'approval.list',
  summary:
    'List what waits for an approval: what you may decide, what you have asked for, and all of it for administrators',
  action: 'genkan/approval/list',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    state: z.enum(states).default('pending').describe('Only those in this state.'),
    kind: z.enum(kinds).optional().describe('Only of this kind.'),
    limit: z.int().min(1).max(1000).default(100).describe('At most so many, newest first.'),
  }),
  output: z.object({ approvals: z.array(approvalView) }),
  async run(house, { state, kind, limit }, caller) {
    const all = await house.approvals.list({ state, ...(kind && { kind }), limit: 1000 });
    const theirs = all.filter((approval) => maySee(house, approval, caller)).slice(0, limit);
    return { approvals: theirs.map((approval) => viewOf(house, approval, caller)) };
  },
  print: ({ approvals }) =>
    table(approvals, {
      id: ({ id }) => id,
      kind: ({ kind }) => kind,
      who: ({ requester }) => requester.name,
      what: ({ subject }) => subject,
      why: ({ justification }) => justification,
      state: ({ state }) => state,
      until: ({ state, expiresAt }) => (state === 'pending' ? expiresAt : ''),
      'yours to decide': ({ mayDecide }) => (mayDecide ? 'yes' : ''),
    }),
});

const show = defineOperation({
  id: 'approval.show',
  summary: 'Show a request: who asks for what and why, who may decide, and what has become of it',
  action: 'genkan/approval/show',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named }),
  positional: ['id'],
  output: z.object({ approval: approvalView }),
  resource: ({ id }) => `/approvals/${id}`,
  async run(house, { id }, caller) {
    const approval = await seen(house, id, caller);
    return isRefusal(approval) ? approval : { approval: viewOf(house, approval, caller) };
  },
  print: ({ approval: { details, ...approval } }) => `${fields(approval)}\n\n${fields({ ...details })}`,
});

const decide = (verdict: 'approved' | 'denied') =>
  defineOperation({
    id: `approval.${verdict === 'approved' ? 'approve' : 'deny'}`,
    summary:
      verdict === 'approved'
        ? 'Approve a request, in your own name; nobody approves their own'
        : 'Deny a request, in your own name, and say why',
    about:
      'Decided once. Whoever the policy names decides, with a second factor where one is known here; at the command line of the machine only where the policy names the operator. Never over MCP.',
    action: `genkan/approval/${verdict === 'approved' ? 'approve' : 'deny'}`,
    audience: 'anybody',
    effect: 'write',
    doors: ['cli', 'rest'],
    input: z.strictObject({
      id: named,
      comment: z.string().max(1000).default('').describe('For the requester and the record.'),
      ...(verdict === 'approved' && {
        whole: z
          .boolean()
          .default(false)
          .describe('That you have read all of it: what is too long for a page is approved only so.'),
      }),
    }),
    positional: ['id'],
    output: z.object({ approval: approvalView }),
    resource: ({ id }) => `/approvals/${id}`,
    noted: ({ approval: { kind, subject, requester } }) => ({ kind, subject, requester: requester.id }),
    async run(house, { id, comment, whole }, caller) {
      const approval = await house.approvals.decide(id, caller.principal, {
        verdict,
        comment,
        readWhole: whole === true,
      });
      if (isRefusal(approval)) return approval;
      // What was approved has happened; here it becomes known.
      const elevation = verdict === 'approved' ? elevationOf(approval) : undefined;
      if (elevation !== undefined) await house.elevation.look(elevation);
      return { approval: viewOf(house, approval, caller) };
    },
    print: ({ approval: { subject, requester } }) => `${verdict}: ${subject}, for ${requester.name}`,
  });

/** Id of the elevation that an approval begins or carries on. */
function elevationOf({ id, kind, details }: Approval): string | undefined {
  if (kind === 'elevation') return id;
  return kind === 'extension' ? String(details['elevation']) : undefined;
}

const withdraw = defineOperation({
  id: 'approval.withdraw',
  summary: 'Take a request of your own back; administrators take back any',
  action: 'genkan/approval/withdraw',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named }),
  positional: ['id'],
  output: z.object({ approval: approvalView }),
  resource: ({ id }) => `/approvals/${id}`,
  async run(house, { id }, caller) {
    const { principal } = caller;
    const approval = await house.approvals.find(id);
    const isTheirs = approval?.requester.id === principal.id;
    if (!isTheirs && !house.access.allows(principal, 'genkan/approval/withdraw', '/'))
      return refuse('access_approval_unknown');
    const withdrawn = await house.approvals.withdraw(id, principal);
    return isRefusal(withdrawn) ? withdrawn : { approval: viewOf(house, withdrawn, caller) };
  },
  print: ({ approval: { subject } }) => `withdrawn: ${subject}`,
});

const at = (ms: number): string => new Date(ms).toISOString();

export const approvalOperations = [list, show, decide('approved'), decide('denied'), withdraw];
