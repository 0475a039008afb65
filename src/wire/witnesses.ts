// What takes our checkpoints outside, what makes us a witness for others, and what others may read of the log, connected.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Refusal } from '../base/errors.ts';
import type { Config } from '../config/load.ts';
import type { AuditDesk, WitnessDesk } from '../operations/house.ts';
import type { Metrics } from '../record/metrics.ts';
import { generateSigningKey, signatureTypes } from '../record/note.ts';
import { createAuditDoor } from '../record/tiles/audit-door.ts';
import type { AuditDoor } from '../record/tiles/audit-door.ts';
import { openTree } from '../record/tiles/tree.ts';
import type { Verification, VerifyOptions } from '../record/verify.ts';
import type { VerifyStart } from '../record/verify-thread.ts';
import { createCosigner } from '../record/witness/cosignature.ts';
import type { Cosigner } from '../record/witness/cosignature.ts';
import { createLogBook } from '../record/witness/log-book.ts';
import { createBlobPlace } from '../record/witness/places/blob-place.ts';
import { createExportPlace } from '../record/witness/places/export-place.ts';
import { createFilePlace } from '../record/witness/places/file-place.ts';
import { createGenkanPlace } from '../record/witness/places/genkan-place.ts';
import { createGitPlace } from '../record/witness/places/git-place.ts';
import type { Place } from '../record/witness/places/place.ts';
import { createPublisher } from '../record/witness/publisher.ts';
import { proveRecord, verifyAll } from '../record/witness/proving.ts';
import { createSilenceWatch } from '../record/witness/silence.ts';
import type { WitnessSettings } from '../record/witness/settings.ts';
import { createWitness } from '../record/witness/witness.ts';
import { keyFile } from '../state/key-files.ts';
import { openCredential } from '../state/key-vault.ts';
import type { Foundation } from './foundation.ts';

export interface Witnesses extends AsyncDisposable {
  readonly audit: AuditDesk;
  readonly witnesses: WitnessDesk;
  readonly notes: () => readonly string[];
  /** @param admit lets in whoever may read the audit log */
  door(
    admit: (request: IncomingMessage, response: ServerResponse, what: string) => Promise<Refusal | undefined>,
  ): AuditDoor;
  attend(): void;
}

