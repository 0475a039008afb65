// What an identity may do in Azure, as Azure Resource Manager or the Azure CLI tells of it: role assignments and the roles behind them, checked.
import { z } from 'zod';
import { guid } from '../../base/guid.ts';
import { onOneLine } from '../../base/one-line.ts';
import { azureRoles } from '../azure-roles.ts';
import { compilePermission } from '../permission.ts';
import { actionPattern } from '../role-definition.ts';
import { parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { foldCase } from '../wildcard.ts';

/** A role of Azure, ready to judge. Unlike one of ours it may hold several permissions, of which any one is enough. */
export interface AzureRole {
  readonly id: string;
  readonly name: string;
  /** Lines that reach beyond one provider: `*`, `*\/write`. Reading all that is not data (`*\/read`) is none. */
  readonly wildcards: readonly string[];
  /** Whether what it grants hangs on a condition of its own, as some built-in roles have. */
  readonly conditioned: boolean;
  grants(action: string, data: boolean): boolean;
}

export interface AzureAssignment {
  readonly id: string;
  readonly scope: Scope;
  readonly roleId: string;
  readonly roleName: string | undefined;
  /** Whom it is made to: the identity itself, or a group that it is in. */
  readonly principal: { readonly id: string; readonly isGroup: boolean };
  readonly conditioned: boolean;
  /** Subscriptions in whose list it was, as they are compared; empty where that is not known. */
  readonly listedIn: readonly string[];
}

/** What was found out about one identity. */
export interface IdentityRights {
  readonly assignments: readonly AzureAssignment[];
  readonly roles: ReadonlyMap<string, AzureRole>;
  /** Subscriptions that were looked at. */
  readonly subscriptions: readonly string[];
  /** Subscriptions that were not, and why. */
  readonly unread: readonly { readonly subscription: string; readonly reason: string }[];
  /** Whether those are all that could be found, and not merely some that were named. */
  readonly isWhole: boolean;
  /** Scopes of assignments that cannot be read as one. */
  readonly unreadable: readonly string[];
}

/** What was given is no list of assignments or roles as Azure writes them. */
export class NotAzures extends Error {}

const text = z.string().min(1).max(2048);
const id = z.string().regex(guid).toLowerCase();
const roleId = text
  .regex(/\/roleDefinitions\/[0-9a-f-]{36}$/i)
  .transform((path) => path.slice(-36))
  .pipe(id);

// Names come from whoever made the role, and end up between lines that somebody copies into a shell.
const name = z.string().min(1).max(512).transform(onOneLine);
const condition = z.string().max(16_384).nullish();

const assignment = z.object({
  id: text.regex(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[0-9a-f-]{36}$/i),
  principalId: id,
  principalType: z.string().max(64).nullish(),
  roleDefinitionId: roleId,
  roleDefinitionName: name.nullish(),
  scope: text,
  condition,
});

const lines = z
  .array(actionPattern)
  .max(10_000)
  .nullish()
  .transform((given) => given ?? []);
const definition = z.object({
  name: id,
  roleName: name,
  permissions: z
    .array(z.object({ actions: lines, notActions: lines, dataActions: lines, notDataActions: lines, condition }))
    .max(1000),
});
type Permissions = z.output<typeof definition>['permissions'];

/** Resource Manager writes what a thing is like under `properties`, the Azure CLI beside its id. */
function levelled(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('properties' in item)) return item;
  const { properties, ...rest } = item;
  return { ...(typeof properties === 'object' ? properties : {}), ...rest };
}

/** Where an item is not what it has to be, all of it is refused: what is left out of such a list would look like a missing right. */
function readAll<Schema extends z.ZodType>(
  schema: Schema,
  what: string,
  items: readonly unknown[],
): z.output<Schema>[] {
  return items.map((item, at) => {
    const parsed = schema.safeParse(levelled(item));
    if (parsed.success) return parsed.data;
    const [{ path = [], message = '' } = {}] = parsed.error.issues;
    throw new NotAzures(`item ${at + 1} of the ${what} is none: ${path.join('.')}: ${message}`);
  });
}

export interface ReadAssignments {
  readonly assignments: readonly AzureAssignment[];
  readonly unreadable: readonly string[];
  /** Subscriptions that their scopes name. */
  readonly named: readonly string[];
}

/** @throws NotAzures */
export function readAssignments(items: readonly unknown[], listedIn: readonly string[] = []): ReadAssignments {
  const unreadable: string[] = [];
  const named = new Set<string>();
  const assignments = readAll(assignment, 'role assignments', items).flatMap((each): AzureAssignment[] => {
    const scope = parseScope(each.scope, 'literal');
    const subscription = scope && subscriptionOf(scope);
    if (subscription !== undefined) named.add(subscription);
    if (scope === undefined || scope.keys[0] === 'servers') {
      unreadable.push(onOneLine(each.scope));
      return [];
    }
    return [
      {
        id: each.id,
        scope,
        roleId: each.roleDefinitionId,
        roleName: each.roleDefinitionName ?? undefined,
        principal: { id: each.principalId, isGroup: each.principalType?.endsWith('Group') === true },
        conditioned: isConditioned(each),
        listedIn,
      },
    ];
  });
  return { assignments, unreadable, named: [...named] };
}

/** Roles by their id. @throws NotAzures */
export function readDefinitions(items: readonly unknown[]): Map<string, AzureRole> {
  const read = readAll(definition, 'role definitions', items);
  return new Map(read.map(({ name, roleName, permissions }) => [name, azureRole(name, roleName, permissions)]));
}

/** The roles of Azure that Genkan brings along. */
export const shippedDefinitions = (): Map<string, AzureRole> =>
  new Map(
    azureRoles.map(({ Id, Name, Actions, NotActions, DataActions, NotDataActions }) => [
      Id!,
      azureRole(Id!, Name, [
        { actions: Actions, notActions: NotActions, dataActions: DataActions, notDataActions: NotDataActions },
      ]),
    ]),
  );

const isConditioned = ({ condition: written }: { readonly condition?: string | null | undefined }): boolean =>
  (written ?? '') !== '';

function azureRole(roleDefinition: string, roleName: string, permissions: Permissions): AzureRole {
  const control = permissions.map(({ actions, notActions }) => compilePermission(actions, notActions));
  const data = permissions.map(({ dataActions, notDataActions }) => compilePermission(dataActions, notDataActions));
  const wide = permissions.flatMap(({ actions, dataActions }) => [
    ...actions.filter((line) => foldCase(line) !== '*/read'),
    ...dataActions,
  ]);
  return {
    id: roleDefinition,
    name: roleName,
    wildcards: [...new Set(wide.filter((line) => /^[^/]*\*/.test(line)))],
    conditioned: permissions.some(isConditioned),
    grants: (action, isData) => (isData ? data : control).some(({ judge }) => judge(action).verdict === 'grants'),
  };
}

/** The subscription that a scope lies in, as it is compared. */
export const subscriptionOf = ({ keys: [word, name] }: Scope): string | undefined =>
  word === 'subscriptions' ? name : undefined;

/** Which subscriptions lie in it is known to Azure alone. */
export const isManagementGroup = ({ keys }: Scope): boolean =>
  keys[0] === 'providers' && keys[1] === 'microsoft.management';
