// What an identity may do in Azure, from lists that somebody else has read there: the files of `az role assignment list` and `az role definition list`.
import { unknownRoles } from './identity-reader.ts';
import { NotAzures, readAssignments, readDefinitions, shippedDefinitions, subscriptionOf } from './identity-rights.ts';
import type { IdentityRights } from './identity-rights.ts';

export interface Lists {
  readonly identity?: string | undefined;
  readonly assignments: readonly unknown[];
  readonly definitions: readonly unknown[];
  /** Subscriptions that the lists are about; by default those that they name. */
  readonly subscriptions?: readonly string[] | undefined;
}

/** @throws NotAzures, GenkanError `access_drift_role_unknown` */
export function readLists({ identity, assignments: items, definitions, subscriptions }: Lists): IdentityRights & {
  readonly identity: string | undefined;
} {
  const { assignments, unreadable, named } = readAssignments(items);
  // The list of a whole subscription looks the same as that of one identity, and everybody's rights are not its own.
  const own = [...new Set(assignments.flatMap(({ principal }) => (principal.isGroup ? [] : [principal.id])))];
  if (own.length > 1)
    throw new NotAzures(`the role assignments are those of ${own.length} identities; list them with --assignee`);
  if (identity !== undefined && own.length === 1 && own[0] !== identity)
    throw new NotAzures(`the role assignments are those of ${own[0]!}, not of ${identity}`);
  const looked = subscriptions ?? named;
  if (looked.length === 0)
    throw new NotAzures('the role assignments name no subscription; say with --subscriptions which they are about');
  const outside = assignments.find(({ scope }) => {
    const subscription = subscriptionOf(scope);
    return subscription !== undefined && !looked.includes(subscription);
  });
  if (outside !== undefined)
    throw new NotAzures(`${outside.scope.text} is in none of the subscriptions that were named`);
  const roles = new Map([...shippedDefinitions(), ...readDefinitions(definitions)]);
  const whose = identity ?? own[0];
  const missing = [...new Set(assignments.map(({ roleId }) => roleId))].filter((roleId) => !roles.has(roleId));
  if (missing.length > 0) throw unknownRoles(missing, assignments, whose);
  return {
    identity: whose,
    assignments: assignments.map((each) => ({ ...each, listedIn: looked })),
    roles,
    subscriptions: looked,
    unread: [],
    isWhole: false, // the Azure CLI lists one subscription at a time
    unreadable,
  };
}
