// Groups as a directory provisions them. Membership decides about groups of this name in every later decision about a person.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
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

  /** @param change what becomes of the members; those whom it concerns are announced */
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
      const concerned = await keepMembers(transaction, id, change);
      if (before?.name === row.name) await tell(transaction, concerned);
      else await tellEverybody(transaction);
      return concerned.length;
    });
    const now = await shape(await find(id));
    const status = before === undefined ? 201 : 200;
    return { status, resource: now, body: now, about: { group: row.name, membersChanged: changed } };
  }

  /** Adds and removes what differs. @returns the users whom that concerns */
  async function keepMembers(transaction: Database, id: string, change: MemberChange): Promise<readonly string[]> {
    const before = new Set(await membersOf(transaction, id));
    const after = new Set(before);
    change(after);
    const [come, gone] = [
      [...after].filter((user) => !before.has(user)),
      [...before].filter((user) => !after.has(user)),
    ];
    for (const some of portions(come)) {
      const { numAffectedRows } = await sql`INSERT INTO scim_member (group_id, user_id)
        SELECT ${id}, id FROM scim_user WHERE id IN ${listed(some)}`.execute(transaction);
      if (Number(numAffectedRows) < some.length)
        throw invalid('invalidValue', 'a member is no user that was provisioned here');
    }
    for (const some of portions(gone))
      await sql`DELETE FROM scim_member WHERE group_id = ${id} AND user_id IN ${listed(some)}`.execute(transaction);
    return [...come, ...gone];
  }

  /** Whoever remembers the groups of these people looks again. */
  async function tell(transaction: Database, users: readonly string[]): Promise<void> {
    const { kind, act, by, reason } = regrouped;
    for (const some of portions(users))
      await sql`INSERT INTO revocation (kind, subject, act, "by", reason, at)
        SELECT ${kind}, person, ${act}, ${by}, ${reason}, ${clock.now()} FROM scim_user
        WHERE id IN ${listed(some)}`.execute(transaction);
  }

  /** That a group is known from now on, or no longer, concerns all who have it from their sign-in. */
  const tellEverybody = (transaction: Database): Promise<void> =>
    announce(transaction, { ...regrouped, subject: everybody }, clock);

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
      return save(id, readResource(attributes, given), undefined, setTo(memberIds(membersIn(given))));
    },
    async replace(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(await shape(row), ifMatch);
      return save(id, readResource(attributes, given), row, setTo(memberIds(membersIn(given))));
    },
    async patch(id, given, ifMatch) {
      const row = await find(id);
      checkVersion(await shape(row), ifMatch);
      const { changes, others } = splitOperations(readOperations(given));
      const change: MemberChange = (members) => changes.forEach((each) => each(members));
      const kept = { displayName: row.display_name, ...(row.external_id !== null && { externalId: row.external_id }) };
      const { body: _body, ...done } = await save(id, applyPatch(attributes, kept, others), row, change);
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

/** What becomes of the ids of the members. */
type MemberChange = (members: Set<string>) => void;

const add =
  (ids: readonly string[]): MemberChange =>
  (members) =>
    ids.forEach((id) => members.add(id));

const setTo =
  (ids: readonly string[]): MemberChange =>
  (members) => {
    members.clear();
    add(ids)(members);
  };

function changeOf({ op, value }: Operation, named: readonly string[] | undefined): MemberChange {
  if (op === 'add') return add(memberIds(value));
  if (op === 'replace') return setTo(memberIds(value));
  // Entra ID also names those who are to go in the value, where by the letter of the RFC all would have to go.
  const gone = named ?? (value === undefined || value === null ? undefined : memberIds(value));
  return gone === undefined ? setTo([]) : (members) => gone.forEach((id) => members.delete(id));
}

/** Of one statement: a group of ten thousand is not to hold everybody up. */
function* portions(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += 500) yield ids.slice(start, start + 500);
}

const listed = (ids: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

async function membersOf(database: Database, group: string): Promise<string[]> {
  const members = database.selectFrom('scim_member').select('user_id').where('group_id', '=', group);
  return (await members.orderBy('user_id').execute()).map((row) => row.user_id);
}

/** Parts what is said about members from what is said about the group. */
function splitOperations(operations: readonly Operation[]): {
  readonly changes: readonly MemberChange[];
  readonly others: readonly Operation[];
} {
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
