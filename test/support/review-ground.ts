// Access reviews over a policy in memory, without a whole house: what was recorded, who there is, and what the keeper tells.
import { readFileSync } from 'node:fs';
import { createAccess } from '../../src/access/access.ts';
import type { AccessControl } from '../../src/access/access.ts';
import type { RecordedEntry } from '../../src/access/analysis/recorded-call.ts';
import type { Approvals } from '../../src/access/approvals/approvals.ts';
import type { Person } from '../../src/access/reviews/candidates.ts';
import { createReviewDesk } from '../../src/access/reviews/review-desk.ts';
import type { ReviewDesk } from '../../src/access/reviews/review-desk.ts';
import type { ReviewEntry } from '../../src/access/reviews/review-keeper.ts';
import type { Review } from '../../src/access/reviews/review.ts';
import { accessSettings } from '../../src/access/settings.ts';
import { createLog } from '../../src/base/log.ts';
import type { Notice } from '../../src/base/notice.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { Database } from '../../src/state/database.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';
import { policyGround } from './policy-ground.ts';

export const dayMs = 86_400_000;
export const noonMs = Date.parse('2026-11-21T12:00:00Z');
export const operator: Principal = { id: 'operator', kind: 'operator', name: 'operator', groups: [] };
export const person = (id: string, groups: readonly string[] = []): Principal & Person => ({
  id,
  kind: 'user',
  name: id,
  groups: [...groups],
  contexts: ['c1'],
  external: false,
});

/** One allowed use, so many days ago. */
export const used = (
  who: string,
  daysAgo: number,
  requirement: { readonly action: string; readonly scope: string; readonly data?: boolean },
  by?: string,
): RecordedEntry => ({
  timestamp: noonMs - daysAgo * dayMs,
  user: who,
  action: 'tools/call',
  resource: requirement.scope,
  result: 'allowed',
  details: {},
  effect: 'read',
  groups: [],
  actionRequired: [{ data: false, ...requirement }],
  ...(by !== undefined && { because: [{ assignment: by, role: 'MCP User', scope: '/servers' }] }),
  correlationId: `${who} ${daysAgo} ${requirement.action}`,
  sourceIP: '',
});
export const filesRead = { action: 'mcp/servers/files/tools/read/call', scope: '/servers/files/tools/read' };

interface ReviewGround {
  readonly database: Database;
  readonly clock: { nowMs: number; now(): number };
  readonly access: AccessControl;
  readonly approvals: Approvals;
  readonly desk: ReviewDesk;
  readonly entries: RecordedEntry[];
  readonly people: Person[];
  readonly told: ReviewEntry[];
  readonly notices: Notice[];
  /** Begins one that `rev` decides on. */
  start(by?: string): Promise<Review>;
}

/** Everything older than the threshold is on record: a first entry is 170 days old. */
export async function reviewGround(access: object, people: readonly Person[], given?: Database): Promise<ReviewGround> {
  const database = given ?? (await openDatabase(':memory:'));
  const clock = { nowMs: noonMs, now: (): number => clock.nowMs };
  const running = await policyGround(database, clock);
  const settings = accessSettings.parse(access);
  const readFile = (file: string): string => readFileSync(file, 'utf8');
  const control = await createAccess(settings, { running, variables: {}, readFile, clock });
  const entries: RecordedEntry[] = [used('somebody', 170, filesRead)];
  const everybody = [...people];
  const told: ReviewEntry[] = [];
  const notices: Notice[] = [];
  const desk = createReviewDesk(settings.reviews, {
    access: {
      assignments: control.assignments,
      roles: control.roles,
      put: control.policy.changes.put,
      history: control.policy.history,
    },
    approvals: running.approvals,
    people: () => Promise.resolve(everybody),
    async *scan({ fromMs, toMs }) {
      for (const each of entries.toSorted((one, other) => one.timestamp - other.timestamp))
        if (each.timestamp >= fromMs && each.timestamp < toMs) yield each;
    },
    hasSecondFactor: ({ contexts = [] }) => contexts.includes('c1'),
    mfaKnown: true,
    findPerson: (name) => Promise.resolve(everybody.find((each) => each.name === name)?.id),
    notifier: { notify: (notice) => Promise.resolve(void notices.push(notice)) },
    record: (entry) => Promise.resolve(void told.push(entry)),
    readFile,
    database,
    leases: createLeases({ database, clock: { now: Date.now } }),
    clock,
    log: createLog('silent'),
  });
  const reviewers = [{ kind: 'user', id: 'rev' } as const];
  const wish = { campaign: '', reviewers, roles: [], scope: '/', lastsMs: 14 * dayMs, autoApproveInactive: false };
  const { approvals } = running;
  return {
    database,
    clock,
    access: control,
    approvals,
    desk,
    entries,
    people: everybody,
    told,
    notices,
    start: (by = 'schedule') => desk.start(wish, by),
  };
}
