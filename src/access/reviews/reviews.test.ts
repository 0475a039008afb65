// Tests of access reviews: what they ask about and recommend, who decides, what ends them, and that exactly the unused goes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GenkanError, isRefusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { dayMs, noonMs, operator, reviewGround } from '../../../test/support/review-ground.ts';
import type { RecordedEntry } from '../analysis/recorded-call.ts';
import type { Person } from './candidates.ts';
import type { Review } from './review.ts';
import { idleReviewParts, inForce, readReviewRules } from './review-desk.ts';
import { nextRun, reviewRules } from './settings.ts';

const now = noonMs;
const seedFile = path.join(import.meta.dirname, '../../../test/golden/reviews/access-review.json');
const seed = JSON.parse(readFileSync(seedFile, 'utf8')) as Record<string, never>;

const people: readonly Person[] = [
  { id: 'dana', name: 'dana@example.com', groups: ['makers'], external: false },
  { id: 'omar', name: 'omar@example.com', groups: ['makers'], external: false },
  { id: 'guest', name: 'guest#EXT#@example.com', groups: ['makers'], external: true },
  { id: 'sena', name: 'sena@example.com', groups: ['reviewers'], external: false },
];
const person = (id: string, more: Partial<Principal> = {}): Principal => {
  const { name, groups } = people.find((each) => each.id === id)!;
  return { id, kind: 'user', name, groups, contexts: ['c1'], ...more };
};
const sena = person('sena');
const files = { role: 'MCP User', scope: '/servers/files' };

interface Use {
  readonly who: string;
  readonly daysAgo: number;
  /** The assignment that granted it; refused without one. */
  readonly by?: string;
  readonly requires?: { readonly action: string; readonly data: boolean; readonly scope: string };
}

const reads = { action: 'mcp/servers/files/tools/read/call', data: false, scope: '/servers/files/tools/read' };
const restarts = {
  action: 'Microsoft.Compute/virtualMachines/restart/action',
  data: false,
  scope: '/subscriptions/00000000-0000-0000-0000-000000000001',
};

async function open(access: object = {}) {
  const ground = await reviewGround(
    {
      assignments: [
        { principal: { group: 'makers' }, ...files },
        { principal: { user: 'omar' }, role: 'Owner', scope: restarts.scope },
      ],
      reviews: { settings: seedFile },
      ...access,
    },
    people,
  );
  const { access: control, desk } = ground;
  const reviewers = [{ kind: 'group', id: 'reviewers' } as const];
  const wish = { campaign: '', reviewers, roles: [], scope: '/', lastsMs: 14 * dayMs, autoApproveInactive: false };
  const read = { server: 'files', primitive: 'tools', name: 'read', arguments: {} } as const;
  return {
    ...ground,
    use: (...uses: Use[]): void => void ground.entries.push(...uses.map(entryOf)),
    start: (more: object = {}): Promise<Review> => desk.start({ ...wish, ...more }, 'ada'),
    may: (id: string): boolean => control.decide(person(id), read).outcome === 'allow',
    owns: (id: string): boolean =>
      control.allows(person(id), 'Microsoft.Compute/virtualMachines/write', restarts.scope),
    group: control.assignments()[0]?.id ?? '',
    owner: control.assignments()[1]?.id ?? '',
  };
}

function entryOf({ who, daysAgo, by, requires = reads }: Use): RecordedEntry {
  const because = [{ assignment: by ?? '', role: files.role, scope: files.scope }];
  return {
    timestamp: now - daysAgo * dayMs,
    user: who,
    action: 'tools/call',
    resource: '/servers/files/tools/read',
    result: by === undefined ? 'denied' : 'allowed',
    details: by === undefined ? { code: 'access_action_missing' } : {},
    effect: 'read',
    groups: ['makers'],
    actionRequired: [requires],
    ...(by !== undefined && { because }),
    correlationId: `${who} ${daysAgo}`,
    sourceIP: '',
  };
}

