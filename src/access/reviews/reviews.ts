// Access reviews: begun with what was recorded, decided by reviewers, completed by the rules, and applied as one change of the policy.
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import type { Principal } from '../../base/principal.ts';
import { collectUse } from '../analysis/usage.ts';
import type { RecordedEntry } from '../analysis/recorded-call.ts';
import { isAmong } from '../approvals/approval.ts';
import type { Approver } from '../approvals/approval.ts';
import type { Assignment } from '../assignment.ts';
import type { ItemEdit, Items } from '../policy/policy-item.ts';
import { keyOf } from '../policy/policy-item.ts';
import type { Outcome, Wish } from '../policy/policy-desk.ts';
import type { Plan } from '../policy/policy-book.ts';
import type { Role } from '../role.ts';
import { candidatesOf } from './candidates.ts';
import type { Candidate, Person } from './candidates.ts';
import { policyDecides } from './review.ts';
import type { Review, ReviewItem } from './review.ts';
import type { Kept, ReviewStore } from './review-store.ts';

/** What a review is begun with. */
export interface ReviewWish {
  /** Name of the campaign; empty for one by hand. */
  readonly campaign: string;
  readonly reviewers: readonly Approver[];
  readonly roles: readonly string[];
  readonly scope: string;
  readonly lastsMs: number;
  readonly autoApproveInactive: boolean;
}

export interface Reviews {
  /** What a review would ask about now. */
  preview(wish: Pick<ReviewWish, 'roles' | 'scope'>): Promise<readonly Candidate[]>;
  /** @param by principal id, or `schedule` */
  start(wish: ReviewWish, by: string): Promise<Review>;
  find(id: string): Promise<Kept | undefined>;
  list(query: { readonly state?: Review['state']; readonly limit: number }): Promise<Kept[]>;
  items(review: string): Promise<ReviewItem[]>;
  /** Why somebody may not decide on an item. */
  whyNot(review: Review, item: Pick<ReviewItem, 'principal'>, by: Principal): Refusal | undefined;
  /** The last decision counts. @returns refusal `access_review_unknown`, `_over`, `_own`, `access_approval_not_approver`, `access_approval_mfa` */
  decide(
    id: string,
    items: readonly number[],
    by: Principal,
    decision: { readonly verdict: 'keep' | 'remove'; readonly comment: string },
  ): Promise<readonly ReviewItem[] | Refusal>;
  /**
   * Ends a review: what nobody has decided is decided by the rules, and what is to be removed is.
   * @param by who ends it before its time, or the schedule
   */
  complete(id: string, by: Principal): Promise<Review | Refusal>;
}

export interface ReviewRulesInForce {
  readonly thresholdMs: number;
  readonly autoAction: 'removeAccess' | 'noChange';
  readonly reminderMs: number;
  readonly resultAfterMs: number;
  readonly risk: Parameters<typeof candidatesOf>[0]['risk'];
}

export interface ReviewNeighbours {
  readonly store: ReviewStore;
  readonly access: {
    readonly assignments: () => readonly Assignment[];
    readonly roles: () => readonly Role[];
    readonly put: (plan: Plan, wish: Wish) => Promise<Outcome>;
  };
  /** Everybody who may come in, with the groups that count. */
  readonly people: () => Promise<readonly Person[]>;
  readonly scan: (window: { readonly fromMs: number; readonly toMs: number }) => AsyncIterable<RecordedEntry>;
  readonly hasSecondFactor: (principal: Principal) => boolean;
  /** Whether any sign-in can prove a second factor: then reviewers have to. */
  readonly mfaKnown: boolean;
  readonly clock: Clock;
}

const dayMs = 86_400_000;
/** Who never used something cannot be told from who used it long ago unless the record is looked at a bit further back. */
const lookBack = 2;

