// Which approval a call needs that several rules want approved.
import type { ApprovalDemand } from '../decision.ts';
import { parseScope } from '../scope.ts';
import { foldCase, wildcardsMeet } from '../wildcard.ts';
import type { RuleSettings } from './settings.ts';

type Written = Pick<RuleSettings, 'name' | 'effect' | 'actions' | 'servers' | 'tools' | 'scope' | 'approvers'>;

/**
 * Pairs of rules that may want one call approved by people of whom neither list holds the other: an approval could satisfy
 * one rule and not the other, so such a configuration is not taken.
 */
export function ambiguityIn(rules: readonly Written[]): { readonly index: number; readonly reason: string }[] {
  const found: { index: number; reason: string }[] = [];
  const demanding = [...rules.entries()].filter(([, { effect }]) => effect === 'requireApproval');
  for (const [at, [index, rule]] of demanding.entries()) {
    const other = demanding.slice(0, at).find(([, each]) => !areNested(rule, each) && mayMeet(rule, each));
    if (other === undefined) continue;
    const reason = `a call may need both this approval and that of "${other[1].name}": one list of approvers has to hold the other`;
    found.push({ index, reason });
  }
  return found;
}

/**
 * The one demand that meets all: by the shortest list, which all others hold, with a second factor where any rule wants it,
 * within the shortest time.
 */
export function strictest(demands: readonly ApprovalDemand[]): ApprovalDemand {
  const narrowest = demands.reduce((least, each) => (each.approvers.length < least.approvers.length ? each : least));
  return {
    ...narrowest,
    mfa: demands.some(({ mfa }) => mfa),
    withinSeconds: Math.min(...demands.map(({ withinSeconds }) => withinSeconds)),
  };
}

function areNested(left: Written, right: Written): boolean {
  const holds = (outer: Written, inner: Written): boolean => {
    const listed = new Set(outer.approvers?.map((approver) => JSON.stringify(approver)));
    return inner.approvers?.every((approver) => listed.has(JSON.stringify(approver))) ?? true;
  };
  return holds(left, right) || holds(right, left);
}

/** Whether some call may fall under both; a false yes where exclusions and conditions keep them apart. */
function mayMeet(left: Written, right: Written): boolean {
  const meet = (of: 'actions' | 'servers' | 'tools', fold = (text: string): string => text): boolean =>
    (left[of] ?? ['*']).some((each) => (right[of] ?? ['*']).some((other) => wildcardsMeet(fold(each), fold(other))));
  return meet('actions', foldCase) && meet('servers') && meet('tools') && scopesMeet(left.scope, right.scope);
}

function scopesMeet(left: string, right: string): boolean {
  const [ofLeft, ofRight] = [parseScope(left, 'patterns')?.keys ?? [], parseScope(right, 'patterns')?.keys ?? []];
  return ofLeft.every((key, at) => ofRight[at] === undefined || wildcardsMeet(key, ofRight[at]));
}
