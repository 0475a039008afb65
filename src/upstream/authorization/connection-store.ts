// Where people have signed in: tokens and what belongs to them, kept sealed for one person and one server.
import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../state/database.ts';
import { createSeal } from '../../state/seal.ts';
import type { SealedStore } from '../../state/sealed-store.ts';
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

const prefix = 'connection/';

export function createConnectionStore(sealed: SealedStore, log: Log): ConnectionStore {
  async function load(person: string, server: string): Promise<Connection | undefined> {
    const text = await sealed.get(person, prefix + server);
    if (text === undefined) return undefined;
    const parsed = connection.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    log.error({ server, person }, 'a stored connection cannot be read; the person has to sign in there again');
    return undefined;
  }

  return {
    load,
    save: (person, server, value) => sealed.put(person, prefix + server, JSON.stringify(value)),
    remove: (person, server) => sealed.remove(person, prefix + server),
    async removeServer(server) {
      for (const person of await sealed.owners(prefix + server)) await sealed.remove(person, prefix + server);
    },
    async list() {
      const connected: ConnectionRow[] = [];
      for (const { owner: person, name, updatedAtMs } of await sealed.list(prefix)) {
        const server = name.slice(prefix.length);
        if ((await load(person, server))?.tokens !== undefined) connected.push({ person, server, updatedAtMs });
      }
      return connected;
    },
  };
}

/**
 * Brings connections into the sealed store that an earlier Genkan sealed with one key for all. Nothing is deleted before it
 * is durable in its new place, so that it may be broken off at any point.
 * @param keyFile the key of that time; deleted with the last of them
 */
export async function adoptConnections(
  database: Database,
  keyFile: string,
  sealed: SealedStore,
  log: Log,
): Promise<void> {
  const rows = await database.selectFrom('connection').selectAll().execute();
  const key = rows.length === 0 ? undefined : await readFile(keyFile, 'utf8').catch(() => undefined);
  let left = 0;
  for (const { person, server, sealed: text } of rows) {
    const opened = key === undefined ? undefined : createSeal(Buffer.from(key, 'base64')).open(text, [person, server]);
    if (opened === undefined) {
      left++;
      continue;
    }
    if ((await sealed.get(person, prefix + server)) === undefined) await sealed.put(person, prefix + server, opened);
    await database
      .deleteFrom('connection')
      .where('person', '=', person)
      .where('server', '=', server)
      .where('sealed', '=', text)
      .execute();
  }
  if (left > 0)
    log.error({ connections: left, keyFile }, 'earlier connections cannot be read: these people have to sign in again');
  else await rm(keyFile, { force: true });
}
