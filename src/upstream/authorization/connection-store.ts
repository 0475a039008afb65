// Where people have signed in: tokens and what belongs to them, sealed for one person and one server, kept in the control database.
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../state/database.ts';
import type { Seal } from '../../state/seal.ts';
import { registeredClient } from './oauth-client.ts';

const connection = z.object({
  /** Address of the server when the person signed in: tokens go nowhere else. */
  url: z.string(),
  issuer: z.string().optional(),
  tokenEndpoint: z.string().optional(),
  resource: z.string().optional(),
  client: registeredClient.optional(),
  tokens: z
    .object({
      access: z.string(),
      refresh: z.string().optional(),
      /** Scopes that were granted. */
      scope: z.string().optional(),
      storedAtMs: z.number(),
      expiresAtMs: z.number().optional(),
    })
    .optional(),
  /** What the server's last challenge asked for. */
  wanted: z.object({ scope: z.string().optional(), resourceMetadata: z.string().optional() }).optional(),
});

/** What is known of one person at one server. Client and tokens are those of `issuer` and of nobody else. */
export type Connection = z.infer<typeof connection>;

export interface ConnectionRow {
  readonly person: string;
  readonly server: string;
  readonly updatedAtMs: number;
}

export interface ConnectionStore {
  load(person: string, server: string): Promise<Connection | undefined>;
  save(person: string, server: string, connection: Connection): Promise<void>;
  /** @returns whether there was one */
  remove(person: string, server: string): Promise<boolean>;
  removeServer(server: string): Promise<void>;
  /** Who holds tokens where. Whoever was only asked to sign in is not connected. */
  list(): Promise<readonly ConnectionRow[]>;
}

export function createConnectionStore(database: Database, seal: Seal, clock: Clock, log: Log): ConnectionStore {
  function open(sealed: Parameters<Seal['open']>[0], person: string, server: string): Connection | undefined {
    const opened = seal.open(sealed, [person, server]);
    const parsed = opened === undefined ? undefined : connection.safeParse(JSON.parse(opened));
    if (parsed?.success) return parsed.data;
    log.error({ server, person }, 'a stored connection cannot be read; the person has to sign in there again');
    return undefined;
  }

  return {
    async load(person, server) {
      const row = await database
        .selectFrom('connection')
        .select('sealed')
        .where('person', '=', person)
        .where('server', '=', server)
        .executeTakeFirst();
      return row && open(row.sealed, person, server);
    },

    async save(person, server, value) {
      const values = { sealed: seal.seal(JSON.stringify(value), [person, server]), updated_at: clock.now() };
      await database
        .insertInto('connection')
        .values({ person, server, ...values })
        .onConflict((conflict) => conflict.columns(['person', 'server']).doUpdateSet(values))
        .execute();
    },

    async remove(person, server) {
      const { numDeletedRows } = await database
        .deleteFrom('connection')
        .where('person', '=', person)
        .where('server', '=', server)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async removeServer(server) {
      await database.deleteFrom('connection').where('server', '=', server).execute();
    },

    async list() {
      const rows = await database.selectFrom('connection').selectAll().orderBy('server').orderBy('person').execute();
      return rows
        .filter(({ sealed, person, server }) => open(sealed, person, server)?.tokens !== undefined)
        .map(({ person, server, updated_at: updatedAtMs }) => ({ person, server, updatedAtMs }));
    },
  };
}
