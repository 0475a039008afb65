// How long one decision takes with 10, 1,000 and 10,000 role assignments in a company of teams: mixed people, tools, places, verdicts.
// A part of the assignments is bound to a time or a condition, and deny assignments stand beside them.
import { bind } from '../src/access/assignment.ts';
import type { Assignment, Grant } from '../src/access/assignment.ts';
import { createAzureMap } from '../src/access/azure/azure-map.ts';
import { createDecider } from '../src/access/decider.ts';
import { bindDeny } from '../src/access/deny/deny-assignment.ts';
import type { Denial } from '../src/access/deny/deny-assignment.ts';
import type { AccessRequest } from '../src/access/decision.ts';
import { collectRoles } from '../src/access/roles.ts';
import type { Principal } from '../src/base/principal.ts';

const assignmentCounts = [10, 1000, 10_000] as const;
const peopleAtWork = 300;
const mostTeamsOfOnePerson = 15;
/** Share of calls in the places of the caller's own team; the others are mostly refused. */
const homeShare = 0.7;
const warmUpCalls = 50_000;
const measuredCalls = 200_000;
const passes = 3;

const builtInRoles = [
  'Contributor',
  'Reader',
  'Virtual Machine Contributor',
  'Storage Account Contributor',
  'MCP User',
];
const customRoles = Array.from({ length: 30 }, (_, at) => ({
  Name: `Custom ${at}`,
  Actions: ['Microsoft.Compute/virtualMachines/*', 'Microsoft.Storage/*', `mcp/servers/*/tools/tool_${at % 10}/call`],
  NotActions: ['Microsoft.Compute/virtualMachines/delete', '*/listKeys/action'],
  AssignableScopes: ['/'],
}));
const azureCalls: readonly (readonly [tool: string, args: Record<string, string>])[] = [
  ['compute_vm_get', { 'vm-name': 'web-1' }],
  ['compute_vm_update', { 'vm-name': 'web-1', 'vm-size': 'Standard_B1s' }],
  ['compute_vm_delete', { 'vm-name': 'web-1' }],
  ['compute_disk_get', {}],
  ['storage_account_create', { account: 'devdata', location: 'japaneast' }],
];
/** The call that needs most (18 actions), and how often it is made. */
const largestCall = ['compute_vm_create', { 'vm-name': 'web-1', location: 'japaneast' }] as const;
const largestShare = 0.01;

/** How many of the assignments are bound to a time, how many to a condition, and how many deny assignments there are for each. */
const timedShare = 0.05;
const conditionalShare = 0.05;
const denialsForEach = 0.01;
const condition = "!(ActionMatches{'*/write'}) OR @Environment[utcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'";
const benchedAtMs = Date.UTC(2026, 0, 15);

/** What `decide()` was measured on. */
export const decideMix = `${timedShare * 100} % of the assignments bound to a time, ${conditionalShare * 100} % to a condition; a deny assignment for every ${1 / denialsForEach} of them, half for everyone but one team`;

export interface DecideFigures {
  /** 99th percentile of one `decide()` in nanoseconds, map included, by number of assignments. */
  readonly p99Nanos: Record<string, number>;
  readonly p50Nanos: Record<string, number>;
  /**
   * The same where each call counts with the lowest of three passes over the same calls: what the machine did beside one of
   * them is left out, what a decision costs with everything it needs gone cold since the last one like it is not.
   */
  readonly undisturbedP99Nanos: Record<string, number>;
  /** What is measured where nothing is decided: the clock is read twice. In all of the figures above. */
  readonly clockP99Nanos: Record<string, number>;
  /** Which share of the measured calls was allowed. */
  readonly allowedShare: Record<string, number>;
  /** Which share was refused by a deny assignment. */
  readonly deniedShare: Record<string, number>;
}

/** Measures `decide()` in this process; about a quarter of a minute. */
export function measureDecide(): DecideFigures {
  const figures: DecideFigures = {
    p99Nanos: {},
    p50Nanos: {},
    undisturbedP99Nanos: {},
    clockP99Nanos: {},
    allowedShare: {},
    deniedShare: {},
  };
  for (const count of assignmentCounts) {
    const { nanos, undisturbed, clock, allowed, denied } = measure(count);
    figures.p50Nanos[count] = quantile(nanos, 0.5);
    figures.p99Nanos[count] = quantile(nanos, 0.99);
    figures.undisturbedP99Nanos[count] = quantile(undisturbed, 0.99);
    figures.clockP99Nanos[count] = quantile(clock, 0.99);
    figures.allowedShare[count] = Math.round((allowed / measuredCalls) * 1000) / 1000;
    figures.deniedShare[count] = Math.round((denied / measuredCalls) * 1000) / 1000;
  }
  return figures;
}

interface Measured {
  /** One number a call, of the first pass. */
  readonly nanos: Float64Array;
  /** The lowest of all passes. */
  readonly undisturbed: Float64Array;
  readonly clock: Float64Array;
  readonly allowed: number;
  readonly denied: number;
}

