// One process at a time for a folder. The lock falls with the process, however it ends.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a folder, making it if need be.
 * @param name file of the lock, which is kept apart so that others can read what lies beside it
 * @param waitMs how long to stand still while another process has it
 * @returns lets it go; undefined when another process has it
 */
export function lockFolder(folder: string, name: string, waitMs = 0): (() => void) | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(path.join(folder, name), { timeout: waitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error; // SQLITE_BUSY
    return undefined;
  }
  return () => lock.close();
}
