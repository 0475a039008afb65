// What happens to a find, by the settings: for whom, from where, and which rule found it.
import { fits } from '../examination/policy.ts';
import { ruleGroups, rules } from './rules.ts';
import type { Rule } from './rules.ts';
import type { Act, RedactionSettings } from './settings.ts';

/** From whom a text comes and for whom it is. */
export interface Place {
  readonly server?: string;
  /** As its server knows it. */
  readonly tool?: string;
  readonly groups?: readonly string[];
  /** Roles by which the call was allowed. */
  readonly roles?: readonly string[];
}

type Acts = Readonly<Record<Rule, Act>>;

/** The rules for a place; those of most houses are the same everywhere. */
export function createActs(settings: RedactionSettings): (place: Place) => Acts {
  const choose = (fitting: RedactionSettings['overrides']): Acts =>
    Object.fromEntries(
      rules.map((rule) => {
        const group = ruleGroups[rule];
        const said = fitting
          .map((override) => override.rules[rule] ?? override[group])
          .find((act) => act !== undefined);
        return [rule, said ?? settings.rules[rule] ?? settings[group]];
      }),
    ) as Record<Rule, Act>;
  const everywhere = choose([]);
  // Which overrides fit, as bits: as many tables as there are combinations that really come up.
  const chosen = new Map<string, Acts>();
  return (place) => {
    if (settings.overrides.length === 0) return everywhere;
    const fitting = settings.overrides.map(({ match }) => isAbout(match, place));
    const key = fitting.map(Number).join('');
    let acts = chosen.get(key);
    if (acts === undefined) {
      if (chosen.size >= maxChosen) chosen.clear();
      acts = choose(settings.overrides.filter((_, index) => fitting[index]));
      chosen.set(key, acts);
    }
    return acts;
  };
}

const maxChosen = 256;

type Match = RedactionSettings['overrides'][number]['match'];

const isAbout = ({ servers, tools, groups, roles }: Match, place: Place): boolean =>
  servers?.some((pattern) => place.server !== undefined && fits(pattern, place.server)) !== false &&
  tools?.some((pattern) => place.tool !== undefined && fits(pattern, place.tool)) !== false &&
  groups?.some((group) => place.groups?.includes(group)) !== false &&
  roles?.some((role) => place.roles?.includes(role)) !== false;

/** Whether anything is tokenised anywhere: only then a key is needed. */
export const tokenises = (settings: RedactionSettings): boolean =>
  [settings, ...settings.overrides].some(({ secrets, numbers, contacts, rules: single }) =>
    [secrets, numbers, contacts, ...Object.values(single)].includes('tokenise'),
  );
