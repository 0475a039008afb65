// The `access.rules` part of genkan.yaml: what calls may be like that assignments allow, and which of them somebody has to approve.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { approverSettings } from '../approvals/approvers.ts';
import { assigneeSetting } from '../assignee.ts';
import { conditionText } from '../conditions/settings.ts';
import { actionPattern } from '../role-definition.ts';
import { parseScope } from '../scope.ts';
import { ambiguityIn } from './demands.ts';

const pattern = z.string().regex(/^[!-~]{1,512}$/, 'write printable ASCII without blanks; * stands for anything');
const listOf = (each: z.ZodString) => z.array(each).min(1).max(200).optional();
const patterns = listOf(pattern);
const actions = listOf(actionPattern);
const words = z.string().trim().min(1).max(500);

const message = z.union([
  words,
  z.strictObject({
    en: words.describe('English; also for languages that are not given.'),
    ja: words.optional().describe('Japanese.'),
    ko: words.optional().describe('Korean.'),
    'zh-Hant': words.optional().describe('Traditional Chinese.'),
  }),
]);

const dayMs = 86_400_000;
const ofApprovals = ['approvers', 'mfa', 'within'] as const;

const rule = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, 'use letters, digits, blanks, . _ and -, at most 64')
      .describe('Name by which refusals and records call it.'),
    description: z.string().max(1000).optional().describe('What it is for.'),
    effect: z
      .enum(['deny', 'requireApproval', 'audit'])
      .describe('Refuse the call, hold it until somebody has approved it, or let it pass and note it in the record.'),
    actions: actions.describe('Actions that it is about, such as Microsoft.Compute/*/write; all if absent.'),
    notActions: actions.describe('Actions taken out of them.'),
    servers: patterns.describe('Servers that it is about; all if absent.'),
    tools: patterns.describe('Tools that it is about; all, with prompts and resources, if absent.'),
    scope: z
      .string()
      .default('/')
      .superRefine((text, context) => {
        if (parseScope(text, 'patterns') === undefined)
          context.addIssue({
            code: 'custom',
            message: 'it is not a scope such as /subscriptions/GUID/resourceGroups/dev-*',
          });
      })
      .describe(
        'Where it holds, with everything below. A call that does not show where it acts is taken to act there too.',
      ),
    unless: conditionText
      .optional()
      .describe(
        'It does not hold where this condition does. A call that does not show what it compares is not spared.',
      ),
    when: conditionText
      .optional()
      .describe('It holds only where this condition does. What the call leaves to the server does not count.'),
    exceptPrincipals: z
      .array(assigneeSetting.describe('A person, a group or an agent.'))
      .max(200)
      .optional()
      .describe('Whom it spares.'),
    approvers: z.array(approverSettings).min(1).max(50).optional().describe('Who may approve; never the caller.'),
    mfa: z.boolean().optional().describe('Whether approvers have to have proved a second factor; true if absent.'),
    within: z
      .string()
      .refine((text) => (parseDuration(text) ?? Infinity) <= dayMs, 'write a duration of at most P1D, such as PT15M')
      .optional()
      .describe('How long a call waits for an approval; PT15M if absent.'),
    message: message.optional().describe('What callers read, instead of the condition.'),
  })
  .superRefine((written, context) => {
    const approved = written.effect === 'requireApproval';
    const problem = (key: string, reason: string): void =>
      context.addIssue({ code: 'custom', path: [key], message: reason });
    if (approved && written.approvers === undefined)
      context.addIssue({ code: 'custom', path: ['effect'], message: 'it needs "approvers"' });
    for (const key of ofApprovals)
      if (!approved && written[key] !== undefined) problem(key, `it goes with "effect: requireApproval" alone`);
    if (written.message !== undefined && written.effect !== 'deny')
      problem('message', 'it goes with "effect: deny" alone');
  });

export const rulesSettings = z
  .array(rule)
  .max(500)
  .default([])
  .superRefine((rules, context) => {
    const names = rules.map(({ name }) => name.toLowerCase());
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'another rule has this name' });
    for (const { index, reason } of ambiguityIn(rules))
      context.addIssue({ code: 'custom', path: [index, 'approvers'], message: reason });
  })
  .describe('Rules on calls that assignments allow: regions, sizes, tags, numbers, and approvals.');

export type RuleSettings = z.output<typeof rule>;
