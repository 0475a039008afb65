// From the settings to the place where the keys are.
import path from 'node:path';
import { createDocumentSource, keyRingFile } from './key-ring-document.ts';
import { osStore, runProgram } from './key-ring-os-store.ts';
import { createVaultSource } from './key-ring-vault.ts';
import type { KeySource } from './key-ring.ts';
import type { KeyVaults } from './key-vault.ts';
import type { StorageSettings } from './settings.ts';

export function createKeySource(
  settings: StorageSettings['encryptionKey'],
  neighbours: {
    readonly vaults: KeyVaults;
    /** Below the data directory. */
    readonly keysDirectory: string;
    /** Folder of the configuration file, to which relative paths refer. */
    readonly folder: string;
  },
): KeySource {
  const { vaults, keysDirectory, folder } = neighbours;
  switch (settings.source) {
    case 'file': {
      const file =
        settings.path === undefined ? path.join(keysDirectory, 'ring.json') : path.resolve(folder, settings.path);
      return createDocumentSource(keyRingFile(file));
    }
    case 'keyvault':
      return createVaultSource(vaults, settings.vaultName, settings.secretName);
    case 'osStore': {
      const machine = { platform: process.platform, run: runProgram };
      const sealedFile = keyRingFile(path.join(keysDirectory, 'ring.dpapi'));
      return createDocumentSource(osStore(keysDirectory, machine, sealedFile));
    }
  }
}
