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

interface RotationOrder {
  /** How long the old one stays after the new one is in use. */
  readonly keepSeconds: number;
  readonly validDays: number;
  /** Who wants it. */
  readonly by: string;
}

interface RotationState {
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
  resume(): Promise<RotationState | undefined>;
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
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Aborted when this process ends: what is under way is left as it is, for the next one. */
  readonly closing: AbortSignal;
}

/** It is not known what a place holds now, so both credentials stay until it is. */
class Unsettled extends Error {}

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
  const hold = <Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> =>
    leases.hold(leaseName, ({ signal }) => work(AbortSignal.any([signal, neighbours.closing])), { waitMs: 60_000 });

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

  async function begin({ keepSeconds, validDays, by }: RotationOrder, signal: AbortSignal): Promise<RotationRow> {
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
    signal.throwIfAborted();
    await rows.add(row);
    const orNotBegun = async (error: unknown): Promise<never> => {
      throw await takenBack(row, error, signal);
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
  async function goOn(from: RotationRow, resumed: boolean, signal: AbortSignal): Promise<RotationState | undefined> {
    let row = from;
    const { kind, reference, graph } = possible();
    if (row.kind !== kind.name) {
      await forget(row, 'genkan.yaml has another kind of credential by now');
      return undefined;
    }
    const to = async (change: Parameters<typeof rows.change>[0]): Promise<void> => {
      await rows.change(change);
      row = { ...row, ...change };
    };
    // Of what was being created, the answer of Entra ID is lost.
    if (row.step === 'creating' || row.step === 'undoing') {
      await undo(row, undefined);
      return undefined;
    }
    if (row.step === 'created' || row.step === 'switching') {
      const value = await sealed.get(sealedOwner, sealedName);
      const isSwitched = async (): Promise<boolean> =>
        kind.is(await secret(reference), row.newKey, await readOwnKeys(graph, clientId));
      if (value === undefined && !(await isSwitched())) {
        await undo(row, undefined);
        return undefined;
      }
      try {
        if (row.step === 'created' && value !== undefined) {
          await verified(() => own.signInWith(kind.proof(value)), signal);
          await note(row, 'verify', 'allowed');
          await to({ step: 'switching' });
        }
        if (value !== undefined) await switchTo(reference, value, signal);
      } catch (error) {
        if (error instanceof Unsettled) throw undone(`${error.message}; it goes on by itself`, error);
        throw await takenBack(row, error, signal);
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
      await pause(deleteAtMs - clock.now(), signal);
    }
    signal.throwIfAborted();
    await deleteOld(graph, kind, reference, row.oldKey, row);
    return state(true);
  }

  const deleteAt = ({ switchedAtMs = 0, keepSeconds }: RotationRow): number => {
    const { reference } = possible();
    return switchedAtMs + Math.max(keepSeconds, place.seenAfterSeconds(reference)) * 1000 + settleMs;
  };

  async function verified(signIn: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const untilMs = clock.now() + verifyWithinMs;
    let inARow = 0;
    while (inARow < timesInARow) {
      signal.throwIfAborted();
      try {
        await signIn();
        inARow += 1;
        if (inARow === timesInARow) return;
      } catch (error) {
        if (clock.now() >= untilMs) throw error;
        inARow = 0;
      }
      await pause(inARow > 0 ? verifyPauseMs / 4 : verifyPauseMs, signal);
    }
  }

  /** @throws Unsettled when it may or may not have happened */
  async function switchTo(reference: SecretReference, value: string, signal: AbortSignal): Promise<void> {
    const before = await secret(reference);
    if (before === value) return; // by whoever was interrupted
    const isRemembered = place.seenAfterSeconds(reference) > 0;
    signal.throwIfAborted();
    try {
      await place.write(reference, value);
      if (isRemembered) return; // what is read for a while is the one of before, and still good
      if ((await secret(reference)) !== value) throw new Error('it reads otherwise than it was written');
      await own.signIn();
    } catch (error) {
      const isUntouched = error instanceof GenkanError && error.data?.['untouched'] === true;
      try {
        // A vault may have taken it, although it did not say so.
        if (!isUntouched && (isRemembered || (await secret(reference)) !== before))
          await place.write(reference, before);
      } catch {
        throw new Unsettled((error as Error).message, { cause: error });
      }
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
    await remove(kind, { graph, keys, current, keyId: oldKey });
    await rows.remove();
    await note(row, 'delete', 'allowed');
  }

  async function undo(row: RotationRow, cause: unknown): Promise<void> {
    await rows.change({ step: 'undoing' });
    const { kind, reference, graph } = possible();
    const [current, keys] = await Promise.all([secret(reference), readOwnKeys(graph, clientId)]);
    for (const keyId of kind.made(row, keys)) await remove(kind, { graph, keys, current, keyId });
    await forget(row, cause instanceof Error ? cause.message : 'it was interrupted');
  }

  async function remove(kind: CredentialKind, what: Omit<Parameters<CredentialKind['remove']>[0], 'nowMs'>) {
    try {
      await kind.remove({ ...what, nowMs: clock.now() });
    } catch (error) {
      // It may have been taken away before, by whoever was interrupted then.
      if (!isGone(error)) throw error;
      const { secrets, certificates } = await readOwnKeys(what.graph, clientId);
      if ([...secrets, ...certificates].some(({ keyId }) => keyId === what.keyId)) throw error;
    }
  }

  async function forget(row: RotationRow, reason: string): Promise<void> {
    await sealed.remove(sealedOwner, sealedName);
    await rows.remove();
    await note(row, 'undo', 'failed', { reason });
  }

  /** What to throw after something failed: by then the new one is gone again, unless somebody else is at it. */
  async function takenBack(row: RotationRow, cause: unknown, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return signal.reason;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const left = await undo(row, cause).then(
      () => '',
      (error: Error) => ` (the new one could not be taken back yet, which is tried again: ${error.message})`,
    );
    return undone(reason + left, cause);
  }

  return {
    rotate: (order) =>
      hold(async (signal) => {
        const found = await rows.find();
        if (found !== undefined) {
          if (found.step === 'switched' && order.keepSeconds < found.keepSeconds) {
            const changed = { ...found, keepSeconds: order.keepSeconds };
            const { keepSeconds, deleteAtMs } = { ...changed, deleteAtMs: deleteAt(changed) };
            await rows.change({ keepSeconds, deleteAtMs });
          }
          const state = await goOn((await rows.find())!, true, signal);
          if (state !== undefined) return state;
        }
        return (await goOn(await begin(order, signal), false, signal))!;
      }),
    async resume() {
      const found = await rows.find();
      if (found === undefined || (found.step === 'switched' && clock.now() < (found.deleteAtMs ?? 0))) return undefined;
      return hold(async (signal) => {
        const row = await rows.find();
        return row && goOn(row, true, signal);
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

const undone = (reason: string, cause: unknown): GenkanError =>
  new GenkanError('entra_rotation_undone', { reason }, { cause });
