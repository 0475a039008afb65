// Azure Key Vault: reads and writes secrets of the vaults that the configuration allows, and of no other host.
import path from 'node:path';
import type { TokenCredential } from '@azure/identity';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { isLoopback } from '../base/loopback.ts';
import { authorityOf, isVaultUrl } from './key-vault-settings.ts';
import type { KeyVaultSettings } from './key-vault-settings.ts';

export interface VaultSecret {
  readonly value: string;
  readonly version: string;
}

/** Why a vault gave nothing. The message is for people and holds nothing of an answer's text. */
export class VaultError extends Error {
  /** Whether it is certain that the secret is not to be had, as opposed to not now. */
  readonly final: boolean;

  constructor(message: string, options: { final: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'VaultError';
    this.final = options.final;
  }
}

/** Everything throws VaultError. */
export interface KeyVaults {
  /** The current version. */
  read(vault: string, name: string): Promise<VaultSecret>;
  /** Every version that is enabled, the newest first. */
  readAll(vault: string, name: string): Promise<readonly VaultSecret[]>;
  /** Adds a version. */
  write(vault: string, name: string, value: string): Promise<VaultSecret>;
  /** @returns false where Genkan has no right to it */
  disable(vault: string, name: string, version: string): Promise<boolean>;
}

const answerWithinMs = 15_000;
const maxVersions = 20;

/** The vaults that may be read, with their addresses. */
export function allowedVaults(
  { vaults }: Pick<KeyVaultSettings, 'vaults'>,
  named: Iterable<string>,
): ReadonlyMap<string, string> {
  const list = vaults === undefined ? [...named].map((name) => [name, {}] as const) : Object.entries(vaults);
  return new Map(
    list.map(([name, { url = `https://${name}.vault.azure.net` }]: readonly [string, { url?: string }]) => [
      name.toLowerCase(),
      url,
    ]),
  );
}

/**
 * @param allowed vaults by their name in lower case
 * @param folder to which a relative path of a token file refers
 */
export function createKeyVaults(
  credential: KeyVaultSettings['credential'],
  allowed: ReadonlyMap<string, string>,
  folder = '',
): KeyVaults {
  const clients = new Map<string, Promise<SecretClient>>();
  let identity: Promise<TokenCredential> | undefined;

  /** The only place that decides where our token for Key Vault goes. */
  function clientOf(vault: string): Promise<SecretClient> {
    const url = allowed.get(vault.toLowerCase());
    if (url === undefined) throw new VaultError('the configuration does not allow this vault', { final: true });
    if (!isVaultUrl(url)) throw new VaultError('the address is none of Key Vault', { final: true });
    const known = clients.get(url);
    if (known !== undefined) return known;
    identity ??= openCredential(credential, folder, authorityOf(url));
    const made = openClient(url, identity);
    clients.set(url, made);
    // What could not be opened now may be later, such as a token file that is yet to be mounted.
    made.catch(() => {
      clients.delete(url);
      identity = undefined;
    });
    return made;
  }

  async function ask<Value>(
    vault: string,
    what: (client: SecretClient, signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    try {
      return await what(await clientOf(vault), AbortSignal.timeout(answerWithinMs));
    } catch (error) {
      throw error instanceof VaultError ? error : explain(error);
    }
  }

  const get = async (
    client: SecretClient,
    abortSignal: AbortSignal,
    name: string,
    version?: string,
  ): Promise<VaultSecret> => {
    const { value, properties } = await client.getSecret(name, {
      abortSignal,
      ...(version !== undefined && { version }),
    });
    if (value === undefined || value === '') throw new VaultError('the secret is empty', { final: true });
    return { value, version: properties.version ?? '' };
  };

  return {
    read: (vault, name) => ask(vault, (client, signal) => get(client, signal, name)),
    readAll: (vault, name) =>
      ask(vault, async (client, abortSignal) => {
        const versions: SecretProperties[] = [];
        for await (const properties of client.listPropertiesOfSecretVersions(name, { abortSignal })) {
          if (properties.enabled !== false) versions.push(properties);
        }
        const newest = versions.sort((a, b) => Number(b.createdOn) - Number(a.createdOn)).slice(0, maxVersions);
        const read = await Promise.all(
          newest.map(({ version }) =>
            get(client, abortSignal, name, version).catch((error: unknown) => {
              // Disabled or deleted since it was listed, as in a rotation: the others are still good.
              const reason = error instanceof VaultError ? error : explain(error);
              if (reason.final) return undefined;
              throw reason;
            }),
          ),
        );
        return read.filter((secret) => secret !== undefined);
      }),
    write: (vault, name, value) =>
      ask(vault, async (client, abortSignal) => {
        const { properties } = await client.setSecret(name, value, { abortSignal });
        return { value, version: properties.version ?? '' };
      }),
    disable: (vault, name, version) =>
      ask(vault, async (client, abortSignal) => {
        await client.updateSecretProperties(name, version, { enabled: false, abortSignal });
        return true;
      }).catch((error: VaultError) => {
        if (statusOf(error.cause) === 403) return false;
        throw error;
      }),
  };
}

// Loaded when a vault is first needed: they take longer to load than all the rest of Genkan.
async function openClient(url: string, credential: Promise<TokenCredential>): Promise<SecretClient> {
  const { SecretClient } = await import('@azure/keyvault-secrets');
  return new SecretClient(url, await credential, {
    // It names the resource that our token is for, and must be the host that gets it. A stand-in has no host in Azure.
    disableChallengeResourceVerification: isLoopback(new URL(url).hostname),
    redirectOptions: { maxRetries: 0 },
    retryOptions: { maxRetries: 2, retryDelayInMs: 250, maxRetryDelayInMs: 2_000 },
  });
}

/** Loaded only when it is needed. @param authorityHost who gives tokens, where the cloud is not the public one */
export async function openCredential(
  settings: KeyVaultSettings['credential'],
  folder: string,
  authorityHost: string | undefined,
): Promise<TokenCredential> {
  const cloud = authorityHost === undefined ? {} : { authorityHost };
  const { DefaultAzureCredential, ManagedIdentityCredential, WorkloadIdentityCredential } =
    await import('@azure/identity');
  if (settings === undefined) return new DefaultAzureCredential(cloud);
  if ('managedIdentity' in settings) {
    const { clientId } = settings.managedIdentity;
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }
  const { tenant, clientId, file } = settings.federatedToken;
  return new WorkloadIdentityCredential({
    tenantId: tenant,
    clientId,
    tokenFilePath: path.resolve(folder, file),
    ...cloud,
  });
}

const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number } | undefined)?.statusCode;

