// Every part of Azure PIM's file, as it is: changed, it changes what Genkan does, and nothing else; what would have no effect is said.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { codeOf, dana, openElevationGround, person } from '../../../test/support/elevation-ground.ts';
import { isRefusal } from '../../base/errors.ts';
import { createBuiltInRoles } from '../built-in-roles.ts';
import { accessSettings } from '../settings.ts';
import { checkElevation } from './check.ts';
import { idleParts, jitSettings } from './jit-settings.ts';

const file = path.join(import.meta.dirname, '../../../test/golden/elevation/jit-settings.json');
const seed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const wish = { role: 'MCP User', scope: '/servers/files', justification: 'incident 4711' };
const held = { principal: { group: 'makers' }, role: 'MCP User', scope: '/servers' };

type Path = readonly (string | number)[];

/** What an approver, a requester and a clock notice of the rules. */
async function observe(settings: unknown): Promise<Record<string, unknown>> {
  const ground = await openElevationGround({ elevation: { settings, eligible: [held] } });
  ground.names.set('security-manager@example.com', 'manager').set('other@example.com', 'other');
  ground.names.set('security-team-group-id', 'a person who is called like the group');
  const { desk, approvals, clock } = ground;
  const kim = person('kim', { groups: ['makers'] });
  const weak = person('kim', { groups: ['makers'], contexts: [] });
  const [unproven, wordless] = [
    codeOf(await desk.request(weak, wish)),
    codeOf(await desk.request(kim, { ...wish, justification: '' })),
  ];
  const tooLong = codeOf(await desk.request(dana, { ...wish, durationMs: 4 * 3_600_000 }));
  const asked = await desk.request(dana, { ...wish, scope: '/servers/notes', durationMs: 1000 });
  assert.ok(!isRefusal(asked), codeOf(asked));
  const approval = asked.state === 'pending' ? asked.approval : undefined;
  // Approved by whoever may, to see what an extension takes.
  const someone = approval?.approvers.find(({ kind }) => kind === 'user');
  if (approval !== undefined && someone?.kind === 'user')
    await approvals.decide(approval.id, person(someone.id), { verdict: 'approved', comment: '' });
  const [elevation] = await desk.all({ person: 'dana', active: true });
  const extended = await desk.extend(dana, elevation?.id ?? '', {
    justification: wish.justification,
    durationMs: 2000,
  });
  return {
    unproven,
    wordless,
    tooLong,
    asked: asked.state,
    approvers: approval?.approvers.map(({ kind, ...who }) => ('id' in who ? `${kind} ${who.id}` : kind)).join(),
    waitsMs: approval && approval.expiresAtMs - clock.nowMs,
    extended: isRefusal(extended) ? extended.code : extended.state,
  };
}

function leavesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, each]) =>
    leavesOf(each, [...at, Array.isArray(value) ? Number(key) : key]),
  );
}

function changed(at: Path, to: unknown): unknown {
  const copy = structuredClone(seed);
  let inside = copy as Record<string | number, unknown>;
  for (const key of at.slice(0, -1)) inside = inside[key] as Record<string | number, unknown>;
  inside[at.at(-1)!] = to;
  return copy;
}

/** Each part, another value of it, and what is noticed of that. */
const table: readonly (readonly [at: string, to: unknown, noticed: readonly string[]])[] = [
  ['approvalSettings.isApprovalRequired', false, ['asked', 'approvers', 'waitsMs']],
  ['approvalSettings.approvers.0.principalType', 'Group', ['approvers', 'extended']],
  ['approvalSettings.approvers.0.principalId', 'other@example.com', ['approvers']],
  ['approvalSettings.approvers.1.principalType', 'User', ['approvers']],
  ['approvalSettings.approvers.1.principalId', 'other-team', ['approvers']],
  ['approvalSettings.approvalDuration', 'PT1H', ['waitsMs']],
  ['approvalSettings.isApprovalRequiredForExtension', false, ['extended']],
  ['activationSettings.maximumDuration', 'PT3H', ['tooLong']],
  ['activationSettings.isJustificationRequired', false, ['wordless']],
  ['activationSettings.isMfaRequired', false, ['unproven']],
];

