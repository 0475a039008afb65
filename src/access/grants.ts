// All grants in the form that decides fast: for each user and group a tree of scopes, walked from `/` down to what a call touches.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import type { Role } from './role.ts';
import type { Scope } from './scope.ts';
import { compileWildcard, wildcardsMeet } from './wildcard.ts';

interface Node {
  /** Grants at exactly this scope; of each role the first. */
  readonly here: Grant[];
  readonly literal: Map<string, Node>;
  readonly patterns: Map<string, { readonly matches: (key: string) => boolean; readonly node: Node }>;
}

/** Everything granted to one user or one group. */
export interface Holder {
  readonly root: Node;
  /** The same by role: a refusal looks at every role, not at every grant. */
  readonly byRole: ReadonlyMap<Role, readonly Grant[]>;
}

/** What a search met. `excludedBy` lists the action in Actions and takes it away in NotActions, at a scope that covers. */
export interface Finding {
  grantedBy?: Grant;
  excludedBy?: Grant;
}

/** The holders that a principal is: itself and its groups. Only people hold roles; the operator's rights are not assigned. */
export type HoldersOf = (principal: Principal) => readonly Holder[];

/** Indexes grants by who has them. The tree of a holder is built when it is first asked for. */
export function indexGrants(grants: Iterable<Grant>): HoldersOf {
  const users = new Map<string, Grant[]>();
  const groups = new Map<string, Grant[]>();
  const holders = new Map<Grant[], Holder>();
  for (const grant of grants) {
    const { kind, id } = grant.assignment.principal;
    const lists = kind === 'user' ? users : groups;
    const list = lists.get(id);
    if (list === undefined) lists.set(id, [grant]);
    else list.push(grant);
  }
  const take = (list: Grant[] | undefined, found: Holder[]): void => {
    if (list === undefined) return;
    let holder = holders.get(list);
    if (holder === undefined) holders.set(list, (holder = createHolder(list)));
    found.push(holder);
  };
  return (principal) => {
    const found: Holder[] = [];
    if (principal.kind !== 'user') return found;
    take(users.get(principal.id), found);
    for (const group of principal.groups) take(groups.get(group), found);
    return found;
  };
}

function createHolder(grants: readonly Grant[]): Holder {
  const root = createNode();
  const byRole = new Map<Role, Grant[]>();
  for (const grant of grants) {
    let node = root;
    for (const key of grant.scope.keys) node = descend(node, key);
    if (!node.here.some(({ role }) => role === grant.role)) node.here.push(grant);
    const same = byRole.get(grant.role);
    if (same === undefined) byRole.set(grant.role, [grant]);
    else same.push(grant);
  }
  return { root, byRole };
}

const createNode = (): Node => ({ here: [], literal: new Map(), patterns: new Map() });

function descend(node: Node, key: string): Node {
  let child = key.includes('*') ? node.patterns.get(key)?.node : node.literal.get(key);
  if (child === undefined) {
    child = createNode();
    if (key.includes('*')) node.patterns.set(key, { matches: compileWildcard(key), node: child });
    else node.literal.set(key, child);
  }
  return child;
}

/**
 * Looks for a grant of the action that covers the scope, the widest first.
 * @param scope where the action is needed; with a pattern, a grant that has some scope in common with it is enough
 * @param depth how many segments of the scope may be used: `/` is 0, a subscription 2
 */
export function find(
  holders: readonly Holder[],
  action: string,
  data: boolean,
  scope: Scope,
  depth = Infinity,
): Finding {
  const finding: Finding = {};
  const end = Math.min(depth, scope.keys.length);
  for (const { root } of holders) if (search(root, 0, end, scope, action, data, finding)) break;
  return finding;
}

function search(
  node: Node,
  at: number,
  end: number,
  scope: Scope,
  action: string,
  data: boolean,
  finding: Finding,
): boolean {
  for (const grant of node.here) {
    const verdict = grant.role.verdict(action, data);
    if (verdict === 'grants') {
      finding.grantedBy = grant;
      return true;
    }
    if (verdict === 'excludes') finding.excludedBy ??= grant;
  }
  const key = scope.keys[at];
  if (at === end || key === undefined) return false;
  const child = node.literal.get(key);
  if (child !== undefined && search(child, at + 1, end, scope, action, data, finding)) return true;
  if (node.patterns.size === 0) return false;
  for (const [text, pattern] of node.patterns) {
    if (!(scope.pattern ? wildcardsMeet(text, key) : pattern.matches(key))) continue;
    if (search(pattern.node, at + 1, end, scope, action, data, finding)) return true;
  }
  return false;
}
