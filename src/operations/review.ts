// Operations on access reviews: beginning one, deciding, ending it, and the report. Never offered over MCP, whoever asks.
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Candidate } from '../access/reviews/candidates.ts';
import { figuresOf, removalsOf } from '../access/reviews/review.ts';
import type { Review, ReviewItem } from '../access/reviews/review.ts';
import { durationInput } from './elevation.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import type { Caller } from './operation.ts';
import { fields, table } from './table.ts';

const figures = z.object({
  items: z.int(),
  decided: z.int().describe('Decided by people.'),
  automatic: z.int().describe('Decided by the rules.'),
  undecided: z.int(),
  completionPercent: z.number().describe('Share that people have decided.'),
  kept: z.int(),
  removed: z.int(),
  pending: z.int().describe('Of these, what waits for an approval.'),
  refused: z.int().describe('Of these, what was refused one, and stays.'),
  inactive: z.int().describe('Recommended for removal.'),
  highRisk: z.int(),
  highRiskUndecided: z.int(),
});

const reviewView = z.object({
  id: z.string(),
  campaign: z.string(),
  state: z.enum(['open', 'completed']),
  startedBy: z.string(),
  startedAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  completedAt: z.iso.datetime().optional(),
  reviewers: z.array(z.string()),
  inactiveAfterDays: z.number(),
  recordedDays: z.int().describe('For how many days there were records when it began.'),
  policyVersion: z.int().optional().describe('The version of the policy that took the rights away.'),
  moreVersions: z.array(z.int()).optional().describe('Further ones, where it was more than one version takes.'),
  approvals: z.array(z.string()).optional().describe('The approvals that were asked for.'),
  figures,
});

const candidateView = z.object({
  principal: z.object({ kind: z.enum(['user', 'group', 'application']), id: z.string() }),
  name: z.string(),
  through: z.string().optional().describe('The group through which they have it.'),
  assignment: z.string(),
  role: z.string(),
  scope: z.string(),
  uses: z.int(),
  lastUse: z.iso.datetime().optional(),
  recommendation: z.enum(['keep', 'remove']),
  reason: z
    .enum(['active', 'inactive', 'unused', 'young', 'history'])
    .describe('`young`: it is newer than the threshold. `history`: the record does not reach back so far.'),
  risk: z.enum(['low', 'medium', 'high', 'critical']),
  factors: z.array(z.string()),
});

const itemView = candidateView.extend({
  id: z.int(),
  decision: z.enum(['keep', 'remove']).optional(),
  decidedBy: z.string().optional(),
  comment: z.string().optional(),
  outcome: z.enum(['removed', 'excluded', 'gone', 'pending', 'refused']).optional(),
});

type View = z.output<typeof reviewView>;

const at = (ms: number): string => new Date(ms).toISOString();

function viewOf(review: Review, items: readonly ReviewItem[]): View {
  const { terms, completed } = review;
  const { versions: [version, ...more] = [], approvals = [] } = review.applied ?? {};
  return {
    id: review.id,
    campaign: review.campaign,
    state: review.state,
    startedBy: review.startedBy,
    startedAt: at(review.startedAtMs),
    endsAt: at(review.endsAtMs),
    ...(completed && { completedAt: at(completed.atMs) }),
    reviewers: terms.reviewers.map((each) => (each.kind === 'operator' ? 'operator' : `${each.kind} ${each.id}`)),
    inactiveAfterDays: Math.round((terms.thresholdMs / 86_400_000) * 10) / 10,
    recordedDays: terms.recordedDays,
    ...(version !== undefined && { policyVersion: version }),
    ...(more.length > 0 && { moreVersions: more }),
    ...(approvals.length > 0 && { approvals: [...approvals] }),
    figures: figuresOf(items),
  };
}

const candidateOf = ({ lastUseMs, factors, ...candidate }: Candidate): z.output<typeof candidateView> => ({
  ...candidate,
  factors: [...factors],
  ...(lastUseMs !== undefined && { lastUse: at(lastUseMs) }),
});

const itemOf = ({ id, decision, outcome, ...candidate }: ReviewItem): z.output<typeof itemView> => ({
  ...candidateOf(candidate),
  id,
  ...(decision && { decision: decision.verdict, decidedBy: decision.name, comment: decision.comment }),
  ...(outcome && { outcome }),
});

/** Who may look at a review: its reviewers, for that is what they are for, and who administers. */
function maySee({ access, reviews }: House, review: Review, { principal }: Caller): boolean {
  if (principal.id === review.startedBy || access.allows(principal, 'genkan/review/show', '/')) return true;
  const refusal = reviews.whyNot({ ...review, state: 'open' }, { principal: { kind: 'user', id: '' } }, principal);
  return refusal === undefined || refusal.code === 'access_approval_mfa';
}