test('the file is read as it is, and the table below has every part of it', () => {
  assert.deepEqual(jitSettings.parse(seed), seed);
  assert.deepEqual(
    table.map(([at]) => at),
    leavesOf(seed).map((at) => at.join('.')),
  );
});

test('as it is, it asks for a second factor, a justification, at most four hours, and an approval within eight', async () => {
  assert.deepEqual(await observe(seed), {
    unproven: 'access_elevation_mfa',
    wordless: 'access_elevation_justification',
    tooLong: 'none',
    asked: 'pending',
    approvers: 'user manager,group security-team-group-id',
    waitsMs: 8 * 3_600_000,
    extended: 'pending',
  });
});

for (const [at, to, noticed] of table)
  test(`${at}: ${JSON.stringify(to)} changes ${noticed.join(', ')}, and nothing else`, async () => {
    const where = at.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const [before, after] = [await observe(seed), await observe(changed(where, to))];
    assert.deepEqual(
      Object.keys(before).filter((key) => before[key] !== after[key]),
      noticed,
    );
  });

test('members that it does not know are refused, and what is not said is strict', () => {
  for (const settings of [
    { ...seed, notificationSettings: {} },
    { approvalSettings: { isApprovalRequired: true, escalation: 'PT1H' } },
    { activationSettings: { isTicketRequired: true } },
    { activationSettings: { maximumDuration: 'PT25H' } },
    { activationSettings: { maximumDuration: '4 hours' } },
    { approvalSettings: { approvers: [{ principalType: 'ServicePrincipal', principalId: 'bot' }] } },
  ])
    assert.equal(jitSettings.safeParse(settings).success, false, JSON.stringify(settings));
  const { approvalSettings, activationSettings } = jitSettings.parse({});
  assert.deepEqual(
    [approvalSettings.isApprovalRequired, approvalSettings.isApprovalRequiredForExtension, approvalSettings.approvers],
    [true, true, []],
  );
  assert.deepEqual([activationSettings.isJustificationRequired, activationSettings.isMfaRequired], [true, true]);
});

test('what has no effect as things are is said when the configuration is checked', () => {
  assert.deepEqual(idleParts(jitSettings.parse(seed), { mfaContext: 'c1' }), []);
  const open = jitSettings.parse({
    approvalSettings: {
      ...(seed['approvalSettings'] as object),
      isApprovalRequired: false,
      isApprovalRequiredForExtension: false,
    },
  });
  const said = idleParts(open, { mfaContext: undefined });
  assert.deepEqual(
    said.map((line) => line.split(/[ :]/)[0]),
    [
      'approvalSettings.approvers[0]',
      'approvalSettings.approvers[1]',
      'approvalSettings.approvalDuration',
      'activationSettings.isMfaRequired',
    ],
  );
});

test('a check says what is wrong with the rules and with who is eligible, each at its place', () => {
  const { elevation, breakGlass } = accessSettings.parse({
    elevation: {
      settings: 'seed.json',
      eligible: [held, { ...held, settings: 'broken.json' }, { ...held, role: 'Nobody' }, { ...held, scope: 'files' }],
    },
    breakGlass: {
      eligible: [{ ...held, role: 'Virtual Machine Contributor', scope: '/servers' }],
      reviewers: [{ group: 'security' }],
    },
  });
  const readFile = (name: string): string => (name === 'seed.json' ? JSON.stringify(seed) : '{"approvalSetting":{}}');
  const checked = checkElevation(
    { elevation, breakGlass },
    { roles: createBuiltInRoles(), readFile, mfaContext: 'c1' },
  );
  assert.deepEqual(
    checked.mistakes.map(({ path: at }) => at.join('.')),
    ['elevation.eligible.1.settings', 'elevation.eligible.2', 'elevation.eligible.3'],
  );
  assert.match(checked.mistakes[0]!.reason, /broken\.json.*approvalSetting/);
  assert.equal(checked.notes.length, 1);
  assert.match(
    checked.notes[0]!,
    /^seed\.json: approvalSettings\.approvers\[0\] \(security-manager@example\.com\) is a sign-in name/,
  );
});
