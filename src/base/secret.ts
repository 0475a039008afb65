// Secrets by reference: the one shape in which a setting may ask for a secret, so that no secret ever stands in a file.
import { z } from 'zod';

const environmentReference = z
  .strictObject({
    source: z.literal('env').describe('The secret is the value of an environment variable.'),
    name: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it is no name of an environment variable')
      .describe('Name of the environment variable.'),
  })
  .describe('A secret in the environment.');

const fileReference = z
  .strictObject({
    source: z.literal('file').describe('The secret is the content of a file, without a final line break.'),
    path: z.string().min(1).describe('Path of the file. Others than its owner and group must not be able to read it.'),
  })
  .describe('A secret in a file.');

const keyVaultReference = z
  .strictObject({
    source: z.literal('keyvault').describe('The secret is kept in Azure Key Vault.'),
    vaultName: z.string().min(1).describe('Name of the vault.'),
    secretName: z.string().min(1).describe('Name of the secret in the vault.'),
  })
  .describe('A secret in Azure Key Vault.');

/** Where a secret is to be found. Use it in a room's settings wherever a secret belongs; a literal there is an error that masks it. */
export const secretReference = z
  .discriminatedUnion('source', [environmentReference, fileReference, keyVaultReference])
  .meta({ id: 'secretReference', description: 'Where a secret is to be found; never the secret itself.' });

export type SecretReference = z.infer<typeof secretReference>;

/**
 * Fetches the secret that a reference points to, anew each time, so that a rotated secret is seen.
 * @throws GenkanError `config_secret_unavailable`, which names the reference and never the secret
 */
export type ResolveSecret = (reference: SecretReference) => Promise<string>;