const codeOf = (given: object): string => (isRefusal(given) ? given.code : 'none');
const told = (items: readonly { readonly name: string; readonly role: string; readonly reason: string }[]) =>
  items.map(({ name, role, reason }) => `${name.split(/[@#]/)[0]} ${role}: ${reason}`).sort();

test('asks about each right of each person, and recommends to remove what was not used for 90 days', async () => {
  const { desk, use, group, owner } = await open();
  use(
    { who: 'dana', daysAgo: 2, by: group },
    { who: 'omar', daysAgo: 100, by: group },
    { who: 'omar', daysAgo: 1, by: owner, requires: restarts },
  );
  assert.deepEqual(told(await desk.preview({ roles: [], scope: '/' })), [
    'dana MCP User: active',
    'guest MCP User: unused',
    'omar MCP User: inactive',
    'omar Owner: active',
  ]);
  assert.deepEqual(told(await desk.preview({ roles: ['Owner'], scope: '/' })), ['omar Owner: active']);
  assert.deepEqual((await desk.preview({ roles: [], scope: '/servers' })).length, 3);
});

test('what is younger than the threshold, and what the record does not reach back to, is not called unused', async () => {
  const { desk, access, entries } = await open();
  await access.policy.changes.assign([{ principal: { kind: 'user', id: 'dana' }, ...files }], {
    by: operator,
    why: '',
  });
  const reasons = async (): Promise<string[]> => told(await desk.preview({ roles: ['MCP User'], scope: '/' }));
  assert.ok((await reasons()).includes('dana MCP User: young'));
  entries.splice(0, 1, entryOf({ who: 'sena', daysAgo: 30 }));
  assert.ok((await reasons()).includes('omar MCP User: history'));
});

test('a review ends: exactly the unused goes, in one version that can be taken back', async () => {
  const { desk, access, use, start, group, owner, may, owns } = await open();
  use({ who: 'dana', daysAgo: 2, by: group }, { who: 'omar', daysAgo: 100, by: owner, requires: restarts });
  const { id } = await start();
  assert.deepEqual([may('dana'), may('omar'), may('guest'), owns('omar')], [true, true, true, true]);
  const ended = await desk.complete(id, operator);
  assert.ok(!isRefusal(ended));
  assert.deepEqual([may('dana'), may('omar'), may('guest'), owns('omar')], [true, false, false, false]);
  assert.deepEqual(
    (await desk.items(id)).map(({ outcome, decision }) => `${outcome} ${decision?.verdict} ${decision?.by}`).sort(),
    ['excluded remove policy', 'excluded remove policy', 'excluded remove policy', 'undefined undefined undefined'],
  );
  assert.equal(codeOf(await desk.complete(id, operator)), 'access_review_over');
  await access.policy.changes.revert(ended.applied!.versions[0]!, false, { by: operator, why: 'too much' });
  assert.deepEqual([may('omar'), owns('omar')], [true, true]);
});

test('an assignment of one person that was made while running is removed as such', async () => {
  const { desk, access, start, clock, use } = await open({ assignments: [] });
  use({ who: 'sena', daysAgo: 10 });
  await access.policy.changes.assign([{ principal: { kind: 'user', id: 'dana' }, ...files }], {
    by: operator,
    why: '',
  });
  clock.nowMs += 91 * dayMs;
  const { id } = await start();
  await desk.complete(id, operator);
  assert.deepEqual(access.assignments(), []);
  assert.deepEqual(
    (await desk.items(id)).map(({ outcome }) => outcome),
    ['removed'],
  );
});

