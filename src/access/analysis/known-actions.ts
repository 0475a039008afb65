// The actions against which roles are measured: a pattern such as `*` has no length, what it lets through here has.
import { createAzureMap } from '../azure/azure-map.ts';
import type { Role } from '../role.ts';
import { foldCase } from '../wildcard.ts';

export interface KnownAction {
  readonly action: string;
  readonly data: boolean;
}

// What no tool of the map needs today, and what one most wants to know of a role all the same.
const worthKnowing: readonly KnownAction[] = [
  'Microsoft.Authorization/roleAssignments/write',
  'Microsoft.Authorization/roleAssignments/delete',
  'Microsoft.Authorization/roleDefinitions/write',
  'Microsoft.Authorization/locks/delete',
  'Microsoft.Authorization/elevateAccess/Action',
  'Microsoft.Compute/virtualMachines/runCommand/action',
  'Microsoft.KeyVault/vaults/delete',
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  'Microsoft.Resources/subscriptions/resourceGroups/delete',
  'Microsoft.Resources/subscriptions/resourceGroups/write',
  'Microsoft.Storage/storageAccounts/listKeys/action',
  'Microsoft.Storage/storageAccounts/delete',
].map((action) => ({ action, data: false }));

let known: readonly KnownAction[] | undefined;

/** Every action that a tool of the Azure map may need, and some that no tool does. */
export function knownActions(): readonly KnownAction[] {
  if (known !== undefined) return known;
  const map = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
  const needed = map.tools.flatMap((tool) => map.always(tool) ?? []).filter(({ action }) => !action.startsWith('mcp/'));
  return (known = distinctActions([...needed, ...worthKnowing]));
}

export const keyOfAction = ({ action, data }: KnownAction): string => `${data} ${foldCase(action)}`;

export const distinctActions = (actions: readonly KnownAction[]): KnownAction[] => [
  ...new Map(actions.map((each) => [keyOfAction(each), { action: each.action, data: each.data }])).values(),
];

export const grantedBy = (role: Role, actions: readonly KnownAction[]): KnownAction[] =>
  actions.filter(({ action, data }) => role.judge(action, data).verdict === 'grants');

/** Every operation of Azure that is listed here, whether or not a tool can carry it out. Some thousand; read when asked for. */
export async function listedOperations(): Promise<readonly KnownAction[]> {
  const { default: lists } = await import('../azure/operations.json', { with: { type: 'json' } });
  const of = (data: boolean, actions: readonly string[]): KnownAction[] => actions.map((action) => ({ action, data }));
  return distinctActions([
    ...lists.operations.flatMap(({ actions, dataActions }) => [...of(false, actions), ...of(true, dataActions)]),
    ...knownActions(),
  ]);
}
