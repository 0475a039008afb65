// `AuditLogs`: what administrators, people and applications changed at Genkan, in the columns of Entra ID.
import type { Value } from '../../kql/values.ts';
import { codeOf, moment, textOf } from './audit-table.ts';
import type { Found } from './found.ts';
import type { RecordTable } from './record-table.ts';
import { entraIds, unknownColumns, viewColumns } from './views.ts';

const { rowText, sealedText, sealedDynamic } = viewColumns();

type Kind = 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign' | 'Other';

/** Acts that Entra ID has as well, by its name for them; the others keep their own. */
const acts: Readonly<Record<string, readonly [name: string, kind: Kind]>> = {
  'role.assign': ['Add member to role', 'Assign'],
  'role.unassign': ['Remove member from role', 'Unassign'],
  'eligibility.add': ['Add eligible member to role', 'Assign'],
  'eligibility.remove': ['Remove eligible member from role', 'Unassign'],
  'elevation.request': ['Add member to role requested (PIM activation)', 'Assign'],
  'elevation.end': ['Remove member from role (PIM deactivate)', 'Unassign'],
  'role.create': ['Add role definition', 'Add'],
  'role.update': ['Update role definition', 'Update'],
  'role.delete': ['Delete role definition', 'Delete'],
  'conditional-access.apply': ['Update conditional access policy', 'Update'],
  'identity.consent': ['Consent to application', 'Assign'],
  'identity.clientRegistered': ['Add application', 'Add'],
  'client.add': ['Add service principal', 'Add'],
  'client.remove': ['Remove service principal', 'Delete'],
  'credential.rotate': ['Update application – Certificates and secrets management', 'Update'],
  'principal.disable': ['Disable account', 'Update'],
  'principal.enable': ['Enable account', 'Update'],
  'principal.forget': ['Delete user', 'Delete'],
};

/** Category by the beginning of an action. */
const categories: Readonly<Record<string, string>> = {
  role: 'RoleManagement',
  eligibility: 'RoleManagement',
  elevation: 'RoleManagement',
  assignment: 'RoleManagement',
  'break-glass': 'RoleManagement',
  review: 'AccessReviews',
  exclusion: 'AccessReviews',
  policy: 'Policy',
  access: 'Policy',
  deny: 'Policy',
  'conditional-access': 'Policy',
  config: 'Policy',
  client: 'ApplicationManagement',
  identity: 'ApplicationManagement',
  credential: 'ApplicationManagement',
  server: 'ApplicationManagement',
  connection: 'ApplicationManagement',
  principal: 'UserManagement',
  session: 'UserManagement',
  scim: 'ProvisioningManagement',
};

const verbKinds: Readonly<Record<string, Kind>> = { add: 'Add', create: 'Add', remove: 'Delete', delete: 'Delete' };

const nounOf = (action: string): string => action.slice(0, action.indexOf('.'));
const nameOf = ({ action }: Found): string => acts[action]?.[0] ?? action;
const kindOf = ({ action }: Found): Kind =>
  acts[action]?.[1] ?? verbKinds[action.slice(action.indexOf('.') + 1)] ?? 'Other';
const isApplication = ({ entry }: Found): boolean => entry.actor?.kind === 'application';
const idOf = ({ user }: Found): string => entraIds(user)?.oid ?? user;
const appOf = ({ entry, user }: Found): string => (entry.actor?.agent ?? user).replace(/^application:/, '');

function initiatedBy(found: Found): Value {
  const { entry, user } = found;
  if (isApplication(found))
    return { app: { appId: appOf(found), displayName: entry.actor?.name ?? appOf(found), servicePrincipalId: user } };
  const name = entry.actor?.name ?? '';
  return {
    user: { id: idOf(found), userPrincipalName: name, displayName: name, ipAddress: textOf(entry.sourceIP) },
    ...(entry.client !== undefined && { app: { appId: entry.client } }),
  };
}

/** What an operation was given. */
function inputOf({ entry: { details = {} } }: Found): Readonly<Record<string, unknown>> {
  const { input } = details;
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? (input as Readonly<Record<string, unknown>>)
    : {};
}

/** Inputs that name somebody or something, and what Entra ID calls that. */
const targets = [
  ['user', 'User'],
  ['person', 'User'],
  ['principal', 'User'],
  ['group', 'Group'],
  ['application', 'ServicePrincipal'],
  ['client', 'ServicePrincipal'],
  ['clientId', 'ServicePrincipal'],
  ['server', 'Other'],
  ['name', 'Other'],
  ['role', 'Role'],
] as const;

