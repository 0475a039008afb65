// A house of which operations see everything and nothing is real: it keeps what was done to it.
import { refuse } from '../../src/base/errors.ts';
import type { Principal } from '../../src/base/principal.ts';
import type { House } from '../../src/operations/house.ts';
import type { Caller } from '../../src/operations/operation.ts';
import type { AuditEntry } from '../../src/record/entry.ts';

export interface StandInHouse {
  readonly house: House;
  /** Every step, in order: `allows ACTION`, `record RESULT`, and what operations did. */
  readonly steps: string[];
  readonly entries: AuditEntry[];
}

/** @param rights actions that callers other than the operator may carry out */
export function standInHouse({
  rights = [] as string[],
  record,
}: { rights?: string[]; record?: House['record'] } = {}): StandInHouse {
  const steps: string[] = [];
  const entries: AuditEntry[] = [];
  const did = async <Value>(step: string, value: Value): Promise<Value> => {
    steps.push(step);
    return value;
  };
  const assignment = {
    id: 'a1',
    principal: { kind: 'group', id: 'makers' },
    role: 'MCP User',
    scope: '/servers/files',
    source: 'database',
  } as const;
  const house: House = {
    clock: { now: () => 1_000 },
    publicUrl: 'http://127.0.0.1:7300',
    record: record ?? {
      append: async (entry) => {
        steps.push(`record ${entry.result}`);
        return entries.push(entry) - 1;
      },
    },
    limits: { list: async () => [], reset: async () => 0, counting: () => 'process', processes: () => 1 },
    access: {
      allows(principal, action) {
        steps.push(`allows ${action}`);
        return principal.kind === 'operator' || rights.includes(action);
      },
      explain: () => {
        throw new Error('not asked for');
      },
      roles: () => [],
      inForce: () => ({ grants: [], roles: new Map() }),
      assignments: () => [assignment],
      denyAssignments: () => [],
      policy: {
        history: notAsked,
        items: () => [],
        changes: {
          ...({} as House['access']['policy']['changes']),
          assign: (wanted) =>
            did(`assign ${wanted.map(({ role }) => role).join(' ')}`, {
              thing: wanted.map((each) => ({ ...assignment, ...each })),
              outcome: { state: 'done', version: 1 },
            }),
          unassign: (id) => did(`unassign ${id}`, { thing: assignment, outcome: { state: 'done', version: 2 } }),
          clearServer: () => did('unassign a1', [assignment]),
        },
      },
    },
    approvals: { ...({} as House['approvals']), list: async () => [] },
    elevation: { ...({} as House['elevation']), endAt: () => did('end elevations', undefined) },
    emergencyToken: () => Promise.reject(new Error('not asked for')),
    reviews: notAsked,
    pins: { ...({} as House['pins']), forget: () => did('forget pins', undefined) },
    notices: notAsked,
    catalogue: {
      list: () => [
        {
          name: 'files',
          kind: 'stdio',
          actsAs: 'shared',
          addedBy: 'configuration',
          approved: true,
          isolated: false,
          open: 0,
          lastError: 'bad\u001b[2Jthing',
        },
      ],
      add: (name) => did(`add ${name}`, name === 'taken' ? refuse('upstream_name_taken', { server: name }) : undefined),
      remove: (name) => did(`remove ${name}`, undefined),
      approve: (name) => did(`approve ${name}`, undefined),
      disable: (name) => did(`disable ${name}`, undefined),
    },
    people: { find: async (name) => (name === 'dana' ? dana.principal : undefined) },
    connections: {
      list: async () => [{ person: 'dana', server: 'notes', updatedAtMs: 1_000 }],
      remove: (person, server) => did(`disconnect ${person} ${server}`, server === 'notes'),
      removeServer: (server) => did(`disconnect everybody ${server}`, undefined),
    },
    keys: {
      source: 'ring.json',
      list: async () => [{ id: 'k1', state: 'sealing', present: true, dataKeys: 1, addedAtMs: 1_000 }],
      rotate: () => did('rotate', { key: 'k2', rewrapped: 1, lost: 0, retired: ['k1'], leftBehind: [] }),
    },
    clients: {
      find: async (clientId) => (clientId === 'reporter' ? reporter : undefined),
      list: async () => [reporter],
      add: ({ clientId }) => did(`register ${clientId}`, clientId !== 'taken'),
      remove: (clientId) => did(`unregister ${clientId}`, clientId === 'reporter'),
      workloadIssuers: ['https://workloads.example'],
    },
    killSwitch: {
      disablePerson: (id) => did(`disable person ${id}`, undefined),
      enablePerson: (id) => did(`enable person ${id}`, true),
      erasePerson: (id) => did(`erase person ${id}`, undefined),
      disabled: async () => [],
      revoked: async () => false,
      endSessionsOf: (id) => did(`end sessions of ${id}`, 1),
      endSession: (id) => did(`end session ${id}`, true),
      endGrant: (id) => did(`end grant ${id}`, true),
      revokeClient: (id) => did(`revoke client ${id}`, undefined),
      restoreClient: (id) => did(`restore client ${id}`, true),
      sessions: async () => [],
      principals: async () => [],
    },
    recorded: notAsked,
    recordDesk: notAsked,
    exports: notAsked,
    witnesses: notAsked,
    search: () => Promise.reject(new Error('not asked for')),
    audit: {
      list: async () => [],
      verify: async () => ({
        ok: false,
        origin: 'test',
        against: 0,
        others: [],
        size: 1,
        pruned: 0,
        root: '',
        problems: [{ index: 0, reason: 'the content was changed' }],
      }),
      proof: async () => undefined,
      checkpoint: async () => ({ checkpoint: '', key: '' }),
    },
    configuration: {
      check: async () => ({ file: 'genkan.yaml', mistakes: [], notes: [] }),
      show: () => ({}),
      schema: () => ({}),
    },
  };
  return { house, steps, entries };
}

const reporter = {
  clientId: 'reporter',
  credential: { kind: 'secret', sha256: 'x' },
  resources: ['/mcp/files'],
  introspects: false,
  dpop: false,
  createdBy: 'operator',
  createdAtMs: 1_000,
} as const;

const principal: Principal = {
  id: 'https://login.example.com#dana',
  kind: 'user',
  name: 'dana@example.com',
  groups: ['makers'],
};

export const dana: Caller = { principal, sourceIP: '192.0.2.1', userAgent: 'test' };

/** A part of the house that these tests never ask for. */
const notAsked = new Proxy({} as never, {
  get: (_part, name) => {
    throw new Error(`${String(name)} is not asked for`);
  },
});
