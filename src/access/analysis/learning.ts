// What can be said of a whole policy from recorded use: the excess, and the least that would have done.
import type { Grant } from '../assignment.ts';
import { createRole } from '../role.ts';
import type { Role } from '../role.ts';
import { bind } from '../assignment.ts';
import { findHoldings } from './held-rights.ts';
import type { Holding, HoldingOptions } from './held-rights.ts';
import { suggest } from './suggestion.ts';
import type { Suggestion, SuggestionOptions } from './suggestion.ts';
import type { Usage } from './usage.ts';

export interface Learned {
  readonly holding: Holding;
  readonly suggestion: Suggestion | undefined;
}

/** Everybody who holds something, the most dangerous excess first, each with what would have done. */
export async function learn(
  { grants, roles }: { readonly grants: readonly Grant[]; readonly roles: readonly Role[] },
  usage: Usage,
  options: HoldingOptions & Pick<SuggestionOptions, 'generalise'>,
): Promise<Learned[]> {
  const learnedFrom = `${usage.calls} calls on ${usage.daysWithCalls} days up to ${new Date(usage.toMs).toISOString().slice(0, 10)}`;
  // What one suggestion brings along is a taken name for the next.
  const all = [...roles];
  return (await findHoldings(grants, usage, options)).map((holding) => {
    const suggestion = suggest(holding, { roles: all, generalise: options.generalise, learnedFrom });
    all.push(...(suggestion?.roles ?? []).map((written) => createRole(written, 'suggested', {})));
    return { holding, suggestion };
  });
}

/** The grants as they would be with suggestions carried out. */
export function withSuggestions(
  { grants, roles }: { readonly grants: readonly Grant[]; readonly roles: readonly Role[] },
  suggestions: readonly Suggestion[],
): Grant[] {
  const gone = new Set(suggestions.flatMap(({ remove }) => remove));
  const created = suggestions.flatMap(({ roles: written }) => written.map((each) => createRole(each, 'suggested', {})));
  const known = new Map([...roles, ...created].map((role) => [role.name, role]));
  const added = suggestions
    .flatMap(({ assign }) => assign)
    .map((wish, at) => bind({ ...wish, id: `suggested-${at}`, source: 'database' }, known));
  return [...grants.filter(({ assignment }) => !gone.has(assignment.id)), ...added];
}
