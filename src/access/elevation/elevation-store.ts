// Elevations that have begun, in table `elevation` of the control database.
import type { ExpressionBuilder, Selectable } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { ElevationTables } from '../../state/elevation-schema.ts';
import type { Elevation, EndReason, EnforcedBy } from './elevation.ts';

export interface ElevationQuery {
  readonly person?: string;
  readonly kind?: Elevation['kind'];
  /** Only what is held now. */
  readonly active?: boolean;
  /** Only those whose review nobody has written. */
  readonly unreviewed?: boolean;
  /** Newest first; 100 if absent, never more than 1,000. */
  readonly limit?: number;
}

/** What the keeper has to tell of one, as far as the record knows it. */
export interface KeptElevation {
  readonly elevation: Elevation;
  readonly toldEndsAtMs?: number;
  readonly grantId?: string;
}

export interface ElevationStore {
  find(id: string, reader?: Database): Promise<Elevation | undefined>;
  list(query: ElevationQuery, nowMs: number): Promise<Elevation[]>;
  /** All that are held now. */
  active(nowMs: number): Promise<Elevation[]>;
  /** Those of which something may be left to do: their end is not told yet. */
  unfinished(): Promise<KeptElevation[]>;
  /** One of these; undefined for one that is told in full. */
  kept(id: string): Promise<KeptElevation | undefined>;
  /** What a person holds, and what waits to begin where it is enforced as well. */
  held(writer: Database, person: string, nowMs: number): Promise<Elevation[]>;
  /** How many emergencies a person has begun since. */
  emergenciesSince(writer: Database, person: string, sinceMs: number): Promise<number>;
  add(writer: Database, elevation: Elevation): Promise<void>;
  /** What enforces it as well has begun: from then on it holds here. */
  begun(writer: Database, id: string, times: Pick<Elevation, 'startsAtMs' | 'endsAtMs'>): Promise<void>;
  /** What is known of it at what enforces it as well. */
  outside(writer: Database, id: string, known: NonNullable<Elevation['outside']>): Promise<void>;
  prolong(writer: Database, id: string, endsAtMs: number): Promise<void>;
  /** @returns whether it had not ended before */
  end(writer: Database, id: string, ended: NonNullable<Elevation['ended']>): Promise<boolean>;
  /** @returns whether nobody had reviewed it before */
  review(writer: Database, id: string, review: NonNullable<Elevation['review']>): Promise<boolean>;
  keepGrant(writer: Database, id: string, grantId: string): Promise<void>;
  told(id: string, what: { readonly endsAtMs: number } | 'end'): Promise<void>;
}

