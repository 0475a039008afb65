// Fetches secrets from where the configuration says they are, anew each time, so that a rotated secret is seen.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { GenkanError } from '../base/errors.ts';
import type { ResolveSecret, SecretReference } from '../base/secret.ts';

interface Neighbours {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the configuration file, to which relative paths refer. */
  readonly folder: string;
}

/** Creates the resolver of secret references. Neither a secret nor a part of one reaches an error. */
export function createSecrets({ env, folder }: Neighbours): ResolveSecret {
  return async (reference) => {
    const unavailable = (reason: string, cause?: unknown): GenkanError =>
      new GenkanError('config_secret_unavailable', { reference: nameOf(reference), reason }, { cause });
    const secret = await read(reference);
    if (secret === '') throw unavailable('it is empty');
    return secret;

    async function read(from: SecretReference): Promise<string> {
      switch (from.source) {
        case 'env': {
          const value = env[from.name];
          if (value === undefined) throw unavailable('the variable is not set');
          return value;
        }
        case 'file': {
          const { content, mode } = await readWithMode(path.resolve(folder, from.path)).catch((error: unknown) => {
            const { code = 'unreadable' } = error as NodeJS.ErrnoException;
            throw unavailable(`the file cannot be read (${code})`, error);
          });
          // Windows has no such bits: there it reports every file as readable by all.
          if (process.platform !== 'win32' && (mode & 0o004) !== 0) {
            throw unavailable('everybody on this machine can read the file; take that right away with chmod o-r');
          }
          return content.replace(/\r?\n$/, '');
        }
        case 'keyvault':
          throw unavailable('Azure Key Vault is not available yet; use file or env');
      }
    }
  };
}

// One handle for both, so that the file whose mode is checked is the file that is read.
async function readWithMode(file: string): Promise<{ content: string; mode: number }> {
  await using handle = await open(file, 'r');
  return { mode: (await handle.stat()).mode, content: await handle.readFile('utf8') };
}

function nameOf(reference: SecretReference): string {
  switch (reference.source) {
    case 'env':
      return `env ${reference.name}`;
    case 'file':
      return `file ${reference.path}`;
    case 'keyvault':
      return `keyvault ${reference.vaultName}/${reference.secretName}`;
  }
}
