// Users as a directory provisions them. Whoever becomes inactive here or is deleted is out of Genkan by the kill switch.
import { randomUUID } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { RevocationTables } from '../../state/revocation-schema.ts';
import type { Revocations } from '../../state/revocations.ts';
import { disableIn, enableIn } from '../kill-switch/ending.ts';
import type { Whom } from '../kill-switch/ending.ts';
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

  async function find(id: string, among: Database = database): Promise<Row> {
    const row = await among.selectFrom('scim_user').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound();
    return row;
  }

  /** Writes a user and what follows from it, all or nothing. @param change what becomes of the row that stands now */
  async function save(id: string, change: Resource | ((before: Row) => Resource)): Promise<Done> {
    const about = await revocations.commit(async (transaction) => {
      // Read under the lock of all writers: a change made on what stood before would undo what has been said since.
      const before = typeof change === 'function' ? await find(id, transaction) : undefined;
      const given = typeof change === 'function' ? change(before!) : change;
      // Only who is new comes in without it being said.
      const active = (given['active'] ?? (before === undefined || isActive(before))) === true;
      const resource: Resource = { ...given, active };
      const person = personOf(resource);
      if (typeof resource['userName'] !== 'string') throw invalid('invalidValue', 'userName is missing');
      const row: Insertable<RevocationTables['scim_user']> = {
        id,
        person,
        user_name: resource['userName'].toLowerCase(),
        external_id: (resource['externalId'] as string | undefined) ?? null,
        resource: JSON.stringify(resource),
        created_at: before?.created_at ?? clock.now(),
        changed_at: clock.now(),
      };
      const taken = await transaction
        .selectFrom('scim_user')
        .select('id')
        .where('id', '!=', id)
        .where((is) => is.or([is('person', '=', person), is('user_name', '=', row.user_name)]))
        .executeTakeFirst();
      if (taken !== undefined) throw new ScimProblem(409, 'there is such a user already', 'uniqueness');
      const former = before?.person === person ? undefined : before;
      if (former !== undefined) await letGo(transaction, former);
      if (before === undefined) await transaction.insertInto('scim_user').values(row).execute();
      else await transaction.updateTable('scim_user').set(row).where('id', '=', id).execute();
      if (active) await enableIn(transaction, whom(person), { by: directory, reason: 'active' }, clock);
      else if (before === undefined || former !== undefined || isActive(before))
        await disableIn(transaction, whom(person), { by: directory, reason: 'not active' }, clock);
      return { person, active, ...(former && { former: former.person }) };
    });
    const now = shape(await find(id));
    return { status: typeof change === 'function' ? 200 : 201, resource: now, body: now, about };
  }

  /**
   * Directories find users by their sign-in name, and give the user of somebody who has left to whoever gets that name next.
   * Who has left stays out, and leaves no group behind.
   */
  async function letGo(transaction: Database, former: Row): Promise<void> {
    if (isActive(former))
      throw invalid(
        'mutability',
        'who a user is cannot be changed while they are active; deactivate or delete them first',
      );
    await disableIn(transaction, whom(former.person), { by: directory, reason: 'left' }, clock);
    await transaction.deleteFrom('scim_member').where('user_id', '=', former.id).execute();
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
    create: (given) => save(randomUUID(), readResource(attributes, given)),
    replace: (id, given, ifMatch) =>
      save(id, (row) => {
        checkVersion(shape(row), ifMatch);
        return readResource(attributes, given);
      }),
    patch: (id, given, ifMatch) =>
      save(id, (row) => {
        checkVersion(shape(row), ifMatch);
        return applyPatch(attributes, JSON.parse(row.resource) as Resource, readOperations(given));
      }),
    async remove(id, ifMatch) {
      const row = await find(id);
      checkVersion(shape(row), ifMatch);
      // First out, then forgotten: a directory that is told of a failure comes again.
      await killSwitch.erasePerson(row.person, { by: directory, reason: 'deleted' }, directory);
      await revocations.commit(async (transaction) => {
        const now = await find(id, transaction);
        if (now.person !== row.person) throw new ScimProblem(409, 'the resource has been changed since');
        // Again, as somebody may have let them in since: nobody would be left to say that they are out.
        await disableIn(transaction, whom(row.person), { by: directory, reason: 'deleted' }, clock);
        await transaction.deleteFrom('scim_user').where('id', '=', id).execute();
      });
      return { status: 204, about: { person: row.person } };
    },
  };
}

const whom = (subject: string): Whom => ({ kind: 'principal', subject, source: directory });

const isActive = ({ resource }: Row): boolean => (JSON.parse(resource) as Resource)['active'] === true;
