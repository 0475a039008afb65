// Limits counted in one process: exact at every moment, taken as a whole or not at all, never forgotten.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { createLog } from '../../base/log.ts';
import { compileLimit } from './limit.ts';
import type { LimitedCall } from './limit.ts';
import { createLimits } from './limits.ts';
import type { Limits, Place } from './limits.ts';
import { createLocalCounts } from './local-counts.ts';
import { readRate, startOfDay } from './measures.ts';
import type { OverLimit } from './refusal.ts';
import type { LimitEntry } from './refusal-book.ts';
import { limitsSettings } from './settings.ts';

interface Room {
  readonly limits: Limits;
  readonly entries: LimitEntry[];
  pass(ms: number): void;
  enter(call?: Partial<LimitedCall> & { readonly user?: string }): Place | OverLimit;
}

function openRoom(settings: unknown, startMs = Date.UTC(2026, 10, 21, 12)): Room {
  let nowMs = startMs;
  const entries: LimitEntry[] = [];
  const limits = createLimits(limitsSettings.parse(settings), {
    append: (entry) => Promise.resolve(entries.push(entry)),
    clock: { now: () => nowMs },
    nowMicros: () => (nowMs - startMs) * 1000,
    log: createLog('silent'),
  });
  return {
    limits,
    entries,
    pass: (ms) => void (nowMs += ms),
    enter: (call = {}) => limits.enter(callOf(call)) as Place | OverLimit,
  };
}

const callOf = ({ user = 'dana', ...more }: Partial<LimitedCall> & { readonly user?: string }): LimitedCall => ({
  principal: { id: user, kind: 'user', name: user, groups: ['makers'], clientId: 'vscode' },
  sourceIP: '192.0.2.1',
  method: 'tools/call',
  server: 'files',
  use: { primitive: 'tools', name: 'read_file' },
  effect: 'read',
  counts: true,
  ...more,
});

const passes = (entered: Place | OverLimit): boolean => 'leave' in entered;
const waitOf = (entered: Place | OverLimit): unknown => ('leave' in entered ? 0 : entered.data!['retryAfterSeconds']);

test('lets a burst through, then as many as the rate brings back', async () => {
  const { enter, pass } = openRoom([{ name: 'calls', rate: '60/min', burst: 3 }]);
  assert.deepEqual([enter(), enter(), enter(), enter()].map(passes), [true, true, true, false]);
  pass(999);
  assert.ok(!passes(enter()));
  pass(1);
  assert.deepEqual([enter(), enter()].map(passes), [true, false]);
  assert.ok(passes(enter({ user: 'omar' })), 'others have their own');
});

test('says which limit it is, and when to come again', async () => {
  const { enter } = openRoom([{ name: 'calls', rate: '2/min', burst: 2 }]);
  enter();
  enter();
  const refused = enter() as OverLimit;
  assert.equal(refused.code, 'access_limit_exceeded');
  assert.deepEqual(refused.data, { limit: 'calls', retryAfterSeconds: 30 });
  assert.deepEqual(refused.headers, { 'ratelimit-policy': '"calls";q=2;w=60', ratelimit: '"calls";r=0;t=30' });
});

