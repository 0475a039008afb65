// Rules for Sentinel on records of ours: what they are to find is found, what comes close to it is not.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from '../../../test/support/audit-directory.ts';
import type { AuditEntry } from '../entry.ts';
import type { Question } from './search.ts';

const nowMs = Date.UTC(2026, 5, 15, 12);
const clock = { now: () => nowMs };
const root = path.join(import.meta.dirname, '..', '..', '..');
const write = 'Microsoft.Compute/virtualMachines/write';
const scope = '/subscriptions/s1/resourceGroups/dev-web/providers/Microsoft.Compute/virtualMachines/web-1';

async function asked(
  t: TestContext,
  entries: readonly Partial<AuditEntry>[],
  questions: readonly Question['query'][],
  countries?: string,
): Promise<(readonly (readonly unknown[])[])[]> {
  const directory = dataDirectory(t);
  const record = await openRecord(directory, {
    clock,
    subjectKeys: subjectKeysInMemory(),
    search: { maxSeconds: 60, maxRows: 1000, maxRowsRead: 1e6, maxMegabytes: 64, ...(countries && { countries }) },
  });
  try {
    await Promise.all(
      entries.map((entry, at) =>
        record.append(auditEntry({ timestamp: nowMs - 60_000, correlationId: `c${at}`, ...entry })),
      ),
    );
    const answers = [];
    for (const query of questions) answers.push((await record.search({ query })).rows);
    return answers;
  } finally {
    await record.close();
  }
}

const call = (changes: Partial<AuditEntry>): Partial<AuditEntry> => ({
  server: 'azure',
  tool: 'compute_vm_update',
  actionRequired: [{ action: write, data: false, scope }],
  actor: { name: 'dana@contoso.com', kind: 'user' },
  ...changes,
});

/** Nine calls of each kind, by addresses of which only one does what the rule is about. */
const many = (count: number, changes: Partial<AuditEntry>): Partial<AuditEntry>[] =>
  Array.from({ length: count }, (_, at) => call({ timestamp: nowMs - 240_000 + at, ...changes }));

const signIn = (name: string, sourceIP: string, changes: Partial<AuditEntry> = {}): Partial<AuditEntry> => ({
  action: 'identity.signIn',
  resource: '',
  user: name,
  actor: { name },
  sourceIP,
  details: {},
  ...changes,
});

test('the rules that came with the requirements find exactly what they are to find', async (t) => {
  const file = path.join(root, 'test', 'golden', 'behavioral-rules.json');
  const { behavioralRules } = JSON.parse(readFileSync(file, 'utf8')) as { behavioralRules: { query: string }[] };
  const countries = path.join(dataDirectory(t), 'countries.csv');
  writeFileSync(
    countries,
    [
      '# first,last,country',
      '203.0.113.0,203.0.113.255,JP',
      '198.51.100.0,198.51.100.255,US',
      '"2001:db8::","2001:db8::ffff","KR"',
    ].join('\n'),
  );
  const entries = [
    ...many(51, { sourceIP: '192.0.2.1' }),
    ...many(50, { sourceIP: '192.0.2.2' }),
    ...many(51, { sourceIP: '192.0.2.3', result: 'denied' }),
    ...many(51, {
      sourceIP: '192.0.2.4',
      actionRequired: [{ action: 'Microsoft.Compute/virtualMachines/read', data: false, scope }],
    }),
    ...many(26, { sourceIP: '192.0.2.5' }),
    ...many(26, { sourceIP: '192.0.2.5', timestamp: nowMs - 600_001 }),
    ...many(60, {
      sourceIP: '192.0.2.6',
      actionRequired: [{ action: 'mcp/servers/azure/tools/create/call', data: true, scope: '/' }],
    }),
    ...['203.0.113.1', '198.51.100.1', '2001:db8::1'].map((address) => signIn('dana@contoso.com', address)),
    ...['203.0.113.1', '203.0.113.2', '198.51.100.1'].map((address) => signIn('kim@contoso.com', address)),
    ...['203.0.113.1', '10.0.0.1', '192.0.2.9'].map((address) => signIn('lee@contoso.com', address)),
    ...['203.0.113.1', '198.51.100.1', '2001:db8::1'].map((address) => ({
      ...signIn('max@contoso.com', address),
      action: 'identity.tokenIssued',
    })),
  ];
  const [created, travelled] = await asked(
    t,
    entries,
    behavioralRules.map(({ query }) => query),
    countries,
  );
  assert.deepEqual(created, [['192.0.2.1', nowMs - 300_000, 51]]);
  assert.deepEqual(travelled, [['dana@contoso.com', 3]]);
});

