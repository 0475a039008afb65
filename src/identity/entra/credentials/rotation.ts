// Exchanges Genkan's own credential at Entra ID while it is in use: create, verify, switch, delete the old. At every moment one of them works.
import { GenkanError } from '../../../base/errors.ts';
import { unguessableId } from '../../../base/ids.ts';
import type { Clock } from '../../../base/clock.ts';
import { referenceName } from '../../../base/secret.ts';
import type { ResolveSecret, SecretReference, WriteSecret } from '../../../base/secret.ts';
import type { Database } from '../../../state/database.ts';
import type { Leases } from '../../../state/leases.ts';
import type { SealedStore } from '../../../state/sealed-store.ts';
import type { Graph } from '../../conditional-access/directory.ts';
import type { IdentityRecord } from '../../identity-record.ts';
import type { OwnApplication } from '../own-application.ts';
import type { EntraCredential } from '../settings.ts';
import { certificateKind, secretKind } from './kinds.ts';
import type { CredentialKind } from './kinds.ts';
import { isGone, readOwnKeys } from './own-keys.ts';
import { createRotationRows } from './rotation-row.ts';
import type { RotationRow } from './rotation-row.ts';

export interface RotationOrder {
  /** How long the old one stays after the new one is in use. */
  readonly keepSeconds: number;
  readonly validDays: number;
  /** Who wants it. */
  readonly by: string;
}

export interface RotationState {
  readonly kind: 'secret' | 'certificate';
  readonly newKey: string | undefined;
  readonly oldKey: string | undefined;
  readonly reference: string;
  /** When the old one is deleted; undefined when it is gone already, or is not known. */
  readonly deleteAtMs: number | undefined;
  readonly deleted: boolean;
  /** Whether this finished what was begun earlier. */
  readonly resumed: boolean;
}

export interface Rotation {
  /** @throws GenkanError `entra_rotation_impossible`, `entra_rotation_undone`, `identity_provider_unavailable` and its like */
  rotate(order: RotationOrder): Promise<RotationState>;
  /** Goes on with what is under way, as far as it is time for it. Undefined when there is nothing. */
  resume(by?: string): Promise<RotationState | undefined>;
}

