// How long one decision takes, with 10, 1,000 and 10,000 role assignments: mixed people, tools, scopes, allowed and refused.
import type { Principal } from '../src/base/principal.ts';
import { bind } from '../src/access/assignment.ts';
import type { Grant } from '../src/access/assignment.ts';
import { createAzureMap } from '../src/access/azure/azure-map.ts';
import { createDecider } from '../src/access/decider.ts';
import type { AccessRequest } from '../src/access/decision.ts';
import { collectRoles } from '../src/access/roles.ts';

const assignmentCounts = [10, 1000, 10_000] as const;
const warmUpCalls = 50_000;
const measuredCalls = 200_000;

const subscription = (at: number): string => `00000000-0000-0000-0000-${String(at).padStart(12, '0')}`;
const subscriptions = Array.from({ length: 20 }, (_, at) => subscription(at));
const builtIn = [
  'Owner',
  'Contributor',
  'Reader',
  'Virtual Machine Contributor',
  'Storage Account Contributor',
  'Monitoring Contributor',
];
const customRoles = Array.from({ length: 30 }, (_, at) => ({
  Name: `Custom ${at}`,
  Actions: [
    'Microsoft.Compute/virtualMachines/*',
    'Microsoft.Storage/*/read',
    'Microsoft.Network/virtualNetworks/read',
  ],
  NotActions: ['Microsoft.Compute/virtualMachines/delete', '*/listKeys/action'],
  AssignableScopes: ['/'],
}));
const azureCalls: readonly (readonly [tool: string, args: Record<string, string>])[] = [
  ['compute_vm_get', { 'vm-name': 'web-1' }],
  ['compute_vm_update', { 'vm-name': 'web-1', 'vm-size': 'Standard_B1s' }],
  ['compute_vm_delete', { 'vm-name': 'web-1' }],
  ['compute_vm_create', { 'vm-name': 'web-1', location: 'japaneast' }],
  ['storage_account_create', { account: 'devdata', location: 'japaneast' }],
  ['storage_account_get', { account: 'devdata' }],
];

export interface DecideFigures {
  /** 99th percentile of one `decide()` in nanoseconds, by number of assignments; the clock's own cost is included. */
  readonly p99Nanos: Record<string, number>;
  readonly p50Nanos: Record<string, number>;
  /** Which share of the measured calls was allowed. */
  readonly allowedShare: Record<string, number>;
}

/** Measures `decide()` in this process; about two seconds. */
export function measureDecide(): DecideFigures {
  const figures: DecideFigures = { p99Nanos: {}, p50Nanos: {}, allowedShare: {} };
  for (const count of assignmentCounts) {
    const { p50, p99, allowed } = measure(count);
    figures.p50Nanos[count] = p50;
    figures.p99Nanos[count] = p99;
    figures.allowedShare[count] = Math.round(allowed * 1000) / 1000;
  }
  return figures;
}

function measure(count: number): { p50: number; p99: number; allowed: number } {
  const random = createRandom(count);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const groups = Array.from({ length: Math.max(4, count / 10) }, (_, at) => `group-${at}`);
  const people: Principal[] = Array.from({ length: 500 }, (_, at) => ({
    id: `user-${at}`,
    kind: 'user',
    name: `user-${at}`,
    groups: [...new Set(Array.from({ length: 1 + Math.floor(random() * 30) }, () => pick(groups)))],
  }));

  const scopes = [
    () => `/subscriptions/${pick(subscriptions)}`,
    () => `/subscriptions/${pick(subscriptions)}/resourceGroups/dev-*`,
    () => `/subscriptions/${pick(subscriptions)}/resourceGroups/team-${Math.floor(random() * 50)}`,
    () => `/servers/server-${Math.floor(random() * 50)}`,
    () => `/servers/server-${Math.floor(random() * 50)}/tools/tool_${Math.floor(random() * 40)}`,
  ];
  const roles = collectRoles(customRoles, () => '', {});
  const roleNames = [...builtIn, 'MCP User', ...customRoles.map(({ Name }) => Name)];
  const grants = Array.from({ length: count }, (_, at): Grant => {
    const toPerson = random() < 0.3;
    const principal = { kind: toPerson ? 'user' : 'group', id: toPerson ? pick(people).id : pick(groups) } as const;
    return bind({ id: `a${at}`, principal, role: pick(roleNames), scope: pick(scopes)(), source: 'database' }, roles);
  });
  const map = createAzureMap({
    server: 'azure',
    defaultSubscription: subscriptions[0],
    subscriptions: {},
    fixedArguments: {},
  });
  const { decide } = createDecider(grants, new Map([['azure', map]]));

  const request = (): AccessRequest => {
    if (random() < 0.5) {
      const [server, name] = [`server-${Math.floor(random() * 50)}`, `tool_${Math.floor(random() * 40)}`];
      return { server, primitive: 'tools', name, arguments: { path: 'a' } };
    }
    const group = random() < 0.5 ? `dev-${Math.floor(random() * 50)}` : `team-${Math.floor(random() * 50)}`;
    const [name, args] = pick(azureCalls);
    const place = { subscription: pick(subscriptions), 'resource-group': group };
    return { server: 'azure', primitive: 'tools', name, arguments: { ...place, ...args } };
  };

  let allowed = 0;
  const nanos = new Float64Array(measuredCalls);
  for (let at = -warmUpCalls; at < measuredCalls; at += 1) {
    // Made anew each time, as a request that has just been parsed is: its texts are in the cache, but nothing knows them.
    const principal = pick(people);
    const asked = request();
    const startedMs = performance.now();
    const decision = decide(principal, asked);
    const elapsedMs = performance.now() - startedMs;
    if (at < 0) continue;
    nanos[at] = elapsedMs * 1e6;
    if (decision.outcome === 'allow') allowed += 1;
  }
  nanos.sort();
  const quantile = (share: number): number => Math.round(nanos[Math.floor(measuredCalls * share)]!);
  return { p50: quantile(0.5), p99: quantile(0.99), allowed: allowed / measuredCalls };
}

// A fixed seed, so that two runs measure the same decisions.
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

if (import.meta.main) console.log(JSON.stringify(measureDecide()));
