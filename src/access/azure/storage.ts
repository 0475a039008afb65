// Rows: storage accounts and what is in them, file shares, file sync, managed Lustre.
import { at, data, destroy, group, host, id, localFiles, read, resource, subscription, write } from './row.ts';
import type { Row } from './row.ts';
import { nameIn, switchIn } from './attributes.ts';
import { tagsIn } from './tags.ts';

// The server reaches blobs and tables at https://{account}.…, wherever the account lies.
const account = host('Microsoft.Storage/storageAccounts', 'account');

const share = resource('Microsoft.FileShares/fileShares/{name}');
const namedShare = resource('Microsoft.FileShares/fileShares/{file-share-name}');
const snapshot = resource('Microsoft.FileShares/fileShares/{file-share-name}/fileShareSnapshots/{snapshot-name}');
const shareConnection = resource(
  'Microsoft.FileShares/fileShares/{file-share-name}/privateEndpointConnections/{connection-name}',
);
const shareSettings =
  'provisioned-storage-in-gib provisioned-io-per-sec provisioned-throughput-mib-per-sec public-network-access nfs-root-squash tags';
const shareAttributes = { publicNetworkAccess: switchIn('public-network-access'), tags: tagsIn('tags', 'json') };
const allowedSubnets = at(
  id('allowed-subnets', 'Microsoft.Network/virtualNetworks/subnets'),
  'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
);

const sync = 'Microsoft.StorageSync/storageSyncServices/{name}';
const syncService = resource(sync);
const syncGroup = resource(`${sync}/syncGroups/{sync-group-name}`);
const cloudEndpoint = resource(`${sync}/syncGroups/{sync-group-name}/cloudEndpoints/{cloud-endpoint-name}`);
const serverEndpoint = resource(`${sync}/syncGroups/{sync-group-name}/serverEndpoints/{server-endpoint-name}`);
const registeredServer = resource(`${sync}/registeredServers/{server-id}`);
const tiering = 'cloud-tiering volume-free-space-percent tier-files-older-than-days local-cache-mode';

const lustre = 'Microsoft.StorageCache/amlFilesystems';
const lustreByName = resource(`${lustre}/{name}`);
const lustreSubnet = id('subnet-id', 'Microsoft.Network/virtualNetworks/subnets');

// The three kinds of Lustre jobs have the same four tools. Cancelling is a write of the job.
const lustreJobs = (job: string, tool: string, settings: string): Readonly<Record<string, Row>> => {
  const place = resource(`${lustre}/{filesystem-name}/${job}/{job-name}`);
  const actions = (...verbs: string[]): string[] => [
    `${lustre}/read`,
    ...verbs.map((verb) => `${lustre}/${job}/${verb}`),
  ];
  return {
    [`managedlustre_fs_blob_${tool}_get`]: read(place, actions('read')),
    [`managedlustre_fs_blob_${tool}_create`]: write(place, actions('read', 'write'), { inert: settings }),
    [`managedlustre_fs_blob_${tool}_cancel`]: destroy(place, actions('read', 'write')),
    [`managedlustre_fs_blob_${tool}_delete`]: destroy(place, actions('read', 'delete')),
  };
};

