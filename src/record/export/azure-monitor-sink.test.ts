// What Azure Monitor gets, as whom, and what is made of its answers.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestAuthority } from '../../../test/support/entra/https-server.ts';
import { exportedRecord } from '../../../test/support/exported-record.ts';
import { startLogIngestion, template } from '../../../test/support/log-ingestion.ts';
import { auditTable } from '../search/audit-table.ts';
import { createAzureMonitorSink } from './azure-monitor-sink.ts';
import { columns } from './row.ts';
import { exportSettings, isIngestionUrl } from './settings.ts';
import type { AzureMonitorSettings } from './settings.ts';
import type { Sink, SinkError } from './sink.ts';

const authority = createTestAuthority();
const trusted = authority.trust();
after(() => (trusted[Symbol.dispose](), authority[Symbol.dispose]()));
const ingestion = await startLogIngestion(authority);
after(() => ingestion[Symbol.asyncDispose]());
Object.assign(process.env, ingestion.env);

function open(settings: Record<string, unknown> = {}): Sink {
  const { sentinel } = exportSettings.parse({
    sinks: {
      sentinel: {
        type: 'azure-monitor',
        endpoint: `${ingestion.endpoint}/`.slice(0, -1),
        rule: ingestion.rule,
        credential: { managedIdentity: {} },
        ...settings,
      },
    },
  }).sinks;
  return createAzureMonitorSink('sentinel', sentinel as AzureMonitorSettings, {
    fetch,
    clock: { now: () => 1_700_000_000_000 },
    secret: () => Promise.reject(new Error('not asked for')),
    folder: '/',
  });
}

const refusal = (error: unknown): SinkError => error as SinkError;
const now = (): AbortSignal => AbortSignal.timeout(20_000);

test('records arrive as rows of the table, as the managed identity, with the columns that the template declares', async () => {
  await open().send([exportedRecord({ index: 7 }), exportedRecord({ index: 8, withheld: 'erased' })], now());
  const [row] = ingestion.rows;
  assert.equal(row!['eventId'], 'genkan.test/audit+0a1b2c3d/7');
  assert.equal(row!['TimeGenerated'], row!['timestamp']);
  assert.equal(row!['operation'], 'Microsoft.Compute/virtualMachines/write');
  assert.equal(row!['userName'], 'dana@contoso.com');
  assert.deepEqual(row!['details'], { tool: 'compute_vm_update' });
  assert.deepEqual(ingestion.tokensFor, ['https://monitor.azure.com']);
});

test('no call is larger than Azure takes, and the order stays', async () => {
  ingestion.rows.length = 0;
  ingestion.sizes.length = 0;
  const batch = Array.from({ length: 120 }, (_, index) =>
    exportedRecord({ index, details: { text: 'é'.repeat(12_000) } }),
  );
  await open().send(batch, now());
  assert.deepEqual(
    ingestion.rows.map(({ index }) => index),
    batch.map(({ index }) => index),
  );
  assert.ok(ingestion.sizes.length > 2 && ingestion.sizes.every((size) => size <= 1_000_000), String(ingestion.sizes));
});

for (const [status, retryable, says] of [
  [400, false, /400/],
  [413, false, /413/],
  [401, true, /tenant or cloud/],
  [403, true, /Monitoring Metrics Publisher/],
  [404, true, /no such data collection rule/],
  [429, true, /429/],
  [500, true, /500/],
  [503, true, /503/],
] as const)
  test(`an answer of ${status} is ${retryable ? 'tried again' : 'held against the records'}, and says what to do`, async () => {
    ingestion.trouble = { status, code: 'SomeCode', headers: { 'retry-after': '17' } };
    const error = refusal(
      await open()
        .send([exportedRecord()], now())
        .catch((error: unknown) => error),
    );
    ingestion.trouble = undefined;
    assert.equal(error.retryable, retryable);
    assert.equal(error.retryAfterMs, 17_000);
    assert.match(error.message, says);
    assert.match(error.message, /SomeCode/);
    assert.doesNotMatch(error.message, /quote/);
  });

test('a rule or stream that is not there is no fault of the records', async () => {
  const wrong = open({ rule: `dcr-${'0'.repeat(32)}` });
  assert.equal(refusal(await wrong.send([exportedRecord()], now()).catch((error: unknown) => error)).retryable, true);
});

test('a token for Azure Monitor goes to Azure Monitor, and nowhere else', () => {
  for (const good of [
    'https://genkan-audit-ab12.westeurope-1.ingest.monitor.azure.com',
    'https://dce.usgovvirginia-1.ingest.monitor.azure.us',
    'https://dce.chinanorth3-1.ingest.monitor.azure.cn',
  ])
    assert.ok(isIngestionUrl(good), good);
  for (const bad of [
    'http://dce.westeurope-1.ingest.monitor.azure.com',
    'https://dce.westeurope-1.ingest.monitor.azure.com.evil.example',
    'https://evil.example/.ingest.monitor.azure.com',
    'https://dce.ingest.monitor.azure.com:8443',
    'https://user@dce.ingest.monitor.azure.com',
    'https://dce.ingest.monitor.azure.com/path',
    'https://169.254.169.254',
  ])
    assert.ok(!isIngestionUrl(bad), bad);
});

test('the template declares the same columns for rule and table: the seed first, and those of audit query', () => {
  const declared = new Map(Object.entries(columns));
  const [table, rule] = template.resources as unknown as [
    { properties: { schema: { columns: { name: string; type: string }[] } } },
    { properties: { streamDeclarations: Record<string, { columns: { name: string; type: string }[] }> } },
  ];
  for (const listed of [
    table.properties.schema.columns,
    rule.properties.streamDeclarations['Custom-MCPAuditLog_CL']!.columns,
  ])
    assert.deepEqual(new Map(listed.map(({ name, type }) => [name, type.toLowerCase()])), declared);
  const ours = auditTable.columns.filter(({ name }) => name !== 'Type' && name !== 'SourceSystem');
  for (const { name, type } of ours) assert.equal(columns[name as keyof typeof columns], type, name);
  assert.deepEqual(Object.keys(columns).slice(1, 10), [
    'timestamp',
    'user',
    'action',
    'resource',
    'result',
    'details',
    'correlationId',
    'sourceIP',
    'userAgent',
  ]);
});
