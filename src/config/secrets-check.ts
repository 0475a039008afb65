// Finds the secret references of a configuration, reads the file that names some of them, and checks that each may be followed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { GenkanError } from '../base/errors.ts';
import { referenceName, secretReference } from '../base/secret.ts';
import type { PlainReference, ResolveSecret, SecretReference } from '../base/secret.ts';
import { allowedVaults } from '../state/key-vault.ts';
import type { Finding } from './explain-issues.ts';
import type { GenkanSettings } from './settings.ts';
import type { Path } from './source.ts';

export interface PlacedReference {
  readonly path: Path;
  readonly reference: SecretReference;
}

export interface CheckedSecrets {
  readonly named: ReadonlyMap<string, PlainReference>;
  readonly vaults: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

const referencesAt: Path = ['keyVault', 'references'];
const maxDepth = 8;
const maxBytes = 262_144;

/** Every reference in settings, the key ring's own place included. */
export function findReferences(value: unknown, at: Path = []): PlacedReference[] {
  if (typeof value !== 'object' || value === null || at.length > 4 * maxDepth) return [];
  const reference = secretReference.safeParse(value);
  if (reference.success) return [{ path: at, reference: reference.data }];
  return Object.entries(value).flatMap(([key, item]) => findReferences(item, [...at, key]));
}

/** @param folder that of the configuration file */
export function checkSecrets(settings: GenkanSettings, folder: string): CheckedSecrets {
  const file = settings.keyVault.references;
  const read = file === undefined ? new Map<string, PlainReference>() : readNamed(path.resolve(folder, file));
  const named = typeof read === 'string' ? new Map<string, PlainReference>() : read;
  const placed = [
    ...findReferences(settings),
    ...[...named.values()].map((reference): PlacedReference => ({ path: referencesAt, reference })),
  ];
  const vaultNames = placed.flatMap(({ reference }) => (reference.source === 'keyvault' ? [reference.vaultName] : []));
  const vaults = allowedVaults(settings.keyVault, vaultNames);
  const findings = placed.flatMap((each) => wrong(each, named, vaults));
  if (typeof read !== 'string') return { named, vaults, findings };
  return {
    named,
    vaults,
    findings: [{ kind: 'referencesFile', path: referencesAt, at: 'value', params: { reason: read } }],
  };
}

/** Which secrets cannot be had at present. The key ring has a place of its own, and may yet have to be made. */
export async function unavailableSecrets(
  { storage: _, ...settings }: GenkanSettings,
  named: ReadonlyMap<string, PlainReference>,
  secret: ResolveSecret,
): Promise<Finding[]> {
  const inFile = [...named.values()].map((reference) => ({ path: referencesAt, reference }));
  const tried = [...findReferences(settings), ...inFile].map(async ({ path: at, reference }): Promise<Finding[]> => {
    try {
      await secret(reference);
      return [];
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      const params = { reference: referenceName(reference), reason: String(error.params['reason']) };
      return [{ kind: 'secretUnavailable', path: at, at: 'value', params }];
    }
  });
  return (await Promise.all(tried)).flat();
}

function wrong(
  { path: at, reference }: PlacedReference,
  named: ReadonlyMap<string, PlainReference>,
  vaults: ReadonlyMap<string, string>,
): Finding[] {
  if (reference.source === 'named' && !named.has(reference.name)) {
    const known = [...named.keys()].join(', ') || '—';
    return [{ kind: 'namedUnknown', path: [...at, 'name'], at: 'value', params: { name: reference.name, known } }];
  }
  if (reference.source === 'keyvault' && !vaults.has(reference.vaultName.toLowerCase())) {
    const params = { key: String(at.at(-1)), vault: reference.vaultName };
    return [{ kind: 'vaultForeign', path: at, at: 'value', params }];
  }
  return [];
}

/** @returns what is wrong with the file, if it will not do; nothing of its text */
function readNamed(file: string): Map<string, PlainReference> | string {
  let data: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > maxBytes) return 'it is too large';
    data = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code?.startsWith('E') ? `it cannot be read (${code})` : 'it is neither JSON nor YAML';
  }
  const named = new Map<string, PlainReference>();
  const stray = collect(data, [], named);
  return stray === undefined ? named : stray;
}

function collect(value: unknown, at: readonly string[], named: Map<string, PlainReference>): string | undefined {
  const here = at.length === 0 ? 'the file' : `"${at.join('.')}"`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${here} is no reference`;
  const reference = secretReference.safeParse(value);
  if (reference.success && reference.data.source !== 'named') {
    named.set(at.join('.'), reference.data);
    return undefined;
  }
  if ('source' in value || at.length >= maxDepth) return `${here} is no reference`;
  for (const [key, item] of Object.entries(value)) {
    const stray = collect(item, [...at, key], named);
    if (stray !== undefined) return stray;
  }
  return undefined;
}
