// Rows: key vaults, ledgers, role and policy assignments.
import { at, data, host, id, localFiles, missing, read, subscription, write } from './row.ts';
import type { Row } from './row.ts';

// The server reaches a vault at https://{vault}.vault.azure.net, wherever it lies.
const vault = host('Microsoft.KeyVault/vaults', 'vault');
const ledger = host('Microsoft.ConfidentialLedger/ledgers', 'ledger');

export const securityRows: Readonly<Record<string, Row>> = {
  // A secret by name, or the list of them: whoever may call this may name any.
  keyvault_secret_get: read(
    vault,
    data('Microsoft.KeyVault/vaults/secrets/getSecret/action', 'Microsoft.KeyVault/vaults/secrets/readMetadata/action'),
    { words: 'secret' },
  ),
  keyvault_secret_create: write(vault, data('Microsoft.KeyVault/vaults/secrets/setSecret/action'), {
    words: 'secret',
    inert: 'value',
  }),
  keyvault_key_get: read(vault, data('Microsoft.KeyVault/vaults/keys/read'), {
    words: 'key',
    inert: 'include-managed',
  }),
  keyvault_key_create: write(vault, data('Microsoft.KeyVault/vaults/keys/create/action'), { words: 'key key-type' }),
  keyvault_certificate_get: read(vault, data('Microsoft.KeyVault/vaults/certificates/read'), { words: 'certificate' }),
  keyvault_certificate_create: write(vault, data('Microsoft.KeyVault/vaults/certificates/create/action'), {
    words: 'certificate',
  }),
  // The data can also be the path of a file.
  keyvault_certificate_import: write(
    vault,
    [...data('Microsoft.KeyVault/vaults/certificates/import/action'), ...localFiles],
    { words: 'certificate', inert: 'certificate-data password' },
  ),
  // Of a managed HSM. Its own local roles decide there; in Azure's words it is a read of the HSM.
  keyvault_admin_settings_get: read(host('Microsoft.KeyVault/managedHSMs', 'vault'), [
    'Microsoft.KeyVault/managedHSMs/read',
  ]),

  confidentialledger_entries_get: read(ledger, data('Microsoft.ConfidentialLedger/ledgers/transactions/read'), {
    words: 'transaction-id collection-id',
  }),
  confidentialledger_entries_append: write(ledger, data('Microsoft.ConfidentialLedger/ledgers/transactions/write'), {
    words: 'collection-id',
    inert: 'content',
  }),

  // `scope` only filters a list of the whole subscription by a part of its text.
  role_assignment_list: read(subscription, ['Microsoft.Authorization/roleAssignments/read'], { inert: 'scope' }),
  policy_assignment_list: read(subscription, [
    ...missing(
      'scope',
      'Microsoft.Authorization/policyAssignments/read',
      'Microsoft.Authorization/policyDefinitions/read',
    ),
    ...at(
      id('scope'),
      'Microsoft.Authorization/policyAssignments/read',
      'Microsoft.Authorization/policyDefinitions/read',
    ),
  ]),
};
