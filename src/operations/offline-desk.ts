// What the command line does on the files of a data directory alone: reads and proves its audit log, empties it in the trial.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { openReader } from '../record/reader.ts';
import { storedVerifierKey } from '../record/signing-key.ts';
import type { Subjects } from '../record/subjects.ts';
import { openTree } from '../record/tiles/tree.ts';
import { verifyLog } from '../record/verify.ts';
import type { VerifyOptions } from '../record/verify.ts';
import type { KnownLog } from '../record/witness/log-book.ts';
import { proveRecord, verifyAll } from '../record/witness/proving.ts';
import { createSearch } from '../record/search/search.ts';
import type { Search } from '../record/search/search.ts';
import { searchSettings } from '../record/search/settings.ts';
import type { AuditDesk, FileDesk, TrialDataDesk } from './house.ts';

/**
 * The audit log of a data directory, whether or not a server writes to it. What it throws besides is
 * GenkanError `operation_log_missing`.
 * @param keysOf keys of people, for what is sealed
 * @param dataDirectory called only when it is needed, since finding the directory may need a valid configuration
 */
export function openAuditDesk(
  dataDirectory: () => string,
  keysOf: (directory: string) => Promise<(Subjects & AsyncDisposable) | undefined> = () => Promise.resolve(undefined),
): AuditDesk {
  const found = (): string => {
    const directory = dataDirectory();
    assertLogIn(directory);
    return directory;
  };
  const logsOf = async (directory: string) => (await import('./offline-logs.ts')).offlineLogs(directory);
  const keyIn = (directory: string): string => storedVerifierKey(path.join(directory, 'keys'));
  const cosignedIn = async (directory: string): Promise<KnownLog['cosigned']> => {
    const verifierKey = keyIn(directory);
    return (await logsOf(directory)).find((log) => log.verifierKey === verifierKey)?.cosigned;
  };
  return {
    async list(query) {
      const directory = found();
      await using keys = await keysOf(directory);
      using reader = closing(openReader(directory, keys));
      return await reader.list(query);
    },
    async proof(index) {
      const directory = found();
      using tree = closing(openTree(directory));
      return proveRecord(tree, index, await cosignedIn(directory));
    },
    async checkpoint() {
      const directory = found();
      using tree = closing(openTree(directory));
      const cosigned = (await cosignedIn(directory))?.note;
      return { checkpoint: tree.head().note, key: keyIn(directory), cosigned };
    },
    async verify({ keptCheckpoint, verifierKey } = {}) {
      const directory = found();
      await using keys = await keysOf(directory);
      const whose = await keys?.pseudonyms();
      const key = verifierKey ?? keyIn(directory);
      const own = (options: Pick<VerifyOptions, 'keptCheckpoint' | 'published'>) =>
        verifyLog(directory, { ...options, verifierKey: key, ...(whose && { whose }) });
      return verifyAll({ verifierKey: key, verify: own }, keptCheckpoint, await logsOf(directory), (other, options) =>
        verifyLog(other, { ...options, ...(whose && { whose }) }),
      );
    },
  };
}

/** @throws GenkanError `operation_log_missing` where the directory has no audit log */
export function assertLogIn(directory: string): void {
  if (!existsSync(path.join(directory, 'audit.db'))) throw new GenkanError('operation_log_missing', { directory });
}

/** Searches the audit log of a data directory in this very process. @param subjects keys of people, for what is sealed */
export function openSearchDesk(directory: string, settings = searchSettings.parse({}), subjects?: Subjects): Search {
  assertLogIn(directory);
  return createSearch(settings, { dataDirectory: directory, subjects, clock: systemClock });
}

/** Files by the names that are given at the command line. */
export const openFileDesk = (): FileDesk => ({
  read: (file) => readFileSync(file, 'utf8'),
  write: (file, text) => writeFileSync(file, text, { flag: 'wx' }),
});

const closing = <Closable extends { close(): void }>(closable: Closable): Closable & Disposable =>
  Object.assign(closable, { [Symbol.dispose]: () => closable.close() });

// Only what Genkan itself has put there: somebody may have named the wrong directory.
const ownFiles = /^(?:(?:genkan|audit)\.db(?:-wal|-shm|-journal)?|audit\.lock(?:-journal)?|running\.json|keys)$/;

/** @param server looks whether a server has the data directory open */
export function openTrialData(
  dataDirectory: () => string,
  server: () => Promise<{ readonly pid: number } | undefined>,
): TrialDataDesk {
  return {
    async reset() {
      const running = await server();
      if (running !== undefined) {
        throw new GenkanError('operation_server_running', { operation: 'trial reset', pid: running.pid });
      }
      const directory = dataDirectory();
      for (const name of existsSync(directory) ? readdirSync(directory) : []) {
        if (ownFiles.test(name)) rmSync(path.join(directory, name), { recursive: true });
      }
      return directory;
    },
  };
}
