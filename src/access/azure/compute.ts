// Rows: virtual machines, scale sets, disks, Kubernetes, Service Fabric, virtual desktops, containers.
import {
  at,
  destroy,
  group,
  id,
  localFilesIfPath,
  missing,
  read,
  resource,
  subscription,
  unlessTrue,
  write,
} from './row.ts';
import type { Row } from './row.ts';
import { countIn, locationIn, nameIn, prefixIn, publicIpUnless } from './attributes.ts';
import { tagsIn } from './tags.ts';

const vm = resource('Microsoft.Compute/virtualMachines/{vm-name}');
const scaleSet = resource('Microsoft.Compute/virtualMachineScaleSets/{vmss-name}');
const disk = resource('Microsoft.Compute/disks/{disk-name}');
const cluster = resource('Microsoft.ServiceFabric/managedclusters/{cluster}');
const hostPool = resource('Microsoft.DesktopVirtualization/hostpools/{hostpool}');
const hostPoolById = id('hostpool-resource-id', 'Microsoft.DesktopVirtualization/hostpools');

const encryptionSet = id('disk-encryption-set', 'Microsoft.Compute/diskEncryptionSets');
const diskAccess = id('disk-access', 'Microsoft.Compute/diskAccesses');
const diskLinks = [
  ...at(encryptionSet, 'Microsoft.Compute/diskEncryptionSets/read'),
  ...at(diskAccess, 'Microsoft.Compute/diskAccesses/read'),
];
const diskSettings =
  'size-gb sku disk-iops-read-write disk-mbps-read-write max-shares network-access-policy enable-bursting tags encryption-type tier';
// The tool says that its tags stand between commas, and splits them at blanks.
const diskAttributes = { sku: nameIn('sku'), tier: nameIn('tier'), tags: tagsIn('tags', 'blanks') };
const machineSize = nameIn('vm-size', 'Standard_D2s_v5');

// A network that is named but does not exist is created, and its parts have names made from the machine's.
const network = [
  'Microsoft.Network/virtualNetworks/read',
  'Microsoft.Network/virtualNetworks/write',
  'Microsoft.Network/virtualNetworks/subnets/read',
  'Microsoft.Network/virtualNetworks/subnets/write',
  'Microsoft.Network/virtualNetworks/subnets/join/action',
];

