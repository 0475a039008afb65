// Whose grants are whose: the rights of a principal, put together from its own and its groups' grants and kept while they are used.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import { createRights } from './rights.ts';
import type { Rights } from './rights.ts';
import { createVerdicts } from './verdicts.ts';

export type RightsOf = (principal: Principal) => Rights;

// Rights put together are copies; a group with thousands of grants and thousands of members must not fill the memory.
const keptGrants = 500_000;
const keptPrincipals = 20_000;

export function indexRights(grants: readonly Grant[]): RightsOf {
  const users = new Map<string, Grant[]>();
  const groups = new Map<string, Grant[]>();
  for (const grant of grants) {
    const { kind, id } = grant.assignment.principal;
    const lists = kind === 'user' ? users : groups;
    const list = lists.get(id);
    if (list === undefined) lists.set(id, [grant]);
    else list.push(grant);
  }

  // A token that is verified once gives the same object on each call; another token of the same person says the same words.
  let byPrincipal = new WeakMap<Principal, Rights>();
  const byContent = new Map<string, Rights>();
  let kept = 0;
  const verdicts = createVerdicts([...new Set(grants.map(({ role }) => role))]);
  const none = createRights([], verdicts);

  function putTogether({ id, groups: memberOf }: Principal): Rights {
    const content = JSON.stringify([id, memberOf]);
    const known = byContent.get(content);
    if (known !== undefined) return known;
    const lists = [users.get(id), ...[...new Set(memberOf)].map((group) => groups.get(group))];
    const rights = createRights(
      lists.flatMap((list) => list ?? []),
      verdicts,
    );
    if (kept + rights.grants.length > keptGrants || byContent.size >= keptPrincipals) {
      byContent.clear();
      byPrincipal = new WeakMap();
      kept = 0;
    }
    kept += rights.grants.length;
    byContent.set(content, rights);
    return rights;
  }

  return (principal) => {
    // Only people hold roles; the rights of the operator are not assigned.
    if (principal.kind !== 'user') return none;
    let rights = byPrincipal.get(principal);
    if (rights === undefined) byPrincipal.set(principal, (rights = putTogether(principal)));
    return rights;
  };
}