test('reviewers decide in their own name with a second factor, never on themselves, and what they say counts', async () => {
  const { desk, start, may } = await open({
    assignments: [
      { principal: { group: 'makers' }, ...files },
      { principal: { group: 'reviewers' }, ...files },
    ],
  });
  const { id } = await start();
  const items = await desk.items(id);
  const of = (name: string): number => items.find((item) => item.name.startsWith(name))!.id;
  const keep = { verdict: 'keep', comment: 'needed at the end of the year' } as const;
  for (const [by, code] of [
    [person('dana'), 'access_approval_not_approver'],
    [person('sena', { contexts: [] }), 'access_approval_mfa'],
    [person('sena', { actors: ['assistant'] }), 'access_approval_not_approver'],
    [operator, 'access_approval_not_approver'],
  ] as const)
    assert.equal(codeOf(await desk.decide(id, [of('omar')], by, keep)), code);
  assert.equal(codeOf(await desk.decide(id, [of('omar'), of('sena')], sena, keep)), 'access_review_own');
  assert.equal(
    (await desk.items(id)).every(({ decision }) => decision === undefined),
    true,
    'all or none',
  );
  assert.equal(codeOf(await desk.decide(id, [99], sena, keep)), 'access_review_unknown');
  assert.equal(codeOf(await desk.decide(id, [of('omar')], sena, keep)), 'none');
  assert.equal(codeOf(await desk.decide(id, [of('dana')], sena, { verdict: 'remove', comment: '' })), 'none');
  await desk.complete(id, operator);
  assert.deepEqual([may('dana'), may('omar'), may('guest'), may('sena')], [false, true, false, false]);
  assert.equal(codeOf(await desk.decide(id, [of('omar')], sena, keep)), 'access_review_over');
});

test('auto-approve-inactive approves the removal from the beginning, and a reviewer can still keep it', async () => {
  const { desk, start, may } = await open();
  const { id } = await start({ autoApproveInactive: true });
  const items = await desk.items(id);
  assert.equal(
    items.every(({ decision }) => decision?.verdict === 'remove' && decision.by === 'policy'),
    true,
  );
  const omar = items.find(({ name, role }) => name.startsWith('omar') && role === 'MCP User')!;
  await desk.decide(id, [omar.id], sena, { verdict: 'keep', comment: '' });
  await desk.complete(id, operator);
  assert.deepEqual([may('omar'), may('dana')], [true, false]);
});

test('where four eyes are demanded the removal waits for them, and the review says for which', async () => {
  const approvers = [{ user: 'https://login#ada' }];
  const { desk, approvals, start, may } = await open({ changes: { approval: 'required', approvers, mfa: false } });
  const { id } = await start();
  const ended = await desk.complete(id, operator);
  assert.ok(!isRefusal(ended) && ended.applied !== undefined);
  assert.equal(may('omar'), true);
  const ada: Principal = { id: 'https://login#ada', kind: 'user', name: 'ada', groups: [] };
  await approvals.decide(ended.applied.approvals[0]!, ada, { verdict: 'approved', comment: '' });
  await start(); // reads the policy anew
});

test('a campaign begins by its schedule, is announced before, reminds, ends, and tells the result', async () => {
  const campaign = {
    schedule: '0 9 1 * *',
    timeZone: 'Asia/Tokyo',
    lasts: 'P14D',
    reviewers: [{ group: 'reviewers' }],
  };
  const {
    desk,
    clock,
    notices,
    told: entries,
  } = await open({
    reviews: { settings: seedFile, campaigns: { monthly: campaign } },
  });
  const lookAt = async (time: string): Promise<string[]> => {
    clock.nowMs = Date.parse(time);
    await desk.look();
    return notices.splice(0).map(({ kind }) => kind);
  };
  assert.deepEqual(await lookAt('2026-11-21T12:00:00Z'), []);
  assert.deepEqual(await lookAt('2026-11-23T23:00:00Z'), []);
  assert.deepEqual(await lookAt('2026-11-24T01:00:00Z'), ['review.upcoming'], 'seven days before');
  assert.deepEqual(await lookAt('2026-11-25T00:00:00Z'), [], 'once');
  assert.deepEqual(await desk.list({ limit: 10 }), []);
  await lookAt('2026-12-01T00:00:30Z'); // nine in Tokyo
  const [review] = await desk.list({ limit: 10 });
  assert.equal(review!.campaign, 'monthly');
  assert.deepEqual(await lookAt('2026-12-03T00:00:00Z'), []);
  assert.deepEqual(await lookAt('2026-12-04T01:00:00Z'), ['review.reminder'], 'every three days');
  assert.deepEqual(await lookAt('2026-12-05T01:00:00Z'), []);
  assert.deepEqual(await lookAt('2026-12-15T00:01:00Z'), ['review.completed'], 'at once');
  assert.equal((await desk.find(review!.id))!.state, 'completed');
  assert.deepEqual(await lookAt('2026-12-16T00:01:00Z'), []);
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['review.start', 'review.complete'],
  );
});

