// May they: the policy of the configuration and of those who administer Genkan, and the answers that follow from it.
import type { Clock } from '../base/clock.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { InForce } from './analysis/proposal.ts';
import { createActionMaps } from './configured-maps.ts';
import { bind, configuredAssignments } from './assignment.ts';
import type { Assignment, AssignmentSource } from './assignment.ts';
import type { Access } from './decision.ts';
import { createDecider } from './decider.ts';
import type { Decider } from './decider.ts';
import { denied } from './denial.ts';
import { bindDeny, configuredDenyAssignments } from './deny/deny-assignment.ts';
import type { DenyAssignment } from './deny/deny-assignment.ts';
import { effectOf } from './default-action.ts';
import type { RequestPage } from './eligibility.ts';
import type { ActionMaps } from './needs.ts';
import { createCompose } from './policy/composition.ts';
import type { Composition, Listed } from './policy/composition.ts';
import { createFollowing } from './policy/following.ts';
import { openPolicy } from './policy/policy.ts';
import type { Policy, RunningPolicy } from './policy/policy.ts';
import type { Role } from './role.ts';
import { collectRoles } from './roles.ts';
import type { Rules } from './rules/rules.ts';
import type { AccessSettings } from './settings.ts';
import type { Variables } from './variables.ts';

export interface AccessNeighbours {
  /** Absent where the configuration alone says who may what. */
  readonly running?: RunningPolicy;
  /** Assignments from elsewhere, such as elevations. */
  readonly sources?: readonly AssignmentSource[];
  /** What people could hold on request; it grants nothing, and refusals tell of it. */
  readonly eligible?: AssignmentSource;
  /** Where people request that. */
  readonly requestPage?: RequestPage;
  readonly rules?: Rules;
  /** The configuration's `variables`, for `{name}` in access values. */
  readonly variables: Variables;
  /** Reads a role file that the configuration names, relative to the configuration. */
  readonly readFile: (file: string) => string;
  readonly clock: Clock;
  readonly log?: Pick<Log, 'error'>;
}

export type ListedAssignment = Listed<Assignment>;
export type ListedDenyAssignment = Listed<DenyAssignment>;

export interface ConfiguredAccess extends Access, Pick<Decider, 'explain'> {
  roles(): readonly Role[];
  assignments(): readonly ListedAssignment[];
  denyAssignments(): readonly ListedDenyAssignment[];
  /** What decides now, to replay calls by it or by something else. */
  inForce(): InForce;
  /** Reads everything again that may have changed elsewhere. */
  refresh(): Promise<void>;
  /** @param act whenever the answers may have changed; must not fail */
  follow(act: () => void): void;
  close(): void;
}

