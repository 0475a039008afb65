// Access reviews of a running Genkan, connected: rules, store, notices, and what begins and ends them.
import { parseDuration } from '../../base/duration.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Notifier } from '../../base/notice.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { ApproverSettings, FindPerson, ResolvedApprovers } from '../approvals/approvers.ts';
import { readSettingsFile } from '../settings-file.ts';
import { createMembers } from './members.ts';
import { createReviewKeeper } from './review-keeper.ts';
import type { ReviewEntry, ReviewKeeper } from './review-keeper.ts';
import { createReviewNotices } from './review-notices.ts';
import { createReviewStore } from './review-store.ts';
import { createReviews } from './reviews.ts';
import type { ReviewNeighbours, ReviewRulesInForce, Reviews } from './reviews.ts';
import { reviewRules } from './settings.ts';
import type { Campaign, ReviewRules, ReviewSettings } from './settings.ts';

export interface ReviewDesk extends Reviews, ReviewKeeper {
  readonly campaigns: Readonly<Record<string, Campaign>>;
  resolve(written: readonly ApproverSettings[]): Promise<ResolvedApprovers>;
}

interface DeskNeighbours
  extends
    Omit<ReviewNeighbours, 'store' | 'members'>,
    Pick<Parameters<typeof createReviewKeeper>[1], 'database' | 'leases' | 'log'> {
  readonly findPerson: FindPerson;
  readonly notifier: Notifier;
  readonly record: (entry: ReviewEntry) => Promise<unknown>;
  readonly readFile: (file: string) => string;
}

/** @throws GenkanError `access_review_settings` */
export function createReviewDesk({ settings, campaigns }: ReviewSettings, neighbours: DeskNeighbours): ReviewDesk {
  const rules = readReviewRules(settings, neighbours.readFile);
  const store = createReviewStore(neighbours.database);
  const reviews = createReviews(inForce(rules), { ...neighbours, store, members: createMembers(neighbours) });
  const resolve = (written: readonly ApproverSettings[]): Promise<ResolvedApprovers> =>
    resolveApprovers(written, neighbours.findPerson);
  const keeper = createReviewKeeper(
    { campaigns, beforeMs: parseDuration(rules.autoReviewSettings.notifications.beforeReview)! },
    { ...neighbours, reviews, store, notices: createReviewNotices(neighbours.notifier), resolve },
  );
  return { ...reviews, ...keeper, campaigns, resolve };
}

/** @throws GenkanError `access_review_settings` */
export const readReviewRules = (
  written: ReviewSettings['settings'],
  readFile: (file: string) => string,
): ReviewRules =>
  typeof written === 'string' ? readSettingsFile(written, reviewRules, 'access_review_settings', readFile) : written;

export function inForce({ autoReviewSettings, riskBasedReview }: ReviewRules): ReviewRulesInForce {
  const { inactiveUserThreshold, autoAction, notifications } = autoReviewSettings;
  const { duringReview, afterReview } = notifications;
  return {
    thresholdMs: parseDuration(inactiveUserThreshold)!,
    autoAction,
    reminderMs: parseDuration(duringReview)!,
    resultAfterMs: afterReview === 'immediate' ? 0 : parseDuration(afterReview)!,
    risk: riskBasedReview,
  };
}

/** Checks the rules without opening anything: what is wrong with their file, and which parts have no effect here. */
export function checkReviews(
  settings: ReviewSettings,
  { roles, readFile }: { readonly roles: readonly string[]; readonly readFile: (file: string) => string },
): { readonly mistake?: string; readonly notes: readonly string[] } {
  const { settings: written } = settings;
  try {
    const rules = readReviewRules(written, readFile);
    // Defaults are nobody's belief.
    const source = typeof written === 'string' ? written : undefined;
    const idle = source === undefined ? [] : idleReviewParts(rules, settings, roles);
    return { notes: idle.map((line) => `${source}: ${line}`) };
  } catch (error) {
    if (!(error instanceof GenkanError)) throw error;
    return { mistake: error.message, notes: [] };
  }
}

/** What of the rules has no effect as things are, for whoever believes that it has. */
export function idleReviewParts(
  { autoReviewSettings, riskBasedReview }: ReviewRules,
  { campaigns }: Pick<ReviewSettings, 'campaigns'>,
  roles: readonly string[],
): string[] {
  const said: string[] = [];
  if (Object.keys(campaigns).length === 0)
    said.push(
      `autoReviewSettings.notifications.beforeReview (${autoReviewSettings.notifications.beforeReview}) has nothing to announce: there is no campaign under access.reviews.campaigns`,
    );
  const { enabled, highRiskRoles, riskFactors } = riskBasedReview;
  for (const [index, role] of highRiskRoles.entries())
    if (!enabled) said.push(`riskBasedReview.highRiskRoles[${index}] (${role}) has no effect: enabled is false`);
    else if (!roles.includes(role)) said.push(`riskBasedReview.highRiskRoles[${index}] (${role}) is no role here`);
  for (const [index, factor] of riskFactors.entries())
    if (!enabled) said.push(`riskBasedReview.riskFactors[${index}] (${factor}) has no effect: enabled is false`);
  return said;
}
