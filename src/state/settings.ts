// Settings of what Genkan keeps: where the keys are that seal secrets, and where several processes count together.
import { z } from 'zod';
import { vaultName, vaultSecretName } from '../base/secret.ts';
import { redisSettings } from './redis-settings.ts';

export const storageSettings = z.strictObject({
  encryptionKey: z
    .discriminatedUnion('source', [
      z
        .strictObject({
          source: z.literal('file').describe('A file that Genkan makes for itself.'),
          path: z.string().min(1).optional().describe('Path of the file; by default in the data directory.'),
        })
        .describe('A file that only its owner can read.'),
      z
        .strictObject({
          source: z.literal('keyvault').describe('A secret in Azure Key Vault; its versions are the keys.'),
          vaultName: vaultName.describe('Name of the vault.'),
          secretName: vaultSecretName.describe('Name of the secret.'),
        })
        .describe('Azure Key Vault.'),
      z
        .strictObject({
          source: z.literal('osStore').describe('Secret Service on Linux, the keychain on macOS, DPAPI on Windows.'),
        })
        .describe("The operating system's own store."),
    ])
    .prefault({ source: 'file' })
    .describe('Where the keys are that seal tokens and other secrets.'),
  redis: redisSettings
    .optional()
    .describe('Redis, where several processes count limits together. Without it each counts for itself.'),
});

export type StorageSettings = z.output<typeof storageSettings>;