test('two processes that look at the same time begin a campaign once', async () => {
  const campaign = { schedule: '0 9 1 * *', reviewers: [{ group: 'reviewers' }] };
  const { desk, clock } = await open({ reviews: { settings: seedFile, campaigns: { monthly: campaign } } });
  await desk.look();
  clock.nowMs = Date.parse('2026-12-01T09:00:01Z');
  await Promise.all([desk.look(), desk.look()]);
  assert.equal((await desk.list({ limit: 10 })).length, 1);
});

test('an end that broke off before the rights were gone is gone on with', async () => {
  const { desk, database, start, may } = await open();
  const { id } = await start();
  await database.updateTable('review').set({ state: 'completed', completed_at: now, completed_by: 'x' }).execute();
  await database.updateTable('review_item').set({ decision: 'remove', decided_by: 'policy' }).execute();
  assert.equal(may('omar'), true);
  await desk.look();
  assert.equal(may('omar'), false);
  assert.notEqual((await desk.find(id))!.applied, undefined);
});

/** The seed with one leaf changed. */
const withLeaf = (change: (rules: { [part: string]: any }) => void): object => {
  const copy = structuredClone(seed) as { [part: string]: any };
  change(copy);
  return { reviews: { settings: reviewRules.parse(copy) } };
};