export function createReviews(rules: ReviewRulesInForce, neighbours: ReviewNeighbours): Reviews {
  const { store, access, people, scan, hasSecondFactor, mfaKnown, clock } = neighbours;

  async function gather(only: Pick<ReviewWish, 'roles' | 'scope'>) {
    const nowMs = clock.now();
    const window = { fromMs: nowMs - lookBack * rules.thresholdMs, toMs: nowMs };
    const usage = await collectUse(scan(window), window);
    const candidates = candidatesOf({
      assignments: access.assignments(),
      people: await people(),
      roles: new Map(access.roles().map((role) => [role.name, role])),
      usage,
      nowMs,
      thresholdMs: rules.thresholdMs,
      risk: rules.risk,
      only,
    });
    const recordedDays = usage.firstMs === undefined ? 0 : Math.floor((nowMs - usage.firstMs) / dayMs);
    return { candidates, recordedDays, nowMs };
  }

  function whyNot(
    { terms, state }: Review,
    { principal: whose }: Pick<ReviewItem, 'principal'>,
    by: Principal,
  ): Refusal | undefined {
    if (whose.id === by.id) return refuse('access_review_own');
    if (!isAmong(terms.reviewers, by)) return refuse('access_approval_not_approver');
    if (mfaKnown && by.kind === 'user' && !hasSecondFactor(by)) return refuse('access_approval_mfa');
    return state === 'open' ? undefined : refuse('access_review_over');
  }

  /** What nobody has decided: inactive rights go where the rules say so, everything else stays as it is. */
  async function decideTheRest(review: Review): Promise<void> {
    const left = (await store.items(review.id)).filter(({ decision }) => decision === undefined);
    for (const { id, recommendation } of left)
      if (recommendation === 'remove' && review.terms.autoAction === 'removeAccess')
        await store.decide(review.id, id, byPolicy('remove', clock.now()));
  }

  async function apply(review: Review, by: Principal): Promise<Review['applied']> {
    const goes = (await store.items(review.id)).filter(({ decision }) => decision?.verdict === 'remove');
    if (goes.length === 0) return {};
    const outcomes = new Map<number, NonNullable<ReviewItem['outcome']>>();
    const plan: Plan = (items) => {
      outcomes.clear();
      return goes.flatMap((item) => {
        const { edit, outcome } = removalOf(item, items, access.assignments());
        outcomes.set(item.id, outcome);
        return edit === undefined ? [] : [edit];
      });
    };
    const outcome = await access.put(plan, { by, why: `review ${review.id}` });
    const of = (wanted: NonNullable<ReviewItem['outcome']>): number[] =>
      [...outcomes].filter(([, each]) => each === wanted).map(([id]) => id);
    const waits = outcome.state === 'pending';
    await store.outcome(review.id, of('removed'), waits ? 'pending' : 'removed');
    await store.outcome(review.id, of('excluded'), waits ? 'pending' : 'excluded');
    await store.outcome(review.id, of('gone'), 'gone');
    if (outcome.state === 'done') return { version: outcome.version };
    return outcome.state === 'pending' ? { approval: outcome.approval.id } : {};
  }

  return {
    preview: async (only) => (await gather(only)).candidates,
    async start(wish, by) {
      const { candidates, recordedDays, nowMs } = await gather(wish);
      const review: Review = {
        id: unguessableId().slice(0, 12),
        campaign: wish.campaign,
        state: 'open',
        startedBy: by,
        startedAtMs: nowMs,
        endsAtMs: nowMs + wish.lastsMs,
        terms: {
          thresholdMs: rules.thresholdMs,
          autoAction: rules.autoAction,
          reminderMs: rules.reminderMs,
          resultAfterMs: rules.resultAfterMs,
          reviewers: wish.reviewers,
          roles: wish.roles,
          scope: wish.scope,
          recordedDays,
        },
      };
      await store.add(review, candidates);
      if (wish.autoApproveInactive)
        for (const { id, recommendation } of await store.items(review.id))
          if (recommendation === 'remove') await store.decide(review.id, id, byPolicy('remove', nowMs));
      return review;
    },
    find: (id) => store.find(id),
    list: (query) => store.list(query),
    items: (review) => store.items(review),
    whyNot,
    async decide(id, wanted, by, { verdict, comment }) {
      const review = await store.find(id);
      const all = review && (await store.items(id));
      const chosen = all?.filter((item) => wanted.includes(item.id)) ?? [];
      if (review === undefined || chosen.length !== new Set(wanted).size) return refuse('access_review_unknown');
      // All or none: a part of what was asked for would look like all of it.
      for (const item of chosen) {
        const refusal = whyNot(review, item, by);
        if (refusal !== undefined) return refusal;
      }
      const decision = { verdict, by: by.id, name: by.name, comment, atMs: clock.now() };
      for (const item of chosen) if (!(await store.decide(id, item.id, decision))) return refuse('access_review_over');
      return chosen.map((item) => ({ ...item, decision }));
    },
    async complete(id, by) {
      const review = await store.find(id);
      if (review === undefined) return refuse('access_review_unknown');
      if (review.state === 'open') await decideTheRest(review);
      // From here on nobody decides any more; an end that broke off before the rights were gone is gone on with.
      const atMs = clock.now();
      if (!(await store.complete(id, by.id, atMs)) && review.applied !== undefined) return refuse('access_review_over');
      const applied = (await apply(review, by)) ?? {};
      await store.applied(id, applied);
      return { ...review, state: 'completed', completed: review.completed ?? { atMs, by: by.id }, applied };
    },
  };
}

const byPolicy = (verdict: 'keep' | 'remove', atMs: number): NonNullable<ReviewItem['decision']> => ({
  verdict,
  by: policyDecides,
  name: policyDecides,
  comment: '',
  atMs,
});

/** One's own assignment goes; from one of a group, or of the configuration, one is left out. */
function removalOf(
  { principal, assignment: id, through }: ReviewItem,
  items: Items,
  assignments: readonly Assignment[],
): { readonly edit?: ItemEdit; readonly outcome: 'removed' | 'excluded' | 'gone' } {
  const assignment = assignments.find((each) => each.id === id);
  if (assignment === undefined) return { outcome: 'gone' };
  const item = items.get(keyOf({ kind: 'assignment', id }));
  if (item !== undefined && through === undefined)
    return { edit: { kind: 'assignment', id, before: item.content }, outcome: 'removed' };
  const exclusion = `${id}:${principal.id}`;
  if (items.has(keyOf({ kind: 'exclusion', id: exclusion }))) return { outcome: 'gone' };
  return {
    edit: { kind: 'exclusion', id: exclusion, after: { assignment: id, principal: principal.id } },
    outcome: 'excluded',
  };
}