const innerCodeOf = (error: unknown): string | undefined =>
  (error as { details?: { error?: { innerError?: { code?: string } } } }).details?.error?.innerError?.code;

// The service's own words may quote what was sent; its codes say enough.
function explain(error: unknown): VaultError {
  const { name = '', code, cause } = error as Error & { code?: string };
  const make = (message: string, final = false): VaultError => new VaultError(message, { final, cause: error });
  const status = statusOf(error);
  if (
    name === 'CredentialUnavailableError' ||
    name === 'AuthenticationError' ||
    name === 'AggregateAuthenticationError'
  )
    return make('Genkan could not sign in to Azure; look at its managed identity or at keyVault.credential');
  if (status === 404) return make('there is no such secret, or it has no version that is enabled', true);
  if (status === 403 && innerCodeOf(error) === 'SecretDisabled') return make('the secret is disabled', true);
  if (status === 403)
    return make(
      'the vault refuses (403): Genkan needs the role "Key Vault Secrets User" there, and a way through its firewall',
    );
  if (status === 429) return make('the vault is asked too often (429)');
  if (status !== undefined) return make(`the vault answers ${status}`);
  if (name === 'TimeoutError' || name === 'AbortError') return make('the vault does not answer in time');
  return make(`the vault cannot be reached (${code ?? (cause as { code?: string } | undefined)?.code ?? name})`);
}
