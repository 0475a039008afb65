// All roles by name: the built-in ones and those of the configuration.
import { GenkanError } from '../base/errors.ts';
import { createBuiltInRoles } from './built-in-roles.ts';
import { createRole, readRole } from './role.ts';
import type { Role } from './role.ts';
import type { AccessSettings } from './settings.ts';
import type { Variables } from './variables.ts';
import { foldCase } from './wildcard.ts';

/**
 * Reads the configured roles and puts them beside the built-in ones.
 * @param readFile reads a role file that the configuration names
 * @throws GenkanError for a role that is not valid, or whose name is taken: names that differ in case alone read as one
 */
export function collectRoles(
  settings: AccessSettings['roles'],
  readFile: (file: string) => string,
  variables: Variables,
): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>();
  const taken = new Set<string>();
  const configured = settings.map((entry) =>
    typeof entry === 'string'
      ? readRole(readFile(entry), entry, variables)
      : createRole(entry, 'genkan.yaml', variables),
  );
  for (const role of [...createBuiltInRoles(), ...configured]) {
    if (taken.has(foldCase(role.name)))
      throw new GenkanError('access_role_invalid', { file: role.source, reason: `the name "${role.name}" is taken` });
    taken.add(foldCase(role.name));
    roles.set(role.name, role);
  }
  return roles;
}
