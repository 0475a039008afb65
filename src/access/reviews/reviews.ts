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
import type { Leases } from '../../state/leases.ts';
import type { Role } from '../role.ts';
import { candidatesOf } from './candidates.ts';
import type { Candidate, Person } from './candidates.ts';
import type { Members } from './members.ts';
import { createRemoval } from './removal.ts';
import type { RemovalNeighbours } from './removal.ts';
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
  /** Takes over what has become of the approvals that a completed review waits for. */
  settle(id: string): Promise<void>;
  /** Notes who is in which group, so that who has just come is not told from who never does anything. */
  observe(): Promise<void>;
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
  readonly members: Members;
  readonly access: RemovalNeighbours['access'] & { readonly roles: () => readonly Role[] };
  readonly approvals: RemovalNeighbours['approvals'];
  readonly leases: Leases;
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
  const { store, members, access, people, scan, hasSecondFactor, mfaKnown, leases, clock } = neighbours;
  const removal = createRemoval(neighbours);

  async function look() {
    const everybody = await people();
    return { people: everybody, joinedAtMs: await members.note(access.assignments(), everybody) };
  }

  async function gather(only: Pick<ReviewWish, 'roles' | 'scope'>) {
    const nowMs = clock.now();
    const window = { fromMs: nowMs - lookBack * rules.thresholdMs, toMs: nowMs };
    const usage = await collectUse(scan(window), window);
    const candidates = candidatesOf({
      assignments: access.assignments(),
      ...(await look()),
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
    { terms, state, startedBy }: Review,
    { principal: whose }: Pick<ReviewItem, 'principal'>,
    by: Principal,
  ): Refusal | undefined {
    // Who begins a review and decides in it would take rights away alone.
    if (whose.id === by.id || startedBy === by.id) return refuse('access_review_own');
    if (!isAmong(terms.reviewers, by)) return refuse('access_approval_not_approver');
    if (mfaKnown && by.kind === 'user' && !hasSecondFactor(by)) return refuse('access_approval_mfa');
    return state === 'open' ? undefined : refuse('access_review_over');
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
      if (wish.autoApproveInactive) await store.decideTheRest(review.id, byPolicy('remove', nowMs));
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
    // One end at a time, on whichever process: the second finds what the first has done.
    complete: (id, by) =>
      leases.hold(`review:${id}`, async () => {
        const review = await store.find(id);
        if (review === undefined) return refuse('access_review_unknown');
        if (review.applied !== undefined) return refuse('access_review_over');
        const atMs = clock.now();
        // What nobody has decided: inactive rights go where the rules say so, everything else stays as it is.
        if (review.terms.autoAction === 'removeAccess') await store.decideTheRest(id, byPolicy('remove', atMs));
        // From here on nobody decides any more; an end that broke off before the rights were gone is gone on with.
        await store.complete(id, by.id, atMs);
        const ended = { ...review, state: 'completed', completed: review.completed ?? { atMs, by: by.id } } as const;
        return { ...ended, applied: await removal.apply(ended, by) };
      }),
    observe: async () => void (await look()),
    settle: (id) =>
      leases.hold(`review:${id}`, async () => {
        const review = await store.find(id);
        if (review?.applied?.waits === true) await removal.settle(review, review.applied);
      }),
  };
}

const byPolicy = (verdict: 'keep' | 'remove', atMs: number): NonNullable<ReviewItem['decision']> => ({
  verdict,
  by: policyDecides,
  name: policyDecides,
  comment: '',
  atMs,
});