export interface AccessControl extends ConfiguredAccess {
  /** What was made while running: every change is a version, made by `changes` and told of by `history`. */
  readonly policy: Pick<Policy, 'changes' | 'history' | 'items'>;
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * Loads the policy and compiles it.
 * @throws GenkanError for anything wrong in the configured part; what was made while running becomes inactive instead
 */
export async function createAccess(
  settings: AccessSettings,
  neighbours: AccessNeighbours & { readonly running: RunningPolicy },
  maps?: ActionMaps,
): Promise<AccessControl>;
export async function createAccess(
  settings: AccessSettings,
  neighbours: AccessNeighbours,
  maps?: ActionMaps,
): Promise<ConfiguredAccess>;
export async function createAccess(
  settings: AccessSettings,
  neighbours: AccessNeighbours,
  maps: ActionMaps = createActionMaps(settings.maps, neighbours.variables),
): Promise<ConfiguredAccess & Partial<AccessControl>> {
  const { running, sources = [], eligible = none, requestPage, rules, variables, readFile, clock, log } = neighbours;
  const roles = collectRoles(settings.roles, readFile, variables);
  const configured = {
    roles,
    grants: configuredAssignments(settings, variables).map((assignment) => bind(assignment, roles)),
    denials: configuredDenyAssignments(settings.denyAssignments, variables).map(bindDeny),
  };
  const composeAlone = createCompose(configured);
  const policy =
    running &&
    (await openPolicy(settings, { ...running, configured, variables, clock, changed: () => following.look() }));

  let composition: Composition;
  let decider: Decider;
  let known: string | undefined;
  let version = 0;
  let timer: NodeJS.Timeout | undefined;

  const followers: (() => void)[] = [];
  function grow(): void {
    version += 1;
    for (const act of followers) act();
  }

  function adopt(next: Composition, couldHold: readonly Assignment[]): void {
    composition = next;
    const { grants, denials } = composition;
    const eligibleGrants = couldHold.flatMap((assignment) => {
      const grant = orNothing(() => bind(assignment, composition.roles));
      return grant === undefined ? [] : [grant];
    });
    const more = { ...(rules && { rules }), ...(requestPage && { requestPage }) };
    decider = createDecider(grants, maps, { denials, eligible: eligibleGrants, clock, ...more });
    for (const [item, { code, message }] of composition.inactive)
      if (item.startsWith('deny-assignment')) log?.error({ item, code, message }, 'a deny assignment has no effect');
    grow();
    awaitNextChange();
  }

  // Lists and open streams are looked at again when an assignment begins or ends. Decisions need no timer: they read the clock.
  function awaitNextChange(): void {
    clearTimeout(timer);
    const nextMs = decider.nextChangeAtMs(clock.now());
    if (nextMs === undefined) return;
    timer = setTimeout(
      () => {
        if (clock.now() >= nextMs) grow();
        awaitNextChange();
      },
      Math.min(Math.max(nextMs - clock.now(), 1), longestTimerMs),
    ).unref();
  }

  const following = createFollowing({
    async read() {
      await policy?.refresh();
      const elsewhere = (await Promise.all(sources.map((source) => source.list()))).flat();
      const couldHold = await eligible.list();
      // What has not changed is left as it is, with all that was remembered of it.
      const now = JSON.stringify([policy?.version(), elsewhere, couldHold]);
      if (now === known) return;
      adopt(policy?.compose(elsewhere) ?? composeAlone(new Map(), elsewhere), couldHold);
      known = now;
    },
    outdated() {
      if (known === undefined) return;
      known = undefined;
      decider = shut(decider);
      grow();
    },
    clock,
    log,
  });
  await following.look();
  running?.revocations.follow(({ kind }) => {
    if (kind === 'policy') following.look().catch(() => undefined); // tried again, and logged, there
  });

  return {
    decide: (principal, request) => decider.decide(principal, request),
    visible: (principal, request) => decider.visible(principal, request),
    reaches: (principal, server) => decider.reaches(principal, server),
    allows: (...asked) => decider.allows(...asked),
    explain: (principal, request) => decider.explain(principal, request),
    version: () => version,
    roles: () => [...composition.roles.values()],
    assignments: () => composition.assignments,
    denyAssignments: () => composition.denyAssignments,
    ...(policy && { policy }),
    inForce: () => ({ ...composition, ...(rules && { rules }) }),
    refresh: following.look,
    follow: (act) => void followers.push(act),
    close() {
      following.close();
      clearTimeout(timer);
    },
  };
}

const none: AssignmentSource = { list: () => Promise.resolve([]) };

/** By a policy that is known to have changed nobody is let through; whoever sits at the machine can still see to it. */
const shut = ({ allows, explain, nextChangeAtMs }: Decider): Decider => ({
  decide: (_, request) => denied(refuse('access_policy_outdated'), { effect: effectOf(request), requirements: [] }),
  visible: () => false,
  reaches: () => false,
  allows: (principal, ...asked) => principal.kind === 'operator' && allows(principal, ...asked),
  explain,
  nextChangeAtMs,
});

function orNothing<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof GenkanError) return undefined;
    throw error;
  }
}
