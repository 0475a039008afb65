// Conditional access: what the policies say about one request, from what its token proves and where it comes from.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Database } from '../../state/database.ts';
import { administration, compilePolicy } from './compile.ts';
import type { CompiledPolicy, Place, Target } from './compile.ts';
import { createDirectory, fold } from './directory.ts';
import type { Directory, Graph } from './directory.ts';
import { networksOf } from './networks.ts';
import { asksWhere, placesHiddenSays } from './places.ts';
import { readPolicies } from './read-policies.ts';
import type { SourcedPolicy } from './policy.ts';
import type { ConditionalAccessSettings } from './settings.ts';

/** One use of a resource, as far as policies ask about it. */
export interface Circumstances {
  readonly principal: Principal;
  /** The RFC 8707 resource. */
  readonly resource: string;
  readonly sourceIP: string;
  /** When the person signed in, where that is known. */
  readonly signedInAtMs?: number;
}

export interface Judgement {
  readonly outcome: 'allow' | 'require' | 'block';
  /** Policies that are not met, by name. */
  readonly policies: readonly string[];
  /** Authentication contexts to prove; with an outcome of `require` and none, only a newer sign-in is missing. */
  readonly contexts: readonly string[];
  /** How old the sign-in may be. */
  readonly maxAgeSeconds?: number;
  /** What policies that only report would have said otherwise. */
  readonly reported: readonly Reported[];
}

interface Reported {
  readonly policy: string;
  readonly outcome: 'require' | 'block';
  readonly contexts: readonly string[];
}

export interface ConditionalAccess {
  /** Authentication contexts that a client may ask to be proven. */
  readonly contexts: readonly string[];
  readonly policies: readonly SourcedPolicy[];
  evaluate(circumstances: Circumstances): Judgement;
  /** How old a proof of these contexts, or a sign-in for this resource, may be when a new authorization begins. */
  freshnessSeconds(resource: string, contexts: readonly string[]): number | undefined;
  /** Whether browsers are to forget a sign-in for this resource when they are closed. */
  forgets(resource: string): boolean;
  /** What each policy makes of a request, for explanations. */
  explain(circumstances: Circumstances): readonly Explained[];
  readonly directory: Directory;
  /** Asks the directory again for the names in the policies. */
  refresh(): Promise<void>;
}

export interface Explained {
  readonly policy: string;
  readonly state: string;
  readonly verdict: string;
}

