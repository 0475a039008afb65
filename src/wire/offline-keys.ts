// The keys of people from the files of a data directory, for reading its audit log while no server is asked.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Config } from '../config/load.ts';
import { openSecrets } from '../config/secrets-open.ts';
import { createSubjects } from '../record/subjects.ts';
import type { Subjects } from '../record/subjects.ts';
import { openDatabaseForReading } from '../state/database.ts';
import { createDocumentSource, keyRingFile } from '../state/key-ring-document.ts';
import { createKeyRing } from '../state/key-ring.ts';
import { createKeySource } from '../state/key-ring-sources.ts';
import { createLeases } from '../state/leases.ts';
import { createSubjectKeys } from '../state/subject-keys.ts';

/**
 * Undefined where there are none, as beside a copy of the log alone: what is sealed then stays so.
 * @param config says where the keys are that wrap those of people; beside the data without one
 */
export async function openOfflineKeys(
  dataDirectory: string,
  config?: Config,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<(Subjects & AsyncDisposable) | undefined> {
  const file = path.join(dataDirectory, 'genkan.db');
  if (!existsSync(file)) return undefined;
  const [clock, log] = [systemClock, createLog('silent')];
  const keysDirectory = path.join(dataDirectory, 'keys');
  const source =
    config === undefined
      ? createDocumentSource(keyRingFile(path.join(keysDirectory, 'ring.json')))
      : createKeySource(config.settings.storage.encryptionKey, {
          vaults: openSecrets(config, { env: env, clock, log }).vaults,
          keysDirectory,
          folder: path.dirname(config.file),
        });
  const database = await openDatabaseForReading(file);
  const keys = createKeyRing({ database, source, leases: createLeases({ database, clock }), clock, log });
  return {
    ...createSubjects(createSubjectKeys({ database, keys }), clock),
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}
