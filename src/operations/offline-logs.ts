// Which logs there are, and what is published of them, from the files of a data directory while no server is asked.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createLogBook } from '../record/witness/log-book.ts';
import type { KnownLog } from '../record/witness/log-book.ts';
import { openDatabase } from '../state/database.ts';

/** None where there is a copy of the log alone. */
export async function offlineLogs(dataDirectory: string): Promise<readonly KnownLog[]> {
  const file = path.join(dataDirectory, 'genkan.db');
  if (!existsSync(file)) return [];
  const database = await openDatabase(file);
  try {
    return await createLogBook(database).logs();
  } finally {
    await database.destroy();
  }
}
