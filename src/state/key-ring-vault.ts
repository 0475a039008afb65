// A key ring in Azure Key Vault: one secret, whose versions are the keys.
import { GenkanError } from '../base/errors.ts';
import type { KeySource, SourceKey } from './key-ring.ts';
import type { KeyVaults, VaultSecret } from './key-vault.ts';
import { VaultError } from './key-vault.ts';
import { keyBytes } from './seal.ts';

/**
 * The keys themselves come here and stay in memory, instead of being used inside the vault: a vault that is down later stops
 * nobody, and no tool call waits for one.
 */
export function createVaultSource(vaults: KeyVaults, vault: string, name: string): KeySource {
  const source = `Azure Key Vault ${vault}/${name}`;
  const unavailable = (reason: string, cause: unknown): GenkanError =>
    new GenkanError('state_keys_unavailable', { source, reason }, { cause });

  async function read(): Promise<readonly SourceKey[]> {
    try {
      return (await vaults.readAll(vault, name)).flatMap(keyOf);
    } catch (error) {
      // Before the first version there is nothing to list.
      if (error instanceof VaultError && isMissing(error)) return [];
      throw unavailable((error as Error).message, error);
    }
  }

  return {
    name: source,
    read,
    async add(key) {
      try {
        const { version } = await vaults.write(vault, name, key.toString('base64'));
        return { id: version, key };
      } catch (error) {
        const command = `az keyvault secret set --vault-name ${vault} --name ${name} --value "$(openssl rand -base64 32)"`;
        throw unavailable(`Genkan could not put a key there itself; do it with: ${command}`, error);
      }
    },
    remove: (id) => vaults.disable(vault, name, id),
  };
}

/** Whatever else somebody has put there is no key, and nothing is sealed with it. */
function keyOf({ version, value }: VaultSecret): SourceKey[] {
  const key = Buffer.from(value.trim(), 'base64');
  return key.length === keyBytes && version !== '' ? [{ id: version, key }] : [];
}

const isMissing = ({ cause }: VaultError): boolean =>
  (cause as { statusCode?: number } | undefined)?.statusCode === 404;
