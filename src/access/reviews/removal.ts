// Takes away what a review has decided: in versions of the policy that are found again, whenever and wherever it broke off.
import type { Principal } from '../../base/principal.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Assignment } from '../assignment.ts';
import { exclusionFrom } from '../policy/exclusion.ts';
import type { Plan } from '../policy/policy-book.ts';
import type { Outcome, Wish } from '../policy/policy-desk.ts';
import type { PolicyHistory } from '../policy/policy-history.ts';
import { keyOf } from '../policy/policy-item.ts';
import type { ItemEdit, Items, PolicyItem } from '../policy/policy-item.ts';
import { removalsOf, whyOf } from './review.ts';
import type { Applied, Review, ReviewItem } from './review.ts';
import type { ReviewStore } from './review-store.ts';

export interface RemovalNeighbours {
  readonly store: ReviewStore;
  readonly access: {
    readonly assignments: () => readonly Assignment[];
    readonly put: (plan: Plan, wish: Wish) => Promise<Outcome>;
    readonly history: Pick<PolicyHistory, 'list' | 'show'>;
  };
  readonly approvals: Pick<Approvals, 'find'>;
}

export interface Removal {
  /** Removes, or asks for the approval that it needs; goes on where an earlier try broke off. */
  apply(review: Review, by: Principal): Promise<Applied>;
  /** Says of what waited what has become of it, once all approvals are decided or over. */
  settle(review: Review, applied: Applied): Promise<void>;
}

/** One version of the policy takes so many changes, and some more. */
const portion = 900;
const pageOfVersions = 100;

export function createRemoval({ store, access, approvals }: RemovalNeighbours): Removal {
  /** What versions made for a review have changed. */
  async function found(review: Review): Promise<{ readonly versions: number[]; readonly keys: ReadonlySet<string> }> {
    const versions: number[] = [];
    const keys = new Set<string>();
    for (let before: number | undefined; ;) {
      const page = await access.history.list({ before, limit: pageOfVersions });
      for (const { number, why, source } of page) {
        if (why !== whyOf(review) || source !== 'running') continue;
        versions.unshift(number);
        for (const change of (await access.history.show(number)).changes) keys.add(keyOf(change));
      }
      before = page.at(-1)?.number;
      if (page.length < pageOfVersions || page.at(-1)!.atMs < review.startedAtMs) return { versions, keys };
    }
  }

  async function told(review: Review, items: readonly ReviewItem[], otherwise: 'gone' | 'refused'): Promise<number[]> {
    const { versions, keys } = await found(review);
    const outcomeOf = (item: ReviewItem): 'removed' | 'excluded' | 'gone' | 'refused' =>
      keys.has(ownKeyOf(item)) ? 'removed' : keys.has(exclusionKeyOf(item)) ? 'excluded' : otherwise;
    for (const outcome of ['removed', 'excluded', otherwise] as const) {
      const those = items.filter((item) => outcomeOf(item) === outcome);
      await store.outcome(
        review.id,
        those.map(({ id }) => id),
        outcome,
      );
    }
    return versions;
  }

  return {
    async apply(review, by) {
      const goes = removalsOf(review, await store.items(review.id));
      const asked: string[] = [];
      const over: ReviewItem[] = [];
      for (let at = 0; at < goes.length; at += portion) {
        const part = goes.slice(at, at + portion);
        const plan: Plan = (items) => {
          const edits = part.flatMap((item) => editOf(item, items, access.assignments()) ?? []);
          // Two lines that differ in their conditions alone leave somebody out once.
          return [...new Map(edits.map((edit) => [keyOf(edit), edit])).values()];
        };
        const outcome = await access.put(plan, { by, why: whyOf(review) });
        if (outcome.state !== 'pending') over.push(...part);
        else {
          asked.push(outcome.approval.id);
          await store.outcome(
            review.id,
            part.map(({ id }) => id),
            'pending',
          );
        }
      }
      const versions = goes.length === 0 ? [] : await told(review, over, 'gone');
      const applied = { versions, approvals: asked, waits: asked.length > 0 };
      await store.applied(review.id, applied);
      return applied;
    },
    async settle(review, applied) {
      const known = await Promise.all(applied.approvals.map((id) => approvals.find(id)));
      if (known.some((approval) => approval?.state === 'pending')) return;
      const waiting = (await store.items(review.id)).filter(({ outcome }) => outcome === 'pending');
      await store.applied(review.id, { ...applied, versions: await told(review, waiting, 'refused'), waits: false });
    },
  };
}

const ownKeyOf = ({ assignment: id }: ReviewItem): string => keyOf({ kind: 'assignment', id });
const exclusionOf = ({ principal, through, role, scope }: ReviewItem): PolicyItem =>
  exclusionFrom(
    { principal: through === undefined ? principal : { kind: 'group', id: through }, role, scope },
    principal.id,
  );
const exclusionKeyOf = (item: ReviewItem): string => keyOf(exclusionOf(item));

/** One's own assignment goes; from one of a group, or of the configuration, one is left out. */
function editOf(item: ReviewItem, items: Items, assignments: readonly Assignment[]): ItemEdit | undefined {
  const { assignment: id, through } = item;
  if (!assignments.some((each) => each.id === id)) return undefined;
  const own = through === undefined ? items.get(ownKeyOf(item)) : undefined;
  if (own !== undefined) return { kind: 'assignment', id, before: own.content };
  const { content, ...exclusion } = exclusionOf(item);
  return items.has(keyOf(exclusion)) ? undefined : { ...exclusion, after: content };
}
