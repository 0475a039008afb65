// What every Genkan with a data directory stands on, whichever way in: the database, the audit record, secrets and keys.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret, WriteSecret } from '../base/secret.ts';
import type { Config } from '../config/load.ts';
import { openSecrets } from '../config/secrets-open.ts';
import { createSecretWriter } from '../config/secrets-write.ts';
import { recordUse } from '../config/secrets.ts';
import { placesHidden } from '../config/trusted-proxies.ts';
import { createNotify } from '../notify/notify.ts';
import type { Notify } from '../notify/notify.ts';
import { createRecord } from '../record/record.ts';
import type { AuditRecord } from '../record/record.ts';
import { openDatabase } from '../state/database.ts';
import type { Database } from '../state/database.ts';
import { createKeyRotation } from '../state/key-ring-rotation.ts';
import type { KeyRotation } from '../state/key-ring-rotation.ts';
import { createKeySource } from '../state/key-ring-sources.ts';
import { createKeyRing } from '../state/key-ring.ts';
import type { KeyRing } from '../state/key-ring.ts';
import { createLeases } from '../state/leases.ts';
import type { Leases } from '../state/leases.ts';
import { createRevocations } from '../state/revocations.ts';
import type { Revocations } from '../state/revocations.ts';
import { createSealedStore } from '../state/sealed-store.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import { createSubjectKeys } from '../state/subject-keys.ts';
import { createAlarms } from './alarms.ts';
import { searchOf } from './search-settings.ts';
import type { Alarms } from './alarms.ts';
import { createSourceAddress } from './source-address.ts';
import type { SourceAddress } from './source-address.ts';

export interface Foundation extends AsyncDisposable {
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly keysDirectory: string;
  /** Reads a file that the configuration names. */
  readonly readFile: (file: string) => string;
  readonly sourceAddress: SourceAddress;
  /** Whether that is the address of a proxy that nobody has named as one. */
  readonly placesHidden: boolean;
  readonly database: Database;
  readonly revocations: Revocations;
  readonly record: AuditRecord;
  /** @param by what uses the secrets, for the record */
  readonly secretFor: (by: string) => ResolveSecret;
  /** Puts new secrets where references lead. */
  readonly secretPlace: WriteSecret;
  readonly leases: Leases;
  readonly keys: KeyRing;
  readonly keyRotation: KeyRotation;
  readonly sealed: SealedStore;
  /** How people outside hear of things. */
  readonly notices: Notify;
  readonly alarms: Alarms;
}

export interface FoundationOptions {
  /** Environment for secret references. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: Log | undefined;
}

/**
 * Opens a data directory, making it if need be.
 * @throws GenkanError `record_unavailable` when another process has it open
 */
export async function openFoundation(config: Config, { env, log: given }: FoundationOptions): Promise<Foundation> {
  const { settings, dataDirectory, publicUrl } = config;
  const log = given ?? createLog(settings.log.level);
  const clock = systemClock;
  const keysDirectory = path.join(dataDirectory, 'keys');
  mkdirSync(keysDirectory, { recursive: true, mode: 0o700 });
  const folder = path.dirname(config.file);

  // Whatever fails below, what was opened before it is closed again.
  await using opened = new AsyncDisposableStack();
  const database = await openDatabase(path.join(dataDirectory, 'genkan.db'));
  opened.defer(() => database.destroy());
  const revocations = await createRevocations({ database, log });
  opened.defer(() => revocations.close());
  const { secret, vaults } = openSecrets(config, { env, clock, log });
  const { cacheSeconds, staleSeconds } = settings.keyVault;
  const leases = createLeases({ database, clock });
  const source = createKeySource(settings.storage.encryptionKey, { vaults, keysDirectory, folder });
  const keyNeighbours = { database, source, leases, clock, log };
  const keys = createKeyRing(keyNeighbours);
  const alarms = createAlarms(() => notices, log);
  const record = await createRecord(
    { ...settings.record, search: searchOf(config) },
    {
      dataDirectory,
      keysDirectory,
      // Several processes answer at one public address, and each has a log of its own.
      origin: `${new URL(publicUrl).host}/audit/${randomBytes(4).toString('hex')}`,
      clock,
      log,
      subjectKeys: createSubjectKeys({ database, keys }),
      alarm: alarms.recordUnavailable,
    },
  );
  opened.defer(() => record.close());

  const secretFor: Foundation['secretFor'] = (by) =>
    recordUse(secret, by, { record: (entry) => record.append(entry), clock });
  // Of an alarm that nothing can be recorded, nothing is recorded first.
  const recordedSecret = secretFor('notify');
  const notifySecret: ResolveSecret = (reference) =>
    recordedSecret(reference).catch((error: unknown) =>
      record.status().failure === undefined ? Promise.reject(error as Error) : secret(reference),
    );
  const notices: Notify = createNotify(settings.notify, { database, clock, log, secret: notifySecret, fetch });
  opened.defer(() => notices.close());

  const everything = opened.move();
  return {
    clock,
    log,
    publicUrl,
    keysDirectory,
    readFile: (file) => readFileSync(path.resolve(folder, file), 'utf8'),
    sourceAddress: createSourceAddress(settings.trustedProxies),
    placesHidden: placesHidden(publicUrl, settings.trustedProxies),
    database,
    revocations,
    record,
    secretFor,
    secretPlace: createSecretWriter({ folder, named: config.named, vaults, vaultSeconds: cacheSeconds + staleSeconds }),
    leases,
    keys,
    keyRotation: createKeyRotation(keys, keyNeighbours),
    sealed: createSealedStore({ database, keys, clock, log }),
    notices,
    alarms,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
