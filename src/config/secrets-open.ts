// From a configuration to its secrets: the environment, files, and the vaults that it allows.
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import { createKeyVaults } from '../state/key-vault.ts';
import type { KeyVaults } from '../state/key-vault.ts';
import type { Config } from './load.ts';
import { createVaultCache } from './secrets-vault.ts';
import { createSecrets } from './secrets.ts';

/** Nothing is read or reached before it is asked for. What is handed out here is not recorded: `recordUse` does that. */
export function openSecrets(
  { settings, named, vaults: allowed, file }: Pick<Config, 'settings' | 'named' | 'vaults' | 'file'>,
  neighbours: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly clock: Clock;
    readonly log: Log;
  },
): { readonly secret: ResolveSecret; readonly vaults: KeyVaults } {
  const folder = path.dirname(file);
  const vaults = createKeyVaults(settings.keyVault.credential, allowed, folder);
  const vault = createVaultCache(vaults, settings.keyVault, neighbours);
  return { secret: createSecrets({ env: neighbours.env, folder, named, vault }), vaults };
}
