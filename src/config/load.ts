// Reads genkan.yaml: every mistake in it at once, or the configuration that the rest of Genkan is built from.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import type { PlainReference, ResolveSecret } from '../base/secret.ts';
import { checkReviews } from '../access/reviews/review-desk.ts';
import { checkElevation } from '../access/elevation/check.ts';
import type { Role } from '../access/role.ts';
import { collectRoles } from '../access/roles.ts';
import { checkPolicies } from '../identity/conditional-access/check.ts';
import { explainIssues } from './explain-issues.ts';
import type { Finding } from './explain-issues.ts';
import { hiddenRanges, shownKey } from './hidden-ranges.ts';
import { ConfigMistakes, markPlace } from './mistake.ts';
import type { Mistake } from './mistake.ts';
import { checkSecrets, unavailableSecrets } from './secrets-check.ts';
import { genkanSettings, splitListen } from './settings.ts';
import type { GenkanSettings } from './settings.ts';
import { isReferenceAt, mayBeSecretAt } from './schema-walk.ts';
import { readSource } from './source.ts';
import type { Path, Range, Source } from './source.ts';
import { fillPlaceholders } from './variables.ts';
import type { Unresolved } from './variables.ts';
import { placesHidden } from './trusted-proxies.ts';

export interface Config {
  /** The settings as written, with defaults and variables filled in. */
  readonly settings: GenkanSettings;
  /** References to secrets by the names that the file of `keyVault.references` gives them. */
  readonly named: ReadonlyMap<string, PlainReference>;
  /** The Key Vaults that may be read, by name in lower case, with their addresses. */
  readonly vaults: ReadonlyMap<string, string>;
  /** Absolute path of the file they came from. */
  readonly file: string;
  /** Where to listen, overrides included; an IPv6 host without brackets. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Origin (and path) under which clients reach Genkan, without a final slash. */
  readonly publicUrl: string;
  /** Absolute path of the data directory. */
  readonly dataDirectory: string;
}

/** What the command line and the environment may change. */
export interface ConfigOverrides {
  readonly port?: number;
  readonly dataDirectory?: string;
}

export type CheckedConfig = { readonly mistakes: readonly Mistake[] } | { readonly config: Config };

/**
 * Loads a configuration file.
 * @throws ConfigMistakes when it contains mistakes
 * @throws GenkanError `config_missing` when it cannot be read
 */
export function loadConfig(file: string, overrides: ConfigOverrides = {}): Config {
  const checked = checkConfig(file, readConfigFile(file), overrides);
  if ('mistakes' in checked) throw new ConfigMistakes(file, checked.mistakes);
  return checked.config;
}

/** @throws GenkanError `config_missing` */
export function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new GenkanError('config_missing', { file }, { cause });
  }
}

/**
 * Checks a configuration without using it.
 * @param file its path, as it shall appear in messages
 */
export function checkConfig(file: string, text: string, overrides: ConfigOverrides = {}): CheckedConfig {
  const source = readSource(file, text);
  const parsed = parseSettings(source, genkanSettings);
  if (parsed.mistakes.length > 0) return { mistakes: parsed.mistakes };
  const settings = parsed.settings as GenkanSettings;
  const listen = splitListen(settings.listen);
  const at = { host: listen.host.replace(/^\[|\]$/g, ''), port: overrides.port ?? listen.port };
  const folder = path.dirname(path.resolve(file));
  const secrets = checkSecrets(settings, folder);
  if (secrets.findings.length > 0) return { mistakes: placeFindings(source, genkanSettings, secrets.findings) };
  return {
    config: {
      settings,
      named: secrets.named,
      vaults: secrets.vaults,
      file: path.resolve(file),
      listen: at,
      publicUrl: (settings.publicUrl ?? `http://${listen.host}:${at.port}`).replace(/\/+$/, ''),
      dataDirectory: path.resolve(overrides.dataDirectory ?? path.resolve(folder, settings.data)),
    },
  };
}

/** Tries every reference to a secret in a configuration without mistakes. What is found of them is thrown away. */
export async function findUnavailable(
  file: string,
  text: string,
  { settings, named }: Config,
  secret: ResolveSecret,
): Promise<Mistake[]> {
  const findings = await unavailableSecrets(settings, named, secret);
  return placeFindings(readSource(file, text), genkanSettings, findings);
}

/** What is wrong with policies, also in files of their own, and which parts of them are not enforced here. */
export function policyMistakes(
  file: string,
  text: string,
  { settings: { identity, servers, trustedProxies, access, variables }, publicUrl }: Config,
): { readonly mistakes: Mistake[]; readonly notes: readonly string[] } {
  const folder = path.dirname(path.resolve(file));
  const readFile = (name: string): string => readFileSync(path.resolve(folder, name), 'utf8');
  const { mistakes, notes } = checkPolicies(identity.conditionalAccess, {
    entra: 'tenant' in identity.provider,
    clientId: identity.provider.clientId,
    servers: Object.keys(servers),
    placesHidden: placesHidden(publicUrl, trustedProxies),
    readFile,
  });
  const roles = rolesOf(access, readFile, variables);
  const reviews = checkReviews(access.reviews, { roles: roles?.map(({ name }) => name) ?? [], readFile });
  const elevation = checkElevation(access, {
    roles,
    readFile,
    mfaContext: identity.conditionalAccess.contexts['mfa'],
    callsOnBehalf: 'tenant' in identity.provider && identity.provider.apiScope !== undefined,
  });
  const findings = mistakes.map(({ index, reason }): Finding => ({
    kind: 'invalid',
    path: ['identity', 'conditionalAccess', 'policies', index],
    at: 'value',
    params: { key: 'policies', reason },
  }));
  const ofReviews = reviews.mistake === undefined ? [] : [{ path: ['reviews', 'settings'], reason: reviews.mistake }];
  const more = [...elevation.mistakes, ...ofReviews].map(({ path: [...at], reason }): Finding => ({
    kind: 'invalid',
    path: ['access', ...at],
    at: 'value',
    params: { key: String(at.findLast((key) => typeof key === 'string')), reason },
  }));
  return {
    mistakes: placeFindings(readSource(file, text), genkanSettings, [...findings, ...more]),
    notes: [...notes, ...elevation.notes, ...reviews.notes],
  };
}

