// Fetches secrets from where the configuration says they are, so that a rotated secret is seen, and records who uses which.
import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { referenceName } from '../base/secret.ts';
import type { PlainReference, ResolveSecret } from '../base/secret.ts';
import type { AuditEntry } from '../record/entry.ts';
import type { ReadVault } from './secrets-vault.ts';

interface Neighbours {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the configuration file, to which relative paths refer. */
  readonly folder: string;
  /** References by name. */
  readonly named?: ReadonlyMap<string, PlainReference>;
  readonly vault?: ReadVault;
}

/** Fetches secrets. Neither a secret nor a part of one reaches an error, which is GenkanError `config_secret_unavailable`. */
export function createSecrets({ env, folder, named = new Map(), vault = noVault }: Neighbours): ResolveSecret {
  return async (reference) => {
    const unavailable = (reason: string, cause?: unknown): GenkanError =>
      new GenkanError('config_secret_unavailable', { reference: referenceName(reference), reason }, { cause });
    const secret = await read(reference.source === 'named' ? follow(reference.name) : reference);
    if (secret === '') throw unavailable('it is empty');
    return secret;

    function follow(name: string): PlainReference {
      const plain = named.get(name);
      if (plain === undefined) throw unavailable('keyVault.references gives no reference this name');
      return plain;
    }

    async function read(from: PlainReference): Promise<string> {
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
        case 'keyvault': {
          const { value } = await vault(from.vaultName, from.secretName).catch((error: unknown) => {
            throw unavailable((error as Error).message, error);
          });
          return value;
        }
      }
    }
  };
}

const noVault: ReadVault = () => Promise.reject(new Error('no vault may be read here'));

interface Bookkeeping {
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly clock: Clock;
}

const maxRemembered = 1000;

/**
 * Hands out secrets for one purpose. The first use of each, every change of one and every failure is durable in the audit
 * log before anybody gets it; not every use, since some are used in every request.
 * @param by what uses them, e.g. `identity`
 */
export function recordUse(fetch: ResolveSecret, by: string, { record, clock }: Bookkeeping): ResolveSecret {
  /** By reference: what was recorded last. Of a secret only a digest, which stays in this process. */
  const recorded = new Map<string, string>();

  return async (reference) => {
    const name = referenceName(reference);
    const note = async (result: 'allowed' | 'failed', now: string, details = {}): Promise<void> => {
      const before = recorded.get(name);
      if (before === now) return;
      const change =
        before === undefined ? 'first use' : before === failing || result === 'failed' ? undefined : 'rotated';
      await record({
        timestamp: clock.now(),
        user: 'genkan',
        action: 'secret.use',
        resource: '/',
        result,
        details: { reference: name, by, ...(change !== undefined && { change }), ...details },
        correlationId: correlationId(),
        sourceIP: '',
        userAgent: '',
      });
      if (recorded.size >= maxRemembered) recorded.clear();
      recorded.set(name, now);
    };
    try {
      const secret = await fetch(reference);
      await note('allowed', hash('sha256', secret));
      return secret;
    } catch (error) {
      if (error instanceof GenkanError && error.code === 'config_secret_unavailable')
        await note('failed', failing, { code: error.code, reason: error.params['reason'] });
      throw error;
    }
  };
}

const failing = 'failing';

// One handle for both, so that the file whose mode is checked is the file that is read.
async function readWithMode(file: string): Promise<{ content: string; mode: number }> {
  await using handle = await open(file, 'r');
  return { mode: (await handle.stat()).mode, content: await handle.readFile('utf8') };
}
