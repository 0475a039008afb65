// Pins as they are kept in the control database: read whole for one server, written item by item.
import type { Selectable } from 'kysely';
import type { Database } from '../../state/database.ts';
import type { PinTables } from '../../state/pin-schema.ts';
import { emptyBook, PinBook, policyId } from './pin-book.ts';
import type { Contact, Pin, Reason } from './pin-book.ts';
import type { Item, ItemKind } from './surface.ts';

export type PinRow = Selectable<PinTables['pin']>;

const light = [
  'server',
  'kind',
  'name',
  'approved_digest',
  'approved_by',
  'waiting_digest',
  'reasons',
  'waiting_at',
  'rejected_digest',
  'gone_at',
] as const;

export interface Approver {
  readonly id: string;
  readonly name: string;
}

export interface PinStore {
  servers(): Promise<readonly string[]>;
  book(database: Database, server: string, before?: PinBook): Promise<PinBook>;
  rows(query: { readonly server?: string; readonly waiting?: boolean; readonly limit: number }): Promise<PinRow[]>;
  row(database: Database, server: string, kind: ItemKind, name: string): Promise<PinRow | undefined>;
  texts(
    database: Database,
    server: string,
    kind: ItemKind,
    names: readonly string[],
  ): Promise<{ name: string; text: string }[]>;
  /** Characters that are kept of one server. */
  size(database: Database, server: string): Promise<number>;
  approve(transaction: Database, server: string, item: Item, by: Approver, why: string, atMs: number): Promise<void>;
  wait(
    transaction: Database,
    server: string,
    item: Item,
    reasons: readonly Reason[],
    atMs: number,
    /** Absent where another version of it has been waiting. */
    sinceMs: number | undefined,
  ): Promise<void>;
  reject(transaction: Database, row: PinRow, by: Approver, atMs: number): Promise<void>;
  gone(
    transaction: Database,
    server: string,
    kind: ItemKind,
    names: readonly string[],
    atMs: number | null,
  ): Promise<void>;
  /** Lets go of resources that are gone, and that nobody but the policy has decided on. @returns how many */
  evictGone(transaction: Database, server: string, most: number): Promise<number>;
  contact(
    transaction: Database,
    server: string,
    kind: ItemKind,
    startedAtMs: number,
    atMs: number | null,
  ): Promise<void>;
  forget(transaction: Database, server: string): Promise<void>;
}

/** So many names at once in one statement. */
const portion = 500;