async function seen(house: House, id: string, caller: Caller): Promise<Review | Refusal> {
  const review = await house.reviews.find(id);
  return review !== undefined && maySee(house, review, caller) ? review : refuse('access_review_unknown');
}

/** Its end takes rights away, so that whoever begins or ends one could else do by it what they may not do by themselves. */
function whyNotRemove({ access }: House, { principal }: Caller, tool: string): Refusal | undefined {
  const missing = 'genkan/role/unassign';
  if (access.allows(principal, missing, '/')) return undefined;
  return refuse('access_action_missing', { tool, scope: '/', missing }, { data: { missing: [missing] } });
}

const named = z.string().min(1).max(64).describe('Id of the review, from `review list`.');
const only = {
  role: z.string().min(1).max(256).optional().describe('Only rights by this role.'),
  scope: z.string().min(1).max(2048).default('/').describe('Only rights at this scope or below it.'),
};
const rolesOf = (role: string | undefined): string[] => (role === undefined ? [] : [role]);

const list = defineOperation({
  id: 'review.list',
  summary: 'List access reviews: those that you decide on, and for administrators all of them',
  action: 'genkan/review/list',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    state: z.enum(['open', 'completed']).optional().describe('Only those in this state.'),
    limit: z.int().min(1).max(200).default(50).describe('At most so many, newest first.'),
  }),
  output: z.object({ reviews: z.array(reviewView) }),
  async run(house, { state, limit }, caller) {
    const all = await house.reviews.list({ ...(state && { state }), limit: 1000 });
    const theirs = all.filter((review) => maySee(house, review, caller)).slice(0, limit);
    return {
      reviews: await Promise.all(theirs.map(async (review) => viewOf(review, await house.reviews.items(review.id)))),
    };
  },
  print: ({ reviews }) =>
    table(reviews, {
      id: ({ id }) => id,
      campaign: ({ campaign }) => campaign,
      state: ({ state }) => state,
      ends: ({ endsAt, completedAt = endsAt }) => completedAt,
      rights: ({ figures: { items } }) => String(items),
      undecided: ({ figures: { undecided } }) => String(undecided),
      removed: ({ figures: { removed } }) => String(removed),
      completion: ({ figures: { completionPercent } }) => `${completionPercent} %`,
    }),
});

const printItems = (items: readonly z.output<typeof itemView>[]): string =>
  table(items, {
    item: ({ id }) => String(id),
    who: ({ name, through }) => (through === undefined ? name : `${name} (${through})`),
    role: ({ role }) => role,
    scope: ({ scope }) => scope,
    'last use': ({ lastUse = 'never' }) => lastUse,
    risk: ({ risk, factors }) => (factors.length === 0 ? risk : `${risk}: ${factors.join(' ')}`),
    recommended: ({ recommendation, reason }) => `${recommendation} (${reason})`,
    decision: ({ decision = '', decidedBy = '' }) => (decision === '' ? '' : `${decision} by ${decidedBy}`),
    outcome: ({ outcome = '' }) => outcome,
  });

const show = defineOperation({
  id: 'review.show',
  summary:
    'Show an access review: each right that it asks about, with its last use, the recommendation and the decision',
  action: 'genkan/review/show',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named }),
  positional: ['id'],
  output: z.object({ review: reviewView, items: z.array(itemView) }),
  resource: ({ id }) => `/reviews/${id}`,
  async run(house, { id }, caller) {
    const review = await seen(house, id, caller);
    if (isRefusal(review)) return review;
    const items = await house.reviews.items(id);
    return { review: viewOf(review, items), items: items.map(itemOf) };
  },
  print: ({ review: { figures: counted, ...review }, items }) =>
    [fields(review), fields(counted), printItems(items)].join('\n\n'),
});

const preview = defineOperation({
  id: 'review.preview',
  summary: 'Show what an access review would ask about now, and recommend; it begins none',
  action: 'genkan/review/preview',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject(only),
  output: z.object({ items: z.array(candidateView) }),
  run: async ({ reviews }, { role, scope }) => ({
    items: (await reviews.preview({ roles: rolesOf(role), scope })).map(candidateOf),
  }),
  print: ({ items }) => printItems(items.map((item, index) => ({ ...item, id: index + 1 }))),
});

