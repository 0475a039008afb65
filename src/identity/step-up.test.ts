// Tests of step-up: how a refusal reads on the wire, what only reports, and that looking costs next to nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import { openDatabase } from '../state/database.ts';
import { createConditionalAccess } from './conditional-access/conditional-access.ts';
import { conditionalAccessSettings } from './conditional-access/settings.ts';
import type { Event } from './identity-record.ts';
import { challenge } from './resource-metadata.ts';
import { createStepUp } from './step-up.ts';

const seed = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../test/golden/conditional-access/seed.json'), 'utf8'),
) as Record<string, object>;
const resource = 'https://g.example/mcp/files';
const origin = { sourceIP: '203.0.113.7', userAgent: '' };
const dana: Principal = { id: 'i#dana', kind: 'user', name: 'dana', groups: ['azure-mcp-admins'], grantId: 'g' };
const nowMs = Date.now();

async function stepUpWith(...policies: object[]) {
  const contexts = { mfa: 'c1', compliantDevice: 'c2' };
  const log = createLog('silent');
  const time = { nowMs };
  const clock = { now: () => time.nowMs };
  const access = await createConditionalAccess(conditionalAccessSettings.parse({ policies, contexts }), {
    entra: false,
    clientId: 'genkan',
    database: await openDatabase(':memory:'),
    readFile: () => '',
    clock,
    log,
  });
  const events: Event[] = [];
  const stepUp = createStepUp({
    access,
    offer: { least: false, contexts: access?.contexts ?? [] },
    accounts: { find: () => Promise.resolve(undefined) },
    record: { write: (event) => Promise.resolve(void events.push(event)) },
    clock,
    log,
  });
  const admit = (principal: Principal, signedInAtMs = nowMs, from = origin) =>
    stepUp.admit({ outcome: 'allow', principal, expiresAtMs: Infinity, signedInAtMs }, resource, from);
  return { admit, events, time };
}

const everyHour = { isEnabled: true, type: 'hours', value: 1, frequencyInterval: 'timeBased' };

test('a challenge names all that a token holds and what it lacks, for clients of either way of stepping up', async () => {
  const { admit } = await stepUpWith(seed, {
    ...seed,
    displayName: 'Hourly',
    sessionControls: { signInFrequency: everyHour },
  });
  const refusal = admit({ ...dana, contexts: ['c1'], scopes: ['mcp:read'] });
  assert.ok(refusal.outcome === 'challenge');
  assert.equal(
    challenge(refusal, resource),
    'Bearer error="insufficient_scope", error_description="The policy  MCP Server Admin MFA Policy, Hourly  asks for a stronger sign-in.", ' +
      'acr_values="c2", max_age="3600", scope="mcp:read auth:c1 auth:c2", resource_metadata="https://g.example/.well-known/oauth-protected-resource/mcp/files"',
  );
});

test('where only a newer sign-in is missing the client is sent to sign in, with how old it may be', async () => {
  const { admit } = await stepUpWith({ ...seed, grantControls: null, sessionControls: { signInFrequency: everyHour } });
  assert.equal(admit(dana).outcome, 'allow');
  const refusal = admit(dana, nowMs - 3_600_001);
  assert.ok(refusal.outcome === 'challenge' && refusal.code === 'identity_sign_in_stale');
  assert.match(
    challenge(refusal, resource),
    /^Bearer error="insufficient_user_authentication", .* max_age="3600", scope="mcp"/,
  );
});

test('what only reports lets pass, and is written down once for a token', async () => {
  const { admit, events } = await stepUpWith({ ...seed, state: 'enabledForReportingButNotEnforced' });
  for (let times = 0; times < 3; times++) assert.equal(admit(dana).outcome, 'allow');
  assert.deepEqual(
    events.map(({ result, user, details }) => ({ result, user, ...details })),
    [
      {
        result: 'allowed',
        user: dana.id,
        code: 'report_only',
        policy: 'MCP Server Admin MFA Policy',
        wouldBe: 'require',
        contexts: ['c1', 'c2'],
      },
    ],
  );
  assert.equal(admit({ ...dana }).outcome, 'allow');
  assert.equal(events.length, 2, 'another token');
});

test('refusals from ever new addresses are written down or counted, and none is lost for good', async () => {
  const { admit, events, time } = await stepUpWith(seed);
  const from = (index: number) => ({ sourceIP: `2001:db8::${index.toString(16)}`, userAgent: '' });
  for (let index = 0; index < 250; index++) admit(dana, nowMs, from(index));
  assert.equal(events.length, 100);
  time.nowMs += 60_000;
  const thief = { sourceIP: '198.51.100.9', userAgent: '' };
  admit(dana, nowMs, thief);
  admit(dana, nowMs, thief);
  assert.equal(events.length, 101);
  assert.equal(events.at(-1)!.details!['notRecordedBefore'], 150);
  admit(dana, nowMs, from(1));
  assert.equal(events.at(-1)!.details!['notRecordedBefore'], undefined);
});

test('looking at a hundred policies takes microseconds', async () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ ...seed, displayName: `Policy ${index}` }));
  const { admit } = await stepUpWith(...many);
  const proven = { ...dana, contexts: ['c1', 'c2'] };
  for (let warm = 0; warm < 1000; warm++) admit(proven);
  const [rounds, begun] = [2000, process.hrtime.bigint()];
  for (let round = 0; round < rounds; round++) assert.equal(admit(proven).outcome, 'allow');
  const microseconds = Number(process.hrtime.bigint() - begun) / 1000 / rounds;
  assert.ok(microseconds < 500, `${microseconds} µs`);
});