/** The roles of the configuration; undefined where one of them cannot be read, which is told elsewhere. */
function rolesOf(
  { roles }: GenkanSettings['access'],
  readFile: (file: string) => string,
  variables: GenkanSettings['variables'],
): Role[] | undefined {
  try {
    return [...collectRoles(roles, readFile, variables).values()];
  } catch {
    return undefined;
  }
}

/** Parses a source by a schema, with variables filled into `access` first. Mistakes come in the order of the file. */
export function parseSettings<Schema extends z.ZodType>(
  source: Source,
  schema: Schema,
): { settings?: z.output<Schema>; mistakes: Mistake[] } {
  const { data, unresolved } = fillAccess(source.data);
  const result = source.data === undefined ? undefined : schema.safeParse(data);
  // Of two values under one key, nobody knows which one is meant.
  const doubled = new Set(
    source.complaints.filter(({ kind }) => kind === 'duplicateKey').map(({ range }) => keyIn(source, range)),
  );
  const findings = [
    ...(result?.success === false ? explainIssues(schema, data, result.error.issues) : []),
    ...findSecretMistakes(schema, data, []),
  ].filter(({ path }) => !path.some((key) => doubled.has(String(key))));
  const placed = [
    ...source.complaints.map(({ kind, range, reason }) => ({
      kind,
      range,
      // The text of anything but a key may be secret.
      params:
        kind === 'duplicateKey' ? { key: shownKey(keyIn(source, range)) } : ({ reason } as Record<string, string>),
    })),
    ...unresolved.map((each) => ({
      kind: 'unresolved' as const,
      range: rangeWithin(source, each),
      params: { name: each.name },
    })),
  ];
  return { settings: result?.data, mistakes: placeFindings(source, schema, findings, placed) };
}

/**
 * Finds the places of what was found, in the order of the file.
 * @param placed mistakes whose place is known already
 */
export function placeFindings(
  source: Source,
  schema: z.ZodType,
  findings: readonly Finding[],
  placed: readonly (Pick<Finding, 'kind' | 'params' | 'suggestion'> & { readonly range: Range })[] = [],
): Mistake[] {
  const hidden = hiddenRanges(source, schema, findings);
  return [...placed, ...findings.map((finding) => ({ ...finding, range: rangeOf(source, finding) }))]
    .toSorted((a, b) => a.range[0] - b.range[0])
    .map(({ range, kind, params, ...more }): Mistake => ({
      kind,
      params,
      ...(more.suggestion !== undefined ? { suggestion: more.suggestion } : {}),
      ...markPlace(source, range, hidden),
    }));
}

function fillAccess(data: unknown): { data: unknown; unresolved: readonly Unresolved[] } {
  if (!isMapping(data) || data['access'] === undefined) return { data, unresolved: [] };
  const variables = Object.fromEntries(
    Object.entries(isMapping(data['variables']) ? data['variables'] : {}).map(([name, value]) => [name, String(value)]),
  );
  const { value, unresolved } = fillPlaceholders(data['access'], variables, ['access']);
  return { data: { ...data, access: value }, unresolved };
}

// Narrower than what is masked: AZURE_TOKEN_CREDENTIALS names a way to sign in, AZURE_CLIENT_SECRET is a secret.
const namesSecret =
  /(?:^|[-_])(?:secret|password|passwd|pwd|token|pat|api_?key|access_?key|account_?key|private_?key|connection_?string)$/i;

// What the schema alone cannot refuse: a literal under a telling name where text is welcome too.
function findSecretMistakes(schema: z.core.$ZodType, value: unknown, at: Path): Finding[] {
  const key = shownKey(at.at(-1) ?? '');
  if (typeof value === 'string') {
    const isLiteral = value !== '' && namesSecret.test(key) && mayBeSecretAt(schema, at) && !isReferenceAt(schema, at);
    return isLiteral ? [{ kind: 'secretLiteral', path: at, at: 'value', params: { key } }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (mayBeSecretAt(schema, at) && isMapping(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => findSecretMistakes(schema, item, [...at, name]));
}

const rangeOf = (source: Source, { at, path }: Finding): Range =>
  at === 'key' ? source.keyRange(path) : source.valueRange(path);

const keyIn = (source: Source, range: Range): string =>
  source.text
    .slice(...range)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');

// The placeholder itself, where the value is written on one line without escapes; the whole value otherwise.
function rangeWithin(source: Source, { path, name }: Unresolved): Range {
  const [start, end] = source.valueRange(path);
  const found = source.text.slice(start, end).indexOf(`{${name}}`);
  return found < 0 ? [start, end] : [start + found, start + found + name.length + 2];
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
