// Why a call is refused: each requirement that nothing grants, the reason for it, and the refusal that says so.
import type { Refusal } from '../base/errors.ts';
import type { AccessRequest, Denied, Requirement } from './decision.ts';
import type { Grant } from './assignment.ts';
import type { Rights } from './rights.ts';
import type { Scope } from './scope.ts';
import { shownName } from './needs.ts';

// In the order in which they are told: what no role has helps nowhere, so it matters more than why not or where.
const reasons = ['access_action_missing', 'access_action_excluded', 'access_out_of_scope'] as const;

export type Reason = (typeof reasons)[number];

/** A requirement that the principal's roles do not meet. */
export interface Gap {
  readonly requirement: Requirement;
  readonly reason: Reason;
  /** A grant at that scope whose NotActions take the action away. */
  readonly excludedBy?: Grant;
}

/** Why one requirement is not met, given the grant at its scope that excludes it, if there is one. */
export function reasonOf({ action, data }: Requirement, excludedBy: Grant | undefined, rights: Rights): Reason {
  if (excludedBy !== undefined) return 'access_action_excluded';
  return rights.someScope(action, data, any) ? 'access_out_of_scope' : 'access_action_missing';
}

const any = (): boolean => true;
const listedScopes = 5;

/**
 * The refusal for a call. `data` is for machines: `missing` lists every action that the caller lacks, `scopes` where they
 * are needed, `role` the role that excludes them, `granted` some scopes at which the caller does have them.
 */
export function deny(
  request: Pick<AccessRequest, 'name'>,
  { effect, requirements }: Pick<Denied, 'effect' | 'requirements'>,
  gaps: readonly Gap[],
  rights: Rights,
): Denied {
  const code = reasons.find((reason) => gaps.some((gap) => gap.reason === reason)) ?? 'access_action_missing';
  const told = gaps.filter((gap) => gap.reason === code);
  const [missing, scopes] = [actionsOf(told), scopesOf(told)];
  const params: Record<string, string> = { tool: shownName(request), scope: list(scopes), missing: list(missing) };
  const data: Record<string, unknown> =
    told.length === gaps.length ? { missing, scopes } : { missing: actionsOf(gaps), scopes: scopesOf(gaps) };
  if (code === 'access_action_excluded') {
    params['role'] = told[0]?.excludedBy?.role.name ?? '';
    data['role'] = params['role'];
  }
  if (code === 'access_out_of_scope') {
    const granted = scopesGranting(told, rights);
    params['granted'] = list(granted);
    data['granted'] = granted;
  }
  return { outcome: 'deny', code, params, data, effect, requirements };
}

/** Turns a refusal from before the roles were looked at into a decision. */
export const denied = (refusal: Refusal, needs: Pick<Denied, 'effect' | 'requirements'>): Denied => ({
  ...refusal,
  outcome: 'deny',
  effect: needs.effect,
  requirements: needs.requirements,
});

function scopesGranting(gaps: readonly Gap[], rights: Rights): string[] {
  const found: Scope[] = [];
  const isEnough = (scope: Scope): boolean => {
    if (!found.includes(scope)) found.push(scope);
    return found.length >= listedScopes;
  };
  gaps.some(({ requirement: { action, data } }) => rights.someScope(action, data, isEnough));
  return found.map(({ text }) => text);
}

const actionsOf = (gaps: readonly Gap[]): string[] => distinct(gaps, ({ requirement }) => requirement.action);
const scopesOf = (gaps: readonly Gap[]): string[] => distinct(gaps, ({ requirement }) => requirement.scope);

// A call lacks a handful of things at one or two scopes: looking through them costs less than a Set.
function distinct(gaps: readonly Gap[], textOf: (gap: Gap) => string): string[] {
  const texts: string[] = [];
  let last: string | undefined;
  for (const gap of gaps) {
    const text = textOf(gap);
    if (text !== last && !texts.includes(text)) texts.push(text);
    last = text;
  }
  return texts;
}

const list = (texts: readonly string[]): string => (texts.length === 1 ? texts[0]! : texts.join(', '));
