// Elevation by itself: the real book of approvals and a real database, with a clock, people and ears of the test.
import { createElevationDesk } from '../../src/access/elevation/elevation-desk.ts';
import type { ElevationDesk } from '../../src/access/elevation/elevation-desk.ts';
import type { Activator } from '../../src/access/elevation/elevation.ts';
import type { ElevationEntry } from '../../src/access/elevation/elevation-keeper.ts';
import { createApprovals } from '../../src/access/approvals/approvals.ts';
import type { Approvals } from '../../src/access/approvals/approvals.ts';
import { createNameBook } from '../../src/access/approvals/name-book.ts';
import { createBuiltInRoles } from '../../src/access/built-in-roles.ts';
import { accessSettings } from '../../src/access/settings.ts';
import { isRefusal } from '../../src/base/errors.ts';
import { createLog } from '../../src/base/log.ts';
import type { Notice } from '../../src/base/notice.ts';
import type { Principal } from '../../src/base/principal.ts';
import { openDatabase } from '../../src/state/database.ts';
import type { Database } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createRevocations } from '../../src/state/revocations.ts';
import type { Revocations } from '../../src/state/revocations.ts';

export const noon = Date.parse('2026-11-21T12:00:00Z');

export const person = (id: string, more: Partial<Principal> = {}): Principal => ({
  id,
  kind: 'user',
  name: `${id}@example.com`,
  groups: [],
  contexts: ['c1'],
  ...more,
});

export const dana = person('dana', { groups: ['makers'] });
export const sena = person('sena', { groups: ['security-team-group-id'] });

export interface ElevationGround {
  readonly desk: ElevationDesk;
  readonly approvals: Approvals;
  readonly database: Database;
  readonly revocations: Revocations;
  readonly clock: { nowMs: number; now: () => number };
  /** Those who may come in, by id, with their groups. */
  readonly people: Map<string, { groups: readonly string[] }>;
  /** Whom sign-in names mean now. */
  readonly names: Map<string, string>;
  readonly entries: ElevationEntry[];
  readonly notices: Notice[];
  readonly endedGrants: string[];
  /** The same database under another configuration, as after a restart. */
  again(settings: object, activator?: Activator): Promise<ElevationGround>;
}

/** @param settings the parts `elevation` and `breakGlass`; eligible is dana through her group, unless it says otherwise */
export async function openElevationGround(
  settings: object = {},
  {
    activator,
    database: given,
    clock: running,
  }: { activator?: Activator; database?: Database; clock?: ElevationGround['clock'] } = {},
): Promise<ElevationGround> {
  const database = given ?? (await openDatabase(':memory:'));
  const log = createLog('silent');
  const revocations = await createRevocations({ database, log, bell: () => () => undefined });
  const clock: ElevationGround['clock'] = running ?? { nowMs: noon, now: () => clock.nowMs };
  const hasSecondFactor = ({ contexts = [] }: Principal): boolean => contexts.includes('c1');
  const approvals = createApprovals({ database, revocations, hasSecondFactor, clock });
  const people = new Map([dana, sena, person('omar')].map(({ id, groups }) => [id, { groups }]));
  const names = new Map<string, string>();
  const [entries, notices, endedGrants]: [ElevationEntry[], Notice[], string[]] = [[], [], []];
  const { elevation, breakGlass } = accessSettings.parse(settings);
  const desk = createElevationDesk(
    { elevation, breakGlass },
    {
      database,
      revocations,
      approvals,
      leases: createLeases({ database, clock }),
      hasSecondFactor,
      mfaKnown: true,
      findPerson: createNameBook({ database, clock, lookUp: async (name) => names.get(name) }),
      roles: createBuiltInRoles,
      items: () => [],
      readFile: () => '',
      person: async (id) => people.get(id),
      notifier: { notify: async (notice) => void notices.push(notice) },
      record: async (entry) => entries.push(entry),
      endGrant: async (grantId) => endedGrants.push(grantId),
      changed: async () => undefined,
      ...(activator && { activator }),
      clock,
      log,
      publicUrl: 'https://genkan.example.com',
    },
  );
  return {
    ...{ desk, approvals, database, revocations, clock, people, names, entries, notices, endedGrants },
    again: (other, otherActivator) =>
      openElevationGround(other, { database, clock, ...(otherActivator && { activator: otherActivator }) }),
  };
}

export const codeOf = (given: object): string => (isRefusal(given) ? given.code : 'none');
