// The operation that holds Genkan's grants against what a server's own identity may do in Azure.
import { z } from 'zod';
import { listLines, removalLine } from '../access/analysis/az-lines.ts';
import { findDrift } from '../access/analysis/drift.ts';
import type { Drift, Excess, Powerless } from '../access/analysis/drift.ts';
import { rightsUnread } from '../access/analysis/identity-reader.ts';
import { NotAzures, subscriptionOf } from '../access/analysis/identity-rights.ts';
import type { IdentityRights } from '../access/analysis/identity-rights.ts';
import { listedOperations } from '../access/analysis/known-actions.ts';
import { readLists } from '../access/analysis/listed-rights.ts';
import { worstOf } from '../access/analysis/risk.ts';
import type { ToolAction } from '../access/analysis/tool-actions.ts';
import { bind } from '../access/assignment.ts';
import type { Grant } from '../access/assignment.ts';
import { parseScope } from '../access/scope.ts';
import { GenkanError } from '../base/errors.ts';
import { guid } from '../base/guid.ts';
import { driftView, printDrift } from './access-drift-report.ts';
import type { DriftView, ExcessView, PowerlessView } from './access-drift-report.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';

const id = z.string().regex(guid, 'it is no GUID').toLowerCase();
const listed = 500;
const items = (what: string) =>
  z.array(z.record(z.string(), z.unknown())).max(10_000).optional().describe(`${what}; @FILE reads it from a file.`);

const drift = defineOperation({
  id: 'access.drift',
  summary: "Compare what a server's own identity may do in Azure with what Genkan grants to people",
  about:
    'Without lists it asks Azure with the rights of its own application, which needs Reader on the subscriptions. Looks at role ' +
    'assignments alone; the answer names what it does not see. Nothing is changed. Ends with exit code 4 when the identity may do what ' +
    'nobody is granted, when somebody is granted what it may do nowhere in that scope, or when a subscription could not be read or nothing is assigned to it.',
  action: 'genkan/access/drift',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      identity: id
        .optional()
        .describe(
          'Object id of the managed identity or service principal with which the server works; not its client id.',
        ),
      subscriptions: z
        .array(id)
        .min(1)
        .max(200)
        .optional()
        .describe('Only these. By default all that Genkan can see in Azure and that its policy names.'),
      assignments: items(
        'What az role assignment list --assignee ID --all --include-inherited --include-groups prints',
      ),
      definitions: items('What az role definition list prints of roles that do not ship with Genkan'),
    })
    .refine(
      ({ identity, assignments }) => identity !== undefined || assignments !== undefined,
      'give an identity, or its assignments',
    )
    .refine(
      ({ assignments, definitions }) => definitions === undefined || assignments !== undefined,
      'definitions go with assignments',
    ),
  output: driftView,
  unsaid: ['assignments', 'definitions'],
  async run(house, { identity, subscriptions, assignments, definitions = [] }) {
    const { grants, roles, denials = [] } = house.access.inForce();
    const eligible = eligibleGrants(house, roles);
    const rights =
      assignments === undefined
        ? await readThere(house, identity!, subscriptions, [...grants, ...eligible])
        : readHere({ identity, subscriptions, assignments, definitions });
    const found = await findDrift({
      rights,
      grants,
      eligible,
      denials,
      nowMs: house.clock.now(),
      operations: await listedOperations(),
    });
    return viewOf(found, rights, { identity: rights.identity, source: assignments === undefined ? 'azure' : 'lists' });
  },
  problems: ({ ok }) => !ok,
  noted: ({ identity, source, excess, powerless }) => ({
    identity,
    source,
    excess: excess.length,
    powerless: powerless.length,
  }),
  print: printDrift,
});

type Found = IdentityRights & { readonly identity: string | undefined };

async function readThere(
  { identityReader }: House,
  identity: string,
  only: readonly string[] | undefined,
  grants: readonly Grant[],
): Promise<Found> {
  if (identityReader === undefined)
    throw rightsUnread('no application in a tenant of Entra ID is configured under identity.provider', identity);
  const named = grants.flatMap(({ scope }) => subscriptionOf(scope) ?? []).filter((each) => guid.test(each));
  return { ...(await identityReader.read({ identity, only, named: [...new Set(named)] })), identity };
}

function readHere(lists: Parameters<typeof readLists>[0]): Found {
  try {
    return readLists(lists);
  } catch (error) {
    if (!(error instanceof NotAzures)) throw error;
    throw new GenkanError('access_drift_lists', {
      reason: error.message,
      lines: listLines(lists.identity),
    });
  }
}

/** What could be held on request needs the identity's power as well once it is. */
function eligibleGrants({ elevation }: House, roles: Parameters<typeof bind>[1]): Grant[] {
  return elevation.eligible().flatMap((each) => {
    const { id: eligibility, principal, role, scope, endsAtMs, inactive } = each;
    if (inactive !== undefined) return [];
    const source = each.kind;
    return [
      bind({ id: eligibility, principal, role, scope, source, ...(endsAtMs !== undefined && { endsAtMs }) }, roles),
    ];
  });
}

