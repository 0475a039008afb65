// The settings of searching the record: what one query may take.
import { z } from 'zod';

export const searchSettings = z.strictObject({
  maxSeconds: z.int().min(1).max(600).default(30).describe('How long one query may run.'),
  maxRows: z.int().min(1).max(100_000).default(10_000).describe('Rows of one answer.'),
  maxRowsRead: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(10_000_000)
    .describe('Rows that one query may take out of tables, all together.'),
  maxMegabytes: z
    .int()
    .min(16)
    .max(4096)
    .default(256)
    .describe('Memory that one query may hold for groups, sorting and joins.'),
  countries: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File of countries by address, lines of "first,last,country" such as "203.0.113.0,203.0.113.255,JP": fills Location and LocationDetails of SigninLogs.',
    ),
});

export type SearchSettings = z.output<typeof searchSettings>;
