// The tables of the policy, read and written; `policy-book.ts` and `configured-policy.ts` say what for.
import type { Insertable, Selectable } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { PolicyTables } from '../../state/policy-schema.ts';
import { read, write } from './policy-item.ts';
import type { ItemEdit, PolicyItem } from './policy-item.ts';

export type Source = PolicyTables['policy_version']['source'];

export interface PolicyVersion {
  readonly number: number;
  /** `configuration`: what had changed in it when a process started. */
  readonly source: Source;
  readonly atMs: number;
  readonly by: { readonly id: string; readonly name: string };
  readonly why: string;
  readonly approval?: { readonly id: string; readonly by: string };
}

export interface Change extends ItemEdit {
  readonly version: number;
}

export async function newestVersion(reader: Database): Promise<number> {
  const { number } = await reader
    .selectFrom('policy_version')
    .select((row) => row.fn.coalesce(row.fn.max('number'), row.lit(0)).as('number'))
    .executeTakeFirstOrThrow();
  return number;
}

export async function storedItems(reader: Database, source: Source): Promise<(PolicyItem & { version: number })[]> {
  const rows = await reader.selectFrom('policy_item').selectAll().where('source', '=', source).execute();
  return rows.map(({ kind, id, content, version }) => ({ kind, id, version, content: read(content) }));
}

/** What later versions than one have changed, in order, up to another. */
export async function changesAfter(
  reader: Database,
  source: Source,
  version: number,
  last?: number,
): Promise<Change[]> {
  const rows = await reader
    .selectFrom('policy_change')
    .innerJoin('policy_version', 'policy_version.number', 'policy_change.version')
    .select(['version', 'kind', 'id', 'before', 'after'])
    .where('source', '=', source)
    .where('version', '>', version)
    .$if(last !== undefined, (query) => query.where('version', '<=', last!))
    .orderBy('version')
    .orderBy('kind')
    .orderBy('id')
    .execute();
  return rows.map(({ version, kind, id, before, after }) => ({
    version,
    kind,
    id,
    ...(before !== null && { before: read(before) }),
    ...(after !== null && { after: read(after) }),
  }));
}

/** Adds a version with what it changes. @returns its number */
export async function addVersion(
  transaction: Database,
  edits: readonly ItemEdit[],
  { source, atMs, by, why, approval }: Omit<PolicyVersion, 'number'>,
): Promise<number> {
  const row: Insertable<PolicyTables['policy_version']> = {
    source,
    at: atMs,
    by: by.id,
    by_name: by.name,
    why,
    approval: approval?.id ?? null,
    approved_by: approval?.by ?? null,
  };
  const { number: version } = await transaction
    .insertInto('policy_version')
    .values(row)
    .returning('number')
    .executeTakeFirstOrThrow();
  for (const { kind, id, before, after } of edits) {
    const [was, is] = [before && write(before), after && write(after)];
    await transaction
      .insertInto('policy_change')
      .values({ version, kind, id, before: was ?? null, after: is ?? null })
      .execute();
    if (is === undefined)
      await transaction
        .deleteFrom('policy_item')
        .where('source', '=', source)
        .where('kind', '=', kind)
        .where('id', '=', id)
        .execute();
    else
      await transaction
        .insertInto('policy_item')
        .values({ source, kind, id, content: is, version })
        .onConflict((item) => item.columns(['source', 'kind', 'id']).doUpdateSet({ content: is, version }))
        .execute();
  }
  return version;
}

/** Newest first, each with how many items it changed. */
export async function listVersions(
  reader: Database,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<(PolicyVersion & { added: number; changed: number; removed: number })[]> {
  const rows = await reader
    .selectFrom('policy_version')
    .innerJoin('policy_change', 'policy_change.version', 'policy_version.number')
    .selectAll('policy_version')
    .select(({ fn, ref }) => [
      fn.count<number>(ref('before')).as('had'),
      fn.count<number>(ref('after')).as('has'),
      fn.countAll<number>().as('items'),
    ])
    .groupBy('number')
    .$if(before !== undefined, (query) => query.where('number', '<', before!))
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ had, has, items, ...row }) => ({
    ...versionOf(row),
    added: items - had,
    removed: items - has,
    changed: had + has - items,
  }));
}

export async function readVersion(reader: Database, number: number): Promise<PolicyVersion | undefined> {
  const row = await reader.selectFrom('policy_version').selectAll().where('number', '=', number).executeTakeFirst();
  return row && versionOf(row);
}

const versionOf = (row: Selectable<PolicyTables['policy_version']>): PolicyVersion => ({
  number: row.number,
  source: row.source,
  atMs: row.at,
  by: { id: row.by, name: row.by_name },
  why: row.why,
  ...(row.approval !== null && { approval: { id: row.approval, by: row.approved_by ?? '' } }),
});
