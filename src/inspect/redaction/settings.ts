// The `redaction` of inspect: what happens to secrets and to personal data in what servers answer.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { rules } from './rules.ts';

const acts = ['off', 'flag', 'redact', 'tokenise', 'block'] as const;

/** What happens to a find: nothing, a note in the record, a mask, a token that the same person can send back, no answer at all. */
export type Act = (typeof acts)[number];

const act = z.enum(acts);
const names = z.array(z.string().min(1).max(256)).min(1).max(100);

const acting = {
  secrets: act.optional().describe('Keys, tokens, passwords, connection strings.'),
  numbers: act
    .optional()
    .describe('Numbers for life or for money: cards, IBANs, My Number and national numbers, passports.'),
  contacts: act.optional().describe('E-mail addresses and telephone numbers.'),
  rules: z.partialRecord(z.enum(rules), act).default({}).describe('Single rules, such as `jwt` or `email`, otherwise.'),
};

const override = z
  .strictObject({
    match: z
      .strictObject({
        servers: names.optional().describe('Names of servers; `*` stands for anything. All if absent.'),
        tools: names
          .optional()
          .describe('Names of tools as the server knows them; `*` stands for anything. All if absent.'),
        groups: names
          .optional()
          .describe("The caller's groups, as the identity provider states them; all callers if absent."),
        roles: names.optional().describe('Roles by which the call was allowed; all callers if absent.'),
      })
      .describe('What it is about. All that is named has to fit.'),
    ...acting,
  })
  .describe('Otherwise for some. The first that fits and says something counts.');

export const redactionSettings = z.strictObject({
  secrets: act.default('redact').describe('Keys, tokens, passwords, connection strings.'),
  numbers: act
    .default('redact')
    .describe('Numbers for life or for money: cards, IBANs, My Number and national numbers, passports.'),
  contacts: act.default('flag').describe('E-mail addresses and telephone numbers.'),
  rules: acting.rules,
  overrides: z.array(override).max(100).default([]).describe('Other rules for some servers, tools and roles.'),
  tokens: z
    .strictObject({
      lifetime: z
        .string()
        .default('PT8H')
        .transform((text, context) => {
          const ms = parseDuration(text);
          if (ms === undefined || ms > 30 * 86_400_000) {
            context.addIssue({ code: 'custom', message: 'write a duration of at most 30 days, such as PT8H or 8h' });
            return z.NEVER;
          }
          return ms;
        })
        .describe('How long a token can be sent back, as a duration such as PT8H.'),
      mayGoTo: z
        .record(z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1).max(20))
        .default({})
        .describe('For a server, the others whose tools may receive what its tokens stand for. By default none.'),
    })
    .prefault({})
    .describe('Tokens that stand for a value, where a find is tokenised.'),
});

export type RedactionSettings = z.infer<typeof redactionSettings>;
