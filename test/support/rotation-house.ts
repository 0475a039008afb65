// Genkan's own credential in a file, its registration at the stand-ins, and the exchange of it with a clock that can be moved.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { SecretReference, WriteSecret } from '../../src/base/secret.ts';
import { createLog } from '../../src/base/log.ts';
import { createSecretWriter } from '../../src/config/secrets-write.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createRotation } from '../../src/identity/entra/credentials/rotation.ts';
import type { Rotation } from '../../src/identity/entra/credentials/rotation.ts';
import { createOwnApplication } from '../../src/identity/entra/own-application.ts';
import type { OwnApplication } from '../../src/identity/entra/own-application.ts';
import { createIdentityRecord } from '../../src/identity/identity-record.ts';
import type { IdentityEntry } from '../../src/identity/identity-record.ts';
import type { Database } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';
import type { SealedStore } from '../../src/state/sealed-store.ts';
import { startEntraHouse } from './entra-house.ts';
import type { EntraHouse } from './entra-house.ts';
import { startGraph } from './graph.ts';
import type { Graph } from './graph.ts';

export const graphAppId = '00000003-0000-0000-c000-000000000000';
export const firstSecret = 'first~secret-of-genkan';

export interface RotationHouse extends AsyncDisposable {
  readonly house: EntraHouse;
  readonly graph: Graph;
  readonly own: OwnApplication;
  readonly rotation: Rotation;
  readonly file: string;
  readonly entries: IdentityEntry[];
  /** What the file holds. */
  current(): string;
  advance(ms: number): void;
  /** The same in another process, which ends when it is told to. */
  open(closing?: AbortController): Rotation;
}

export interface RotationHouseOptions {
  readonly credential?: (at: SecretReference) => object;
  readonly content?: string;
  readonly certificatePem?: string;
  readonly permissions?: readonly string[];
  readonly place?: (place: WriteSecret) => WriteSecret;
  readonly sealed?: (store: SealedStore, database: Database) => SealedStore;
}

export async function startRotationHouse(options: RotationHouseOptions = {}): Promise<RotationHouse> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-rotation-'));
  const file = path.join(folder, 'credential');
  const at: SecretReference = { source: 'file', path: file };
  writeFileSync(file, options.content ?? firstSecret, { mode: 0o600 });
  let graph: Graph | undefined;
  const secret = createSecrets({ env: { IN_ENV: firstSecret }, folder });
  const house = await startEntraHouse({
    app: {
      secret: options.certificatePem === undefined ? firstSecret : undefined,
      certificatePem: options.certificatePem,
      permissions: { [graphAppId]: options.permissions ?? ['Application.ReadWrite.OwnedBy'] },
    },
    provider: async (entra) => {
      graph = await startGraph(entra);
      entra.state.directory.graph.application.identifierUris.push(graph.url);
      return { graphUrl: graph.url, credential: options.credential?.(at) ?? { secret: at } };
    },
    secret,
  });
  let offsetMs = 0;
  const clock = { now: () => Date.now() + offsetMs };
  const entries: IdentityEntry[] = [];
  const record = createIdentityRecord(async (entry) => void entries.push(entry), clock, createLog('silent'));
  const own = createOwnApplication(house.settings, { secret, clock, fetch });
  const writer = createSecretWriter({
    folder,
    named: new Map(),
    vaults: { write: () => Promise.reject(new Error('no vault')) },
    vaultSeconds: 3900,
  });
  const place = options.place?.(writer) ?? writer;
  const { database } = house;
  const sealed = options.sealed?.(house.sealed, database) ?? house.sealed;
  const leases = createLeases({ database, clock: { now: Date.now } });
  const pause = async (ms: number): Promise<void> => void (offsetMs += ms);
  const open = (closing = new AbortController()): Rotation =>
    createRotation({
      own,
      database,
      sealed,
      leases,
      secret,
      place,
      record,
      clock,
      pause,
      closing: closing.signal,
    });
  return {
    house,
    graph: graph!,
    own,
    rotation: open(),
    open,
    file,
    entries,
    current: () => readFileSync(file, 'utf8'),
    advance: (ms) => void (offsetMs += ms),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await graph![Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
