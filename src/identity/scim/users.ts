// Users as a directory provisions them. Whoever becomes inactive here or is deleted is out of Genkan by the kill switch.
import { randomUUID } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { RevocationTables } from '../../state/revocation-schema.ts';
import type { Revocations } from '../../state/revocations.ts';
import { disableIn, enableIn } from '../kill-switch/ending.ts';
import type { KillSwitch } from '../kill-switch/kill-switch.ts';
import { externalId, readResource, userAttributes, userSchema } from './attributes.ts';
import type { Resource } from './attributes.ts';
import { parseFilter } from './filter.ts';
import { applyPatch, readOperations } from './patch.ts';
import type { PersonOf } from './person-ids.ts';
import { invalid, ScimProblem } from './problem.ts';
import { checkVersion, listOf, notFound, portionOf, present, shown } from './resources.ts';
import type { Presented } from './resources.ts';

export const directory = 'directory';
const attributes = [...userAttributes, externalId];
/** By which users can be found. */
const columns = { id: 'id', username: 'user_name', externalid: 'external_id' } as const;

type Row = Selectable<RevocationTables['scim_user']>;

/** What was done to whom, for the record. */
export interface Done {
  readonly status: number;
  readonly resource?: Presented;
  readonly body?: object;
  readonly about: { readonly person?: string; readonly active?: boolean; readonly [detail: string]: unknown };
}

export interface Collection {
  list(query: URLSearchParams): Promise<object>;
  get(id: string, query: URLSearchParams): Promise<Presented>;
  create(given: unknown): Promise<Done>;
  replace(id: string, given: unknown, ifMatch?: string): Promise<Done>;
  patch(id: string, given: unknown, ifMatch?: string): Promise<Done>;
  remove(id: string, ifMatch?: string): Promise<Done>;
}

export interface ScimNeighbours {
  readonly database: Database;
  readonly revocations: Revocations;
  readonly killSwitch: KillSwitch;
  readonly clock: Clock;
  /** Address of the endpoint, without a final slash. */
  readonly base: string;
}

export function createUsers(
  { database, revocations, killSwitch, clock, base }: ScimNeighbours,
  personOf: PersonOf,
): Collection {
  const shape = (row: Row): Presented => present('User', userSchema, row, JSON.parse(row.resource) as Resource, base);

  async function find(id: string): Promise<Row> {
    const row = await database.selectFrom('scim_user').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound();
    return row;
  }

  /** Writes a user and what follows from it, all or nothing. */
  async function save(id: string, given: Resource, before: Row | undefined): Promise<Done> {
    const resource: Resource = { active: true, ...given };
    const person = personOf(resource);
    if (typeof resource['userName'] !== 'string') throw invalid('invalidValue', 'userName is missing');
    if (before !== undefined && before.person !== person)
      throw invalid('mutability', 'who a user is cannot be changed; delete the user and create another');
    const row: Insertable<RevocationTables['scim_user']> = {
      id,
      person,
      user_name: resource['userName'].toLowerCase(),
      external_id: (resource['externalId'] as string | undefined) ?? null,
      resource: JSON.stringify(resource),
      created_at: before?.created_at ?? clock.now(),
      changed_at: clock.now(),
    };
    const active = resource['active'] === true;
    await revocations.commit(async (transaction) => {
      const taken = await transaction
        .selectFrom('scim_user')
        .select('id')
        .where('id', '!=', id)
        .where((is) => is.or([is('person', '=', person), is('user_name', '=', row.user_name)]))
        .executeTakeFirst();
      if (taken !== undefined) throw new ScimProblem(409, 'there is such a user already', 'uniqueness');
      if (before === undefined) await transaction.insertInto('scim_user').values(row).execute();
      else await transaction.updateTable('scim_user').set(row).where('id', '=', id).execute();
      const whom = { kind: 'principal', subject: person, source: directory } as const;
      if (active) await enableIn(transaction, whom, { by: directory, reason: 'active' }, clock);
      else if (before === undefined || isActive(before))
        await disableIn(transaction, whom, { by: directory, reason: 'not active' }, clock);
    });
    const now = shape(await find(id));
    return { status: before === undefined ? 201 : 200, resource: now, body: now, about: { person, active } };
  }

  return {
    async list(query) {
      const filter = query.get('filter');
      let found = database.selectFrom('scim_user');
      for (const { attribute, value } of filter === null ? [] : parseFilter(filter)) {
        if (!Object.hasOwn(columns, attribute)) throw invalid('invalidFilter', `users are not found by ${attribute}`);
        const column = columns[attribute as keyof typeof columns];
        found = found.where(column, '=', column === 'user_name' ? String(value).toLowerCase() : String(value));
      }
      const portion = portionOf(query);
      const { total } = await found.select((is) => is.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      const rows = await found.selectAll().orderBy('id').limit(portion.limit).offset(portion.offset).execute();
      return listOf(
        total,
        portion,
        rows.map((row) => shown(shape(row), query)),
      );
    },
    get: async (id) => shape(await find(id)),
    create: (given) => save(randomUUID(), readResource(attributes, given), undefined),
    async replace(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(shape(row), ifMatch);
      return save(id, readResource(attributes, given), row);
    },
    async patch(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(shape(row), ifMatch);
      const operations = readOperations(given);
      return save(id, applyPatch(attributes, JSON.parse(row.resource) as Resource, operations), row);
    },
    async remove(id, ifMatch) {
      const row = await find(id);
      checkVersion(shape(row), ifMatch);
      // First out, then forgotten: a directory that is told of a failure comes again.
      await killSwitch.erasePerson(row.person, { by: directory, reason: 'deleted' }, directory);
      await database.deleteFrom('scim_user').where('id', '=', id).execute();
      return { status: 204, about: { person: row.person } };
    },
  };
}

const isActive = ({ resource }: Row): boolean => (JSON.parse(resource) as Resource)['active'] === true;