function targetResources(found: Found): Value {
  const input = inputOf(found);
  const given = found.action.startsWith('identity.') ? { client: found.entry.client, ...found.entry.details } : input;
  const named = targets.find(([name]) => typeof (given as Record<string, unknown>)[name] === 'string');
  const id = named === undefined ? found.resource : String((given as Record<string, unknown>)[named[0]]);
  const role = input['role'];
  const changed = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ displayName: name, oldValue: null, newValue: JSON.stringify(value) }));
  return [
    {
      id,
      displayName: id,
      type: named?.[1] ?? 'Other',
      ...(named?.[1] === 'User' && { userPrincipalName: id }),
      modifiedProperties: [
        ...(typeof role === 'string'
          ? [{ displayName: 'Role.DisplayName', oldValue: null, newValue: JSON.stringify(role) }]
          : []),
        ...changed,
      ] as Value[],
    },
  ];
}

const resultOf = ({ result }: Found): string =>
  result === 'allowed' ? 'success' : result === 'unknown' ? '' : 'failure';
const reasonOf = (found: Found): string => textOf(found.entry.details?.['reason']) || codeOf(found);

export const auditLogs: RecordTable = {
  name: 'AuditLogs',
  about:
    'What was changed at Genkan: roles, eligibilities, elevations, policies, reviews, clients, consents, accounts, servers. ' +
    'Only outcomes; what only reads is not here. What is changed in the directory otherwise is not here either.',
  where:
    "instr(action, '/') = 0 AND instr(action, '.') > 0 AND result <> 'intent' AND action NOT LIKE 'identity.token%' " +
    "AND action NOT IN ('identity.signIn', 'identity.stepUp', 'identity.authorize', 'identity.signOut')",
  items: ({ open }) => (open.effect === 'read' ? [] : [undefined]),
  columns: [
    moment('TimeGenerated', 'When it happened.'),
    moment('ActivityDateTime', 'The same.'),
    rowText(
      'OperationName',
      'The name that Entra ID has for such an act, e.g. `Add member to role`; else the action of Genkan.',
      nameOf,
    ),
    rowText('ActivityDisplayName', 'The same.', nameOf),
    rowText('AADOperationType', '`Add`, `Update`, `Delete`, `Assign`, `Unassign` or `Other`.', kindOf),
    rowText(
      'Category',
      '`RoleManagement`, `Policy`, `ApplicationManagement`, `UserManagement`, `AccessReviews` …',
      ({ action }) => categories[nounOf(action)] ?? 'Other',
    ),
    rowText('Result', '`success` or `failure`; empty where the outcome is not known.', resultOf),
    rowText('ResultType', '`Success` or `Failure`, likewise.', (found) => words[resultOf(found)] ?? ''),
    sealedText('ResultReason', 'Why it failed.', (found) => (found.result === 'allowed' ? '' : reasonOf(found))),
    sealedText('ResultDescription', 'The same.', (found) => (found.result === 'allowed' ? '' : reasonOf(found))),
    sealedText('Identity', 'Who did it: sign-in name, or client id of an agent.', (found) =>
      isApplication(found) ? appOf(found) : textOf(found.entry.actor?.name) || found.user,
    ),
    sealedDynamic(
      'InitiatedBy',
      '`user` with `id`, `userPrincipalName`, `ipAddress`; or `app` with `appId`.',
      initiatedBy,
    ),
    sealedDynamic(
      'TargetResources',
      'One: `id`, `displayName`, `type`, and what the act was given as `modifiedProperties`.',
      targetResources,
    ),
    sealedDynamic(
      'AdditionalDetails',
      'Keys and values: `action`, `resource`, `User-Agent`.',
      ({ action, resource, entry }) => [
        { key: 'action', value: action },
        { key: 'resource', value: resource },
        { key: 'User-Agent', value: textOf(entry.userAgent) },
      ],
    ),
    sealedText('AADTenantId', 'Tenant of who did it.', ({ user }) => entraIds(user)?.tid ?? ''),
    {
      ...rowText('CorrelationId', 'The same for intent and outcome.', ({ correlationId }) => correlationId),
      sql: 'correlation_id',
    },
    rowText('Id', 'Index of the record.', ({ index }) => String(index)),
    rowText('LoggedByService', '`Genkan`.', () => 'Genkan'),
    rowText('Level', '`Informational`.', () => 'Informational'),
    { ...rowText('ResourceId', 'What it was done to.', ({ resource }) => resource), sql: 'resource' },
    rowText('Type', 'Name of the table.', () => 'AuditLogs'),
    rowText('SourceSystem', '`Genkan`.', () => 'Genkan'),
    ...unknownColumns({
      string: 'Location OperationVersion Resource ResourceGroup ResourceProvider ResultSignature TenantId',
      long: 'DurationMs',
    }),
  ],
};

const words: Readonly<Record<string, string>> = { success: 'Success', failure: 'Failure' };