export interface ConditionalAccessNeighbours {
  readonly entra: boolean;
  /** Client id under which Genkan itself is known at the identity provider. */
  readonly clientId: string;
  readonly database: Database;
  /** Reads a policy file that the configuration names. */
  readonly readFile: (file: string) => string;
  readonly graph?: Graph;
  /** Whether everybody seems to come from a proxy. */
  readonly placesHidden?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const allowed: Judgement = { outcome: 'allow', policies: [], contexts: [], reported: [] };

/** @throws GenkanError `conditional_access_invalid` */
export async function createConditionalAccess(
  settings: ConditionalAccessSettings,
  neighbours: ConditionalAccessNeighbours,
): Promise<ConditionalAccess | undefined> {
  const { clientId, clock, log } = neighbours;
  const sourced = readPolicies(settings.policies, neighbours.readFile);
  if (sourced.length === 0) return undefined;
  const directory = createDirectory({ ...neighbours, policies: sourced.map(({ policy }) => policy) });
  await directory.load();
  const places = placesOf(settings);
  const compile = (): CompiledPolicy[] =>
    sourced.map((each) => compilePolicy(each, { settings, places, clientId, names: directory.names }));
  const isLive = ({ state }: CompiledPolicy): boolean => state !== 'disabled';
  let all = compile();
  let live = all.filter(isLive);
  // Whom policies concern changes with the principal only, and a principal with its groups.
  let concerning = new WeakMap<Principal, readonly CompiledPolicy[]>();
  if (neighbours.placesHidden === true && asksWhere(sourced)) log.warn(placesHiddenSays);
  // Where the directory can be asked, it is asked at once, and says itself what it does not know.
  for (const { kind, name, ids } of neighbours.graph === undefined ? directory.list() : [])
    if (ids === undefined || ids.length === 0)
      log.warn(
        { kind, name },
        'a name in a conditional access policy is not known: its policy concerns everybody it could',
      );

  function concernedBy(principal: Principal): readonly CompiledPolicy[] {
    let found = concerning.get(principal);
    if (found === undefined) concerning.set(principal, (found = live.filter((policy) => policy.concerns(principal))));
    return found;
  }

  function evaluate({ principal, resource, sourceIP, signedInAtMs }: Circumstances): Judgement {
    const policies = concernedBy(principal);
    if (policies.length === 0) return allowed;
    const target = targetOf(resource);
    const [unmet, contexts, reported] = [[] as CompiledPolicy[], new Set<string>(), [] as Reported[]];
    for (const policy of policies) {
      if (!policy.covers(target) || !policy.holdsFrom(sourceIP)) continue;
      const missing = missingOf(policy, principal.contexts, signedInAtMs, clock.now());
      if (missing === undefined) continue;
      if (policy.state === 'enabled') {
        unmet.push(policy);
        for (const context of missing) contexts.add(context);
      } else reported.push({ policy: policy.name, outcome: policy.blocks ? 'block' : 'require', contexts: missing });
    }
    if (unmet.length === 0 && reported.length === 0) return allowed;
    const ages = unmet.flatMap(({ maxAgeSeconds }) => maxAgeSeconds ?? []);
    return {
      outcome: unmet.length === 0 ? 'allow' : unmet.some(({ blocks }) => blocks) ? 'block' : 'require',
      policies: unmet.map(({ name }) => name),
      contexts: [...contexts],
      ...(ages.length > 0 && { maxAgeSeconds: Math.min(...ages) }),
      reported,
    };
  }

  return {
    contexts: [...new Set(Object.values(settings.contexts))],
    policies: sourced,
    directory,
    evaluate,
    freshnessSeconds(resource, contexts) {
      const target = targetOf(resource);
      const ages = live.flatMap((policy) =>
        policy.state === 'enabled' &&
        policy.maxAgeSeconds !== undefined &&
        policy.covers(target) &&
        (policy.wants.length === 0 || policy.wants.flat().some((context) => contexts.includes(context)))
          ? policy.maxAgeSeconds
          : [],
      );
      return ages.length === 0 ? undefined : Math.min(...ages);
    },
    forgets: (resource) =>
      live.some(
        ({ state, persistentBrowser, covers }) =>
          state === 'enabled' && persistentBrowser === 'never' && covers(targetOf(resource)),
      ),
    explain: ({ principal, resource, sourceIP, signedInAtMs }) =>
      all.map((policy) => ({
        policy: policy.name,
        state: policy.state,
        verdict: verdictOf(policy, { principal, resource, sourceIP, signedInAtMs }, clock.now()),
      })),
    async refresh() {
      if (!(await directory.refresh())) return;
      all = compile();
      live = all.filter(isLive);
      concerning = new WeakMap();
    },
  };
}

/** Contexts that are missing; none where only a newer sign-in is; undefined where the policy is met. */
function missingOf(
  { blocks, wants, maxAgeSeconds }: CompiledPolicy,
  proven: readonly string[] = [],
  signedInAtMs: number | undefined,
  nowMs: number,
): readonly string[] | undefined {
  if (blocks) return [];
  const stale =
    maxAgeSeconds !== undefined && (signedInAtMs === undefined || nowMs - signedInAtMs > maxAgeSeconds * 1000);
  // A sign-in that is too old proves nothing any more.
  const unmet = wants.filter((choice) => stale || !choice.some((context) => proven.includes(context)));
  return unmet.length > 0 || stale ? unmet.map(([first]) => first!) : undefined;
}

function verdictOf(
  policy: CompiledPolicy,
  { principal, resource, sourceIP, signedInAtMs }: Circumstances,
  nowMs: number,
): string {
  if (policy.state === 'disabled') return 'is disabled';
  if (!policy.concerns(principal)) return 'does not concern this person or client';
  if (!policy.covers(targetOf(resource))) return 'is not about this resource';
  if (!policy.holdsFrom(sourceIP)) return 'does not hold from this address';
  const missing = missingOf(policy, principal.contexts, signedInAtMs, nowMs);
  if (missing === undefined) return 'is met';
  const says = policy.blocks
    ? 'blocks'
    : missing.length === 0
      ? 'asks to sign in again'
      : `asks for ${missing.join(' and ')}`;
  return policy.state === 'enabled' ? says : `would say (it only reports): ${says}`;
}

/** What of Genkan a resource is. */
function targetOf(resource: string): Target {
  const pathname = resource.slice(resource.indexOf('/', resource.indexOf('://') + 3));
  return pathname === administration ? administration : /^\/mcp\/([^/]+)/.exec(pathname)?.[1];
}

export function placesOf({ namedLocations }: ConditionalAccessSettings): Map<string, Place> {
  return new Map(
    Object.entries(namedLocations).map(([name, written]) => {
      const { ranges, trusted } = Array.isArray(written) ? { ranges: written, trusted: false } : written;
      const networks = networksOf(ranges);
      if (networks === undefined)
        throw new GenkanError('conditional_access_invalid', { policy: name, reason: 'its ranges are none' });
      return [fold(name), { networks, trusted }];
    }),
  );
}
