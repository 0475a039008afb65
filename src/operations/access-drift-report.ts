// How the drift between Genkan's grants and an identity's rights in Azure is told: as data, and for people.
import { z } from 'zod';
import { table } from './table.ts';

const risk = z.enum(['low', 'medium', 'high', 'critical']);
const action = {
  action: z.string(),
  data: z.boolean().describe('Whether it is one of DataActions.'),
  risk,
  tools: z.array(z.string()).describe('Tools that may need it; none where it is only worth knowing about.'),
};

const excessView = z.object({
  scope: z.string(),
  risk: risk.describe('The worst of the actions.'),
  held: z.array(
    z.object({
      assignment: z.string().describe('Its id in Azure.'),
      role: z.string(),
      group: z.string().optional().describe('The group through which the identity has it.'),
      wildcards: z.array(z.string()).describe('Lines of the role that reach beyond one provider, such as *.'),
      conditioned: z.boolean().describe('Whether it or its role hangs on a condition, which is taken to hold.'),
      unneeded: z.boolean().describe('Whether nobody is granted anything of it, there or below.'),
    }),
  ),
  actions: z
    .array(
      z.object({
        ...action,
        roles: z.array(z.string()).describe('Roles there that give it to the identity.'),
        grantedBelow: z.array(z.string()).describe('Narrower scopes at which somebody is granted it; at most ten.'),
      }),
    )
    .describe('What the identity may do there, and nobody is granted at that scope; the most dangerous first.'),
  beyond: z.int().describe('How many further operations of Azure these roles grant that no tool can carry out.'),
});

const powerlessView = z.object({
  role: z.string(),
  scope: z.string(),
  principals: z
    .array(
      z.object({
        kind: z.enum(['user', 'group', 'application']),
        id: z.string(),
        onRequest: z.boolean().describe('Whether it is not held, and could be requested.'),
      }),
    )
    .describe('Who is granted it; the first hundred.'),
  risk,
  actions: z.array(
    z.object({ ...action, heldBelow: z.array(z.string()).describe('Where the identity may do it; at most ten.') }),
  ),
});

export const driftView = z.object({
  ok: z
    .boolean()
    .describe(
      'Whether it has assignments, there is neither excess nor a grant without power, and everything could be read.',
    ),
  identity: z.string().optional(),
  source: z.enum(['azure', 'lists']),
  assignments: z.int().describe('How many role assignments the identity has, with those of its groups.'),
  subscriptions: z.array(z.string()).describe('What was looked at.'),
  excess: z.array(excessView).describe('What the identity may do in Azure and nobody may through Genkan.'),
  powerless: z.array(powerlessView).describe('What people are granted and the identity may do nowhere in that scope.'),
  inPart: z
    .array(powerlessView)
    .describe('What people are granted and the identity may do in a part of that scope only.'),
  cut: z.boolean().describe('Whether there is more than is listed.'),
  notSeen: z.array(z.string()).describe('What this comparison does not see.'),
  next: z.array(z.string()).describe('What to do about it.'),
});

export type DriftView = z.output<typeof driftView>;
export type ExcessView = z.output<typeof excessView>;
export type PowerlessView = z.output<typeof powerlessView>;

const shownActions = 12;
const shownNames = 3;

export const printDrift = ({ ok, identity, excess, powerless, inPart, cut, ...rest }: DriftView): string =>
  [
    `The identity ${identity === undefined ? '' : `${identity} `}has ${rest.assignments} role assignments in ${rest.subscriptions.length} subscriptions of Azure.`,
    ...(ok && inPart.length === 0
      ? ['Where it was looked, it may do what people are granted here, and nothing else that tools can need.']
      : []),
    ...excess.flatMap(printExcess),
    ...powerless.flatMap((each) => printPowerless(each, 'which the identity may do nowhere in it')),
    ...inPart.flatMap((each) => printPowerless(each, 'which the identity may do in a part of it only')),
    ...(cut ? ['', 'There is more than is listed.'] : []),
    '',
    'Not seen:',
    ...rest.notSeen.map((each) => `  ${each}`),
    ...(rest.next.length === 0 ? [] : ['', 'Next:', ...rest.next.map((each) => `  ${each}`)]),
  ].join('\n');

function printExcess({ scope, held, actions, beyond }: ExcessView): string[] {
  return [
    '',
    `EXCESS at ${scope}: ${actions.length} actions that nobody is granted there, and ${beyond} more that no tool needs`,
    ...held.map(({ role, group, wildcards, conditioned, unneeded }) => {
      const notes = [
        ...(group === undefined ? [] : [`through the group ${group}`]),
        ...(wildcards.length === 0 ? [] : [`WILDCARD ${wildcards.join(' ')}`]),
        ...(conditioned ? ['on a condition'] : []),
        ...(unneeded ? ['nobody is granted anything of it'] : []),
      ];
      return `  "${role}"${notes.map((note) => `, ${note}`).join('')}`;
    }),
    ...(actions.length === 0 ? [] : [listOf(actions, ({ grantedBelow }) => grantedBelow, 'granted only at')]),
  ];
}

const printPowerless = ({ role, scope, principals, actions }: PowerlessView, what: string): string[] => [
  '',
  `GRANTED "${role}" at ${scope} to ${some(principals.map(({ kind, id, onRequest }) => `${kind} ${id}${onRequest ? ' (on request)' : ''}`))}: ${actions.length} actions ${what}`,
  listOf(actions, ({ heldBelow }) => heldBelow, 'the identity only at'),
];

type ActionView = z.output<z.ZodObject<typeof action>>;

function listOf<Listed extends ActionView>(
  actions: readonly Listed[],
  below: (each: Listed) => readonly string[],
  heading: string,
): string {
  const drawn = table(actions.slice(0, shownActions), {
    risk: (each) => each.risk,
    action: (each) => `${each.action}${each.data ? ' (data)' : ''}`,
    tools: ({ tools }) => some(tools),
    [heading]: (each) => some(below(each)),
  });
  return [
    ...drawn.split('\n').map((line) => `  ${line}`),
    ...(actions.length > shownActions ? [`  and ${actions.length - shownActions} more (--json)`] : []),
  ].join('\n');
}

const some = (names: readonly string[]): string =>
  names.length <= shownNames
    ? names.join(', ')
    : `${names.slice(0, shownNames).join(', ')} and ${names.length - shownNames} more`;
