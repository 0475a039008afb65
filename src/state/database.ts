// The control database: opens SQLite through kysely and brings its tables up to date.
import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Kysely, SqliteDialect } from 'kysely';
import type { SqliteDatabase } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './schema.ts';
import type { Tables } from './schema.ts';

export type Database = Kysely<Tables>;

/** For another process that writes; one that brings tables up to date may take longer. */
const [waitMs, migrationWaitMs] = [5000, 60_000];

/**
 * Opens (creating it if need be) the control database and applies outstanding migrations.
 * Only rarely written things live here; audit records have a database of their own in `record/`.
 * @param file path of the SQLite file, or `:memory:` in tests
 */
export async function openDatabase(file: string): Promise<Database> {
  const sqlite = new DatabaseSync(file, { timeout: waitMs });
  // What is deleted is overwritten: a data key that was destroyed must not be found in the file.
  sqlite.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;',
  );
  if (file !== ':memory:') chmodSync(file, 0o600);
  const { database, migrator } = connect(sqlite);
  try {
    const isDue = (await migrator.getMigrations()).some(({ executedAt }) => executedAt === undefined);
    // All of them or none; and of processes that start at once, one carries them out while the others wait.
    if (isDue) sqlite.exec(`PRAGMA busy_timeout = ${migrationWaitMs}; BEGIN IMMEDIATE;`);
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    if (isDue) sqlite.exec(`COMMIT; PRAGMA busy_timeout = ${waitMs};`);
    return database;
  } catch (error) {
    await database.destroy(); // and with it whatever was not committed
    throw error;
  }
}

/** Opens one that is there to be read alone, also on a medium that cannot be written. Only that of an older Genkan is brought up to date. */
export async function openDatabaseForReading(file: string): Promise<Database> {
  const { database, migrator } = connect(openReadOnly(file));
  const isOlder = (await migrator.getMigrations()).some(({ executedAt }) => executedAt === undefined);
  if (!isOlder) return database;
  await database.destroy();
  return openDatabase(file);
}

function openReadOnly(file: string): DatabaseSync {
  const sqlite = new DatabaseSync(file, { readOnly: true, timeout: waitMs });
  try {
    sqlite.prepare('SELECT 1 FROM sqlite_schema').get();
    return sqlite;
  } catch (error) {
    sqlite.close();
    // Reading in WAL mode needs shared memory beside the file. Without a log to replay, the file alone is the whole truth.
    if (existsSync(`${file}-wal`)) throw error;
    return new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
  }
}

function connect(sqlite: DatabaseSync): { readonly database: Database; readonly migrator: Migrator } {
  const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(sqlite) }) });
  return {
    database,
    migrator: new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } }),
  };
}

// node:sqlite statements lack `reader`, by which kysely tells queries that return rows.
function adapt(sqlite: DatabaseSync): SqliteDatabase {
  return {
    close: () => sqlite.close(),
    prepare(sql) {
      const statement = sqlite.prepare(sql);
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters): IterableIterator<Record<string, SQLOutputValue>> =>
          statement.iterate(...values(parameters)),
      };
    },
  };
}
