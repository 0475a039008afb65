// A role ready to judge: (Actions − NotActions) and (DataActions − NotDataActions), with patterns compiled.
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import { roleDefinition } from './role-definition.ts';
import type { RoleDefinition } from './role-definition.ts';
import { parseScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { substitute } from './variables.ts';
import type { Variables } from './variables.ts';
import { compileWildcard, foldCase, wildcardsMeet } from './wildcard.ts';

/** `excludes`: Actions match, but NotActions take the action away again. `silent`: the role does not speak of it. */
export type Verdict = 'grants' | 'excludes' | 'silent';

/** The lines of the role that made a verdict. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly action?: string;
  readonly notAction?: string;
}

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
  const control = createPlane(definition.Actions, definition.NotActions);
  const data = createPlane(definition.DataActions, definition.NotDataActions);
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
    mayGrant: control.mayGrant,
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

interface Plane {
  readonly judge: (action: string) => Judgement;
  readonly mayGrant: Role['mayGrant'];
}

function createPlane(grants: readonly string[], exclusions: readonly string[]): Plane {
  const granting = grants.map(compileGrant);
  const excluding = exclusions.map(compilePattern);
  return {
    judge(action) {
      const folded = foldCase(action);
      const granted = granting.find((pattern) => pattern.matches(folded));
      if (granted === undefined) return { verdict: 'silent' };
      const excluded = excluding.find((pattern) => pattern.matches(folded));
      if (excluded === undefined) return { verdict: 'grants', action: granted.text };
      return { verdict: 'excludes', action: granted.text, notAction: excluded.text };
    },
    mayGrant(pattern) {
      const folded = foldCase(pattern);
      // A pattern that matches another as it is written, stars and all, matches whatever that one does.
      const isEmptied = ({ text }: Pattern): boolean =>
        excluding.some(({ matches }) => matches(folded) || matches(foldCase(text)));
      return granting.some((grant) => grant.meets(folded) && !isEmptied(grant));
    },
  };
}

interface Pattern {
  readonly text: string;
  readonly matches: (folded: string) => boolean;
  /** Whether some action matches this pattern and the other. */
  readonly meets: (folded: string) => boolean;
}

function compilePattern(text: string): Pattern {
  const folded = foldCase(text);
  return { text, matches: compileWildcard(folded), meets: (other) => wildcardsMeet(folded, other) };
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
