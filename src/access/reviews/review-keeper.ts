// Lets reviews begin and end by themselves: campaigns by their schedule, reminders, the end, and the result, on one process at a time.
import type { Clock } from '../../base/clock.ts';
import { isRefusal } from '../../base/errors.ts';
import { correlationId } from '../../base/ids.ts';
import { parseDuration } from '../../base/duration.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import type { Leases } from '../../state/leases.ts';
import type { ApproverSettings, ResolvedApprovers } from '../approvals/approvers.ts';
import { figuresOf } from './review.ts';
import type { Kept, ReviewStore } from './review-store.ts';
import type { ReviewNotices } from './review-notices.ts';
import type { Reviews } from './reviews.ts';
import { nextRun } from './settings.ts';
import type { Campaign } from './settings.ts';

export interface ReviewKeeper {
  /** Does what is due now; what cannot be done is tried again at the next look. */
  look(): Promise<void>;
  attend(): void;
  close(): Promise<void>;
}

/** One audit record, as far as the keeper fills it in. */
export interface ReviewEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: 'allowed';
  readonly details: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

interface KeeperNeighbours {
  readonly reviews: Reviews;
  readonly store: ReviewStore;
  readonly notices: ReviewNotices;
  readonly resolve: (written: readonly ApproverSettings[]) => Promise<ResolvedApprovers>;
  readonly record: (entry: ReviewEntry) => Promise<unknown>;
  readonly database: Database;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
}

interface KeeperSettings {
  readonly campaigns: Readonly<Record<string, Campaign>>;
  readonly beforeMs: number;
}

const lookMs = 30_000;
const observeMs = 3_600_000;
/** Acts where nobody does; the operator's kind, so that it is nobody whom a review is about. */
const schedule: Principal = { id: 'schedule', kind: 'operator', name: 'schedule', groups: [] };

export function createReviewKeeper(
  { campaigns, beforeMs }: KeeperSettings,
  neighbours: KeeperNeighbours,
): ReviewKeeper {
  const { reviews, store, notices, resolve, record, database, leases, clock, log } = neighbours;
  let timer: NodeJS.Timeout | undefined;
  let attending = false;
  /** Beginnings of which has been said that they wait for reviewers, by campaign. */
  const waiting = new Map<string, number>();
  let observedAtMs = -Infinity;
  let last: Promise<void> = Promise.resolve();

  const tell = (action: string, review: string, details: object): Promise<unknown> =>
    record({
      timestamp: clock.now(),
      user: schedule.id,
      action,
      resource: `/reviews/${review}`,
      result: 'allowed',
      details: { ...details },
      correlationId: correlationId(),
      sourceIP: '',
      userAgent: '',
    });

  async function lookAtCampaign(name: string, campaign: Campaign): Promise<void> {
    const { schedule: written, timeZone } = campaign;
    const wanted = `${written} ${timeZone}`;
    const nowMs = clock.now();
    const known = await database
      .selectFrom('review_schedule')
      .selectAll()
      .where('campaign', '=', name)
      .executeTakeFirst();
    if (known === undefined || known.schedule !== wanted) {
      const next_at = nextRun(written, timeZone, nowMs)!;
      const row = { campaign: name, schedule: wanted, next_at, announced_for: null };
      await database
        .insertInto('review_schedule')
        .values(row)
        .onConflict((conflict) => conflict.column('campaign').doUpdateSet(row))
        .execute();
      return;
    }
    const set = (change: { next_at?: number; announced_for?: number | null }) =>
      database.updateTable('review_schedule').set(change).where('campaign', '=', name).execute();
    if (nowMs >= known.next_at) {
      const { approvers, unknown } = await resolve(campaign.reviewers);
      const isNews = waiting.get(name) !== known.next_at;
      waiting.set(name, known.next_at);
      if (unknown.length > 0 && isNews)
        log.warn({ campaign: name, unknown }, 'reviewers of an access review are nobody here');
      // Where nobody can object, nothing is taken away: it begins once there is somebody.
      if (approvers.length === 0) return;
      const review = await reviews.start(
        {
          campaign: name,
          reviewers: approvers,
          roles: campaign.roles,
          scope: campaign.scope,
          lastsMs: parseDuration(campaign.lasts)!,
          autoApproveInactive: campaign.autoApproveInactive,
        },
        schedule.id,
      );
      // After that, so that an end in between begins it twice rather than never.
      await set({ next_at: nextRun(written, timeZone, nowMs)! });
      await tell('review.start', review.id, { campaign: name, endsAt: new Date(review.endsAtMs).toISOString() });
    } else if (nowMs >= known.next_at - beforeMs && known.announced_for !== known.next_at) {
      await notices.upcoming(name, known.next_at, (await resolve(campaign.reviewers)).approvers);
      await set({ announced_for: known.next_at });
    }
  }

  async function observe(): Promise<void> {
    if (clock.now() < observedAtMs + observeMs) return;
    await reviews.observe();
    observedAtMs = clock.now();
  }

  async function lookAtOpen(review: Kept): Promise<void> {
    const nowMs = clock.now();
    if (nowMs >= review.endsAtMs) {
      await end(review);
      return;
    }
    const { reminderMs } = review.terms;
    if (nowMs < (review.remindedAtMs ?? review.startedAtMs) + reminderMs) return;
    const figures = figuresOf(await store.items(review.id));
    const round = Math.floor((nowMs - review.startedAtMs) / reminderMs);
    if (figures.undecided > 0) await notices.reminder(review, figures, round);
    await store.reminded(review.id, nowMs);
  }

  async function end({ id }: Kept): Promise<void> {
    // Somebody may have ended it by hand in the meantime.
    if (!isRefusal(await reviews.complete(id, schedule)))
      await tell('review.complete', id, { ...figuresOf(await store.items(id)) });
  }

  /** An end that broke off before the rights were taken away is gone on with, and so is what waited for an approval. */
  async function lookAtCompleted(review: Kept): Promise<void> {
    if (review.applied === undefined) await end(review);
    if (review.applied?.waits === true) await reviews.settle(review.id);
    if (review.toldAtMs !== undefined || clock.now() < review.completed!.atMs + review.terms.resultAfterMs) return;
    await notices.completed(review, figuresOf(await store.items(review.id)));
    await store.told(review.id, clock.now());
  }

  async function lookNow(): Promise<void> {
    const tries: (() => Promise<void>)[] = [
      observe,
      ...Object.entries(campaigns).map(
        ([name, campaign]) =>
          () =>
            lookAtCampaign(name, campaign),
      ),
      ...(await store.list({ state: 'open', limit: 1000 })).map((review) => () => lookAtOpen(review)),
    ];
    for (const attempt of tries) await attempt().catch(late);
    const completed = await store.list({ state: 'completed', limit: 1000 });
    for (const review of completed)
      if (review.toldAtMs === undefined || review.applied === undefined || review.applied.waits)
        await lookAtCompleted(review).catch(late);
  }

  const late = (error: unknown): void => log.error({ err: error }, 'an access review could not be carried on');
  const look = (): Promise<void> => (last = last.catch(() => undefined).then(() => leases.hold('reviews', lookNow)));

  function next(): void {
    if (!attending) return;
    timer = setTimeout(() => void look().catch(late).then(next), lookMs).unref();
  }

  return {
    look,
    attend() {
      attending = true;
      void look().catch(late).then(next);
    },
    async close() {
      attending = false;
      clearTimeout(timer);
      await last.catch(() => undefined);
    },
  };
}
