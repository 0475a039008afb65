// How much a SKU costs to run, roughly: low, medium or high, read from its name.
// The names are those of Azure's VM naming conventions (MicrosoftDocs/azure-compute-docs,
// articles/virtual-machines/vm-naming-conventions.md at eba18e5, CC BY 4.0) and those that the server's own schemas list.
// The classes follow what a size is made of, not a price list: prices differ by region and day, the order of sizes hardly.

export type CostClass = 'low' | 'medium' | 'high' | 'unknown';

/** Up to so many vCPUs a size is low, and medium; more is high. */
const steps = { low: 4, medium: 16 };
// Accelerators (N), high performance (H), very large memory (M, and G of old).
const costlyFamilies = /^[nhmg]/;
// D and DS up to version 2 count their sizes instead of their vCPUs.
const oldSizes: Readonly<Record<string, number>> = {
  1: 1,
  2: 2,
  3: 4,
  4: 8,
  5: 16,
  11: 2,
  12: 4,
  13: 8,
  14: 16,
  15: 20,
};

const machine =
  /^standard_([abdeflhmg]|[de]c|[dg]s|fx|n[cdgpv]?|h[bcx])(\d{1,4})(?:-\d{1,3})?[a-z]*(?:_[a-z]{1,4}\d*)*?(?:_v(\d))?$/;

const byName: readonly (readonly [RegExp, CostClass | ((size: number) => CostClass)])[] = [
  // Storage accounts and managed disks.
  [/^standard(ssd)?_(lrs|zrs|grs|ragrs|gzrs|ragzrs)$/, 'low'],
  [/^premium(v2)?_(lrs|zrs)$/, 'medium'],
  [/^ultrassd_lrs$/, 'high'],
  // Databases by DTUs and by vCores; business critical keeps several copies.
  [/^s(\d{1,2})$/, (size) => (size <= 3 ? 'low' : size <= 7 ? 'medium' : 'high')],
  [/^p(\d{1,2})$/, (size) => (size <= 2 ? 'medium' : 'high')],
  [/^(?:gp|hs)_[a-z0-9_]*?_(\d{1,3})$/, (size) => (size <= 8 ? 'medium' : 'high')],
  [/^bc_[a-z0-9_]+$/, 'high'],
  // Managed Redis, by gigabytes.
  [/^balanced_b(\d{1,4})$/, (size) => (size <= 5 ? 'low' : size <= 20 ? 'medium' : 'high')],
  [/^(?:memoryoptimized_m|computeoptimized_x|flashoptimized_a)(\d{1,4})$/, (size) => (size <= 10 ? 'medium' : 'high')],
  // Event Hubs, and the smallest database.
  [/^(basic|standard)$/, 'low'],
  [/^premium$/, 'high'],
  [/^amlfs-durable-premium-\d+$/, 'high'],
];

/** The class of a SKU in any spelling; `unknown` for one whose name says nothing here. */
export function costClassOf(sku: string): CostClass {
  const name = sku.toLowerCase();
  if (name.length > 64) return 'unknown';
  for (const [pattern, found] of byName) {
    const match = pattern.exec(name);
    if (match !== null) return typeof found === 'string' ? found : found(Number(match[1]));
  }
  return machineClass(name);
}

function machineClass(name: string): CostClass {
  const [, family = '', size = '', version = '1'] = machine.exec(name) ?? [];
  if (family === '') return 'unknown';
  if (costlyFamilies.test(family)) return 'high';
  const isOld = Number(version) <= 2;
  if (isOld && family === 'a' && version === '1') return 'unknown';
  const cpus = isOld && /^ds?$/.test(family) ? oldSizes[size] : Number(size);
  if (cpus === undefined) return 'unknown';
  return cpus <= steps.low ? 'low' : cpus <= steps.medium ? 'medium' : 'high';
}
