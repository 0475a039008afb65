// A company of forty people and two agents at work for some months, as its audit record tells of it: weekly rhythms, rare acts, new projects.
import { bind } from '../../src/access/assignment.ts';
import type { Assignee, Grant } from '../../src/access/assignment.ts';
import { createAzureMap } from '../../src/access/azure/azure-map.ts';
import { createDecider } from '../../src/access/decider.ts';
import { collectRoles } from '../../src/access/roles.ts';
import type { Role } from '../../src/access/role.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { AuditEntry } from '../../src/record/entry.ts';

export const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
export const dayMs = 86_400_000;
/** A Monday. */
export const firstDayMs = Date.UTC(2026, 5, 1);

export interface Company {
  readonly roles: readonly Role[];
  readonly grants: readonly Grant[];
  /** What is on record of so many days, oldest first. */
  entries(days: number): Generator<AuditEntry, void, undefined>;
}

type Call = readonly [tool: string, args: Readonly<Record<string, string>>];

/** Something that people do: on which days, how often on such a day, and what it takes. */
interface Habit {
  /** Which share of the days that count for it; weekdays unless told otherwise. */
  readonly chance: number;
  readonly on?: (day: number) => boolean;
  readonly times?: number;
  readonly calls: (pick: <Item>(items: readonly Item[]) => Item, day: number) => readonly Call[];
}

const weekday = (day: number): boolean => day % 7 < 5;
const weekdays =
  (...which: number[]) =>
  (day: number): boolean =>
    which.includes(day % 7);
const everyWeeks =
  (weeks: number, weekdayOfIt: number) =>
  (day: number): boolean =>
    day % (7 * weeks) === weekdayOfIt;

const vms = ['web-1', 'web-2', 'build'];
const inGroup = (group: string, more: Record<string, string> = {}): Record<string, string> => ({
  'resource-group': group,
  ...more,
});
// Projects come and go, and with them resource groups.
const projects = (day: number): string[] => [
  'dev-web',
  'dev-api',
  'dev-mobile',
  ...(day >= 40 ? ['dev-search'] : []),
  ...(day >= 74 ? ['dev-pilot'] : []),
];

const developers: Habit[] = [
  {
    chance: 0.9,
    times: 4,
    calls: (pick, day) => [['compute_vm_get', inGroup(pick(projects(day)), { 'vm-name': pick(vms) })]],
  },
  {
    chance: 0.6,
    times: 2,
    calls: (pick, day) => [['monitor_metrics_query', inGroup(pick(projects(day)), { resource: pick(vms) })]],
  },
  {
    chance: 0.35,
    calls: (pick, day) => [
      ['compute_vm_update', inGroup(pick(projects(day)), { 'vm-name': pick(vms), 'vm-size': 'Standard_B2s' })],
    ],
  },
  {
    chance: 0.3,
    calls: () => [
      ['group_list', {}],
      ['storage_account_get', {}],
    ],
  },
  { chance: 0.2, calls: (pick, day) => [['appservice_webapp_get', inGroup(pick(projects(day)), { app: 'front' })]] },
  {
    chance: 0.06,
    calls: (pick, day) => [
      ['storage_account_create', inGroup(pick(projects(day)), { account: 'scratch', location: 'japaneast' })],
    ],
  },
  // A release, every third Thursday.
  {
    chance: 0.5,
    on: everyWeeks(3, 3),
    calls: (pick, day) => [
      ['compute_disk_create', inGroup(pick(projects(day)), { 'disk-name': 'release', location: 'japaneast' })],
    ],
  },
  // Hardly ever.
  {
    chance: 0.002,
    calls: (pick, day) => [
      ['compute_vm_create', inGroup(pick(projects(day)), { 'vm-name': 'try', location: 'japaneast' })],
    ],
  },
];

