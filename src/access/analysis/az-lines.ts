// Lines for the Azure CLI, with which a person reads in their own name what an identity may do. Only ids that were checked stand in them.

/**
 * The two lists that `genkan access drift` takes, and how it takes them.
 * @param roles ids of all role definitions that are needed, where that is known: each line writes its file anew
 */
export const listLines = (identity = 'OBJECT-ID', roles: readonly string[] = []): string =>
  [
    `az role assignment list --assignee ${identity} --all --include-inherited --include-groups --output json > assignments.json`,
    `az role definition list ${roles.length === 0 ? '--custom-role-only true' : queryOf(roles)} --output json > definitions.json`,
    `genkan access drift --identity ${identity} --assignments assignments.json --definitions definitions.json`,
  ].join('\n');

const queryOf = (roles: readonly string[]): string =>
  `--query "[?${roles.map((each) => `name=='${each}'`).join(' || ')}]"`;

/** @param id that of a role assignment, which passed the grammar of scopes: no quotes and nothing that a shell reads */
export const removalLine = (id: string): string => `az role assignment delete --ids '${id}'`;
