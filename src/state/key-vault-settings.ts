// Settings of Azure Key Vault: which vaults may be read, and as whom.
import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { vaultName } from '../base/secret.ts';

// Public, US government, China: learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
const vaultHost = /^[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)$/;

/** Whether an address may be given a token for Key Vault: a vault of Azure, or a stand-in on this machine. */
export function isVaultUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.href !== `${url.origin}/`) return false;
  return isLoopback(url.hostname) || (vaultHost.test(url.hostname) && url.port === '');
}

/** Who gives tokens for a vault: each national cloud has its own. Undefined where the environment may say it. */
export function authorityOf(vaultUrl: string): string | undefined {
  const { hostname } = new URL(vaultUrl);
  if (hostname.endsWith('.usgovcloudapi.net')) return 'https://login.microsoftonline.us';
  return hostname.endsWith('.azure.cn') ? 'https://login.chinacloudapi.cn' : undefined;
}

const guid = z.guid();

/** As whom Genkan comes to a service of Azure, without a secret of its own. */
export const azureCredential = z.union([
  z
    .strictObject({
      managedIdentity: z
        .strictObject({
          clientId: guid.optional().describe('Which user-assigned identity; else the one of the system.'),
        })
        .describe('The managed identity of the machine.'),
    })
    .describe('As a managed identity.'),
  z
    .strictObject({
      federatedToken: z
        .strictObject({
          tenant: guid.describe('Tenant of the application.'),
          clientId: guid.describe('Id of the application.'),
          file: z
            .string()
            .min(1)
            .describe('File with a token that the application trusts, such as of a Kubernetes service account.'),
        })
        .describe('A token of another issuer, by workload identity federation.'),
    })
    .describe('As an application, by workload identity federation.'),
]);

export type AzureCredentialSettings = z.output<typeof azureCredential>;

export const keyVaultSettings = z.strictObject({
  references: z
    .string()
    .min(1)
    .optional()
    .describe('File that gives references to secrets names, such as keyvault-references.json; relative to this file.'),
  vaults: z
    .record(
      vaultName,
      z.strictObject({
        url: z
          .string()
          .refine(isVaultUrl, 'write https://NAME.vault.azure.net, or the same in a national cloud')
          .optional()
          .describe('Address of the vault; by default https://NAME.vault.azure.net.'),
      }),
    )
    .optional()
    .describe('The vaults that may be read. Without it: those that this configuration names.'),
  credential: azureCredential
    .optional()
    .describe('Who reads. Without it: whoever DefaultAzureCredential finds, e.g. az login on a developer machine.'),
  cacheSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('How long a secret is used before it is looked up again.'),
  staleSeconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(3600)
    .describe('How long the last known value is used while the vault does not answer.'),
});

export type KeyVaultSettings = z.output<typeof keyVaultSettings>;
