// The `limits` of access: how often, how many at once and how much in a day somebody may call.
import { z } from 'zod';
import { readRate, startOfDay } from './measures.ts';

export const dimensions = ['user', 'client', 'agent', 'tool', 'server', 'ip'] as const;

/** What a limit counts apart: each combination of these has the whole limit to itself. */
export type Dimension = (typeof dimensions)[number];

const effects = ['read', 'write', 'destroy'] as const;
const weight = z.int().min(1).max(10_000);
const pattern = z.string().min(1).max(256);
const patterns = z.array(pattern).min(1).max(100);
const rateText = z
  .string()
  .max(64)
  .refine(
    (text) => readRate(text) !== undefined,
    'write a number and a time, such as 60/min, 5/s, 1000/h or 20/PT10M; at most 10000 a second',
  );

const match = z
  .strictObject({
    servers: patterns.optional().describe('Names of servers; `*` stands for any characters.'),
    tools: patterns.optional().describe('Names of tools as their server knows them; `*` stands for any characters.'),
    effects: z.array(z.enum(effects)).min(1).optional().describe('What calls do to the world.'),
    groups: patterns
      .optional()
      .describe('Groups of the caller, as the identity provider states them; app roles are `role:NAME`. Exact.'),
    methods: patterns
      .optional()
      .describe(
        'MCP methods; `*` stands for any characters. By default those that use something (tools, prompts, resources), subscriptions and event streams (`streams/open`), but not lists, pings and looks at tasks.',
      ),
  })
  .describe('Which calls it is for; all of them by default. Every condition has to hold.');

const weights = z.strictObject({
  effect: z
    .strictObject({
      read: weight.default(1).describe('What reads.'),
      write: weight.default(1).describe('What changes something.'),
      destroy: weight.default(1).describe('What may destroy something.'),
    })
    .prefault({})
    .describe('What a call costs by what it does to the world.'),
  tools: z
    .record(pattern, weight)
    .default({})
    .describe('What calls of certain tools cost instead; `*` stands for any characters, the highest that fits counts.'),
});

const limit = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,47}$/, 'use small letters, digits and -, a letter first')
      .describe('Told to callers and counted in metrics.'),
    per: z
      .array(z.enum(dimensions))
      .max(dimensions.length)
      .refine((all) => new Set(all).size === all.length, 'name each only once')
      .default(['user'])
      .describe('What is counted apart: each combination has the whole limit. None: everybody together.'),
    match: match.optional(),
    rate: rateText.optional().describe('How often, such as 60/min. Allowance comes back evenly, not all at once.'),
    burst: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('How much may come at once after a rest; by default as much as the number in `rate`.'),
    concurrency: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('How many may be under way at once, streams included.'),
    daily: z
      .union([
        z.int().min(1).max(1_000_000_000),
        z.strictObject({
          quota: z.int().min(1).max(1_000_000_000).describe('How much in one day.'),
          timeZone: z
            .string()
            .max(64)
            .refine((zone) => startOfDay(zone, 0) !== undefined, 'write a time zone such as Asia/Tokyo or UTC')
            .default('UTC')
            .describe('Where its day begins.'),
        }),
      ])
      .optional()
      .describe('How much in one day, from midnight to midnight; UTC unless a time zone is given.'),
    weights: weights.prefault({}).describe('What a call costs of `rate` and `daily`: 1 by default.'),
  })
  .superRefine((given, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    const { rate, burst, concurrency, daily, weights: cost } = given;
    if (rate === undefined && concurrency === undefined && daily === undefined)
      issue('rate', 'give at least one of rate, concurrency and daily');
    if (burst !== undefined && rate === undefined) issue('burst', 'it needs a rate');
    const dearest = Math.max(...Object.values(cost.effect), ...Object.values(cost.tools));
    const capacity = burst ?? (rate === undefined ? undefined : readRate(rate)?.count);
    if (capacity !== undefined && dearest > capacity)
      issue('weights', `a call that costs ${dearest} could never pass a burst of ${capacity}`);
    const quota = typeof daily === 'number' ? daily : daily?.quota;
    if (quota !== undefined && dearest > quota)
      issue('weights', `a call that costs ${dearest} could never pass a quota of ${quota}`);
  });

export const limitsSettings = z
  .array(limit)
  .max(64)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each name may be used only once')
  .default([])
  .describe('How often, how many at once and how much in a day. Each call has to fit into all that are for it.');

export type LimitSettings = z.output<typeof limit>;
export type LimitsSettings = z.output<typeof limitsSettings>;