test('never lets more through than burst and rate together, in any stretch of time', () => {
  const costs = fc.integer({ min: 1, max: 10 });
  const steps = fc.array(fc.record({ waitMicros: fc.integer({ min: 0, max: 3_000_000 }), cost: costs }), {
    minLength: 1,
    maxLength: 120,
  });
  const count = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(
      count,
      fc.constantFrom('s', 'min', 'h'),
      fc.integer({ min: 10, max: 50 }),
      steps,
      (n, per, burst, all) => {
        const limit = limitOf({ name: 'calls', rate: `${n}/${per}`, burst });
        let now = 0;
        const counts = createLocalCounts({ clock: { now: () => 0 }, nowMicros: () => now });
        const taken: { at: number; cost: number }[] = [];
        for (const { waitMicros, cost } of all) {
          now += waitMicros;
          if (counts.take([{ limit, key: 'dana', cost }], 1).ok) taken.push({ at: now, cost });
        }
        const perMicros = { s: 1e6, min: 60e6, h: 3600e6 }[per]!;
        for (const [first, { at: from }] of taken.entries()) {
          let sum = 0;
          for (const { at, cost } of taken.slice(first)) {
            sum += cost;
            assert.ok(sum <= burst + ((at - from) * n) / perMicros + 1e-6, `${sum} in ${at - from} µs`);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('refuses nobody who stays within the rate, and passes whoever waits as long as told', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 60 }),
      (n, waits) => {
        const limit = limitOf({ name: 'calls', rate: `${n}/s` });
        let now = 0;
        const counts = createLocalCounts({ clock: { now: () => 0 }, nowMicros: () => now });
        for (const wait of waits) {
          now += wait;
          const first = counts.take([{ limit, key: 'dana', cost: 1 }], 1);
          if (first.ok) continue;
          now += first.shortages[0]!.waitMicros - 1;
          assert.ok(!counts.take([{ limit, key: 'dana', cost: 1 }], 1).ok, 'a microsecond too early');
          now += 1;
          assert.ok(counts.take([{ limit, key: 'dana', cost: 1 }], 1).ok);
        }
        for (let calls = 0; calls < 50; calls++) {
          now += limit.rate!.emissionMicros;
          assert.ok(counts.take([{ limit, key: 'erin', cost: 1 }], 1).ok);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('several processes with a share each never let more through than the whole limit', () => {
  const calls = fc.array(fc.record({ process: fc.nat(3), waitMicros: fc.nat(200_000) }), { maxLength: 200 });
  fc.assert(
    fc.property(calls, (all) => {
      const limit = limitOf({ name: 'calls', rate: '20/s', burst: 40 });
      let now = 0;
      const processes = Array.from({ length: 4 }, () =>
        createLocalCounts({ clock: { now: () => 0 }, nowMicros: () => now }),
      );
      let taken = 0;
      for (const { process, waitMicros } of all) {
        now += waitMicros;
        if (processes[process]!.take([{ limit, key: 'dana', cost: 1 }], 4).ok) taken++;
      }
      assert.ok(taken <= 40 + (now * 20) / 1e6);
    }),
  );
});

test('takes from all limits or from none', async () => {
  const { enter, pass } = openRoom([
    { name: 'person', rate: '10/h', burst: 10 },
    { name: 'tool', per: ['tool'], rate: '2/s', burst: 2 },
  ]);
  for (let call = 0; call < 2; call++) assert.ok(passes(enter()));
  for (let call = 0; call < 50; call++) assert.equal(waitOf(enter()), 1, 'the tool is short');
  pass(4000);
  for (let call = 0; call < 4; call++) {
    assert.ok(passes(enter()) && passes(enter()), 'what was refused has cost nothing');
    pass(4000);
  }
  assert.equal(waitOf(enter()), 340, 'the tenth of the person is used up');
});

test('counts what is under way, and lets the next in when one has left', async () => {
  const { enter } = openRoom([{ name: 'at-once', concurrency: 2 }]);
  const [first, second, third] = [enter(), enter(), enter()];
  assert.deepEqual([first, second, third].map(passes), [true, true, false]);
  (first as Place).leave();
  (first as Place).leave();
  assert.deepEqual([enter(), enter()].map(passes), [true, false]);
});

test('gives a quota for each day of a time zone', async () => {
  const evening = Date.UTC(2026, 10, 21, 14, 59, 59); // 23:59:59 in Tokyo
  const { enter, pass } = openRoom([{ name: 'daily', daily: { quota: 2, timeZone: 'Asia/Tokyo' } }], evening);
  assert.deepEqual([enter(), enter(), enter()].map(passes), [true, true, false]);
  assert.equal(waitOf(enter()), 1);
  pass(1000);
  assert.deepEqual([enter(), enter(), enter()].map(passes), [true, true, false]);
  assert.equal(waitOf(enter()), 86_400);
});

test('knows when days begin, also those of 23 and 25 hours and those that begin at one o’clock', () => {
  const utc = (text: string): number => Date.parse(`${text}Z`);
  assert.equal(startOfDay('UTC', utc('2026-11-21T23:59:59')), utc('2026-11-21T00:00'));
  assert.equal(startOfDay('Europe/Berlin', utc('2026-03-29T20:00')), utc('2026-03-28T23:00'));
  assert.equal(startOfDay('Europe/Berlin', utc('2026-10-25T22:30')), utc('2026-10-24T22:00'));
  assert.equal(startOfDay('Asia/Kathmandu', utc('2026-05-05T05:00')), utc('2026-05-04T18:15'));
  assert.equal(startOfDay('America/Santiago', utc('2026-09-06T12:00')), utc('2026-09-06T04:00'));
  assert.equal(startOfDay('Nowhere/Land', 0), undefined);
});

test('counts calls by what they cost', async () => {
  const weights = { effect: { write: 5, destroy: 10 }, tools: { 'deploy_*': 20 } };
  const { enter } = openRoom([{ name: 'cost', rate: '40/h', weights }]);
  assert.ok(passes(enter({ effect: 'destroy' })));
  assert.ok(passes(enter({ use: { primitive: 'tools', name: 'deploy_app' } })));
  assert.ok(passes(enter({ effect: 'write' })));
  assert.deepEqual([enter({ effect: 'destroy' }), enter({ effect: 'write' }), enter()].map(passes), [
    false,
    true,
    false,
  ]);
});

test('is for the calls that it names, and for no others', async () => {
  const { enter } = openRoom([
    { name: 'writes', match: { servers: ['file*'], effects: ['write'], groups: ['makers'] }, rate: '1/h' },
    { name: 'lists', match: { methods: ['*/list'] }, rate: '1/h' },
  ]);
  const write = { effect: 'write' } as const;
  assert.ok(passes(enter(write)) && !passes(enter(write)));
  assert.ok(passes(enter()) && passes(enter({ ...write, server: 'other' })));
  const outsider = { ...callOf({}).principal, groups: [] };
  assert.ok(passes(enter({ ...write, principal: outsider })) && passes(enter({ ...write, principal: outsider })));
  const doubtful = { ...callOf({}).principal, groups: [], disputedGroups: { either: ['makers'], both: [] } };
  assert.ok(!passes(enter({ ...write, principal: doubtful })), 'in doubt about a group the limit holds');
  const list = { method: 'tools/list', use: undefined, counts: false };
  assert.ok(passes(enter(list)) && !passes(enter(list)));
});

test('an agent has its own limit, whoever it acts for; a client at a person’s hand has none', async () => {
  const { enter } = openRoom([{ name: 'agents', per: ['agent'], rate: '1/h' }]);
  const by = (user: string) => ({ ...callOf({ user }).principal, actors: ['application:helper'] });
  assert.ok(passes(enter({ principal: by('dana') })) && !passes(enter({ principal: by('omar') })));
  assert.ok(passes(enter()) && passes(enter()));
});

test('all addresses of one IPv6 network, and all resources of a server, are one', async () => {
  const { enter } = openRoom([
    { name: 'address', per: ['ip'], rate: '1/h' },
    { name: 'thing', per: ['tool'], match: { servers: ['wiki'] }, rate: '1/h' },
  ]);
  assert.ok(passes(enter({ sourceIP: '2001:db8:0:7::1' })));
  assert.ok(!passes(enter({ sourceIP: '2001:db8:0:7:ffff::2' })) && passes(enter({ sourceIP: '2001:db8:0:8::1' })));
  const read = (name: string, sourceIP: string) =>
    enter({ server: 'wiki', sourceIP, use: { primitive: 'resources', name } });
  assert.ok(passes(read('wiki://one', '192.0.2.7')) && !passes(read('wiki://two', '192.0.2.8')));
});

test('keeps a bounded number of keys, and forgets none that is in force', () => {
  const limit = limitOf({ name: 'calls', rate: '1/min', burst: 1 });
  let now = 0;
  const counts = createLocalCounts({ clock: { now: () => 0 }, nowMicros: () => now, maxKeys: 100 });
  const enter = (key: string): boolean => counts.take([{ limit, key, cost: 1 }], 1).ok;
  assert.ok(enter('dana'));
  const passed = Array.from({ length: 1000 }, (_, at) => enter(`flood-${at}`)).filter(Boolean).length;
  assert.ok(!enter('dana'), 'whatever else is counted');
  assert.equal(passed, 100, 'newcomers share one key, which has the same limit');
  assert.ok(counts.uses().length <= 101);
  now += 60_000_000;
  assert.ok(enter('dana') && enter('erin') && enter('omar'));
});

test('records the first refusal of a flood, and how many there were besides', async () => {
  const { limits, enter, entries } = openRoom([{ name: 'calls', rate: '1/h' }]);
  enter();
  const refusals = Array.from({ length: 100 }, () => enter() as OverLimit);
  assert.deepEqual([...new Set(refusals.slice(1).map(({ counted }) => counted))], [true]);
  assert.equal(refusals[0]!.counted, undefined);
  await limits.flush();
  assert.deepEqual(
    entries.map(({ user, action, resource, result, details }) => ({ user, action, resource, result, ...details })),
    [
      {
        user: 'dana',
        action: 'limits/refused',
        resource: '/limits/calls',
        result: 'denied',
        key: 'user=dana',
        notRecorded: 99,
        since: '2026-11-21T12:00:00.000Z',
      },
    ],
  );
  assert.equal((enter() as OverLimit).counted, undefined, 'a new minute, a new first');
});

test('lists who uses most, and lets them begin anew', async () => {
  const { limits, enter } = openRoom([
    { name: 'calls', rate: '4/h' },
    { name: 'daily', daily: 100 },
  ]);
  for (let call = 0; call < 4; call++) enter();
  enter({ user: 'omar' });
  const [calls] = await limits.list(10);
  assert.deepEqual(
    calls!.top.map(({ shown, rateUsed }) => [shown, rateUsed]),
    [
      ['user=dana', 4],
      ['user=omar', 1],
    ],
  );
  assert.ok(!passes(enter()));
  assert.equal(await limits.reset({ user: 'dana', limit: 'calls' }), 1);
  assert.ok(passes(enter()));
});

test('settings that could let nobody through, or everybody, are mistakes', () => {
  const mistakes = (limit: object): number =>
    limitsSettings.safeParse([{ name: 'x', ...limit }]).error?.issues.length ?? 0;
  assert.equal(mistakes({}), 1, 'nothing is limited');
  assert.equal(mistakes({ burst: 5, concurrency: 1 }), 1);
  assert.equal(mistakes({ rate: '5/min', weights: { effect: { destroy: 10 } } }), 1);
  assert.equal(mistakes({ rate: '60/fortnight' }), 1);
  assert.equal(mistakes({ rate: '20000/s' }), 1);
  assert.equal(mistakes({ daily: { quota: 5, timeZone: 'Nowhere' } }), 1);
  assert.equal(mistakes({ rate: '60/min', perhaps: true }), 1);
  assert.equal(limitsSettings.safeParse([1, 2].map(() => ({ name: 'x', concurrency: 1 }))).success, false);
  assert.deepEqual(readRate('20/PT10M'), { count: 20, perMicros: 600_000_000, emissionMicros: 30_000_000 });
});

test('the limits that the documentation recommends are ones', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/limits.md'), 'utf8');
  const [, block] = /```yaml\n([\s\S]*?)```/.exec(page)!;
  const { access } = parse(block!) as { access: { limits: object[] } };
  assert.equal(limitsSettings.parse(access.limits).map(compileLimit).length, 4);
});

const limitOf = (settings: object) => compileLimit(limitsSettings.parse([settings])[0]!);
