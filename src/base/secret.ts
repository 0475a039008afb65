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

// As Azure allows them: what fits is safe in a host name and in a path.
export const vaultName = z
  .string()
  .regex(
    /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
    'the name of a vault has 3 to 24 letters, digits and hyphens',
  );
export const vaultSecretName = z
  .string()
  .regex(/^[0-9A-Za-z-]{1,127}$/, 'the name of a secret in a vault has letters, digits and hyphens');

const keyVaultReference = z
  .strictObject({
    source: z.literal('keyvault').describe('The secret is kept in Azure Key Vault.'),
    vaultName: vaultName.describe('Name of the vault.'),
    secretName: vaultSecretName.describe('Name of the secret in the vault.'),
  })
  .describe('A secret in Azure Key Vault.');

const namedReference = z
  .strictObject({
    source: z.literal('named').describe('Where the secret is stands in the file that keyVault.references names.'),
    name: z
      .string()
      .min(1)
      .max(256)
      .describe('Keys of that file down to the reference, with dots, such as database.password.'),
  })
  .describe('A secret by the name that a file of references gives it.');

/** Where a secret is to be found. Use it in a room's settings wherever a secret belongs; a literal there is an error that masks it. */
export const secretReference = z
  .discriminatedUnion('source', [environmentReference, fileReference, keyVaultReference, namedReference])
  .meta({ id: 'secretReference', description: 'Where a secret is to be found; never the secret itself.' });

export type SecretReference = z.infer<typeof secretReference>;

/** A reference that leads somewhere by itself. */
export type PlainReference = Exclude<SecretReference, { source: 'named' }>;

/**
 * Fetches the secret that a reference points to. A rotated secret is seen without a restart, at once or, for a vault, soon.
 * @throws GenkanError `config_secret_unavailable`, which names the reference and never the secret
 */
export type ResolveSecret = (reference: SecretReference) => Promise<string>;

/** A reference as people read it. */
export function referenceName(reference: SecretReference): string {
  switch (reference.source) {
    case 'env':
      return `env ${reference.name}`;
    case 'file':
      return `file ${reference.path}`;
    case 'keyvault':
      return `keyvault ${reference.vaultName}/${reference.secretName}`;
    case 'named':
      return `named ${reference.name}`;
  }
}

/** Puts a new value where a reference leads. */
export interface WriteSecret {
  /** Why nothing can be written there; undefined where it can. */
  hindrance(reference: SecretReference): string | undefined;
  /** How long a process may go on with the value of before. */
  seenAfterSeconds(reference: SecretReference): number;
  /** @throws GenkanError `config_secret_unavailable`, with `untouched` in its data where it is certain that nothing was written */
  write(reference: SecretReference, value: string): Promise<void>;
}
