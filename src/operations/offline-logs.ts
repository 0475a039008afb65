// Which logs there are, where they lie, and what is published of them, from the files of a data directory while no server is asked.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { storedVerifierKey } from '../record/signing-key.ts';
import { createLogBook } from '../record/witness/log-book.ts';
import type { KnownLog } from '../record/witness/log-book.ts';
import { openDatabaseForReading } from '../state/database.ts';

/** None where there is a copy of the log alone. */
export async function offlineLogs(dataDirectory: string): Promise<readonly KnownLog[]> {
  const file = path.join(dataDirectory, 'genkan.db');
  if (!existsSync(file)) return [];
  const database = await openDatabaseForReading(file);
  try {
    return await createLogBook(database).logs();
  } finally {
    await database.destroy();
  }
}

/**
 * Whether a data directory is there to be read alone: it cannot be written, or it is not the one that Genkan recorded into last.
 * What was recorded into a copy would be signed, and a second history under the same name.
 */
export async function isCopy(dataDirectory: string): Promise<boolean> {
  if (!mayWrite(dataDirectory) || !mayWrite(logIn(dataDirectory))) return true;
  const keys = path.join(dataDirectory, 'keys');
  if (!existsSync(path.join(keys, 'audit.vkey'))) return true;
  const verifierKey = storedVerifierKey(keys);
  const own = (await offlineLogs(dataDirectory)).find((log) => log.verifierKey === verifierKey);
  return own === undefined || !isSameFile(logIn(own.dataDirectory), logIn(dataDirectory));
}

const logIn = (dataDirectory: string): string => path.join(dataDirectory, 'audit.db');

function mayWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** By whatever names. */
function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
