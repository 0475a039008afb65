// The settings of the audit record. How durable it is cannot be chosen: every record is synced to disk before it counts.
import { z } from 'zod';
import { isKeyName } from './note.ts';

export const recordSettings = z.strictObject({
  origin: z
    .string()
    .max(255)
    .refine(isKeyName, 'must contain neither spaces nor "+"')
    .optional()
    .describe(
      'Name of the log inside its signed checkpoints, e.g. "genkan.example.com/audit". Fixed when the log is created; by default made from publicUrl.',
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
});

export type RecordSettings = z.infer<typeof recordSettings>;
