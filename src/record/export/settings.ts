// The settings of exports: where the record goes besides, what of it, and how much at a time.
import { z } from 'zod';
import { isLoopback } from '../../base/loopback.ts';
import { secretReference } from '../../base/secret.ts';
import { azureCredential } from '../../state/key-vault-settings.ts';
import { otlpShape } from './otlp-settings.ts';
import { safeUrl } from './safe-url.ts';
import { isProtected, syslogShape } from './syslog-settings.ts';

const results = ['intent', 'allowed', 'denied', 'challenged', 'blocked', 'failed', 'unknown'] as const;

export const delivery = {
  only: z
    .strictObject({
      actions: z
        .array(
          z
            .string()
            .max(128)
            .regex(/^[A-Za-z0-9/._-]*\*?$/, 'write an action, or its beginning and *'),
        )
        .min(1)
        .max(100)
        .optional()
        .describe('Actions, such as tools/call; identity.* stands for all that begin so.'),
      results: z.array(z.enum(results)).min(1).optional().describe('Results, such as denied.'),
    })
    .prefault({})
    .describe('Which records go there; all by default.'),
  from: z
    .enum(['oldest', 'now'])
    .default('oldest')
    .describe('Where a new sink begins: with the oldest record that is there, or with what happens from now on.'),
  batch: z
    .strictObject({
      records: z.int().min(1).max(5000).default(500).describe('Most records.'),
      bytes: z.int().min(65_536).max(8_388_608).default(900_000).describe('Most bytes of records, as JSON.'),
    })
    .prefault({})
    .describe('How much is delivered at a time.'),
  dailyCapBytes: z
    .int()
    .min(1_048_576)
    .optional()
    .describe(
      'Most bytes of records, as JSON before compression, in a day of UTC. What is beyond waits for the next day.',
    ),
  timeoutSeconds: z.int().min(1).max(600).default(30).describe('How long one delivery may take.'),
  behindMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(15)
    .describe('After how long people are told that records wait; and again once they do not.'),
  keepUntilDelivered: z
    .boolean()
    .default(true)
    .describe('Whether records that wait for this sink are kept although record.retention would remove them.'),
};

const webhook = z
  .strictObject({
    ...delivery,
    type: z
      .literal('webhook')
      .describe('Records by POST to an address of yours, signed as Standard Webhooks describes.'),
    url: safeUrl.describe('Where to post to. Redirects are not followed.'),
    body: z
      .enum(['ndjson', 'json'])
      .default('ndjson')
      .describe('One JSON object a line (application/x-ndjson), or one array of them (application/json).'),
    format: z
      .enum(['genkan', 'ocsf', 'asim'])
      .default('genkan')
      .describe('What the objects look like: the columns of MCPAuditLog, OCSF or ASIM.'),
    secret: secretReference.describe('Key of the signature: whsec_ and base64, or any text of at least 24 characters.'),
    authorization: secretReference
      .optional()
      .describe('The whole of an Authorization header that the receiver asks for, such as "Splunk …".'),
  })
  .describe('A webhook.');

const file = z
  .strictObject({
    ...delivery,
    type: z.literal('file').describe('Files of one record a line.'),
    folder: z.string().min(1).max(1024).describe('Where they are, relative to this file; made if need be.'),
    format: z
      .enum(['genkan', 'ocsf', 'asim', 'cef'])
      .default('genkan')
      .describe('What the lines look like: the columns of MCPAuditLog, OCSF or ASIM as JSON, or CEF.'),
    maxFileBytes: z
      .int()
      .min(65_536)
      .max(17_179_869_184)
      .default(104_857_600)
      .describe('After how many bytes a new one is begun. Each day of UTC begins a new one as well.'),
    gzip: z.boolean().default(false).describe('Whether files are compressed once they are complete.'),
    keepDays: z
      .int()
      .min(1)
      .max(36_500)
      .optional()
      .describe('After how many days complete ones are removed; never by default.'),
  })
  .describe('Files.');

// Public, US government, China: learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
const ingestionHost = /^[a-z0-9][a-z0-9.-]{0,200}\.ingest\.monitor\.azure\.(?:com|us|cn)$/;

/** Whether an address may be given a token for Azure Monitor: one of Azure, or a stand-in on this machine. */
export function isIngestionUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.href !== `${url.origin}/`) return false;
  return isLoopback(url.hostname) || (ingestionHost.test(url.hostname) && url.port === '');
}

const azureMonitor = z
  .strictObject({
    ...delivery,
    type: z.literal('azure-monitor').describe('A table of a Log Analytics workspace, by the Logs Ingestion API.'),
    endpoint: z
      .string()
      .max(300)
      .refine(isIngestionUrl, 'write https://NAME.REGION-1.ingest.monitor.azure.com, or the same in a national cloud')
      .describe('Logs ingestion address of the data collection rule or endpoint.'),
    rule: z
      .string()
      .regex(/^dcr-[0-9a-f]{32}$/, 'write its immutable id, dcr- and 32 hexadecimal digits')
      .describe('Immutable id of the data collection rule.'),
    stream: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/, 'write the name of a stream of the rule')
      .default('Custom-MCPAuditLog_CL')
      .describe('Stream of the rule.'),
    credential: z
      .union([
        ...azureCredential.options,
        z
          .strictObject({
            clientSecret: z
              .strictObject({
                tenant: z.guid().describe('Tenant of the application.'),
                clientId: z.guid().describe('Id of the application.'),
                secret: secretReference,
              })
              .describe('An application and its secret.'),
          })
          .describe('As an application with a secret.'),
      ])
      .optional()
      .describe(
        'Who delivers. Without it: whoever DefaultAzureCredential finds, e.g. az login on a developer machine.',
      ),
  })
  .describe('Azure Monitor Logs, and with it Microsoft Sentinel.');

const syslog = z
  .strictObject({ ...delivery, ...syslogShape })
  .refine(isProtected, { path: ['transport'], message: 'beyond this machine it has to be tls' })
  .describe('A syslog receiver.');

const otlp = z
  .strictObject({
    ...delivery,
    ...otlpShape(safeUrl),
  })
  .describe('A receiver of OpenTelemetry logs.');

const sink = z.discriminatedUnion('type', [azureMonitor, webhook, syslog, otlp, file]);

export const exportSettings = z.strictObject({
  sinks: z
    .record(z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'use small letters, digits and single hyphens'), sink)
    .default({})
    .describe('Where records go, by a name of your choice. A name stands for how far a sink has got.'),
});

export type ExportSettings = z.output<typeof exportSettings>;
export type SinkSettings = z.output<typeof sink>;
export type Delivery = Pick<SinkSettings, keyof typeof delivery>;
export type WebhookSettings = z.output<typeof webhook>;
export type FileSettings = z.output<typeof file>;
export type AzureMonitorSettings = z.output<typeof azureMonitor>;