export function createElevationStore(database: Database): ElevationStore {
  const all = (reader: Database) => reader.selectFrom('elevation').selectAll();
  return {
    async find(id, reader = database) {
      const row = await all(reader).where('id', '=', id).executeTakeFirst();
      return row && read(row);
    },
    async list({ person, kind, active = false, unreviewed = false, limit = 100 }, nowMs) {
      const rows = await all(database)
        .$if(person !== undefined, (query) => query.where('person', '=', person!))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
        .$if(active, (query) => query.where('ended_at', 'is', null).where('ends_at', '>', nowMs).where(hasBegun))
        .$if(unreviewed, (query) => query.where('reviewed_at', 'is', null))
        .orderBy('requested_at', 'desc')
        .orderBy('id')
        .limit(Math.min(limit, 1000))
        .execute();
      return rows.map(read);
    },
    async active(nowMs) {
      const rows = await all(database)
        .where('ended_at', 'is', null)
        .where('ends_at', '>', nowMs)
        .where(hasBegun)
        .orderBy('id')
        .execute();
      return rows.map(read);
    },
    async unfinished() {
      const rows = await all(database).where('end_told', '=', 0).orderBy('ends_at').execute();
      return rows.map(keptOf);
    },
    async kept(id) {
      const row = await all(database).where('id', '=', id).where('end_told', '=', 0).executeTakeFirst();
      return row && keptOf(row);
    },
    async held(writer, person, nowMs) {
      const rows = await all(writer)
        .where('person', '=', person)
        .where('ended_at', 'is', null)
        .where((is) => is.or([is('ends_at', '>', nowMs), is.not(hasBegun(is))]))
        .execute();
      return rows.map(read);
    },
    async emergenciesSince(writer, person, sinceMs) {
      const { count } = await writer
        .selectFrom('elevation')
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('person', '=', person)
        .where('kind', '=', 'break-glass')
        .where('requested_at', '>', sinceMs)
        .executeTakeFirstOrThrow();
      return count;
    },
    async add(writer, elevation) {
      await writer
        .insertInto('elevation')
        .values({
          id: elevation.id,
          kind: elevation.kind,
          person: elevation.person.id,
          person_name: elevation.person.name,
          role: elevation.role,
          scope: elevation.scope,
          eligibility: elevation.eligibility,
          justification: elevation.justification,
          opened_by: elevation.openedBy,
          approved_by: elevation.approvedBy ?? null,
          enforced_by: elevation.enforcedBy,
          requested_at: elevation.requestedAtMs,
          starts_at: elevation.startsAtMs,
          ends_at: elevation.endsAtMs,
          end_told: 0,
        })
        .execute();
    },
    async begun(writer, id, { startsAtMs, endsAtMs }) {
      const times = { starts_at: startsAtMs, ends_at: endsAtMs };
      await writer.updateTable('elevation').set(times).where('id', '=', id).execute();
    },
    async outside(writer, id, { status, untilMs }) {
      const known = { outside_status: status, ...(untilMs !== undefined && { outside_until: untilMs }) };
      await writer.updateTable('elevation').set(known).where('id', '=', id).execute();
    },
    async prolong(writer, id, endsAtMs) {
      await writer.updateTable('elevation').set({ ends_at: endsAtMs }).where('id', '=', id).execute();
    },
    async end(writer, id, { atMs, by, reason }) {
      const { numUpdatedRows } = await writer
        .updateTable('elevation')
        .set({ ended_at: atMs, ended_by: by, end_reason: reason })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async review(writer, id, { by, name, atMs, finding }) {
      const { numUpdatedRows } = await writer
        .updateTable('elevation')
        .set({ reviewed_by: by, reviewed_name: name, reviewed_at: atMs, finding })
        .where('id', '=', id)
        .where('reviewed_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async keepGrant(writer, id, grantId) {
      await writer.updateTable('elevation').set({ grant_id: grantId }).where('id', '=', id).execute();
    },
    async told(id, what) {
      const values = what === 'end' ? { end_told: 1 } : { told_ends_at: what.endsAtMs };
      await database.updateTable('elevation').set(values).where('id', '=', id).execute();
    },
  };
}

/** What Azure has to activate holds nothing before it has. */
const hasBegun = (is: ExpressionBuilder<ElevationTables, 'elevation'>) =>
  is.or([is('enforced_by', '=', 'genkan'), is('outside_until', 'is not', null)]);

const keptOf = (row: Selectable<ElevationTables['elevation']>): KeptElevation => ({
  elevation: read(row),
  ...(row.told_ends_at !== null && { toldEndsAtMs: row.told_ends_at }),
  ...(row.grant_id !== null && { grantId: row.grant_id }),
});

function read(row: Selectable<ElevationTables['elevation']>): Elevation {
  return {
    id: row.id,
    kind: row.kind,
    person: { id: row.person, name: row.person_name },
    role: row.role,
    scope: row.scope,
    eligibility: row.eligibility,
    justification: row.justification,
    openedBy: row.opened_by,
    ...(row.approved_by !== null && { approvedBy: row.approved_by }),
    enforcedBy: row.enforced_by as EnforcedBy,
    requestedAtMs: row.requested_at,
    startsAtMs: row.starts_at,
    endsAtMs: row.ends_at,
    ...(row.outside_status !== null && {
      outside: { status: row.outside_status, ...(row.outside_until !== null && { untilMs: row.outside_until }) },
    }),
    ...(row.ended_at !== null && {
      ended: { atMs: row.ended_at, by: row.ended_by ?? '', reason: row.end_reason as EndReason },
    }),
    ...(row.reviewed_at !== null && {
      review: {
        by: row.reviewed_by ?? '',
        name: row.reviewed_name ?? '',
        atMs: row.reviewed_at,
        finding: row.finding ?? '',
      },
    }),
  };
}
