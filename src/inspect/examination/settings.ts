// Settings of the examination: where the shield looks and what then, how long results may be, and which of their fields pass.
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { directions } from '../direction.ts';
import type { Direction } from '../direction.ts';
import { judgesSettings } from '../shield/judges/settings.ts';

/** Weakest first. */
export const strengths = ['off', 'flag', 'spotlight', 'redact', 'ask', 'block'] as const;
export type Action = (typeof strengths)[number];

const saidByServers = ['off', 'flag', 'spotlight', 'redact', 'block'] as const;
/** What a person's own assistant says is not rewritten: it passes, it does not, or somebody looks at it first. */
const saidByClients = ['off', 'flag', 'ask', 'block'] as const;

const weaker = 'what is certain is treated no milder than what is suspicious';
const isWeaker = (certain: Action, suspicious: Action): boolean =>
  strengths.indexOf(certain) < strengths.indexOf(suspicious);

const thresholds =
  'At "suspicious", about one in a hundred harmless texts is taken for an attack; at "certain", one in a thousand.';

function direction<Name extends Action>(
  actions: readonly Name[],
  usual: { readonly suspicious: Name; readonly certain: Name },
  what: string,
) {
  const action = z.enum(actions as readonly [Name, ...Name[]]);
  return z
    .strictObject({
      suspicious: action.prefault(usual.suspicious).describe('At the lower threshold.'),
      certain: action.prefault(usual.certain).describe('At the higher threshold.'),
    })
    .superRefine(({ suspicious, certain }, context) => {
      if (isWeaker(certain as Action, suspicious as Action))
        context.addIssue({ code: 'custom', path: ['certain'], message: weaker });
    })
    .prefault({})
    .describe(what);
}

const pattern = z.string().regex(/^[!-~]{1,512}$/, 'write printable ASCII without blanks; * stands for anything');
const patterns = z.array(pattern).min(1).max(200).optional();
const names = z.array(z.string().trim().min(1).max(256)).min(1).max(200).optional();

export const whose = {
  servers: patterns.describe('Names of servers; all if absent.'),
  tools: patterns.describe('Names of tools, prompts or resources as the server knows them; all if absent.'),
};

