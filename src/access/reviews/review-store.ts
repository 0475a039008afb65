// Reviews in the control database.
import type { Selectable } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { ReviewTables } from '../../state/review-schema.ts';
import type { Candidate, Reason, RiskFactor } from './candidates.ts';
import type { Review, ReviewItem, ReviewTerms } from './review.ts';

export interface Kept extends Review {
  readonly remindedAtMs: number | undefined;
  /** When its result was told. */
  readonly toldAtMs: number | undefined;
}

export interface ReviewStore {
  add(review: Review, candidates: readonly Candidate[]): Promise<void>;
  find(id: string): Promise<Kept | undefined>;
  /** Newest first. */
  list(query: { readonly state?: Review['state']; readonly limit: number }): Promise<Kept[]>;
  items(review: string): Promise<ReviewItem[]>;
  /** @returns false when the review is over, or has no such item */
  decide(review: string, item: number, decision: NonNullable<ReviewItem['decision']>): Promise<boolean>;
  /** Recommended removals that nobody has decided are decided; what a person says at the same time is never overwritten. */
  decideTheRest(review: string, decision: NonNullable<ReviewItem['decision']>): Promise<void>;
  outcome(review: string, items: readonly number[], outcome: NonNullable<ReviewItem['outcome']>): Promise<void>;
  /** @returns false when it was completed already */
  complete(review: string, by: string, atMs: number): Promise<boolean>;
  applied(review: string, applied: NonNullable<Review['applied']>): Promise<void>;
  reminded(review: string, atMs: number): Promise<void>;
  told(review: string, atMs: number): Promise<void>;
}

/** SQLite takes so many values in one statement. */
const portion = 500;

export function createReviewStore(database: Database): ReviewStore {
  const mark = async (
    id: string,
    set: Partial<Pick<ReviewTables['review'], 'reminded_at' | 'told_at' | 'applied'>>,
  ) => {
    await database.updateTable('review').set(set).where('id', '=', id).execute();
  };
  const decided = (review: string, { verdict, by, name, comment, atMs }: NonNullable<ReviewItem['decision']>) =>
    database
      .updateTable('review_item')
      .set({ decision: verdict, decided_by: by, decided_name: name, comment, decided_at: atMs })
      .where('review', '=', review)
      .where(({ exists, selectFrom }) =>
        exists(selectFrom('review').select('id').where('id', '=', review).where('state', '=', 'open')),
      );
  return {
    async add(review, candidates) {
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('review')
          .values({
            id: review.id,
            campaign: review.campaign,
            state: review.state,
            started_by: review.startedBy,
            started_at: review.startedAtMs,
            ends_at: review.endsAtMs,
            terms: JSON.stringify(review.terms),
            reminded_at: null,
            completed_at: null,
            completed_by: null,
            applied: null,
            told_at: null,
          })
          .execute();
        for (let at = 0; at < candidates.length; at += portion) {
          const rows = candidates.slice(at, at + portion).map((each, index) => rowOf(review.id, at + index + 1, each));
          await transaction.insertInto('review_item').values(rows).execute();
        }
      });
    },
    async find(id) {
      const row = await database.selectFrom('review').selectAll().where('id', '=', id).executeTakeFirst();
      return row && reviewOf(row);
    },
    async list({ state, limit }) {
      const rows = await database
        .selectFrom('review')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('state', '=', state!))
        .orderBy('started_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(reviewOf);
    },
    async items(review) {
      const rows = await database
        .selectFrom('review_item')
        .selectAll()
        .where('review', '=', review)
        .orderBy('id')
        .execute();
      return rows.map(itemOf);
    },
    async decide(review, item, decision) {
      const { numUpdatedRows } = await decided(review, decision).where('id', '=', item).executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async decideTheRest(review, decision) {
      await decided(review, decision)
        .where('decision', 'is', null)
        .where('recommendation', '=', 'remove')
        .executeTakeFirst();
    },
    async outcome(review, items, outcome) {
      for (let at = 0; at < items.length; at += portion)
        await database
          .updateTable('review_item')
          .set({ outcome })
          .where('review', '=', review)
          .where('id', 'in', items.slice(at, at + portion))
          .execute();
    },
    async complete(review, by, atMs) {
      const { numUpdatedRows } = await database
        .updateTable('review')
        .set({ state: 'completed', completed_at: atMs, completed_by: by })
        .where('id', '=', review)
        .where('state', '=', 'open')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    applied: (id, applied) => mark(id, { applied: JSON.stringify(applied) }),
    reminded: (id, atMs) => mark(id, { reminded_at: atMs }),
    told: (id, atMs) => mark(id, { told_at: atMs }),
  };
}

const rowOf = (review: string, id: number, candidate: Candidate): ReviewTables['review_item'] => ({
  review,
  id,
  principal_kind: candidate.principal.kind,
  principal: candidate.principal.id,
  name: candidate.name,
  through: candidate.through ?? '',
  assignment: candidate.assignment,
  role: candidate.role,
  scope: candidate.scope,
  uses: candidate.uses,
  last_use: candidate.lastUseMs ?? null,
  recommendation: candidate.recommendation,
  reason: candidate.reason,
  risk: candidate.risk,
  factors: JSON.stringify(candidate.factors),
  decision: null,
  decided_by: null,
  decided_name: null,
  comment: null,
  decided_at: null,
  outcome: null,
});

const itemOf = (row: Selectable<ReviewTables['review_item']>): ReviewItem => ({
  id: row.id,
  principal: { kind: row.principal_kind, id: row.principal },
  name: row.name,
  ...(row.through !== '' && { through: row.through }),
  assignment: row.assignment,
  role: row.role,
  scope: row.scope,
  uses: row.uses,
  ...(row.last_use !== null && { lastUseMs: row.last_use }),
  recommendation: row.recommendation,
  reason: row.reason as Reason,
  risk: row.risk,
  factors: JSON.parse(row.factors) as RiskFactor[],
  ...(row.decision !== null && {
    decision: {
      verdict: row.decision,
      by: row.decided_by ?? '',
      name: row.decided_name ?? '',
      comment: row.comment ?? '',
      atMs: row.decided_at ?? 0,
    },
  }),
  ...(row.outcome !== null && { outcome: row.outcome }),
});

const reviewOf = (row: Selectable<ReviewTables['review']>): Kept => ({
  id: row.id,
  campaign: row.campaign,
  state: row.state,
  startedBy: row.started_by,
  startedAtMs: row.started_at,
  endsAtMs: row.ends_at,
  terms: JSON.parse(row.terms) as ReviewTerms,
  ...(row.completed_at !== null && { completed: { atMs: row.completed_at, by: row.completed_by ?? '' } }),
  ...(row.applied !== null && { applied: JSON.parse(row.applied) as NonNullable<Review['applied']> }),
  remindedAtMs: row.reminded_at ?? undefined,
  toldAtMs: row.told_at ?? undefined,
});
