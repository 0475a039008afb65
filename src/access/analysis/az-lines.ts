// Lines for the Azure CLI, with which a person reads in their own name what an identity may do. Only ids that were checked stand in them.

/** The two lists that `genkan access drift` takes, and how it takes them. */
export const assignmentLines = (identity: string): string =>
  [
    `az role assignment list --assignee ${identity} --all --include-inherited --include-groups --output json > assignments.json`,
    'az role definition list --custom-role-only true --output json > definitions.json',
    `genkan access drift --identity ${identity} --assignments assignments.json --definitions definitions.json`,
  ].join('\n');

/** @param roles ids of role definitions */
export const definitionLines = (roles: readonly string[]): string =>
  `az role definition list --query "[?${roles.map((each) => `name=='${each}'`).join(' || ')}]" --output json > definitions.json`;

/** @param id that of a role assignment, which passed the grammar of scopes: no quotes and nothing that a shell reads */
export const removalLine = (id: string): string => `az role assignment delete --ids '${id}'`;