export interface RotationNeighbours {
  readonly own: OwnApplication;
  readonly database: Database;
  readonly sealed: SealedStore;
  readonly leases: Leases;
  readonly secret: ResolveSecret;
  readonly place: WriteSecret;
  readonly record: IdentityRecord;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Longest time that a request with the old credential may be under way. */
const settleMs = 15_000;
const dayMs = 86_400_000;
const leaseName = 'entra-credential';
const sealedName = 'entra-credential-new';
const sealedOwner = 'genkan';
/** Entra ID tells all its parts of a new credential within minutes; what one of them knows another may not yet. */
const verifyWithinMs = 180_000;
const verifyPauseMs = 2000;
const timesInARow = 3;

export function createRotation(neighbours: RotationNeighbours): Rotation {
  const { own, sealed, leases, secret, place, record, clock, pause } = neighbours;
  const { clientId, credential } = own.settings;
  const rows = createRotationRows(neighbours.database, clientId);
  const hold = <Value>(work: () => Promise<Value>): Promise<Value> => leases.hold(leaseName, work, { waitMs: 60_000 });

  /** What is to be exchanged. @throws GenkanError `entra_rotation_impossible` */
  function possible(): { kind: CredentialKind; reference: SecretReference; graph: Graph } {
    const reference = referenceOf(credential);
    if (typeof reference === 'string') throw impossible(reference);
    const hindrance = place.hindrance(reference);
    if (hindrance !== undefined) throw impossible(`${referenceName(reference)} cannot be written: ${hindrance}`);
    const { graph } = own;
    if (graph === undefined)
      throw impossible('with tenant organizations it is not said where the application is at home');
    return { kind: 'secret' in credential ? secretKind : certificateKind, reference, graph };
  }

  function note(row: RotationRow, action: string, result: 'allowed' | 'failed', details: object = {}): Promise<void> {
    const { kind, marker, newKey, oldKey, by } = row;
    return record.write(
      {
        action: `credential.${action}`,
        result,
        user: by,
        resource: '/',
        details: { kind, marker, newKey, oldKey, ...details },
      },
      { sourceIP: '', userAgent: '' },
    );
  }

  async function begin({ keepSeconds, validDays, by }: RotationOrder): Promise<RotationRow> {
    const { kind, reference, graph } = possible();
    const keys = await readOwnKeys(graph, clientId).catch((error: unknown) => {
      throw error instanceof GenkanError && error.data?.['status'] === 403
        ? impossible('Genkan has no right to its own registration; give it with genkan entra setup --allow rotate')
        : error;
    });
    const current = await secret(reference);
    const nowMs = clock.now();
    const row: RotationRow = {
      clientId,
      kind: kind.name,
      step: 'creating',
      marker: `genkan ${new Date(nowMs).toISOString().slice(0, 10)} ${unguessableId().slice(0, 8)}`,
      newKey: undefined,
      oldKey: kind.find(current, keys)?.keyId,
      validUntilMs: nowMs + validDays * dayMs,
      keepSeconds,
      switchedAtMs: undefined,
      deleteAtMs: undefined,
      by,
      startedAtMs: nowMs,
    };
    await rows.add(row);
    const orNotBegun = async (error: unknown): Promise<never> => {
      throw await takenBack({ ...row, step: 'undoing' }, error);
    };
    const made = await kind
      .create({ graph, keys, current, marker: row.marker, validUntilMs: row.validUntilMs, nowMs }, (value) =>
        sealed.put(sealedOwner, sealedName, value),
      )
      .catch(orNotBegun);
    await rows.change({ step: 'created', newKey: made });
    await note({ ...row, newKey: made }, 'create', 'allowed');
    return { ...row, step: 'created', newKey: made };
  }

  /** Each step is taken again where it is not known whether it was. */
  async function goOn(from: RotationRow, resumed: boolean): Promise<RotationState | undefined> {
    let row = from;
    const { kind, reference, graph } = possible();
    const to = async (change: Parameters<typeof rows.change>[0]): Promise<void> => {
      await rows.change(change);
      row = { ...row, ...change };
    };
    if (row.step === 'creating') {
      // Whatever Entra ID has answered is lost.
      await undo(row, undefined);
      return undefined;
    }
    if (row.step === 'undoing') {
      await undo(row, undefined);
      return undefined;
    }
    if (row.step === 'created' || row.step === 'switching') {
      const value = await sealed.get(sealedOwner, sealedName);
      if (value === undefined) {
        await undo(row, undefined);
        return undefined;
      }
      try {
        if (row.step === 'created') {
          await verified(() => own.signInWith(kind.proof(value)));
          await note(row, 'verify', 'allowed');
          await to({ step: 'switching' });
        }
        await switchTo(reference, value);
      } catch (error) {
        throw await takenBack(row, error);
      }
      const switchedAtMs = clock.now();
      await to({ step: 'switched', switchedAtMs, deleteAtMs: deleteAt({ ...row, switchedAtMs }) });
      await sealed.remove(sealedOwner, sealedName);
      await note(row, 'switch', 'allowed', { reference: referenceName(reference) });
    }
    const state = (deleted: boolean): RotationState => ({
      kind: row.kind,
      newKey: row.newKey,
      oldKey: row.oldKey,
      reference: referenceName(reference),
      deleteAtMs: deleted || row.oldKey === undefined ? undefined : row.deleteAtMs,
      deleted,
      resumed,
    });
    if (row.oldKey === undefined) {
      await rows.remove();
      await note(row, 'delete', 'failed', { reason: 'which one the old credential is cannot be told' });
      return state(false);
    }
    const deleteAtMs = row.deleteAtMs ?? 0;
    if (clock.now() < deleteAtMs) {
      if (row.keepSeconds > 0 || deleteAtMs - clock.now() > settleMs) return state(false);
      await pause(deleteAtMs - clock.now());
    }
    await deleteOld(graph, kind, reference, row.oldKey, row);
    return state(true);
  }

  const deleteAt = ({ switchedAtMs = 0, keepSeconds }: RotationRow): number => {
    const { reference } = possible();
    return switchedAtMs + Math.max(keepSeconds, place.seenAfterSeconds(reference)) * 1000 + settleMs;
  };

  async function verified(signIn: () => Promise<unknown>): Promise<void> {
    const untilMs = clock.now() + verifyWithinMs;
    for (let inARow = 0; inARow < timesInARow;) {
      try {
        await signIn();
        inARow += 1;
        if (inARow < timesInARow) await pause(verifyPauseMs / 4);
      } catch (error) {
        if (clock.now() >= untilMs) throw error;
        inARow = 0;
        await pause(verifyPauseMs);
      }
    }
  }

  async function switchTo(reference: SecretReference, value: string): Promise<void> {
    const before = await secret(reference);
    if (before === value) return; // by whoever was interrupted
    await place.write(reference, value);
    if (place.seenAfterSeconds(reference) > 0) return; // remembered values are used for a while, and still good
    try {
      if ((await secret(reference)) !== value) throw new Error('it reads otherwise than it was written');
      await own.signIn();
    } catch (error) {
      await place.write(reference, before);
      throw error;
    }
  }

  /** Never the one that is in use, whatever happened to the configuration meanwhile. */
  async function deleteOld(
    graph: Graph,
    kind: CredentialKind,
    reference: SecretReference,
    oldKey: string,
    row: RotationRow,
  ): Promise<void> {
    const current = await secret(reference);
    const keys = await readOwnKeys(graph, clientId);
    if (!kind.is(current, row.newKey, keys)) {
      await rows.remove();
      await note(row, 'delete', 'failed', { reason: 'another credential than the new one is in use' });
      throw impossible(`${referenceName(reference)} holds another credential than the new one; nothing was deleted`);
    }
    await own.signIn();
    await kind.remove({ graph, keys, current, keyId: oldKey, nowMs: clock.now() }).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
    await rows.remove();
    await note(row, 'delete', 'allowed');
  }

  async function undo(row: RotationRow, cause: unknown): Promise<void> {
    await rows.change({ step: 'undoing' });
    const { kind, reference, graph } = possible();
    const [current, keys] = await Promise.all([secret(reference), readOwnKeys(graph, clientId)]);
    for (const keyId of kind.made(row, keys))
      await kind.remove({ graph, keys, current, keyId, nowMs: clock.now() }).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    await sealed.remove(sealedOwner, sealedName);
    await rows.remove();
    const reason = cause instanceof Error ? cause.message : 'it was interrupted';
    await note(row, 'undo', 'failed', { reason });
  }

  /** What to say after something failed. */
  async function takenBack(row: RotationRow, cause: unknown): Promise<GenkanError> {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const left = await undo(row, cause).then(
      () => '',
      (error: Error) => ` (the new one could not be taken back yet, which is tried again: ${error.message})`,
    );
    return new GenkanError('entra_rotation_undone', { reason: reason + left }, { cause });
  }

  return {
    rotate: (order) =>
      hold(async () => {
        const found = await rows.find();
        if (found !== undefined) {
          if (found.step === 'switched' && order.keepSeconds < found.keepSeconds) {
            const changed = { ...found, keepSeconds: order.keepSeconds };
            const { keepSeconds, deleteAtMs } = { ...changed, deleteAtMs: deleteAt(changed) };
            await rows.change({ keepSeconds, deleteAtMs });
          }
          const state = await goOn((await rows.find())!, true);
          if (state !== undefined) return state;
        }
        return (await goOn(await begin(order), false))!;
      }),
    async resume() {
      const found = await rows.find();
      if (found === undefined || (found.step === 'switched' && clock.now() < (found.deleteAtMs ?? 0))) return undefined;
      return hold(async () => {
        const row = await rows.find();
        return row && goOn(row, true);
      });
    },
  };
}

/** Where the credential is kept; a text that says why it cannot be exchanged. */
function referenceOf(credential: EntraCredential): SecretReference | string {
  if ('secret' in credential) return credential.secret;
  if (!('certificate' in credential))
    return `${'managedIdentity' in credential ? 'a managed identity' : 'a federated token'} holds nothing that could be exchanged: whoever issues it keeps it fresh`;
  const { certificate } = credential;
  if ('pkcs12' in certificate) return 'a PKCS#12 is made where it is kept, such as by az keyvault certificate create';
  if (JSON.stringify(certificate.certificate) !== JSON.stringify(certificate.privateKey))
    return 'certificate and privateKey are in two places, which cannot be exchanged at once; put both into one text';
  return certificate.passphrase === undefined
    ? certificate.certificate
    : 'the private key has a passphrase, which only you know how to choose';
}

const impossible = (reason: string): GenkanError => new GenkanError('entra_rotation_impossible', { reason });