const operators: Habit[] = [
  {
    chance: 1,
    times: 6,
    on: () => true,
    calls: (pick) => [['compute_vm_get', inGroup(pick(['prod-web', 'prod-api', 'dev-web']), { 'vm-name': pick(vms) })]],
  },
  {
    chance: 0.8,
    times: 3,
    calls: () => [
      ['compute_vm_get', {}],
      ['group_list', {}],
    ],
  },
  {
    chance: 0.4,
    calls: (pick) => [['monitor_metrics_query', inGroup(pick(['prod-web', 'prod-api']), { resource: pick(vms) })]],
  },
  // Patches on Tuesdays, what is left over on Fridays.
  {
    chance: 0.9,
    on: weekdays(1),
    times: 3,
    calls: (pick) => [
      [
        'compute_vm_update',
        inGroup(pick(['prod-web', 'prod-api']), { 'vm-name': pick(vms), 'vm-size': 'Standard_D2s_v5' }),
      ],
    ],
  },
  { chance: 0.3, on: weekdays(4), calls: (pick) => [['compute_disk_get', inGroup(pick(['prod-web', 'prod-api']))]] },
  { chance: 0.01, calls: () => [['compute_vm_delete', inGroup('prod-web', { 'vm-name': 'old' })]] },
];

const analysts: Habit[] = [
  { chance: 0.9, times: 5, calls: () => [['storage_account_get', inGroup('data-lake', { account: 'lake' })]] },
  {
    chance: 0.7,
    times: 2,
    calls: (pick) => [['sql_db_get', inGroup(pick(['data-lake', 'data-mart']), { server: 'mart', database: 'sales' })]],
  },
  { chance: 0.25, calls: () => [['keyvault_secret_get', { vault: 'kv-data', secret: 'mart' }]] },
  // The end of each month, more or less.
  {
    chance: 0.4,
    on: everyWeeks(4, 4),
    calls: () => [['sql_db_create', inGroup('data-mart', { server: 'mart', database: 'monthly' })]],
  },
];

const security: Habit[] = [
  { chance: 0.8, times: 2, calls: () => [['role_assignment_list', { scope: subscription }]] },
  {
    chance: 0.5,
    on: weekdays(0),
    calls: () => [
      ['group_list', {}],
      ['storage_account_get', {}],
    ],
  },
];

const administrators: Habit[] = [
  {
    chance: 0.5,
    times: 2,
    calls: () => [
      ['group_list', {}],
      ['compute_vm_get', {}],
    ],
  },
  {
    chance: 0.05,
    calls: (pick) => [
      ['storage_account_create', inGroup(pick(['prod-web', 'dev-web']), { account: 'logs', location: 'japaneast' })],
    ],
  },
];

const nightly: Habit[] = [
  {
    chance: 1,
    on: () => true,
    times: 10,
    calls: (pick) => [
      ['compute_vm_get', inGroup(pick(['dev-web', 'dev-api', 'dev-mobile']), { 'vm-name': pick(vms) })],
      [
        'compute_vm_update',
        inGroup(pick(['dev-web', 'dev-api', 'dev-mobile']), { 'vm-name': pick(vms), 'vm-size': 'Standard_B1s' }),
      ],
    ],
  },
];
const reporter: Habit[] = [
  {
    chance: 1,
    on: weekdays(0),
    times: 3,
    calls: () => [
      ['group_list', {}],
      ['compute_vm_get', {}],
    ],
  },
];

const teams: readonly { readonly group: string; readonly people: number; readonly habits: Habit[] }[] = [
  { group: 'dev-team', people: 20, habits: developers },
  { group: 'ops-team', people: 8, habits: operators },
  { group: 'data-team', people: 6, habits: analysts },
  { group: 'security-team', people: 4, habits: security },
  { group: 'admins', people: 2, habits: administrators },
];

