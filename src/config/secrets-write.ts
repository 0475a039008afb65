// Puts a new value where a reference to a secret leads: a file is exchanged at once, a vault gets a new version. Whoever reads sees the old or the new one.
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import { referenceName } from '../base/secret.ts';
import type { PlainReference, SecretReference, WriteSecret } from '../base/secret.ts';
import { VaultError } from '../state/key-vault.ts';
import type { KeyVaults } from '../state/key-vault.ts';

interface Neighbours {
  readonly folder: string;
  readonly named: ReadonlyMap<string, PlainReference>;
  readonly vaults: Pick<KeyVaults, 'write'>;
  /** How long a value of a vault may be used after it was exchanged there. */
  readonly vaultSeconds: number;
}

export function createSecretWriter({ folder, named, vaults, vaultSeconds }: Neighbours): WriteSecret {
  const plain = (reference: SecretReference): PlainReference | undefined =>
    reference.source === 'named' ? named.get(reference.name) : reference;
  return {
    hindrance(reference) {
      const to = plain(reference);
      if (to === undefined) return 'keyVault.references gives no reference this name';
      return to.source === 'env' ? 'an environment variable is set by whoever starts Genkan' : undefined;
    },
    seenAfterSeconds: (reference) => (plain(reference)?.source === 'keyvault' ? vaultSeconds : 0),
    async write(reference, value) {
      const to = plain(reference);
      const failed = (cause: unknown): GenkanError => {
        const { code, message } = cause as NodeJS.ErrnoException;
        const status = statusOf(cause);
        const reason =
          to?.source !== 'keyvault'
            ? `it cannot be written (${code ?? 'unwritable'})`
            : status === 403
              ? 'the vault refuses to be written to (403): Genkan needs the role "Key Vault Secrets Officer" there'
              : message;
        const params = { reference: referenceName(reference), reason };
        return new GenkanError('config_secret_unavailable', params, {
          cause,
          // A vault that refuses has taken nothing; one that does not answer may have.
          ...(status !== undefined && status < 500 && { data: { untouched: true } }),
        });
      };
      try {
        if (to?.source === 'file') await exchange(path.resolve(folder, to.path), value);
        else if (to?.source === 'keyvault') await vaults.write(to.vaultName, to.secretName, value);
        else throw new Error('it cannot be written to');
      } catch (cause) {
        throw failed(cause);
      }
    },
  };
}

/** What Key Vault answered. */
const statusOf = (error: unknown): number | undefined =>
  error instanceof VaultError ? (error.cause as { statusCode?: number } | undefined)?.statusCode : undefined;

/** Keeps the owner, and the group's right to read: Genkan may run as somebody else than who calls this. */
async function exchange(written: string, value: string): Promise<void> {
  const file = await realpath(written);
  const { uid, gid, mode } = await stat(file);
  const draft = `${file}.${unguessableId()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      const made = await handle.stat();
      if (process.platform !== 'win32' && (made.uid !== uid || made.gid !== gid)) await handle.chown(uid, gid);
      await handle.chmod(0o600 | (mode & 0o040));
      await handle.writeFile(value);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  if (process.platform === 'win32') return;
  const parent = await open(path.dirname(file), 'r');
  await parent.sync().finally(() => parent.close());
}