const override = z
  .strictObject({
    match: z
      .strictObject({
        ...whose,
        directions: z.array(z.enum(directions)).min(1).max(4).optional().describe('Where; everywhere if absent.'),
        groups: names.describe("The caller's groups, as the identity provider states them; all callers if absent."),
        roles: names.describe('Roles by which the call was allowed; what no call brought about, none of them fits.'),
      })
      .describe('What it is about.'),
    suspicious: z.enum(strengths).optional().describe('At the lower threshold; as the direction has it if absent.'),
    certain: z.enum(strengths).optional().describe('At the higher threshold; as the direction has it if absent.'),
  })
  .superRefine(({ match, ...written }, context) => {
    for (const key of ['suspicious', 'certain'] as const) {
      const action = written[key];
      const senseless = (match.directions ?? directions).filter(
        (each) => action !== undefined && !(actionsIn(each) as readonly Action[]).includes(action),
      );
      if (senseless.length === 0) continue;
      const message = `"${action}" makes no sense for ${senseless.join(', ')}, where one of ${actionsIn(senseless[0]!).join(', ')} is possible; narrow "match.directions"`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
    const { suspicious, certain } = written;
    if (suspicious !== undefined && certain !== undefined && isWeaker(certain, suspicious))
      context.addIssue({ code: 'custom', path: ['certain'], message: weaker });
  });

const actionsIn = (direction: Direction): readonly Action[] =>
  direction === 'arguments' ? saidByClients : saidByServers;

/** As approvers are written everywhere. */
const approver = z.union([
  z.strictObject({ user: z.string().trim().min(1).max(256).describe('Principal id or sign-in name of a person.') }),
  z.strictObject({ group: z.string().min(1).max(256).describe('Group, as the identity provider states it.') }),
  z.strictObject({ operator: z.literal(true).describe("Whoever sits at the machine's own command line.") }),
]);

const dayMs = 86_400_000;
export const approvals = z
  .strictObject({
    approvers: z.array(approver).min(1).max(50).describe('Who may approve; never the caller.'),
    mfa: z.boolean().default(true).describe('Whether approvers have to have proved a second factor.'),
    within: z
      .string()
      .refine((text) => (parseDuration(text) ?? Infinity) <= dayMs, 'write a duration of at most P1D, such as PT15M')
      .default('PT15M')
      .describe('How long a call waits for an approval.'),
  })
  .describe('Who is asked where an action is "ask". Needed as soon as one is.');

export const shieldSettings = z
  .strictObject({
    results: direction(
      saidByServers,
      { suspicious: 'spotlight', certain: 'block' },
      `What servers answer: text, structuredContent, resources, prompts, errors, and what they say on the way. ${thresholds}`,
    ),
    descriptions: direction(
      saidByServers,
      { suspicious: 'flag', certain: 'block' },
      'What servers say of themselves and of their tools, prompts and resources, which tells assistants what to do in any case. "block" leaves the item out of the list; what is certain waits as a pin until somebody approves it.',
    ),
    questions: direction(
      saidByServers,
      { suspicious: 'spotlight', certain: 'block' },
      'What servers ask people (elicitation) and their models (sampling). "block" leaves it unasked.',
    ),
    arguments: direction(
      saidByClients,
      { suspicious: 'flag', certain: 'flag' },
      'What callers send: mostly the words of their own people, who may write about attacks. "ask" has a person approve the call.',
    ),
    overrides: z
      .array(override)
      .max(200)
      .default([])
      .describe('Other actions for certain servers, tools, callers and directions. The first that fits counts.'),
    ask: approvals.optional(),
    judges: judgesSettings,
  })
  .superRefine((shield, context) => {
    const asked = [shield.arguments, ...shield.overrides].some(
      ({ suspicious, certain }) => suspicious === 'ask' || certain === 'ask',
    );
    if (asked && shield.ask === undefined)
      context.addIssue({ code: 'custom', path: ['ask'], message: 'an action is "ask", so it has to say who approves' });
    for (const [index, { match, ...written }] of shield.overrides.entries())
      for (const each of match.directions ?? directions) {
        const whole = { ...shield[each], ...written } as { suspicious: Action; certain: Action };
        if (isWeaker(whole.certain, whole.suspicious))
          context.addIssue({
            code: 'custom',
            path: ['overrides', index],
            message: `with it, ${each} has "suspicious: ${whole.suspicious}" and "certain: ${whole.certain}": ${weaker}`,
          });
      }
  })
  .prefault({})
  .describe('The prompt shield: what to do with text that reads like orders to the assistant that reads it.');

export type ShieldSettings = z.output<typeof shieldSettings>;

export const fieldsSettings = z
  .array(
    z.strictObject({
      match: z.strictObject(whose).describe('Tools that it is about.'),
      keep: z
        .array(z.string().regex(/^(\/([^~/]|~[01])+)+$/, 'write a JSON Pointer such as /customer/name or /orders/*/id'))
        .min(1)
        .max(500)
        .describe(
          'What of a result passes, with everything below: JSON Pointers, in which * stands for any item or name.',
        ),
    }),
  )
  .max(200)
  .default([])
  .describe('Tools of whose results only some fields reach their callers. The first that fits counts.');

const characters = z
  .int()
  .min(1000)
  .max(256 * 1024 ** 2);

export const resultSizesSettings = z
  .array(
    z.strictObject({
      match: z.strictObject(whose).describe('What it is about.'),
      maxCharacters: characters.describe('Characters of text in one result.'),
    }),
  )
  .max(200)
  .default([])
  .describe(
    'Servers and tools whose results may be longer, or have to be shorter, than maxResultCharacters. The first that fits counts.',
  );

export const maxResultCharactersSetting = characters
  .default(4_000_000)
  .describe('Characters of text in one result; what is longer is cut, with a notice. Images and audio do not count.');

export interface ExaminationSettings {
  readonly shield: ShieldSettings;
  readonly fields: z.output<typeof fieldsSettings>;
  readonly resultSizes: z.output<typeof resultSizesSettings>;
  readonly maxResultCharacters: number;
}
