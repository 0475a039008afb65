// `AzureActivity`: calls of tools that do something in Azure, one row for each operation that a call needs.
import type { ActionRequired } from '../entry.ts';
import { codeOf, moment, textOf } from './audit-table.ts';
import type { Found } from './found.ts';
import type { RecordTable } from './record-table.ts';
import { unknownColumns, viewColumns } from './views.ts';

const { rowText, openText, sealedText } = viewColumns<ActionRequired>();

/** Status as the columns ending in `Value` have it, and as the older ones. */
const statuses = {
  intent: ['Start', 'Started'],
  allowed: ['Success', 'Succeeded'],
  denied: ['Failure', 'Failed'],
  challenged: ['Failure', 'Failed'],
  blocked: ['Failure', 'Failed'],
  failed: ['Failure', 'Failed'],
  unknown: ['', ''],
} as const;

const levelOf = ({ result }: Found): string =>
  result === 'failed' ? 'Error' : result === 'intent' || result === 'allowed' ? 'Informational' : 'Warning';

const authorization = ({ entry }: Found, { action, scope }: ActionRequired) => {
  const ground =
    entry.because?.find((each) => each.action !== undefined && scope.startsWith(each.scope)) ?? entry.because?.[0];
  return {
    action,
    scope,
    ...(ground && {
      evidence: { role: ground.role, roleAssignmentId: ground.assignment, roleAssignmentScope: ground.scope },
    }),
  };
};

const properties = ({ open, entry, resource }: Found, { action, scope }: ActionRequired) => ({
  resource: scope,
  message: action,
  server: textOf(open.server),
  tool: textOf(open.tool),
  mcpResource: resource,
  ...(entry.client !== undefined && { client: entry.client }),
  ...(codeOf({ entry } as Found) !== '' && { statusMessage: codeOf({ entry } as Found) }),
});

/** Principals by sign-in name, as Azure names them; applications by their id. */
const callerOf = ({ entry, user }: Found): string =>
  entry.actor?.kind === 'application'
    ? (entry.actor.agent ?? user).replace(/^application:/, '')
    : (entry.actor?.name ?? user);