/** @throws GenkanError `record_unavailable` when another process has a log of the same name */
export async function openWitnesses(
  { settings: { record: settings }, dataDirectory, publicUrl, file }: Config,
  ground: Foundation,
  { env, metrics }: { readonly env: Readonly<Record<string, string | undefined>>; readonly metrics: Metrics },
): Promise<Witnesses> {
  const { database, record, keysDirectory, clock, log, leases, alarms } = ground;
  const verifierKey = record.publicKey();
  const origin = verifierKey.split('+', 1)[0]!;
  const book = createLogBook(database);
  await book.enter({ origin, verifierKey, dataDirectory: path.resolve(dataDirectory) });
  const tree = openTree(dataDirectory);
  const folder = path.dirname(file);

  const say = (action: string, details: object) =>
    record.note({ action, resource: '/audit', result: 'allowed', details: { ...details } });

  function placeOf(given: WitnessSettings): Place {
    switch (given.type) {
      case 'genkan':
        return createGenkanPlace(given, fetch);
      case 'file':
        return createFilePlace(path.resolve(folder, given.path));
      case 'git':
        return createGitPlace({ ...given, path: path.resolve(folder, given.path), env });
      case 'azure-blob':
        return createBlobPlace(given.container, storageToken(given, folder), fetch);
      case 'export':
        return createExportPlace((details) => say('audit.checkpoint', details));
    }
  }

  const publisher = createPublisher(settings, {
    verifierKey,
    tree,
    places: new Map(
      Object.entries(settings.witnesses).map(([name, given]) => [name, { type: given.type, place: placeOf(given) }]),
    ),
    book,
    leases,
    metrics,
    clock,
    log,
    alarm: alarms.checkpointNotTaken,
  });

  const cosigner: Cosigner | undefined =
    settings.witnessFor.length === 0
      ? undefined
      : createCosigner(
          keyFile(path.join(keysDirectory, 'witness.key'), () => {
            const name = settings.witnessName ?? `${new URL(publicUrl).host}/audit/witness`;
            return `${generateSigningKey(name, signatureTypes.cosignature)}\n`;
          }),
        );
  const witness =
    cosigner &&
    createWitness(settings.witnessFor, {
      cosigner,
      database,
      clock,
      onRefused: ({ fork, ...refused }) => {
        log.error({ ...refused, fork }, 'a log does not continue what we have cosigned');
        record
          .note({
            action: 'witness.refuse',
            resource: '/audit/witness',
            result: 'denied',
            details: { ...refused, fork },
          })
          .catch((error: unknown) => log.error({ err: error }, 'a refusal as a witness was not recorded'));
        if (fork) alarms.logForked(refused);
      },
    });

  const silence =
    witness &&
    createSilenceWatch(settings.witnessAlarmMinutes, { witness, clock, log, metrics, alarm: alarms.logSilent });

  const logs = () => book.logs();
  const cosignedOfOwn = async () => (await logs()).find((one) => one.origin === origin)?.cosigned;
  return {
    audit: {
      list: record.list,
      verify: async ({ keptCheckpoint } = {}) =>
        verifyAll({ verifierKey, verify: (options) => record.verify(options) }, keptCheckpoint, await logs(), inThread),
      proof: async (index) => proveRecord(tree, index, await cosignedOfOwn()),
      checkpoint: async () => ({
        checkpoint: tree.head().note,
        key: verifierKey,
        cosigned: (await cosignedOfOwn())?.note,
      }),
    },
    witnesses: {
      list: () => publisher.list(),
      publish: () => publisher.publish(),
      ownKey: cosigner?.verifierKey,
      followed: () => witness?.list() ?? Promise.resolve([]),
    },
    notes: () => publisher.notes(),
    door: (admit) =>
      createAuditDoor(settings, {
        publicUrl,
        origin,
        tree,
        cosigned: async () => (await cosignedOfOwn())?.note,
        witness,
        admit,
      }),
    attend() {
      publisher.attend();
      silence?.attend();
    },
    async [Symbol.asyncDispose]() {
      silence?.close();
      await publisher.close();
      tree.close();
    },
  };
}

/** Beside calls that have to be served. */
async function inThread(dataDirectory: string, options: VerifyOptions): Promise<Verification> {
  const here = new URL(import.meta.url);
  const module = new URL(here.pathname.replace(/wire\/witnesses(\.[jt]s)$/, 'record/verify-thread$1'), here);
  const workerData: VerifyStart = { ...options, dataDirectory };
  const [verification] = (await once(new Worker(module, { workerData }), 'message')) as [Verification];
  return verification;
}

function storageToken(
  { credential, container }: Extract<WitnessSettings, { type: 'azure-blob' }>,
  folder: string,
): (signal: AbortSignal) => Promise<string> {
  let identity: ReturnType<typeof openCredential> | undefined;
  return async (abortSignal) => {
    const opening = (identity ??= openCredential(credential, folder, authorityOf(container)));
    try {
      const token = await (await opening).getToken('https://storage.azure.com/.default', { abortSignal });
      if (token !== null) return token.token;
    } catch (error) {
      if (identity === opening) identity = undefined; // such as a token file that is yet to be mounted
      throw error;
    }
    throw new Error('no token');
  };
}

/** Each national cloud has its own authority. */
function authorityOf(container: string): string | undefined {
  const { hostname } = new URL(container);
  if (hostname.endsWith('.usgovcloudapi.net')) return 'https://login.microsoftonline.us';
  return hostname.endsWith('.chinacloudapi.cn') ? 'https://login.chinacloudapi.cn' : undefined;
}
