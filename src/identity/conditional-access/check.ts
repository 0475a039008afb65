// Checks conditional access without opening anything: what is wrong with each policy, and which of its parts are not enforced here.
import { GenkanError } from '../../base/errors.ts';
import { compilePolicy } from './compile.ts';
import { placesOf } from './conditional-access.ts';
import { everybody } from './directory.ts';
import type { Names } from './directory.ts';
import { leavesOf } from './leaves.ts';
import { asksWhere, placesHiddenSays } from './places.ts';
import type { SourcedPolicy } from './policy.ts';
import { readPolicies } from './read-policies.ts';
import type { ConditionalAccessSettings } from './settings.ts';

interface CheckedPolicies {
  /** What is wrong, with the place of the policy in `policies`. */
  readonly mistakes: readonly { readonly index: number; readonly reason: string }[];
  /** One line for each part that is not enforced here, and where it is. */
  readonly notes: readonly string[];
}

interface CheckNeighbours {
  readonly entra: boolean;
  readonly clientId: string;
  readonly readFile: (file: string) => string;
  /** Names of the configured servers. */
  readonly servers?: readonly string[];
  /** Whether everybody seems to come from a proxy. */
  readonly placesHidden?: boolean;
}

/** Nobody is looked up for a check. */
const anybody: Names = { user: () => everybody, group: () => everybody, application: () => undefined };

export function checkPolicies(
  settings: ConditionalAccessSettings,
  { entra, clientId, readFile, servers, placesHidden = false }: CheckNeighbours,
): CheckedPolicies {
  const mistakes: { index: number; reason: string }[] = [];
  const sound: SourcedPolicy[] = [];
  const places = placesOf(settings);
  for (const index of settings.policies.keys()) {
    try {
      readPolicies(settings.policies.slice(0, index + 1), readFile); // with those before it, for names that repeat
      const own = readPolicies(settings.policies.slice(index, index + 1), readFile);
      for (const each of own) compilePolicy(each, { settings, places, clientId, names: anybody });
      sound.push(...own);
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      mistakes.push({ index, reason: `${String(error.params['policy'])}: ${String(error.params['reason'])}` });
      break; // what comes after it would be told the same
    }
  }
  const notes = sound.flatMap((each) =>
    leavesOf(each, { settings, entra, servers, clientId })
      .filter(({ keeper }) => keeper === 'elsewhere')
      .map(({ path, value, says }) => `${each.source}: ${each.name}: ${path} (${String(value)}) is ${says}`),
  );
  if (placesHidden && asksWhere(sound)) notes.unshift(placesHiddenSays);
  return { mistakes, notes };
}