export const azureActivity: RecordTable<ActionRequired> = {
  name: 'AzureActivity',
  about:
    'Calls of tools that need operations of Azure: one row for each operation, at its beginning (`Start`) and at its end. What ' +
    'is done in Azure otherwise is not here; there, the activity log of the subscription tells of it.',
  // Whoever is asked for an operation of Azure is asked by a tool.
  where: "action = 'tools/call'",
  items: ({ open }) => (open.actionRequired ?? []).filter(({ action }) => isAzure(action)),
  columns: [
    moment<ActionRequired>('TimeGenerated', 'When it began or ended.'),
    openText(
      'OperationName',
      'Made of the operation after the pattern of Azure: `Create or Update Virtual Machine`.',
      (_, { action }) => operationName(action),
    ),
    openText(
      'OperationNameValue',
      'The operation, in capitals as Azure writes it: `MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE`.',
      (_, { action }) => action.toUpperCase(),
    ),
    rowText(
      'ActivityStatus',
      '`Started`, `Succeeded`, `Failed`; empty where the outcome is not known.',
      ({ result }) => statuses[result][1],
    ),
    rowText(
      'ActivityStatusValue',
      '`Start`, `Success`, `Failure`; empty where the outcome is not known.',
      ({ result }) => statuses[result][0],
    ),
    sealedText('ActivitySubstatusValue', 'Code of a refusal or a fault.', codeOf),
    rowText('CategoryValue', '`Administrative`.', () => 'Administrative'),
    rowText('Category', '`Administrative`.', () => 'Administrative'),
    rowText('Level', '`Informational`, `Warning` for what was refused, `Error` for what failed.', levelOf),
    sealedText('Caller', 'Sign-in name of the person, or client id of the agent.', callerOf),
    sealedText('CallerIpAddress', 'Address of the client of Genkan, which Azure does not see.', ({ entry }) =>
      textOf(entry.sourceIP),
    ),
    openText(
      'ResourceId',
      'Scope at which the operation was needed: at best the resource, else what is above it.',
      (_, { scope }) => scope,
    ),
    openText('_ResourceId', 'The same in small letters.', (_, { scope }) => scope.toLowerCase()),
    openText('Resource', 'Last part of it, where it is a resource.', (_, { scope }) =>
      partAfter(scope, 'providers') === '' ? '' : scope.slice(scope.lastIndexOf('/') + 1),
    ),
    openText('ResourceGroup', 'Of the scope.', (_, { scope }) => partAfter(scope, 'resourceGroups')),
    openText('SubscriptionId', 'Of the scope.', (_, { scope }) => partAfter(scope, 'subscriptions')),
    openText('_SubscriptionId', 'The same.', (_, { scope }) => partAfter(scope, 'subscriptions').toLowerCase()),
    openText('ResourceProvider', 'Namespace of the operation.', (_, { action }) =>
      action.slice(0, action.indexOf('/')),
    ),
    openText('ResourceProviderValue', 'The same in capitals.', (_, { action }) =>
      action.slice(0, action.indexOf('/')).toUpperCase(),
    ),
    {
      ...rowText('CorrelationId', 'The same for beginning and end.', ({ correlationId }) => correlationId),
      sql: 'correlation_id',
    },
    openText('EventDataId', 'Index of the record and the operation.', ({ index }, { action }) => `${index}/${action}`),
    {
      ...sealedText('Authorization_d', '`action`, `scope` and the assignment that granted it.', () => ''),
      type: 'dynamic',
      value: authorization,
    },
    sealedText('Authorization', 'The same as text.', (...given) => JSON.stringify(authorization(...given))),
    {
      ...sealedText('Properties_d', '`server`, `tool`, `client`, `resource`, `statusMessage`.', () => ''),
      type: 'dynamic',
      value: properties,
    },
    sealedText('Properties', 'The same as text.', (...given) => JSON.stringify(properties(...given))),
    moment('EventSubmissionTimestamp', 'The same as `TimeGenerated`: a record is there once it is written.'),
    rowText('Type', 'Name of the table.', () => 'AzureActivity'),
    rowText('SourceSystem', '`Genkan`.', () => 'Genkan'),
    ...unknownColumns<ActionRequired>({
      string: 'ActivitySubstatus Claims Hierarchy HTTPRequest OperationId TenantId',
      dynamic: 'Claims_d',
    }),
  ],
};

/** Operations of Azure begin with the namespace of a resource provider. */
const isAzure = (action: string): boolean => /^microsoft\.[a-z.]+\//i.test(action);

function partAfter(scope: string, name: string): string {
  const parts = scope.split('/');
  const at = parts.findIndex((part) => part.toLowerCase() === name.toLowerCase());
  return at === -1 ? '' : (parts[at + 1] ?? '');
}

const verbs: Readonly<Record<string, string>> = { read: 'Get', write: 'Create or Update', delete: 'Delete' };

/** `Microsoft.Compute/virtualMachines/start/action` → `Start Virtual Machine`. */
export function operationName(action: string): string {
  const [, ...parts] = action.split('/');
  const last = parts.pop() ?? '';
  const doing = last === 'action' ? words(parts.pop() ?? '') : (verbs[last.toLowerCase()] ?? words(last));
  return `${doing} ${words(singular(parts.at(-1) ?? ''))}`.trim();
}

const words = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/^./, (letter) => letter.toUpperCase());

const singular = (name: string): string =>
  name.endsWith('ies')
    ? `${name.slice(0, -3)}y`
    : /(?:ss|us|is)$/.test(name)
      ? name
      : name.replace(/(?<=ch|sh|x|ss)es$|s$/, '');
