// Servers added while running, and decisions about configured ones, as they are kept in the control database.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database } from '../state/database.ts';
import { announce } from '../state/announce.ts';
import { serverSettings } from './settings.ts';
import type { ServerSettings } from './settings.ts';

export interface StoredServer {
  readonly name: string;
  /** Absent in a decision about a configured server. */
  readonly settings?: ServerSettings;
  readonly approved: boolean;
  readonly addedBy: string;
}

export interface ServerStore {
  /** @param name only what stands under this name */
  load(name?: string): Promise<readonly StoredServer[]>;
  /** Writes a server, or a decision, over whatever stood under its name. Every process hears of it, of a removal too. */
  save(server: StoredServer): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Where there are no servers but those of the configuration. */
export const noServers: ServerStore = {
  load: () => Promise.resolve([]),
  save: () => Promise.reject(new TypeError('there is no database')),
  remove: () => Promise.reject(new TypeError('there is no database')),
};

export function createServerStore(database: Database, clock: Clock, log: Log): ServerStore {
  const tell = (transaction: Database, subject: string, act: 'enable' | 'disable'): Promise<void> =>
    announce(transaction, { kind: 'server', subject, act, by: 'catalogue', reason: '' }, clock);

  return {
    async load(name) {
      const all = database.selectFrom('server').selectAll();
      const rows = await (name === undefined ? all : all.where('name', '=', name)).execute();
      return rows.flatMap(({ name, settings, approved, added_by: addedBy }) => {
        const common = { name, approved: approved === 1, addedBy };
        if (settings === null) return [common];
        // The rules may have become stricter since it was added.
        const parsed = serverSettings.safeParse(JSON.parse(settings));
        if (parsed.success) return [{ ...common, settings: parsed.data }];
        log.error({ server: name, problem: parsed.error.issues[0]?.message }, 'a stored server is no longer valid');
        return [];
      });
    },

    async save({ name, settings, approved, addedBy }) {
      const values = {
        settings: settings === undefined ? null : JSON.stringify(settings),
        approved: Number(approved),
        added_by: addedBy,
        added_at: clock.now(),
      };
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('server')
          .values({ name, ...values })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
          .execute();
        await tell(transaction, name, approved ? 'enable' : 'disable');
      });
    },

    async remove(name) {
      await database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('server').where('name', '=', name).execute();
        await tell(transaction, name, 'disable');
      });
    },
  };
}