const start = defineOperation({
  id: 'review.start',
  summary: 'Begin an access review: by the terms of a campaign, or by those given here',
  about:
    'Recommendations come from recorded calls. --auto-approve-inactive approves the removal of what was not used; reviewers can still keep it until the review ends.',
  action: 'genkan/review/start',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      campaign: z.string().min(1).max(64).optional().describe('Name of the campaign, whose terms hold.'),
      reviewerUser: z.string().min(1).max(256).optional().describe('Reviewer, by sign-in name or principal id.'),
      reviewerGroup: z.string().min(1).max(256).optional().describe('Group of the reviewers.'),
      ...only,
      lasts: durationInput.default('P14D').describe('How long reviewers have.'),
      autoApproveInactive: z.boolean().default(false).describe('Approve the removal of what was not used.'),
    })
    .refine(
      ({ campaign, reviewerUser, reviewerGroup }) =>
        campaign !== undefined || (reviewerUser ?? reviewerGroup) !== undefined,
      'give campaign, or reviewerUser or reviewerGroup',
    ),
  output: z.object({ review: reviewView }),
  noted: ({ review: { id } }) => ({ review: id }),
  async run(house, input, caller) {
    const { reviews } = house;
    const { principal } = caller;
    const refusal = whyNotRemove(house, caller, 'review start');
    if (refusal !== undefined) return refusal;
    const { campaign: name = '' } = input;
    const campaign = Object.hasOwn(reviews.campaigns, name) ? reviews.campaigns[name] : undefined;
    if (name !== '' && campaign === undefined) return refuse('operation_not_found', { kind: 'campaign', name });
    const written = [
      ...(campaign?.reviewers ?? []),
      ...(input.reviewerUser === undefined ? [] : [{ user: input.reviewerUser }]),
      ...(input.reviewerGroup === undefined ? [] : [{ group: input.reviewerGroup }]),
    ];
    const { approvers, unknown } = await reviews.resolve(written);
    // Whoever begins one does not decide in it.
    if (approvers.every((approver) => approver.kind === 'user' && approver.id === principal.id))
      return refuse('access_review_no_reviewer', {
        names: [...unknown, ...approvers.map(() => principal.name)].join(', '),
      });
    const review = await reviews.start(
      {
        campaign: name,
        reviewers: approvers,
        roles: campaign?.roles ?? rolesOf(input.role),
        scope: campaign?.scope ?? input.scope,
        lastsMs: parseDuration(campaign?.lasts ?? input.lasts)!,
        autoApproveInactive: input.autoApproveInactive || campaign?.autoApproveInactive === true,
      },
      principal.id,
    );
    return { review: viewOf(review, await reviews.items(review.id)) };
  },
  print: ({ review }) =>
    `${review.figures.items} rights, ${review.figures.inactive} of them unused. Decide with: genkan review show ${review.id}`,
});

const decide = defineOperation({
  id: 'review.decide',
  summary: 'Decide on rights of an access review, in your own name; nobody decides on their own',
  action: 'genkan/review/decide',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    id: named,
    item: z.array(z.int().min(1)).min(1).max(1000).describe('Numbers of the rights, from `review show`.'),
    decision: z.enum(['keep', 'remove']).describe('What becomes of them when the review ends.'),
    comment: z.string().max(1000).default('').describe('For the record.'),
  }),
  positional: ['id', 'decision'],
  output: z.object({ items: z.array(itemView) }),
  resource: ({ id }) => `/reviews/${id}`,
  async run(house, { id, item, decision: verdict, comment }, caller) {
    const review = await seen(house, id, caller);
    if (isRefusal(review)) return review;
    const items = await house.reviews.decide(id, item, caller.principal, { verdict, comment });
    return isRefusal(items) ? items : { items: items.map(itemOf) };
  },
  print: ({ items }) => printItems(items),
});

const complete = defineOperation({
  id: 'review.complete',
  summary: 'End an access review now: the rules decide what nobody has, and what is to be removed is',
  action: 'genkan/review/complete',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named }),
  positional: ['id'],
  output: z.object({ review: reviewView }),
  resource: ({ id }) => `/reviews/${id}`,
  noted: ({ review: { figures: counted, policyVersion, moreVersions, approvals } }) => ({
    ...counted,
    policyVersion,
    moreVersions,
    approvals,
  }),
  async run(house, { id }, caller) {
    const { reviews } = house;
    const open = await reviews.find(id);
    const takesAway = open !== undefined && removalsOf(open, await reviews.items(id)).length > 0;
    const refusal = takesAway ? whyNotRemove(house, caller, 'review complete') : undefined;
    if (refusal !== undefined) return refusal;
    const review = await reviews.complete(id, caller.principal);
    return isRefusal(review) ? review : { review: viewOf(review, await reviews.items(id)) };
  },
  print: ({ review: { figures: counted, policyVersion, moreVersions = [], approvals = [] } }) =>
    [
      fields(counted),
      ...[policyVersion ?? [], moreVersions].flat().map((version) => `Undo with: genkan policy revert ${version}`),
      ...approvals.map((approval) => `Waits for: genkan approval show ${approval}`),
    ].join('\n'),
});

export const reviewOperations = [list, show, preview, start, decide, complete];
