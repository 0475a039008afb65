// Roles that there are already and that together grant what was used, and little besides.
import { compilePermission } from '../permission.ts';
import type { Role } from '../role.ts';
import { covers } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { distinctActions, grantedBy, keyOfAction, knownActions } from './known-actions.ts';
import type { KnownAction } from './known-actions.ts';
import { riskOf } from './risk.ts';

const mostRoles = 3;

/**
 * The fewest built-in roles, or the replaced one at narrower scopes, that grant all of these actions at all of these scopes;
 * among as many, those that grant least besides. None that grants what the replaced role does not, something dangerous that
 * was not used, or more changes unused than used: reading more than one has read is what built-in roles are for, changing
 * more is not.
 */
export function closestRoles(
  actions: readonly KnownAction[],
  scopes: readonly Scope[],
  { replaced, roles }: { readonly replaced: Role; readonly roles: readonly Role[] },
): string[] | undefined {
  const universe = distinctActions([...knownActions(), ...actions]);
  const wanted = new Set(actions.map(keyOfAction));
  const changes = actions.filter(({ action, data }) => riskOf(action, data) !== 'low').length;
  const isAssignable = ({ assignableScopes }: Role): boolean =>
    scopes.every((scope) => assignableScopes.some((outer) => covers(outer, scope)));
  const lies = within(replaced);
  const candidates = roles
    .filter((role) => role === replaced || (role.source === 'built-in' && isAssignable(role) && lies(role)))
    .map((role) => {
      const granted = grantedBy(role, universe);
      const besides = granted.filter((each) => !wanted.has(keyOfAction(each)));
      const risks = besides.map(({ action, data }) => riskOf(action, data));
      return {
        name: role.name,
        covered: granted.map(keyOfAction).filter((key) => wanted.has(key)),
        besides: besides.map(keyOfAction),
        changing: besides.filter((_, at) => risks[at] === 'medium').map(keyOfAction),
        isDangerous: risks.includes('high') || risks.includes('critical'),
      };
    })
    .filter(({ covered, isDangerous, changing }) => covered.length > 0 && !isDangerous && changing.length <= changes);

  let best: { readonly names: string[]; readonly besides: number } | undefined;
  for (let count = 1; count <= mostRoles && best === undefined; count += 1) {
    for (const combination of combinations(candidates, count)) {
      const united = (texts: (each: (typeof candidates)[number]) => readonly string[]): number =>
        new Set(combination.flatMap(texts)).size;
      if (united(({ covered }) => covered) < wanted.size || united(({ changing }) => changing) > changes) continue;
      const besides = united((each) => each.besides);
      if (besides < (best?.besides ?? Infinity)) best = { names: combination.map(({ name }) => name), besides };
    }
  }
  return best?.names;
}

/** Whether a role grants nothing that another one does not: line by line, so that it is so for actions not yet known as well. */
function within(outer: Role): (inner: Role) => boolean {
  const control = compilePermission(outer.definition.Actions, outer.definition.NotActions);
  const data = compilePermission(outer.definition.DataActions, outer.definition.NotDataActions);
  return ({ definition }) => definition.Actions.every(control.holdsAll) && definition.DataActions.every(data.holdsAll);
}

function* combinations<Item>(items: readonly Item[], count: number, from = 0): Generator<Item[]> {
  if (count === 0) return yield [];
  for (let at = from; at < items.length; at += 1)
    for (const rest of combinations(items, count - 1, at + 1)) yield [items[at]!, ...rest];
}