function measure(count: number): Measured {
  const { grants, denials, people, requestOf } = createCompany(count, createRandom(count));
  const map = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
  // Time goes on from one call to the next, so that nothing is found out about a moment once for all.
  let nowMs = benchedAtMs;
  const { decide } = createDecider(grants, new Map([['azure', map]]), { denials, clock: { now: () => (nowMs += 1) } });
  const nanos = new Float64Array(measuredCalls);
  const undisturbed = new Float64Array(measuredCalls).fill(Infinity);
  const clock = new Float64Array(measuredCalls);
  let allowed = 0;
  let denied = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    const random = createRandom(count + 1);
    for (let at = -warmUpCalls; at < measuredCalls; at += 1) {
      // Parsed anew each time, as every request is: none of its texts has been looked up before.
      const person = pick(people, random);
      const request = JSON.parse(JSON.stringify(requestOf(person, random))) as AccessRequest;
      const beforeMs = performance.now();
      const startedMs = performance.now();
      const decision = decide(person.principal, request);
      const elapsedMs = performance.now() - startedMs;
      if (at < 0) continue;
      undisturbed[at] = Math.min(undisturbed[at]!, elapsedMs * 1e6);
      if (pass > 0) continue;
      nanos[at] = elapsedMs * 1e6;
      clock[at] = (startedMs - beforeMs) * 1e6;
      if (decision.outcome === 'allow') allowed += 1;
      else if (decision.code === 'access_denied_by_assignment') denied += 1;
    }
  }
  return { nanos, undisturbed, clock, allowed, denied };
}

const quantile = (values: Float64Array, share: number): number =>
  Math.round(values.toSorted()[Math.floor(values.length * share)]!);

interface Team {
  readonly group: string;
  readonly subscription: string;
  readonly resourceGroups: readonly string[];
  readonly servers: readonly string[];
}

interface Person {
  readonly principal: Principal;
  readonly team: Team;
}

function createCompany(count: number, random: () => number) {
  const subscriptions = Array.from(
    { length: 20 },
    (_, at) => `00000000-0000-0000-0000-${String(at).padStart(12, '0')}`,
  );
  const teams = Array.from({ length: Math.max(2, count / 10) }, (_, at): Team => ({
    group: `team-${at}`,
    subscription: pick(subscriptions, random),
    resourceGroups: Array.from({ length: 6 }, (_, group) => `dev-${at}-${group}`),
    servers: Array.from({ length: 3 }, () => `server-${Math.floor(random() * 50)}`),
  }));
  const people = Array.from({ length: peopleAtWork }, (_, at): Person => {
    const memberOf = Array.from({ length: 1 + Math.floor(random() * mostTeamsOfOnePerson) }, () => pick(teams, random));
    const groups = [...new Set(memberOf.map(({ group }) => group))];
    const principal: Principal = { id: `user-${at}`, kind: 'user', name: `user-${at}`, groups };
    return { principal, team: memberOf[0]! };
  });

  const roles = collectRoles(customRoles, () => '', {});
  const roleNames = [...builtInRoles, ...customRoles.map(({ Name }) => Name)];
  const scopesOf: readonly ((team: Team) => string)[] = [
    ({ subscription }) => `/subscriptions/${subscription}`,
    ({ subscription, group }) => `/subscriptions/${subscription}/resourceGroups/dev-${group.slice(5)}-*`,
    ({ subscription, resourceGroups }) =>
      `/subscriptions/${subscription}/resourceGroups/${pick(resourceGroups, random)}`,
    ({ servers }) => `/servers/${pick(servers, random)}`,
    ({ servers }) => `/servers/${pick(servers, random)}/tools/tool_${Math.floor(random() * 10)}`,
  ];
  const grants = Array.from({ length: count }, (_, at): Grant => {
    const direct = random() < 0.3 ? pick(people, random) : undefined;
    const team = direct?.team ?? pick(teams, random);
    const principal = { kind: direct ? 'user' : 'group', id: direct?.principal.id ?? team.group } as const;
    const scope = pick(scopesOf, random)(team);
    const role = pick(roleNames, random);
    return bind({ id: `a${at}`, principal, role, scope, source: 'database', ...termsOf(random) }, roles);
  });
  const denials = Array.from({ length: Math.ceil(count * denialsForEach) }, (_, at): Denial => {
    const [team, spared] = [pick(teams, random), pick(teams, random)];
    return bindDeny({
      id: `d${at}`,
      name: `Protected ${at}`,
      principals: at % 2 === 0 ? 'everyone' : [{ kind: 'group', id: team.group }],
      excludePrincipals: [{ kind: 'group', id: spared.group }],
      permissions: [
        { actions: ['*/delete', '*/write'], notActions: ['*/disks/*'], dataActions: [], notDataActions: [] },
      ],
      scope: pick(scopesOf.slice(1, 3), random)(team),
      doNotApplyToChildScopes: false,
      source: 'database',
    });
  });

  const requestOf = ({ team: own }: Person, random: () => number): AccessRequest => {
    const team = random() < homeShare ? own : pick(teams, random);
    const base = { primitive: 'tools' } as const;
    if (random() < 0.5) {
      const name = `tool_${Math.floor(random() * 10)}`;
      return { ...base, server: pick(team.servers, random), name, arguments: { path: 'a' } };
    }
    const [name, args] = random() < largestShare * 2 ? largestCall : pick(azureCalls, random);
    const place = { subscription: team.subscription, 'resource-group': pick(team.resourceGroups, random) };
    return { ...base, server: 'azure', name, arguments: { ...place, ...args } };
  };
  return { grants, denials, people, requestOf };
}

function termsOf(random: () => number): Pick<Assignment, 'condition' | 'startsAtMs' | 'endsAtMs'> {
  const drawn = random();
  if (drawn < conditionalShare) return { condition };
  if (drawn > conditionalShare + timedShare) return {};
  const dayMs = 24 * 3600 * 1000;
  // Some have ended, some have not begun, most hold.
  const startsAtMs = benchedAtMs + (random() - 0.8) * 10 * dayMs;
  return { startsAtMs, endsAtMs: startsAtMs + 10 * dayMs };
}

const pick = <Item>(items: readonly Item[], random: () => number): Item => items[Math.floor(random() * items.length)]!;

// A fixed seed, so that two runs measure the same decisions.
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

if (import.meta.main) console.log(JSON.stringify(measureDecide()));