export const storageRows: Readonly<Record<string, Row>> = {
  // The account is looked for in the whole subscription.
  storage_account_get: read(subscription, ['Microsoft.Storage/storageAccounts/read'], { words: 'account' }),
  storage_account_create: write(
    resource('Microsoft.Storage/storageAccounts/{account}'),
    ['Microsoft.Storage/storageAccounts/read', 'Microsoft.Storage/storageAccounts/write'],
    {
      inert: 'location sku access-tier enable-hierarchical-namespace',
      attributes: { sku: nameIn('sku', 'Standard_LRS'), tier: nameIn('access-tier') },
    },
  ),
  storage_blob_container_get: read(account, ['Microsoft.Storage/storageAccounts/blobServices/containers/read'], {
    words: 'container',
  }),
  storage_blob_container_create: write(
    account,
    [
      'Microsoft.Storage/storageAccounts/blobServices/containers/read',
      'Microsoft.Storage/storageAccounts/blobServices/containers/write',
    ],
    { words: 'container' },
  ),
  storage_blob_get: read(account, data('Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'), {
    words: 'container',
    inert: 'blob',
  }),
  storage_blob_upload: write(
    account,
    [
      ...data(
        'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
        'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write',
        'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action',
      ),
      ...localFiles,
    ],
    { words: 'container', inert: 'blob local-file-path' },
  ),
  storage_table_list: read(account, ['Microsoft.Storage/storageAccounts/tableServices/tables/read']),

  fileshares_fileshare_get: read(share, ['Microsoft.FileShares/fileShares/read']),
  fileshares_fileshare_create: write(
    share,
    ['Microsoft.FileShares/fileShares/read', 'Microsoft.FileShares/fileShares/write', ...allowedSubnets],
    {
      words: 'location mount-name media-tier redundancy protocol',
      inert: shareSettings,
      attributes: { ...shareAttributes, tier: nameIn('media-tier') },
    },
  ),
  fileshares_fileshare_update: write(
    share,
    ['Microsoft.FileShares/fileShares/read', 'Microsoft.FileShares/fileShares/write', ...allowedSubnets],
    { inert: shareSettings, attributes: shareAttributes },
  ),
  fileshares_fileshare_delete: destroy(share, [
    'Microsoft.FileShares/fileShares/read',
    'Microsoft.FileShares/fileShares/delete',
  ]),
  'fileshares_fileshare_check-name-availability': read(
    subscription,
    ['Microsoft.FileShares/locations/checkNameAvailability/action'],
    { words: 'name location' },
  ),
  fileshares_fileshare_peconnection_get: read(shareConnection, [
    'Microsoft.FileShares/fileShares/read',
    'Microsoft.FileShares/fileShares/privateEndpointConnections/read',
  ]),
  // Approving a connection opens the share to another network.
  fileshares_fileshare_peconnection_update: write(
    shareConnection,
    [
      'Microsoft.FileShares/fileShares/privateEndpointConnections/read',
      'Microsoft.FileShares/fileShares/privateEndpointConnections/write',
      ...at(namedShare, 'Microsoft.FileShares/fileShares/read', 'Microsoft.FileShares/fileShares/write'),
    ],
    { inert: 'status description' },
  ),
  fileshares_fileshare_snapshot_get: read(snapshot, [
    'Microsoft.FileShares/fileShares/read',
    'Microsoft.FileShares/fileShares/fileShareSnapshots/read',
  ]),
  fileshares_fileshare_snapshot_create: write(
    snapshot,
    [
      'Microsoft.FileShares/fileShares/fileShareSnapshots/read',
      'Microsoft.FileShares/fileShares/fileShareSnapshots/write',
    ],
    { inert: 'metadata' },
  ),
  fileshares_fileshare_snapshot_update: write(
    snapshot,
    [
      'Microsoft.FileShares/fileShares/fileShareSnapshots/read',
      'Microsoft.FileShares/fileShares/fileShareSnapshots/write',
    ],
    { inert: 'metadata' },
  ),
  fileshares_fileshare_snapshot_delete: destroy(snapshot, [
    'Microsoft.FileShares/fileShares/fileShareSnapshots/read',
    'Microsoft.FileShares/fileShares/fileShareSnapshots/delete',
  ]),
  fileshares_limits: read(subscription, ['Microsoft.FileShares/locations/getLimits/action'], { words: 'location' }),
  fileshares_rec: read(subscription, ['Microsoft.FileShares/locations/getProvisioningRecommendation/action'], {
    words: 'location',
    inert: 'provisioned-storage-in-gib',
  }),
  fileshares_usage: read(subscription, ['Microsoft.FileShares/locations/getUsageData/action'], { words: 'location' }),

  storagesync_service_get: read(syncService, ['Microsoft.StorageSync/storageSyncServices/read']),
  storagesync_service_create: write(
    syncService,
    ['Microsoft.StorageSync/storageSyncServices/read', 'Microsoft.StorageSync/storageSyncServices/write'],
    { inert: 'location' },
  ),
  storagesync_service_update: write(
    syncService,
    ['Microsoft.StorageSync/storageSyncServices/read', 'Microsoft.StorageSync/storageSyncServices/write'],
    { inert: 'incoming-traffic-policy tags identity-type', attributes: { tags: tagsIn('tags', 'blanks') } },
  ),
  storagesync_service_delete: destroy(syncService, [
    'Microsoft.StorageSync/storageSyncServices/read',
    'Microsoft.StorageSync/storageSyncServices/delete',
  ]),
  storagesync_syncgroup_get: read(syncGroup, ['Microsoft.StorageSync/storageSyncServices/syncGroups/read']),
  storagesync_syncgroup_create: write(syncGroup, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/read',
    'Microsoft.StorageSync/storageSyncServices/syncGroups/write',
  ]),
  storagesync_syncgroup_delete: destroy(syncGroup, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/read',
    'Microsoft.StorageSync/storageSyncServices/syncGroups/delete',
  ]),
  storagesync_cloudendpoint_get: read(cloudEndpoint, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/read',
  ]),
  // The sync service then reads and writes the share with the account's keys.
  storagesync_cloudendpoint_create: write(
    cloudEndpoint,
    [
      'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/read',
      'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/write',
      ...at(
        id('storage-account-resource-id', 'Microsoft.Storage/storageAccounts'),
        'Microsoft.Storage/storageAccounts/read',
        'Microsoft.Storage/storageAccounts/listKeys/action',
      ),
    ],
    { words: 'azure-file-share-name' },
  ),
  storagesync_cloudendpoint_delete: destroy(cloudEndpoint, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/read',
    'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/delete',
  ]),
  storagesync_cloudendpoint_changedetection: write(
    cloudEndpoint,
    [
      'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/read',
      'Microsoft.StorageSync/storageSyncServices/syncGroups/cloudEndpoints/triggerChangeDetection/action',
    ],
    { inert: 'directory-path change-detection-mode paths' },
  ),
  storagesync_serverendpoint_get: read(serverEndpoint, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/read',
  ]),
  storagesync_serverendpoint_create: write(
    serverEndpoint,
    [
      'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/read',
      'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/write',
      ...at(
        id('server-resource-id', 'Microsoft.StorageSync/storageSyncServices/registeredServers'),
        'Microsoft.StorageSync/storageSyncServices/registeredServers/read',
        'Microsoft.StorageSync/storageSyncServices/registeredServers/write',
      ),
    ],
    { inert: `server-local-path ${tiering}` },
  ),
  storagesync_serverendpoint_update: write(
    serverEndpoint,
    [
      'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/read',
      'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/write',
    ],
    { inert: tiering },
  ),
  storagesync_serverendpoint_delete: destroy(serverEndpoint, [
    'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/read',
    'Microsoft.StorageSync/storageSyncServices/syncGroups/serverEndpoints/delete',
  ]),
  storagesync_registeredserver_get: read(registeredServer, [
    'Microsoft.StorageSync/storageSyncServices/registeredServers/read',
  ]),
  storagesync_registeredserver_update: write(registeredServer, [
    'Microsoft.StorageSync/storageSyncServices/registeredServers/read',
    'Microsoft.StorageSync/storageSyncServices/registeredServers/write',
  ]),
  storagesync_registeredserver_unregister: destroy(registeredServer, [
    'Microsoft.StorageSync/storageSyncServices/registeredServers/read',
    'Microsoft.StorageSync/storageSyncServices/registeredServers/delete',
  ]),

  managedlustre_fs_list: read(group, [`${lustre}/read`]),
  managedlustre_fs_create: write(
    lustreByName,
    [
      `${lustre}/read`,
      `${lustre}/write`,
      ...at(
        lustreSubnet,
        'Microsoft.Network/virtualNetworks/subnets/read',
        'Microsoft.Network/virtualNetworks/subnets/join/action',
      ),
      ...at(
        id('hsm-container', 'Microsoft.Storage/storageAccounts/blobServices/containers'),
        'Microsoft.Storage/storageAccounts/blobServices/containers/read',
        'Microsoft.Storage/storageAccounts/blobServices/containers/write',
      ),
      ...at(
        id('hsm-log-container', 'Microsoft.Storage/storageAccounts/blobServices/containers'),
        'Microsoft.Storage/storageAccounts/blobServices/containers/read',
        'Microsoft.Storage/storageAccounts/blobServices/containers/write',
      ),
      ...at(id('source-vault', 'Microsoft.KeyVault/vaults'), 'Microsoft.KeyVault/vaults/read'),
      ...at(
        id('user-assigned-identity-id', 'Microsoft.ManagedIdentity/userAssignedIdentities'),
        'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
      ),
    ],
    {
      inert:
        'location sku size zone maintenance-day maintenance-time import-prefix root-squash-mode no-squash-nid-list squash-uid squash-gid custom-encryption key-url',
      attributes: { sku: nameIn('sku') },
    },
  ),
  managedlustre_fs_update: write(lustreByName, [`${lustre}/read`, `${lustre}/write`], {
    inert: 'maintenance-day maintenance-time no-squash-nid-list squash-uid squash-gid root-squash-mode',
  }),
  managedlustre_fs_sku_get: read(subscription, ['Microsoft.StorageCache/skus/read'], { words: 'location' }),
  managedlustre_fs_subnetsize_ask: read(subscription, ['Microsoft.StorageCache/getRequiredAmlFSSubnetsSize/action'], {
    inert: 'sku size',
  }),
  managedlustre_fs_subnetsize_validate: read(
    subscription,
    [
      'Microsoft.StorageCache/checkAmlFSSubnets/action',
      ...at(lustreSubnet, 'Microsoft.Network/virtualNetworks/subnets/read'),
    ],
    { inert: 'sku size location' },
  ),
  ...lustreJobs('autoExportJobs', 'autoexport', 'autoexport-prefix admin-status'),
  ...lustreJobs(
    'autoImportJobs',
    'autoimport',
    'conflict-resolution-mode autoimport-prefixes admin-status enable-deletions maximum-errors',
  ),
  ...lustreJobs('importJobs', 'import', 'conflict-resolution-mode import-prefixes maximum-errors'),
};
