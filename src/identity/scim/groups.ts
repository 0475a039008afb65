// Groups as a directory provisions them. Membership decides about groups of this name in every later decision about a person.
import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { RevocationTables } from '../../state/revocation-schema.ts';
import { announce, everybody } from '../../state/announce.ts';
import { externalId, groupAttributes, groupSchema, isObject, readResource } from './attributes.ts';
import type { Resource } from './attributes.ts';
import { parseFilter } from './filter.ts';
import { applyPatch, readOperations, readPath } from './patch.ts';
import type { Operation } from './patch.ts';
import { invalid, ScimProblem } from './problem.ts';
import { checkVersion, leavesOut, listOf, notFound, portionOf, present, shown } from './resources.ts';
import type { Presented } from './resources.ts';
import { directory } from './users.ts';
import type { Collection, Done, ScimNeighbours } from './users.ts';

const attributes = [...groupAttributes.filter(({ name }) => name !== 'members'), externalId];
/** By which groups can be found. */
const columns = { id: 'id', displayname: 'display_name', externalid: 'external_id' } as const;
/** Named in one request. */
const maxMembers = 10_000;

type Row = Selectable<RevocationTables['scim_group']>;

export function createGroups({ database, revocations, clock, base }: ScimNeighbours): Collection {
  async function shape(row: Row, withMembers = true): Promise<Presented> {
    const members = withMembers ? await membersOf(database, row.id) : [];
    const kept = { displayName: row.display_name, ...(row.external_id !== null && { externalId: row.external_id }) };
    const listed = members.map((value) => ({ value, $ref: `${base}/Users/${value}`, type: 'User' }));
    return present('Group', groupSchema, row, { ...kept, ...(withMembers && { members: listed }) }, base);
  }

  async function find(id: string): Promise<Row> {
    const row = await database.selectFrom('scim_group').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound();
    return row;
  }

  /** @param change what becomes of the members; the ids of those whom it concerns are announced */
  async function save(id: string, resource: Resource, before: Row | undefined, change: MemberChange): Promise<Done> {
    const { displayName, externalId: external } = resource as Record<string, string | undefined>;
    if (displayName === undefined) throw invalid('invalidValue', 'displayName is missing');
    const row = {
      id,
      name: external ?? displayName,
      display_name: displayName,
      external_id: external ?? null,
      created_at: before?.created_at ?? clock.now(),
      changed_at: clock.now(),
    };
    const changed = await revocations.commit(async (transaction) => {
      const named = transaction.selectFrom('scim_group').select('id').where('name', '=', row.name);
      if ((await named.where('id', '!=', id).executeTakeFirst()) !== undefined)
        throw new ScimProblem(409, 'there is such a group already', 'uniqueness');
      if (before === undefined) await transaction.insertInto('scim_group').values(row).execute();
      else await transaction.updateTable('scim_group').set(row).where('id', '=', id).execute();
      const concerned = await change(transaction);
      if (before?.name === row.name) await tell(transaction, concerned);
      else await tellEverybody(transaction);
      return concerned.length;
    });
    const now = await shape(await find(id));
    const status = before === undefined ? 201 : 200;
    return { status, resource: now, body: now, about: { group: row.name, membersChanged: changed } };
  }

  /** Whoever remembers the groups of these people looks again. */
  async function tell(transaction: Database, users: readonly string[]): Promise<void> {
    for (const id of new Set(users)) {
      const user = await transaction.selectFrom('scim_user').select('person').where('id', '=', id).executeTakeFirst();
      if (user !== undefined) await announce(transaction, { ...regrouped, subject: user.person }, clock);
    }
  }

  /** That a group is known from now on, or no longer, concerns all who have it from their sign-in. */
  const tellEverybody = (transaction: Database): Promise<void> =>
    announce(transaction, { ...regrouped, subject: everybody }, clock);

  const add =
    (id: string, members: readonly string[]): MemberChange =>
    async (transaction) => {
      for (const member of members) {
        const user = await transaction.selectFrom('scim_user').select('id').where('id', '=', member).executeTakeFirst();
        if (user === undefined) throw invalid('invalidValue', 'a member is no user that was provisioned here');
        const row = { group_id: id, user_id: member };
        await transaction
          .insertInto('scim_member')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      return members;
    };

  /** @param members all of them unless given */
  const takeAway =
    (id: string, members?: readonly string[]): MemberChange =>
    async (transaction) => {
      const concerned = members ?? (await membersOf(transaction, id));
      for (const member of concerned)
        await transaction.deleteFrom('scim_member').where('group_id', '=', id).where('user_id', '=', member).execute();
      return concerned;
    };

  const inTurn =
    (changes: readonly MemberChange[]): MemberChange =>
    async (transaction) => {
      const concerned: string[] = [];
      for (const change of changes) concerned.push(...(await change(transaction)));
      return concerned;
    };

  function changeOf(id: string, { op, value }: Operation, named: readonly string[] | undefined): MemberChange {
    if (op === 'remove') {
      // Entra ID also names those who are to go in the value, where by the letter of the RFC all would have to go.
      return takeAway(id, named ?? (value === undefined || value === null ? undefined : memberIds(value)));
    }
    if (op === 'replace') return inTurn([takeAway(id), add(id, memberIds(value))]);
    return add(id, memberIds(value));
  }

  return {
    async list(query) {
      const filter = query.get('filter');
      let found = database.selectFrom('scim_group');
      for (const { attribute, value } of filter === null ? [] : parseFilter(filter)) {
        const text = String(value);
        if (attribute === 'members' || attribute === 'members.value') {
          const groups = database.selectFrom('scim_member').select('group_id').where('user_id', '=', text);
          found = found.where('id', 'in', groups);
        } else if (Object.hasOwn(columns, attribute))
          found = found.where(columns[attribute as keyof typeof columns], '=', text);
        else throw invalid('invalidFilter', `groups are not found by ${attribute}`);
      }
      const portion = portionOf(query);
      const { total } = await found.select((is) => is.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      const rows = await found.selectAll().orderBy('id').limit(portion.limit).offset(portion.offset).execute();
      const withMembers = !leavesOut(query, 'members');
      const resources = await Promise.all(rows.map((row) => shape(row, withMembers)));
      return listOf(
        total,
        portion,
        resources.map((resource) => shown(resource, query)),
      );
    },
    get: async (id, query) => shape(await find(id), !leavesOut(query, 'members')),
    create(given) {
      const id = randomUUID();
      return save(id, readResource(attributes, given), undefined, add(id, memberIds(membersIn(given))));
    },
    async replace(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(await shape(row), ifMatch);
      const change = inTurn([takeAway(id), add(id, memberIds(membersIn(given)))]);
      return save(id, readResource(attributes, given), row, change);
    },
    async patch(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(await shape(row), ifMatch);
      const { changes, others } = splitOperations(readOperations(given), (operation, named) =>
        changeOf(id, operation, named),
      );
      const kept = { displayName: row.display_name, ...(row.external_id !== null && { externalId: row.external_id }) };
      const { body: _body, ...done } = await save(id, applyPatch(attributes, kept, others), row, inTurn(changes));
      return { ...done, status: 204 }; // as Entra ID expects it: a group may have many members
    },
    async remove(id, ifMatch) {
      const row = await find(id);
      checkVersion(await shape(row), ifMatch);
      await revocations.commit(async (transaction) => {
        await transaction.deleteFrom('scim_group').where('id', '=', id).execute(); // its members with it
        await tellEverybody(transaction);
      });
      return { status: 204, about: { group: row.name } };
    },
  };
}

const regrouped = { kind: 'principal', act: 'change', by: directory, reason: 'groups' } as const;

/** @returns ids of the users whom it concerns */
type MemberChange = (transaction: Database) => Promise<readonly string[]>;

async function membersOf(database: Database, group: string): Promise<string[]> {
  const members = database.selectFrom('scim_member').select('user_id').where('group_id', '=', group);
  return (await members.orderBy('user_id').execute()).map((row) => row.user_id);
}

/** Parts what is said about members from what is said about the group. */
function splitOperations(
  operations: readonly Operation[],
  changeOf: (operation: Operation, named: readonly string[] | undefined) => MemberChange,
): { readonly changes: readonly MemberChange[]; readonly others: readonly Operation[] } {
  const changes: MemberChange[] = [];
  const others: Operation[] = [];
  for (const operation of operations) {
    const path = readPath(operation.path!);
    if (path?.attribute.toLowerCase() !== 'members') {
      others.push(operation);
      continue;
    }
    const values = path.filter?.map(({ attribute, value }) => (attribute === 'value' ? String(value) : undefined));
    if (
      path.part !== undefined ||
      values?.includes(undefined) === true ||
      (values !== undefined && operation.op !== 'remove')
    )
      throw invalid('invalidPath', 'members are added, replaced, or removed by value');
    changes.push(changeOf(operation, values as readonly string[] | undefined));
  }
  return { changes, others };
}

function membersIn(given: unknown): unknown {
  const found = isObject(given) ? Object.entries(given).find(([name]) => name.toLowerCase() === 'members') : undefined;
  return found?.[1] ?? [];
}

function memberIds(given: unknown): readonly string[] {
  const listed = Array.isArray(given) ? given : [given];
  if (listed.length > maxMembers) throw invalid('tooMany', `more than ${maxMembers} members`);
  return listed.map((member: unknown) => {
    const value = isObject(member) ? member['value'] : member;
    if (typeof value !== 'string' || value.length > 200) throw invalid('invalidValue', 'a member has no id');
    return value;
  });
}