const secretsUser = {
  Name: 'Key Vault Secrets User',
  DataActions: [
    'Microsoft.KeyVault/vaults/secrets/getSecret/action',
    'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  ],
  AssignableScopes: ['/'],
};

// As one finds it: everybody has what was convenient on the day they asked.
const assigned: readonly (readonly [Assignee['kind'], string, string, string])[] = [
  ['group', 'dev-team', 'Contributor', subscription],
  ['group', 'ops-team', 'Virtual Machine Contributor', subscription],
  ['group', 'ops-team', 'Reader', subscription],
  ['group', 'data-team', 'Contributor', `${subscription}/resourceGroups/data-*`],
  ['group', 'data-team', 'Key Vault Secrets User', subscription],
  ['group', 'security-team', 'Security Reader', subscription],
  ['group', 'security-team', 'User Access Administrator', subscription],
  ['group', 'admins', 'Owner', subscription],
  ['user', 'https://login.example.com#dev-team-3', 'Owner', `${subscription}/resourceGroups/prod-web`],
  ['application', 'nightly', 'Contributor', subscription],
  ['application', 'reporter', 'Reader', subscription],
];

interface Member {
  readonly principal: Principal;
  readonly habits: Habit[];
  /** How much of what others do they do. */
  readonly zeal: number;
  readonly away: (day: number) => boolean;
}

/** @param seed the same company each time for the same seed */
export function createCompany(seed: number): Company {
  const random = createRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const roles = collectRoles([secretsUser], () => '', {});
  const grants = assigned.map(([kind, id, role, scope], at) =>
    bind({ id: `a${at}`, principal: { kind, id }, role, scope, source: 'database', createdAtMs: 0 }, roles),
  );
  const members = [
    ...teams.flatMap(({ group, people, habits }) =>
      Array.from({ length: people }, (_, at) => person(group, at, habits)),
    ),
    agent('nightly', nightly),
    agent('reporter', reporter),
  ];
  const map = createAzureMap({
    server: 'azure',
    defaultSubscription: subscription.slice(15),
    subscriptions: {},
    fixedArguments: {},
    reach: subscription,
  });
  const { decide } = createDecider(grants, new Map([['azure', map]]));

  function person(group: string, at: number, habits: Habit[]): Member {
    const name = `${group}-${at}`;
    const leaveFrom = Math.floor(random() * 90);
    return {
      principal: {
        id: `https://login.example.com#${name}`,
        kind: 'user',
        name: `${name}@example.com`,
        groups: [group],
        clientId: 'editor',
      },
      habits,
      zeal: 0.4 + random() * 0.8,
      away: (day) => day >= leaveFrom && day < leaveFrom + 10,
    };
  }

  function agent(name: string, habits: Habit[]): Member {
    const principal: Principal = { id: `application:${name}`, kind: 'application', name, groups: [], clientId: name };
    return { principal, habits, zeal: 1, away: () => false };
  }

  function callsOn(day: number, { habits, zeal, away }: Member): Call[] {
    if (away(day)) return [];
    return habits.flatMap(({ chance, on = weekday, times = 1, calls }) =>
      on(day) && random() < Math.min(1, chance * zeal)
        ? Array.from({ length: 1 + Math.floor(random() * times * 4) }, () => calls(pick, day)).flat()
        : [],
    );
  }

  function entryOf({ principal }: Member, [tool, args]: Call, timestamp: number): AuditEntry {
    const decision = decide(principal, { server: 'azure', primitive: 'tools', name: tool, arguments: args });
    const { effect, requirements } = decision;
    const grounds =
      decision.outcome === 'allow'
        ? { because: decision.because.map(({ assignment, role, scope }) => ({ assignment, role, scope })) }
        : {};
    const details = decision.outcome === 'allow' ? {} : { code: decision.code, ...decision.data };
    return {
      timestamp,
      user: principal.id,
      action: 'tools/call',
      resource: `/servers/azure/tools/${tool}`,
      result: decision.outcome === 'allow' ? 'allowed' : 'denied',
      details,
      actor: { name: principal.name, kind: principal.kind },
      client: principal.clientId,
      effect,
      actionRequired: requirements,
      ...grounds,
      groups: principal.groups,
      correlationId: `${timestamp}-${random()}`,
      sourceIP: '192.0.2.1',
      userAgent: 'test/1.0',
    };
  }

  return {
    roles: [...roles.values()],
    grants,
    *entries(days) {
      for (let day = 0; day < days; day += 1) {
        const begun = firstDayMs + day * dayMs;
        const today = members.flatMap((member) =>
          callsOn(day, member).map((call) =>
            entryOf(member, call, begun + Math.floor((8 + random() * 10) * 3_600_000)),
          ),
        );
        yield* today.sort((one, other) => one.timestamp - other.timestamp);
      }
    },
  };
}

// mulberry32: small, and good enough for people's habits.
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
