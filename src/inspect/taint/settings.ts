// Settings of taint rules: what tools read and where they send, and what may not flow from the one to the other.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { approvals, whose } from '../examination/settings.ts';

export const readings = ['private', 'untrusted'] as const;
export type Reading = (typeof readings)[number];

export const sendings = ['public', 'internal', 'none'] as const;
export type Sending = (typeof sendings)[number];

export const consequences = ['flag', 'approval', 'block'] as const;
export type Consequence = (typeof consequences)[number];

const reads = z.array(z.enum(readings)).max(readings.length);
const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

const span = (usual: string, leastMs: number, mostMs: number, rule: string, what: string) =>
  z
    .string()
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= leastMs && ms <= mostMs;
    }, rule)
    .default(usual)
    .describe(what);

const label = z
  .strictObject({
    match: z
      .strictObject({
        ...whose,
        actions: z
          .array(z.string().regex(/^[!-~]{1,256}$/, 'write an action such as Microsoft.KeyVault/vaults/secrets/*'))
          .min(1)
          .max(200)
          .optional()
          .describe('Actions or data actions, one of which the call needs; * stands for anything. All if absent.'),
      })
      .describe('What it is about.'),
    reads: reads
      .optional()
      .describe(
        '"private": what outsiders may not see. "untrusted": what outsiders may have written. Neither of them: []. Left to the next label that fits if absent.',
      ),
    sends: z
      .enum(sendings)
      .optional()
      .describe(
        '"public": what is sent can reach outsiders. "internal": it stays in the organisation. Left to the next label that fits if absent.',
      ),
  })
  .refine(({ reads: read, sends }) => read !== undefined || sends !== undefined, 'write "reads", "sends" or both');

const rule = z.strictObject({
  when: reads.min(1).describe('What the conversation has to have read, all of it.'),
  to: z
    .array(z.enum(['public', 'internal']))
    .min(1)
    .max(2)
    .default(['public'])
    .describe('Where a call sends.'),
  match: z.strictObject(whose).default({}).describe('Calls that it is about; all that send there if absent.'),
  then: z
    .enum([...consequences, 'pass'])
    .describe(
      '"approval": a person looks at the call first. "flag": only recorded. "pass": nothing, nor by rules below.',
    ),
});

export type WrittenLabel = z.output<typeof label>;
export type WrittenRule = z.output<typeof rule>;

export const taintSettings = z
  .strictObject({
    labels: z
      .array(label)
      .max(200)
      .default([])
      .describe(
        'What servers, tools, prompts and resources read, and where they send. The first that fits and says so counts.',
      ),
    unlabelled: z
      .enum(['hint', 'open', 'closed'])
      .default('hint')
      .describe(
        'What no label is about. "hint": a tool that says openWorldHint: true reads untrusted content and sends to the public. "open": everything does. "closed": nothing does.',
      ),
    rules: z
      .array(rule)
      .max(100)
      .optional()
      .describe(
        'What may not flow. The first that fits counts. If absent: after private data and untrusted content, whatever sends to the public needs an approval, or is blocked where nobody is asked; after private data alone it is flagged.',
      ),
    conversation: z
      .enum(['person', 'client'])
      .default('person')
      .describe(
        'What counts as one conversation: all that a person does here, or all that they do in one client. Clients that register themselves often do so once for each server.',
      ),
    idle: span(
      'PT30M',
      minuteMs,
      dayMs,
      'write a duration of PT1M to P1D',
      'After so long without a call the conversation is over, and what it has read is forgotten.',
    ),
    longest: span(
      'P1D',
      minuteMs,
      30 * dayMs,
      'write a duration of PT1M to P30D',
      'What was read longer ago than that is forgotten in any case.',
    ),
    ask: approvals.optional(),
  })
  .superRefine(({ rules = [], ask }, context) => {
    for (const [index, { then }] of rules.entries())
      if (then === 'approval' && ask === undefined)
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'then'],
          message: 'it is "approval", so "ask" has to say who approves',
        });
  })
  .describe(
    'Taint rules against the lethal trifecta: what was read of a private source may not leave by a public sink in one conversation. Off if absent.',
  );

export type TaintSettings = z.output<typeof taintSettings>;