export const computeRows: Readonly<Record<string, Row>> = {
  compute_vm_get: read(
    vm,
    ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/instanceView/read'],
    {
      inert: 'instance-view',
    },
  ),
  compute_vm_create: write(
    vm,
    [
      'Microsoft.Compute/virtualMachines/read',
      'Microsoft.Compute/virtualMachines/write',
      ...at(
        group,
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Compute/disks/write',
        ...network,
        'Microsoft.Network/networkSecurityGroups/read',
        'Microsoft.Network/networkSecurityGroups/write',
        'Microsoft.Network/networkSecurityGroups/join/action',
        'Microsoft.Network/networkInterfaces/read',
        'Microsoft.Network/networkInterfaces/write',
        'Microsoft.Network/networkInterfaces/join/action',
        unlessTrue(
          'no-public-ip',
          'Microsoft.Network/publicIPAddresses/read',
          'Microsoft.Network/publicIPAddresses/write',
          'Microsoft.Network/publicIPAddresses/join/action',
        ),
      ),
      localFilesIfPath('ssh-public-key'),
    ],
    {
      words: 'virtual-network subnet public-ip-address network-security-group',
      inert:
        'location admin-username admin-password ssh-public-key vm-size image os-type no-public-ip source-address-prefix zone os-disk-size-gb os-disk-type',
      // A security group that is named keeps the rules that it has: who may name one is a matter of joining it.
      attributes: {
        sku: machineSize,
        diskSku: nameIn('os-disk-type'),
        publicIp: publicIpUnless('no-public-ip'),
        sourcePrefix: prefixIn('source-address-prefix', '*'),
      },
    },
  ),
  compute_vm_update: write(
    vm,
    [
      'Microsoft.Compute/virtualMachines/read',
      'Microsoft.Compute/virtualMachines/write',
      'Microsoft.Compute/virtualMachines/instanceView/read',
    ],
    {
      inert: 'vm-size tags license-type boot-diagnostics user-data',
      attributes: { sku: nameIn('vm-size'), tags: tagsIn('tags', 'commas') },
    },
  ),
  compute_vm_delete: destroy(
    vm,
    ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/delete'],
    {
      inert: 'force-deletion',
    },
  ),

  compute_vmss_get: read(
    scaleSet,
    [
      'Microsoft.Compute/virtualMachineScaleSets/read',
      'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
    ],
    { words: 'instance-id' },
  ),
  compute_vmss_create: write(
    scaleSet,
    [
      'Microsoft.Compute/virtualMachineScaleSets/read',
      'Microsoft.Compute/virtualMachineScaleSets/write',
      ...at(
        group,
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Compute/disks/write',
        'Microsoft.Network/networkInterfaces/write',
        'Microsoft.Network/networkInterfaces/join/action',
        ...network,
      ),
      localFilesIfPath('ssh-public-key'),
    ],
    {
      words: 'virtual-network subnet',
      inert:
        'location admin-username admin-password ssh-public-key vm-size image os-type instance-count upgrade-policy zone os-disk-size-gb os-disk-type',
      attributes: {
        sku: machineSize,
        diskSku: nameIn('os-disk-type'),
        count: countIn('instance-count', 2),
        publicIp: () => false,
      },
    },
  ),
  compute_vmss_update: write(
    scaleSet,
    ['Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Compute/virtualMachineScaleSets/write'],
    {
      inert: 'upgrade-policy capacity vm-size overprovision enable-auto-os-upgrade scale-in-policy tags',
      attributes: { sku: nameIn('vm-size'), count: countIn('capacity'), tags: tagsIn('tags', 'commas') },
    },
  ),
  compute_vmss_delete: destroy(
    scaleSet,
    ['Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Compute/virtualMachineScaleSets/delete'],
    { inert: 'force-deletion' },
  ),

  compute_disk_get: read(disk, ['Microsoft.Compute/disks/read']),
  compute_disk_create: write(
    disk,
    [
      'Microsoft.Compute/disks/read',
      'Microsoft.Compute/disks/write',
      ...at(group, 'Microsoft.Resources/subscriptions/resourceGroups/read'),
      // A snapshot or a disk; the address of a blob is refused, because it does not show where its account lies.
      ...at(
        id('source'),
        'Microsoft.Compute/snapshots/read',
        'Microsoft.Compute/snapshots/beginGetAccess/action',
        'Microsoft.Compute/disks/read',
        'Microsoft.Compute/disks/beginGetAccess/action',
      ),
      ...at(
        id('gallery-image-reference', 'Microsoft.Compute/galleries/images/versions'),
        'Microsoft.Compute/galleries/images/versions/read',
      ),
      ...diskLinks,
    ],
    {
      inert: `location os-type zone hyper-v-generation gallery-image-reference-lun upload-type upload-size-bytes security-type ${diskSettings}`,
      attributes: diskAttributes,
    },
  ),
  compute_disk_update: write(disk, ['Microsoft.Compute/disks/read', 'Microsoft.Compute/disks/write', ...diskLinks], {
    inert: diskSettings,
    attributes: diskAttributes,
  }),
  compute_disk_delete: destroy(disk, ['Microsoft.Compute/disks/read', 'Microsoft.Compute/disks/delete']),

  aks_cluster_get: read(resource('Microsoft.ContainerService/managedClusters/{cluster}'), [
    'Microsoft.ContainerService/managedClusters/read',
  ]),
  aks_nodepool_get: read(resource('Microsoft.ContainerService/managedClusters/{cluster}/agentPools/{nodepool}'), [
    'Microsoft.ContainerService/managedClusters/agentPools/read',
  ]),

  servicefabric_managedcluster_node_get: read(cluster, ['Microsoft.ServiceFabric/managedclusters/read'], {
    words: 'node',
  }),
  // Restarting is a POST on the node type, which Azure's list names only as a write of it.
  servicefabric_managedcluster_nodetype_restart: destroy(
    resource('Microsoft.ServiceFabric/managedclusters/{cluster}/nodetypes/{node-type}'),
    ['Microsoft.ServiceFabric/managedclusters/nodetypes/write'],
    { words: 'nodes update-type' },
  ),

  acr_registry_list: read(group, ['Microsoft.ContainerRegistry/registries/read']),
  acr_registry_repository_list: read(resource('Microsoft.ContainerRegistry/registries/{registry}'), [
    'Microsoft.ContainerRegistry/registries/read',
    'Microsoft.ContainerRegistry/registries/pull/read',
    'Microsoft.ContainerRegistry/registries/metadata/read',
  ]),
  containerapps_list: read(group, ['Microsoft.App/containerApps/read']),

  virtualdesktop_hostpool_list: read(group, ['Microsoft.DesktopVirtualization/hostpools/read']),
  virtualdesktop_hostpool_host_list: read(hostPool, [
    ...missing(
      'hostpool-resource-id',
      'Microsoft.DesktopVirtualization/hostpools/read',
      'Microsoft.DesktopVirtualization/hostpools/sessionhosts/read',
    ),
    ...at(
      hostPoolById,
      'Microsoft.DesktopVirtualization/hostpools/read',
      'Microsoft.DesktopVirtualization/hostpools/sessionhosts/read',
    ),
  ]),
  'virtualdesktop_hostpool_host_user-list': read(
    hostPool,
    [
      ...missing(
        'hostpool-resource-id',
        'Microsoft.DesktopVirtualization/hostpools/read',
        'Microsoft.DesktopVirtualization/hostpools/sessionhosts/read',
        'Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions/read',
      ),
      ...at(
        hostPoolById,
        'Microsoft.DesktopVirtualization/hostpools/read',
        'Microsoft.DesktopVirtualization/hostpools/sessionhosts/read',
        'Microsoft.DesktopVirtualization/hostpools/sessionhosts/usersessions/read',
      ),
    ],
    { words: 'sessionhost' },
  ),

  quota_usage_check: read(
    subscription,
    // One provider or another, chosen by the resource types; the union is asked for.
    [
      'Microsoft.CognitiveServices/locations/usages/read',
      'Microsoft.Compute/locations/usages/read',
      'Microsoft.Compute/skus/read',
      'Microsoft.Storage/locations/usages/read',
      'Microsoft.App/locations/usages/read',
      'Microsoft.Network/locations/usages/read',
      'Microsoft.MachineLearningServices/locations/usages/read',
      'Microsoft.DBforPostgreSQL/locations/resourceType/usages/read',
      'Microsoft.HDInsight/locations/usages/read',
      'Microsoft.Search/locations/usages/read',
      'Microsoft.Sql/locations/usages/read',
      'Microsoft.ContainerInstance/locations/usages/read',
    ],
    { words: 'region', inert: 'resource-types', attributes: { location: locationIn('region') } },
  ),
  quota_region_availability_list: read(
    subscription,
    [
      'Microsoft.Resources/subscriptions/providers/read',
      'Microsoft.Resources/subscriptions/locations/read',
      'Microsoft.CognitiveServices/locations/models/read',
      'Microsoft.DBforPostgreSQL/locations/capabilities/read',
      'Microsoft.DBforMySQL/locations/capabilities/read',
      'Microsoft.Sql/locations/capabilities/read',
      'Microsoft.DocumentDB/locations/read',
      'Microsoft.Compute/skus/read',
    ],
    {
      words: 'cognitive-service-model-name cognitive-service-model-version cognitive-service-deployment-sku-name',
      inert: 'resource-types',
    },
  ),
};