test('the seed file loads unedited, and each of its leaves changes what happens', async (t) => {
  const rules = readReviewRules(seedFile, (file) => readFileSync(file, 'utf8'));
  assert.deepEqual(inForce(rules), {
    thresholdMs: 90 * dayMs,
    autoAction: 'removeAccess',
    reminderMs: 3 * dayMs,
    resultAfterMs: 0,
    risk: seed['riskBasedReview'],
  });

  await t.test('inactiveUserThreshold', async () => {
    const { desk, use, group } = await open(
      withLeaf((seed) => (seed['autoReviewSettings'].inactiveUserThreshold = '30d')),
    );
    use({ who: 'dana', daysAgo: 40, by: group });
    const { reason } = (await desk.preview({ roles: [], scope: '/servers' })).find(({ name }) =>
      name.startsWith('dana'),
    )!;
    assert.equal(reason, 'inactive');
  });
  await t.test('autoAction', async () => {
    const { desk, start, may } = await open(withLeaf((seed) => (seed['autoReviewSettings'].autoAction = 'noChange')));
    await desk.complete((await start()).id, operator);
    assert.equal(may('omar'), true);
  });
  for (const [leaf, value, ms] of [
    ['duringReview', '1d', dayMs],
    ['afterReview', '2h', 7_200_000],
  ] as const)
    await t.test(leaf, async () => {
      const { start, desk, clock, notices } = await open(
        withLeaf((seed) => (seed['autoReviewSettings'].notifications[leaf] = value)),
      );
      const { id } = await start();
      if (leaf === 'afterReview') await desk.complete(id, operator);
      for (const [atMs, count] of [
        [ms - 1000, 0],
        [ms + 1000, 1],
      ] as const) {
        clock.nowMs = now + atMs;
        await desk.look();
        assert.equal(notices.length, count, String(atMs));
      }
    });
  await t.test('beforeReview', async () => {
    const campaigns = { monthly: { schedule: '0 9 1 * *', reviewers: [{ group: 'reviewers' }] } };
    const { reviews } = withLeaf((seed) => (seed['autoReviewSettings'].notifications.beforeReview = '1d')) as {
      reviews: object;
    };
    const { desk, clock, notices } = await open({ reviews: { ...reviews, campaigns } });
    await desk.look();
    clock.nowMs = Date.parse('2026-11-29T00:00:00Z');
    await desk.look();
    assert.equal(notices.length, 0);
    clock.nowMs = Date.parse('2026-11-30T12:00:00Z');
    await desk.look();
    assert.equal(notices.length, 1);
  });

  const risksBy = async (change: (rules: { [part: string]: any }) => void): Promise<Record<string, string>> => {
    const { desk, use } = await open(withLeaf(change));
    for (let day = 1; day <= 6; day += 1) use({ who: 'dana', daysAgo: day });
    const items = await desk.preview({ roles: [], scope: '/' });
    return Object.fromEntries(items.map(({ name, role, risk }) => [`${name.split(/[@#]/)[0]} ${role}`, risk]));
  };
  const whole = {
    'dana MCP User': 'medium',
    'guest MCP User': 'medium',
    'omar MCP User': 'low',
    'omar Owner': 'critical',
  };
  await t.test('riskBasedReview', async () => {
    assert.deepEqual(await risksBy(() => undefined), whole);
    const none = await risksBy((seed) => (seed['riskBasedReview'].enabled = false));
    assert.deepEqual(new Set(Object.values(none)), new Set(['low']));
    const roles = await risksBy((seed) => (seed['riskBasedReview'].highRiskRoles = []));
    assert.deepEqual(roles, { ...whole, 'omar Owner': 'medium' });
    for (const [factor, less] of [
      ['unusualAccess', { 'dana MCP User': 'low' }],
      ['externalUser', { 'guest MCP User': 'low' }],
      ['privilegedRole', { 'omar Owner': 'high' }],
    ] as const)
      assert.deepEqual(
        await risksBy((seed) => {
          const { riskFactors } = seed['riskBasedReview'];
          seed['riskBasedReview'].riskFactors = riskFactors.filter((each: string) => each !== factor);
        }),
        { ...whole, ...less },
        factor,
      );
  });
});

test('a file that will not do is refused, with the reason', () => {
  const reading = (text: string) => () => readReviewRules('rules.json', () => text);
  const refused = (reason: RegExp) => (error: unknown) =>
    error instanceof GenkanError &&
    error.code === 'access_review_settings' &&
    reason.test(String(error.params['reason']));
  assert.throws(reading('{'), refused(/not JSON/));
  assert.throws(reading('{"autoReview":{}}'), refused(/Unrecognized key/));
  assert.throws(reading('{"autoReviewSettings":{"inactiveUserThreshold":"soon"}}'), refused(/duration/));
});

test('what of the rules has no effect as things are is said', () => {
  const rules = readReviewRules(seedFile, (file) => readFileSync(file, 'utf8'));
  assert.deepEqual(
    idleReviewParts(rules, { campaigns: {} }, ['Owner']).map((line) => line.split(' ')[0]),
    ['autoReviewSettings.notifications.beforeReview', 'riskBasedReview.highRiskRoles[1]'],
  );
});

test('schedules are those of cron, in a time zone, and nonsense is none', () => {
  assert.equal(new Date(nextRun('0 9 1 */3 *', 'Asia/Tokyo', now)!).toISOString(), '2027-01-01T00:00:00.000Z');
  for (const [schedule, zone] of [
    ['soon', 'UTC'],
    ['0 0 31 2 *', 'UTC'],
    ['* * * * * *', 'UTC'],
    ['0 0 * * *', 'Mars/Olympus'],
  ] as const)
    assert.equal(nextRun(schedule, zone, now), undefined, schedule);
});