function viewOf(
  { excess, powerless, inPart, apart, unjudged, managementGroups, conditioned }: Drift,
  { assignments, subscriptions, unread, unreadable }: IdentityRights,
  { identity, source }: Pick<DriftView, 'source'> & { readonly identity: string | undefined },
): DriftView {
  const removals = excess.flatMap(({ held }) =>
    held.flatMap(({ id: assignment, unneeded, principal }) =>
      unneeded && !principal.isGroup && parseScope(assignment, 'literal') ? [removalLine(assignment)] : [],
    ),
  );
  return {
    // Of what was not looked at nothing good can be said; an identity without any assignment is mostly not the one that was meant.
    ok: assignments.length > 0 && [excess, powerless, unread, unreadable].every(({ length }) => length === 0),
    ...(identity !== undefined && { identity }),
    source,
    assignments: assignments.length,
    subscriptions: [...subscriptions],
    excess: excess.slice(0, listed).map(excessView),
    powerless: powerless.slice(0, listed).map(powerlessView),
    inPart: inPart.slice(0, listed).map(powerlessView),
    cut: [excess, powerless, inPart].some(({ length }) => length > listed),
    notSeen: [
      ...(assignments.length === 0
        ? ['no role assignment was found at all: is this an object id, and not a client id?']
        : []),
      ...unread.map(({ subscription, reason }) => `the subscription ${subscription} was not read: ${reason}`),
      ...unreadable.map((scope) => `an assignment at a scope that Genkan cannot read: ${scope}`),
      ...apart
        .slice(0, listed)
        .map(({ role, scope }) => `what "${role.name}" at ${scope.text} is for: no tool can need anything of it`),
      ...unjudged.map((scope) => `grants at ${scope}: not all that lies in it was looked at`),
      ...managementGroups.map((scope) => `${scope} is taken to hold every subscription in whose list it stood`),
      ...(conditioned === 0
        ? []
        : [`conditions in Azure: assignments and roles with one count as if it always held (${conditioned})`]),
      source === 'azure'
        ? "subscriptions that Genkan's application cannot see"
        : 'what the lists leave out, such as the assignments of its groups where they were made without --include-groups; built-in roles count as they were when this Genkan was made, unless they are among the definitions',
      ...never,
    ],
    next: [
      ...(removals.length > 0
        ? [
            'Nobody is granted anything of the following. Delete each where neither the server itself (its image, its secrets) nor anything else that works with this identity lives on it:',
            ...removals,
          ]
        : []),
      ...(excess.some(({ held }) => held.some(({ unneeded, principal }) => !unneeded || principal.isGroup))
        ? [
            'For the other assignments of the identity: make a narrower one first, with a role of the actions that people are granted at their scopes; then delete the wider one.',
          ]
        : []),
      ...(powerless.length > 0
        ? [
            'Grants without power: genkan assignment list shows them; take them away (genkan role unassign), or give the identity these actions in Azure.',
          ]
        : []),
    ].slice(0, listed),
  };
}

const never = [
  'deny assignments in Azure, which take rights away again',
  'conditions of grants in Genkan: whoever is granted something on a condition counts as granted',
  'what is denied here in a part of a scope: where it is granted at the scope itself, it counts as granted in all of it',
  'rights that are no role assignments: access policies of key vaults, account keys and shared access signatures, SQL and Kubernetes logins, roles within Cosmos DB, Azure Lighthouse, Entra ID and Microsoft Graph',
  'roles that the identity could activate (PIM), or give itself with Microsoft.Authorization/roleAssignments/write',
  'other identities that servers here work with, and servers that act as the caller',
];

const excessView = ({ scope, held, actions, beyond }: Excess): ExcessView => ({
  scope: scope.text,
  risk: worstOf(actions.map(({ risk }) => risk)),
  held: held.map(({ id: assignment, role, principal, conditioned, unneeded }) => ({
    assignment,
    role: role.name,
    ...(principal.isGroup && { group: principal.id }),
    wildcards: [...role.wildcards],
    conditioned,
    unneeded,
  })),
  actions: actions.map(({ roles, grantedBelow, ...action }) => ({
    ...actionView(action),
    roles: [...roles],
    grantedBelow: [...grantedBelow],
  })),
  beyond,
});

const powerlessView = ({ role, scope, holders, actions }: Powerless): PowerlessView => ({
  role,
  scope: scope.text,
  principals: holders.slice(0, 100).map((holder) => ({ ...holder })),
  risk: worstOf(actions.map(({ risk }) => risk)),
  actions: actions.map(({ heldBelow, ...action }) => ({ ...actionView(action), heldBelow: [...heldBelow] })),
});

const actionView = ({ action, data, risk, tools }: ToolAction) => ({ action, data, risk, tools: [...tools] });

export const accessDriftOperations = [drift];
