// A role ready to judge: (Actions − NotActions) and (DataActions − NotDataActions), with patterns compiled.
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import { compilePattern, compilePermission } from './permission.ts';
import type { Judgement, Pattern } from './permission.ts';
import { roleDefinition } from './role-definition.ts';
import type { RoleDefinition } from './role-definition.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { substitute } from './variables.ts';
import type { Variables } from './variables.ts';
import { foldCase } from './wildcard.ts';

export interface Role {
  readonly name: string;
  readonly definition: RoleDefinition;
  /** `built-in`, `genkan.yaml`, or the file that it was read from. */
  readonly source: string;
  readonly assignableScopes: readonly Scope[];
  judge(action: string, data: boolean): Judgement;
  /**
   * Whether it grants some control-plane action that a pattern stands for (`mcp/servers/files/*`). Never a false no;
   * a false yes where only several NotActions together, or one of them in part, take away all that is left.
   */
  mayGrant(pattern: string): boolean;
}

/**
 * Reads a role file as Azure writes it.
 * @param file its name, for messages
 * @throws GenkanError `access_role_invalid`, `access_variable_unresolved`, `access_scope_invalid`
 */
export function readRole(json: string, file: string, variables: Variables): Role {
  let written: unknown;
  try {
    written = JSON.parse(json.replace(/^\uFEFF/, '')); // PowerShell exports begin with a byte order mark
  } catch (cause) {
    throw new GenkanError('access_role_invalid', { file, reason: 'it is not JSON' }, { cause });
  }
  return createRole(written, file, variables);
}

/**
 * Builds a role from its written form, filling in variables before the patterns and scopes are checked.
 * @throws GenkanError as `readRole`
 */
export function createRole(written: unknown, source: string, variables: Variables): Role {
  const parsed = roleDefinition.safeParse(fillIn(written, source, variables));
  if (!parsed.success)
    throw new GenkanError('access_role_invalid', { file: source, reason: z.prettifyError(parsed.error) });
  const definition = parsed.data;
  const control = compilePermission(definition.Actions, definition.NotActions, compileGrant);
  const data = compilePermission(definition.DataActions, definition.NotDataActions, compileGrant);
  return {
    name: definition.Name,
    definition,
    source,
    assignableScopes: definition.AssignableScopes.map((text) => {
      const scope = parseScope(text, 'patterns');
      if (scope === undefined) throw new GenkanError('access_scope_invalid', { scope: text });
      return scope;
    }),
    judge: (action, isData) => (isData ? data : control).judge(action),
    mayGrant: control.holdsSome,
  };
}

function fillIn(written: unknown, source: string, variables: Variables): unknown {
  if (typeof written !== 'object' || written === null) return written;
  const name = 'Name' in written ? String(written.Name) : '';
  const where = `role "${name}" in ${source}`;
  const fill = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map((item: unknown) => (typeof item === 'string' ? substitute(item, variables, where) : item))
      : value;
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, fill(value)]));
}

const ownActions = 'genkan/';

// Whoever administers Azure does not thereby administer the door. `*` (Owner, Contributor) and `*/read` (Reader) grant
// Azure's operations and `mcp/servers/…`, but reach into `genkan/…` only where that prefix is spelt out: Contributor at
// `/` would otherwise grant itself roles, since its NotActions know only Azure's names for that. Owner is no exception,
// so that the two duties can be told apart. Exclusions keep their full width.
function compileGrant(text: string): Pattern {
  const pattern = compilePattern(text);
  if (foldCase(text).startsWith(ownActions)) return pattern;
  const isOurs = (folded: string): boolean => folded.startsWith(ownActions);
  return {
    text,
    matches: (folded) => !isOurs(folded) && pattern.matches(folded),
    meets: (folded) => !isOurs(folded) && pattern.meets(folded),
  };
}