test('rules in the ways that people write them for Sentinel fire on what they are about', async (t) => {
  const failed = (name: string, count: number): Partial<AuditEntry>[] =>
    Array.from({ length: count }, (_, at) =>
      signIn(name, '203.0.113.7', {
        result: 'failed',
        timestamp: nowMs - 900_000 + at * 1000,
        details: { code: 'identity_sign_in_failed', reason: 'AADSTS50126: invalid user name or password' },
      }),
    );
  const assigned = (changes: Partial<AuditEntry>): Partial<AuditEntry> => ({
    action: 'role.assign',
    resource: '/',
    effect: 'write',
    user: '11111111-1111-4111-8111-111111111111@22222222-2222-4222-8222-222222222222',
    actor: { name: 'mallory@contoso.com', kind: 'user' },
    details: { input: { role: 'Genkan Operator', user: 'eve@contoso.com', scope: '/' } },
    ...changes,
  });
  const entries: Partial<AuditEntry>[] = [
    ...failed('dana@contoso.com', 12),
    signIn('dana@contoso.com', '203.0.113.7', { timestamp: nowMs - 300_000 }),
    ...failed('kim@contoso.com', 12),
    ...failed('lee@contoso.com', 3),
    signIn('lee@contoso.com', '203.0.113.7'),
    assigned({}),
    assigned({ result: 'intent' }),
    assigned({ result: 'denied', details: { code: 'access_action_missing' } }),
    assigned({ details: { input: { role: 'MCP User', user: 'kim@contoso.com', scope: '/' } } }),
    { action: 'role.list', effect: 'read', resource: '/', details: {} },
    { action: 'identity.consent', client: 'https://evil.example/app', user: 'dana', details: { scopes: ['mcp'] } },
    call({ actionRequired: [{ action: 'Microsoft.Compute/virtualMachines/delete', data: false, scope }] }),
  ];
  const rules = [
    // Guessed until it worked.
    `let threshold = 10;
     let failures = SigninLogs | where TimeGenerated >= ago(1d) | where ResultType in ("50126", "50053")
       | summarize FailedAt = max(TimeGenerated), Failures = count() by UserPrincipalName, IPAddress | where Failures > threshold;
     SigninLogs | where ResultType == "0" | summarize arg_max(TimeGenerated, *) by UserPrincipalName
       | join kind=inner failures on UserPrincipalName, IPAddress | where TimeGenerated > FailedAt
       | project UserPrincipalName, Failures`,
    // Somebody made an administrator of somebody.
    `AuditLogs | where Category =~ "RoleManagement" and OperationName has_any ("Add member to role", "Add eligible member")
       | where Result =~ "success" | mv-expand TargetResources | mv-expand Property = TargetResources.modifiedProperties
       | where Property.displayName == "Role.DisplayName" | extend Role = trim('"', tostring(Property.newValue))
       | where Role contains "Operator"
       | project By = tostring(InitiatedBy.user.userPrincipalName), Target = tostring(TargetResources.userPrincipalName), Role`,
    `AuditLogs | where OperationName == "Consent to application" | extend App = tostring(TargetResources[0].displayName) | project App, Result`,
    `AzureActivity | where OperationNameValue endswith "/DELETE" and ActivityStatusValue == "Success"
       | extend Sub = extract("/subscriptions/([^/]+)", 1, ResourceId) | project Caller, Sub, ResourceGroup, Resource, ResourceProviderValue, OperationName`,
  ];
  const [guessed, promoted, consented, deleted] = await asked(t, entries, rules);
  assert.deepEqual(guessed, [['dana@contoso.com', 12]]);
  assert.deepEqual(promoted, [['mallory@contoso.com', 'eve@contoso.com', 'Genkan Operator']]);
  assert.deepEqual(consented, [['https://evil.example/app', 'success']]);
  assert.deepEqual(deleted, [
    ['dana@contoso.com', 's1', 'dev-web', 'web-1', 'MICROSOFT.COMPUTE', 'Delete Virtual Machine'],
  ]);
});
