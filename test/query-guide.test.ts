// The guide to searching the record: its queries run, and the reference of tables says what there is.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { azureActivity } from '../src/record/search/azure-activity.ts';
import { auditLogs } from '../src/record/search/audit-logs.ts';
import { auditTable } from '../src/record/search/audit-table.ts';
import { metricsColumns } from '../src/record/search/metrics-table.ts';
import { signinLogs } from '../src/record/search/signin-logs.ts';
import { auditEntry, dataDirectory, openRecord, subjectKeysInMemory } from './support/audit-directory.ts';

const docs = path.join(import.meta.dirname, '..', 'docs');
const nowMs = Date.UTC(2026, 5, 15, 12, 30);

test('every query of the guide runs and finds what it is about', async (t) => {
  const guide = readFileSync(path.join(docs, 'query.md'), 'utf8');
  const queries = [...guide.matchAll(/^```kusto\n([^]*?)^```/gm)].map(([, query]) => query!);
  assert.equal(queries.length, 10);
  const record = await openRecord(dataDirectory(t), {
    clock: { now: () => nowMs },
    subjectKeys: subjectKeysInMemory(),
  });
  const timestamp = nowMs - 600_000;
  const scope = '/subscriptions/s/resourceGroups/rg';
  const failures = Array.from({ length: 11 }, (_, at) => ({
    action: 'identity.signIn',
    result: 'failed' as const,
    details: { code: 'identity_sign_in_failed' },
    timestamp: timestamp + at,
  }));
  const entries = [
    { result: 'denied' as const, details: { code: 'access_action_missing' } },
    { result: 'unknown' as const, server: 'azure', tool: 'vm' },
    { result: 'allowed' as const, server: 'azure', tool: 'vm', durationMs: 90 },
    { result: 'blocked' as const, findings: [{ kind: 'shield', rule: 'prompt', action: 'block' }] },
    {
      action: 'role.assign',
      effect: 'write' as const,
      details: { input: { role: 'MCP User', user: 'kim', scope: '/' } },
    },
    { actionRequired: [{ action: 'Microsoft.Compute/virtualMachines/delete', data: false, scope }] },
    { action: 'identity.signIn' },
    ...failures,
  ];
  await Promise.all(
    entries.map((entry, at) => record.append(auditEntry({ timestamp, correlationId: `c${at}`, ...entry }))),
  );
  try {
    for (const query of queries) {
      const { rows } = await record.search({ query });
      assert.ok(rows.length > 0, `finds nothing: ${query}`);
    }
  } finally {
    await record.close();
  }
});

test('the table of the record begins with the columns of the Sentinel table, by name and type', () => {
  const file = path.join(import.meta.dirname, 'golden', 'custom-log-table.json');
  const { customLogs } = JSON.parse(readFileSync(file, 'utf8')) as {
    customLogs: { name: string; schema: Record<string, string> }[];
  };
  assert.equal(auditTable.name, customLogs[0]!.name);
  const columns = Object.entries(customLogs[0]!.schema);
  assert.deepEqual(
    auditTable.columns.slice(0, columns.length).map(({ name, type }) => [name, type]),
    columns,
  );
});

test('the reference of tables is what the tables are', () => {
  const file = path.join(docs, 'reference', 'tables.md');
  const written = reference();
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, written);
  assert.equal(readFileSync(file, 'utf8'), written, 'UPDATE_GOLDEN=1 writes it anew');
});

function reference(): string {
  const tables = [
    auditTable,
    { name: 'MCPMetrics', about: 'Figures by the hour.', columns: metricsColumns },
    azureActivity,
    signinLogs(undefined),
    auditLogs,
  ];
  const sections = tables.map(({ name, about, columns }) => {
    const known = columns.filter((column) => column.about !== '');
    const unknown = columns.filter((column) => column.about === '');
    const lines = known.map((column) => `| \`${column.name}\` | ${column.type} | ${column.about} |`);
    const empty =
      unknown.length === 0
        ? ''
        : `\nAlways empty, since the record does not know them: ${unknown.map((column) => `\`${column.name}\``).join(', ')}.\n`;
    return `## ${name}\n\n${about}\n\n| Column | Type | What it says |\n|---|---|---|\n${lines.join('\n')}\n${empty}`;
  });
  return `# Tables of \`audit query\`\n\n<!-- prettier-ignore-start -->\n<!-- Written from the definitions in src/record/search. -->\n\n${sections.join('\n')}\n<!-- prettier-ignore-end -->\n`;
}