export function createPinStore(database: Database): PinStore {
  return {
    async servers() {
      const rows = await database.selectFrom('pin_contact').select('server').distinct().execute();
      return rows.map(({ server }) => server);
    },
    async book(reader, server, before) {
      const rows = await reader.selectFrom('pin').select(light).where('server', '=', server).execute();
      const contacts = await reader.selectFrom('pin_contact').selectAll().where('server', '=', server).execute();
      const held = await reader
        .selectFrom('pin')
        .select(['name', 'approved_text'])
        .where('server', '=', server)
        .where('kind', '=', 'tools')
        .where('approved_text', 'is not', null)
        .where((or) => or.or([or('waiting_digest', 'is not', null), or('rejected_digest', 'is not', null)]))
        .execute();
      const hints = new Map(held.map(({ name, approved_text: text }) => [name, hintsIn(text!)]));
      const pins = new Map<ItemKind, Map<string, Pin>>();
      for (const row of rows) {
        const kind = row.kind as ItemKind;
        const byName = pins.get(kind) ?? new Map<string, Pin>();
        pins.set(kind, byName);
        byName.set(row.name, {
          approved: row.approved_digest ?? undefined,
          byPerson: row.approved_by !== null && row.approved_by !== policyId,
          waiting:
            row.waiting_digest === null
              ? undefined
              : { digest: row.waiting_digest, reasons: reasonsIn(row.reasons), atMs: row.waiting_at ?? 0 },
          rejected: row.rejected_digest ?? undefined,
          hints: kind === 'tools' ? hints.get(row.name) : undefined,
          gone: row.gone_at !== null,
        });
      }
      const met = contacts.map(({ kind, started_at, completed_at }): [ItemKind, Contact] => [
        kind as ItemKind,
        { startedAtMs: started_at, completed: completed_at !== null },
      ]);
      return new PinBook(pins, new Map(met), before ?? emptyBook);
    },
    rows({ server, waiting, limit }) {
      let query = database.selectFrom('pin').selectAll().orderBy('server').orderBy('kind').orderBy('name').limit(limit);
      if (server !== undefined) query = query.where('server', '=', server);
      if (waiting === true) query = query.where('waiting_digest', 'is not', null);
      return query.execute();
    },
    row: (reader, server, kind, name) =>
      reader
        .selectFrom('pin')
        .selectAll()
        .where('server', '=', server)
        .where('kind', '=', kind)
        .where('name', '=', name)
        .executeTakeFirst(),
    async texts(reader, server, kind, names) {
      const rows = await reader
        .selectFrom('pin')
        .select(['name', 'approved_text'])
        .where('server', '=', server)
        .where('kind', '=', kind)
        .where('name', 'in', [...names])
        .execute();
      return rows.flatMap(({ name, approved_text: text }) => (text === null ? [] : { name, text }));
    },
    async size(reader, server) {
      const { size } = await reader
        .selectFrom('pin')
        .select(({ fn }) => [
          fn
            .sum<number | null>(fn('length', [fn.coalesce('approved_text', fn.coalesce('waiting_text', 'name'))]))
            .as('size'),
        ])
        .where('server', '=', server)
        .executeTakeFirstOrThrow();
      return Number(size ?? 0);
    },
    async approve(transaction, server, { kind, name, digest, text }, by, why, atMs) {
      const approved = {
        approved_digest: digest,
        approved_text: text,
        approved_by: by.id,
        approved_name: by.name,
        approved_why: why,
        approved_at: atMs,
        ...nothingWaits,
        rejected_digest: null,
        rejected_text: null,
        rejected_by: null,
        rejected_name: null,
        rejected_at: null,
        gone_at: null,
      };
      await transaction
        .insertInto('pin')
        .values({ server, kind, name, ...approved })
        .onConflict((conflict) => conflict.columns(['server', 'kind', 'name']).doUpdateSet(approved))
        .execute();
    },
    async wait(transaction, server, { kind, name, digest, text }, reasons, atMs, sinceMs) {
      const waiting = {
        waiting_digest: digest,
        waiting_text: text,
        reasons: JSON.stringify(reasons),
        ...(sinceMs !== undefined && { waiting_since: sinceMs }),
        waiting_at: atMs,
        gone_at: null,
      };
      await transaction
        .insertInto('pin')
        .values({ server, kind, name, ...nothingKnown, ...waiting })
        .onConflict((conflict) => conflict.columns(['server', 'kind', 'name']).doUpdateSet(waiting))
        .execute();
    },
    async reject(transaction, { server, kind, name, approved_digest, waiting_digest, waiting_text }, by, atMs) {
      await transaction
        .updateTable('pin')
        .set({
          ...(approved_digest === waiting_digest && nothingApproved),
          rejected_digest: waiting_digest,
          rejected_text: waiting_text,
          rejected_by: by.id,
          rejected_name: by.name,
          rejected_at: atMs,
          ...nothingWaits,
        })
        .where('server', '=', server)
        .where('kind', '=', kind)
        .where('name', '=', name)
        .execute();
    },
    async gone(transaction, server, kind, names, atMs) {
      for (let from = 0; from < names.length; from += portion)
        await transaction
          .updateTable('pin')
          .set({ gone_at: atMs })
          .where('server', '=', server)
          .where('kind', '=', kind)
          .where('name', 'in', names.slice(from, from + portion))
          .execute();
    },
    async evictGone(transaction, server, most) {
      const rows = await transaction
        .selectFrom('pin')
        .select('name')
        .where('server', '=', server)
        .where('kind', '=', 'resources')
        .where('gone_at', 'is not', null)
        .where('approved_by', '=', 'policy')
        .where('waiting_digest', 'is', null)
        .where('rejected_digest', 'is', null)
        .orderBy('gone_at')
        .limit(most)
        .execute();
      const names = rows.map(({ name }) => name);
      for (let from = 0; from < names.length; from += portion)
        await transaction
          .deleteFrom('pin')
          .where('server', '=', server)
          .where('kind', '=', 'resources')
          .where('name', 'in', names.slice(from, from + portion))
          .execute();
      return names.length;
    },
    async contact(transaction, server, kind, startedAtMs, atMs) {
      await transaction
        .insertInto('pin_contact')
        .values({ server, kind, started_at: startedAtMs, completed_at: atMs })
        .onConflict((conflict) => conflict.columns(['server', 'kind']).doUpdateSet({ completed_at: atMs }))
        .execute();
    },
    async forget(transaction, server) {
      await transaction.deleteFrom('pin').where('server', '=', server).execute();
      await transaction.deleteFrom('pin_contact').where('server', '=', server).execute();
    },
  };
}

const nothingWaits = { waiting_digest: null, waiting_text: null, reasons: null, waiting_since: null, waiting_at: null };
const nothingApproved = {
  approved_digest: null,
  approved_text: null,
  approved_by: null,
  approved_name: null,
  approved_why: null,
  approved_at: null,
};
const nothingKnown = {
  ...nothingApproved,
  rejected_digest: null,
  rejected_text: null,
  rejected_by: null,
  rejected_name: null,
  rejected_at: null,
};

export const reasonsIn = (text: string | null): readonly Reason[] =>
  text === null ? [] : (JSON.parse(text) as Reason[]);

function hintsIn(text: string): Pin['hints'] {
  const { annotations = {} } = JSON.parse(text) as {
    annotations?: { readOnlyHint?: unknown; destructiveHint?: unknown };
  };
  const { readOnlyHint, destructiveHint } = annotations;
  return {
    readOnly: typeof readOnlyHint === 'boolean' ? readOnlyHint : undefined,
    destructive: typeof destructiveHint === 'boolean' ? destructiveHint : undefined,
  };
}
