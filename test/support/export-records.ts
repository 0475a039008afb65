// Records of every kind that Genkan writes, as exports get them: each action with each result, by everybody who can act.
import type { Effect } from '../../src/access/decision.ts';
import { notifications, requests } from '../../src/gateway/methods.ts';
import { operations } from '../../src/operations/registry.ts';
import { recordedActions } from '../../src/record/actions.ts';
import type { Result } from '../../src/record/entry.ts';
import { namedActions } from '../../src/record/export/formats/kinds.ts';
import type { ExportedRecord, FormatContext } from '../../src/record/export/sink.ts';

export const exportContext: FormatContext = { version: '1.2.3', origin: 'genkan.example/audit', host: 'gate-1' };

/** Every operation, every method of MCP, and whatever else the table of recorded actions names. */
export const allActions: readonly string[] = [
  ...new Set([
    ...Object.keys(recordedActions),
    ...namedActions,
    ...operations.map(({ id }) => id),
    ...requests.keys(),
    ...notifications,
  ]),
].sort();

/** What operations do, as their records say. */
export const effects: ReadonlyMap<string, Effect> = new Map(operations.map(({ id, effect }) => [id, effect]));

export const allResults: readonly Result[] = [
  'intent',
  'allowed',
  'denied',
  'challenged',
  'blocked',
  'failed',
  'unknown',
];

const tenant = '9f9f9f9f-0000-4000-8000-000000000001';
const dana = `1a1a1a1a-0000-4000-8000-00000000000a@${tenant}`;

/** One of each who can act, and how much a record can tell of them. */
export const actors: Readonly<Record<string, Partial<ExportedRecord>>> = {
  person: {
    user: dana,
    actor: { name: 'dana@example.com', kind: 'user' },
    client: 'claude-code',
    groups: ['ops', 'emea'],
    because: [{ assignment: 'a1', role: 'Reader', scope: '/servers/azure', action: 'mcp/*/read' }],
    approval: { id: 'ap-1', by: 'lee@example.com' },
    bytesIn: 120,
    bytesOut: 4096,
    arguments: { bytes: 33, digest: 'abc', kept: 'redacted' },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    durationMs: 12.5,
  },
  agent: {
    user: dana,
    actor: {
      name: 'dana@example.com',
      kind: 'user',
      agent: 'application:bot',
      act: ['application:bot', 'application:sub'],
    },
    client: 'bot',
    sourceIP: '2001:db8::7',
    findings: [
      {
        kind: 'injection',
        rule: 'shield.instruction',
        action: 'flag',
        at: '/content/0/text',
        from: 3,
        to: 40,
        score: 0.91,
      },
      { kind: 'personal', rule: 'pii.email', action: 'redact' },
    ],
    moreFindings: 2,
    rules: ['office-hours'],
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  },
  application: {
    user: 'application:nightly',
    actor: { kind: 'application', agent: 'application:nightly' },
    client: 'nightly',
  },
  operator: { user: 'operator', actor: { name: 'root', kind: 'operator' }, sourceIP: '', userAgent: '' },
  genkan: { user: 'genkan', sourceIP: '', userAgent: '', correlationId: '' },
  nobody: { user: '', sourceIP: 'unknown', resource: '' },
  erased: {
    user: 'subject:AAAAAAAAAAAAAAAAAAAAAA',
    subject: 'subject:AAAAAAAAAAAAAAAAAAAAAA',
    withheld: 'erased',
    details: {},
    sourceIP: '',
    userAgent: '',
  },
};

const tools = { server: 'azure', tool: 'vm_delete', resource: '/servers/azure/tools/vm_delete' };

export function exportRecord(given: Partial<ExportedRecord> & { readonly action: string }): ExportedRecord {
  const index = given.index ?? 7;
  const { action } = given;
  return {
    index,
    eventId: `genkan.example/audit+1234abcd:${index}`,
    timestamp: Date.UTC(2026, 10, 21, 19, 30, 0, 123),
    user: dana,
    resource: action.startsWith('scim.')
      ? '/scim/v2/Users/u1'
      : action.startsWith('principal.')
        ? `/principals/${dana}`
        : '/',
    result: 'allowed',
    details: {
      input: { role: 'Reader', user: 'lee@example.com', scope: '/servers/azure', decision: 'keep' },
      scope: 'mcp offline_access',
    },
    correlationId: '018f0000-0000-7000-8000-000000000001',
    sourceIP: '203.0.113.7',
    userAgent: 'claude-code/2.1 (linux)',
    ...given,
    ...(action === 'tools/call' && {
      ...tools,
      effect: given.effect ?? 'destroy',
      ...('tool' in given && { tool: given.tool }),
    }),
  };
}

/** Every action × result × actor. */
export function* everyRecord(): Generator<ExportedRecord> {
  let index = 0;
  for (const action of allActions)
    for (const result of allResults)
      for (const actor of Object.values(actors))
        yield exportRecord({
          action,
          result,
          effect: effects.get(action),
          index: index++,
          ...actor,
          ...(result === 'denied' && {
            actionRequired: [
              { action: 'mcp/servers/azure/tools/vm_delete/call', data: false, scope: '/servers/azure' },
            ],
          }),
          ...((result === 'denied' || result === 'failed') && {
            details: { code: 'access_action_missing', error: -32602 },
          }),
        });
}
