// The settings of the audit record. How durable it is cannot be chosen: every record is synced to disk before it counts.
import { Cron } from 'croner';
import { z } from 'zod';
import { exportSettings } from './export/settings.ts';
import { isKeyName } from './note.ts';
import { witnessFields } from './witness/settings.ts';
import { searchSettings } from './search/settings.ts';

const forms = ['none', 'digest', 'redacted', 'full'] as const;
const form = z.enum(forms);
/** How much of a content is kept. */
export type Form = (typeof forms)[number];

const kept = {
  arguments: form.optional().describe('What a call was given.'),
  results: form.optional().describe('What came back.'),
};

const payloadSettings = z.strictObject({
  arguments: form
    .default('digest')
    .describe(
      'How much of what calls are given is kept: none, digest (HMAC-SHA-256 under a key of the person), redacted (secrets and personal data masked) or full. What is kept is encrypted for each person.',
    ),
  results: form.default('none').describe('How much of what comes back is kept.'),
  maxBytes: z
    .int()
    .min(1024)
    .max(1_048_576)
    .default(65_536)
    .describe('Longest content that is kept redacted or in full, in bytes of JSON; longer ones are cut.'),
  servers: z
    .record(
      z.string(),
      z.strictObject({
        ...kept,
        tools: z.record(z.string(), z.strictObject(kept)).default({}).describe('By the name of the tool.'),
      }),
    )
    .default({})
    .describe('What is different at a server, by its name.'),
});

export type PayloadSettings = z.output<typeof payloadSettings>;

const retentionSettings = z.strictObject({
  days: z
    .union([z.int().min(1).max(36_500), z.literal('forever')])
    .default(365)
    .describe('How long records are kept. Their hashes stay, so that the rest can still be proven.'),
  schedule: z
    .string()
    .max(100)
    .refine(isSchedule, 'write a schedule of cron, such as "17 3 * * *"')
    .default('17 3 * * *')
    .describe('When old records are removed, as a schedule of cron in UTC.'),
});

export type RetentionSettings = z.output<typeof retentionSettings>;

export const recordSettings = z.strictObject({
  origin: z
    .string()
    .max(255)
    .refine(isKeyName, 'must contain neither spaces nor "+"')
    .optional()
    .describe(
      'Name of the log inside its signed checkpoints, e.g. "genkan.example.com/audit/a". Fixed when the log is created. Each process has a log of its own, and by default a name of its own, made from publicUrl.',
    ),
  fail: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe(
      'What happens when records cannot be written: closed refuses every call, open lets them pass with an alarm and records the gap afterwards.',
    ),
  maxQueue: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Records that may wait to become durable; beyond it calls are refused with record_unavailable.'),
  maxDetailsBytes: z
    .int()
    .min(1024)
    .max(24_576) // so that the whole leaf stays below the 65,535 bytes of a tlog-tiles entry
    .default(16_384)
    .describe('Longest details of one record, in bytes of JSON; longer ones are cut with a notice.'),
  payloads: payloadSettings
    .prefault({})
    .describe('Contents of calls in the record, in general and for single servers and tools.'),
  export: exportSettings.prefault({}).describe('Where records go besides: SIEMs, webhooks, files.'),
  search: searchSettings
    .prefault({})
    .describe('What a query on the record may take, and what it is told of addresses.'),
  retention: retentionSettings.prefault({}).describe('How long records are kept.'),
  ...witnessFields,
});

export type RecordSettings = z.infer<typeof recordSettings>;

function isSchedule(text: string): boolean {
  try {
    new Cron(text, { paused: true, timezone: 'UTC', mode: '5-part' });
    return true;
  } catch {
    return false;
  }
}
