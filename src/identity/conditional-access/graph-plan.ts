// What has to change at Entra ID so that its conditional access and ours say the same: authentication contexts, what proves them, policies.
import { isDeepStrictEqual } from 'node:util';
import { isSet } from './compile.ts';
import type { Directory, Graph } from './directory.ts';
import { fold } from './directory.ts';
import type { Policy, SourcedPolicy } from './policy.ts';
import type { ConditionalAccessSettings } from './settings.ts';

export interface Step {
  readonly act: 'create' | 'change' | 'none';
  readonly kind: 'context' | 'policy';
  readonly name: string;
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What differs: the path within it, here and there. */
  readonly differences: readonly Difference[];
  /** Names that mean nobody, so that the step cannot be taken. */
  readonly unresolved: readonly string[];
  /** What somebody has to know before taking it. */
  readonly notices: readonly string[];
}

interface Difference {
  readonly path: string;
  readonly here: unknown;
  readonly there: unknown;
}

interface PlanNeighbours {
  readonly policies: readonly SourcedPolicy[];
  readonly settings: ConditionalAccessSettings;
  readonly directory: Directory;
  readonly clientId: string;
}

const base = '/v1.0/identity/conditionalAccess';
const reportOnly = 'enabledForReportingButNotEnforced';

/** Standing of things at Entra ID; `undefined` where Graph is out of reach, so that everything counts as missing there. */
export interface There {
  readonly policies: readonly Record<string, unknown>[];
  readonly contexts: readonly Record<string, unknown>[];
  readonly locations: readonly Record<string, unknown>[];
}

export async function readThere(graph: Graph): Promise<There> {
  const [policies, contexts, locations] = await Promise.all(
    ['policies', 'authenticationContextClassReferences', 'namedLocations'].map((name) => all(graph, `${base}/${name}`)),
  );
  return { policies: policies!, contexts: contexts!, locations: locations! };
}

async function all(graph: Graph, first: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let path: string | undefined = first;
  for (let page = 0; path !== undefined && page < 50; page++) {
    const answer = (await graph.request('GET', path)) as {
      value?: Record<string, unknown>[];
      '@odata.nextLink'?: string;
    };
    found.push(...(answer.value ?? []));
    const next: string | undefined = answer['@odata.nextLink'];
    path = next === undefined ? undefined : next.slice(new URL(next).origin.length);
  }
  return found;
}

/**
 * Every step, in the order in which they are to be taken.
 * @param enforce write states as they are here; otherwise what is new only reports, and what is there keeps its state
 */
export function planSteps(neighbours: PlanNeighbours, there: There, enforce: boolean): Step[] {
  const { contexts } = neighbours.settings;
  const used = Object.entries(contexts);
  return [
    ...[...new Set(Object.values(contexts))].filter(isEntraContext).map((context) => contextStep(context, used, there)),
    ...used.flatMap(([control, context]) =>
      isEntraContext(context) ? proofSteps(control, context, there, enforce) : [],
    ),
    ...neighbours.policies.map(({ policy }) => policyStep(policy, neighbours, there, enforce)),
  ];
}

/** Entra ID knows c1 to c99; other providers call them otherwise. */
const isEntraContext = (context: string): boolean => /^c[1-9]\d?$/.test(context);

function contextStep(context: string, used: readonly [string, string][], { contexts }: There): Step {
  const controls = used.filter(([, each]) => each === context).map(([control]) => control);
  const known = contexts.find(({ id }) => id === context);
  const body = {
    displayName: (known?.['displayName'] as string | undefined) ?? `Genkan: ${controls.join(', ')}`,
    isAvailable: true,
  };
  return step(
    'context',
    context,
    { method: 'PATCH', path: `${base}/authenticationContextClassReferences/${context}` },
    body,
    known,
    [],
  );
}

const builtIn: ReadonlySet<string> = new Set([
  'mfa',
  'compliantDevice',
  'domainJoinedDevice',
  'approvedApplication',
  'compliantApplication',
  'passwordChange',
]);

const proofName = (control: string, context: string): string => `Genkan: ${context} takes ${control}`;

// A context by itself proves nothing: a policy at Entra ID has to ask for something when the context is asked for.
function proofSteps(control: string, context: string, there: There, enforce: boolean): Step[] {
  if (!builtIn.has(control)) return [];
  const wish = {
    displayName: proofName(control, context),
    state: 'enabled',
    conditions: {
      users: { includeUsers: ['All'] },
      applications: { includeAuthenticationContextClassReferences: [context] },
      clientAppTypes: ['all'],
    },
    grantControls: { operator: 'OR', builtInControls: [control] },
  };
  const known = policyNamed(there, wish.displayName);
  if (known === undefined && provers(there, context).length > 0) return [];
  const notices = [
    ...(enforce ? [] : [`while it only reports, ${context} proves nothing`]),
    'it concerns everybody: exclude your emergency access accounts',
  ];
  return [policyChange(wish, known, enforce, [], notices)];
}

/** Policies in force at Entra ID that ask for something when this context is asked for. */
export const provers = ({ policies }: There, context: string): Record<string, unknown>[] =>
  policies.filter((policy) => {
    const applications = (policy['conditions'] as Policy['conditions'] | undefined)?.applications;
    return (
      policy['state'] === 'enabled' &&
      isSet(policy['grantControls']) &&
      (applications?.includeAuthenticationContextClassReferences ?? []).includes(context)
    );
  });

const policyNamed = ({ policies }: There, name: string): Record<string, unknown> | undefined =>
  policies.find((policy) => policy['displayName'] === name);

function policyStep(policy: Policy, neighbours: PlanNeighbours, there: There, enforce: boolean): Step {
  const unresolved: string[] = [];
  const wish = inObjectIds(policy, neighbours, there, unresolved);
  const known = there.policies.find(({ id }) => id === policy.id) ?? policyNamed(there, policy.displayName);
  return policyChange(wish, known, enforce, unresolved, []);
}

function policyChange(
  wish: Record<string, unknown>,
  known: Record<string, unknown> | undefined,
  enforce: boolean,
  unresolved: readonly string[],
  notices: readonly string[],
): Step {
  const state = enforce
    ? wish['state']
    : (known?.['state'] ?? (wish['state'] === 'disabled' ? 'disabled' : reportOnly));
  const body = { ...wish, state };
  const where =
    known === undefined
      ? ({ method: 'POST', path: `${base}/policies` } as const)
      : ({ method: 'PATCH', path: `${base}/policies/${String(known['id'])}` } as const);
  return { ...step('policy', String(wish['displayName']), where, body, known, unresolved), notices };
}

function step(
  kind: Step['kind'],
  name: string,
  where: Pick<Step, 'method' | 'path'>,
  body: Record<string, unknown>,
  known: Record<string, unknown> | undefined,
  unresolved: readonly string[],
): Step {
  const differences = known === undefined ? [] : differencesOf(body, known, '');
  const act = known === undefined ? 'create' : differences.length > 0 ? 'change' : 'none';
  return { act, kind, name, ...where, body, differences, unresolved, notices: [] };
}

/** What is written here and is otherwise there. What only Entra ID says is its own affair, unless it is a part that is written here. */
function differencesOf(here: unknown, there: unknown, path: string): Difference[] {
  if (!isSet(here) && !isSet(there)) return [];
  if (Array.isArray(here) && Array.isArray(there))
    return isDeepStrictEqual(here.toSorted(), there.toSorted()) ? [] : [{ path, here, there }];
  if (isRecord(here) && isRecord(there))
    return [...new Set([...Object.keys(here), ...(path === '' ? [] : Object.keys(there))])]
      .filter((key) => !key.includes('@odata'))
      .flatMap((key) => differencesOf(here[key], there[key], path === '' ? key : `${path}.${key}`));
  if (isRecord(here) && !isSet(there)) return differencesOf(here, {}, path);
  // Entra ID fills in what was left out.
  if (!isSet(here) && (isRecord(there) || isDeepStrictEqual(there, ['all'])))
    return isRecord(there) ? differencesOf({}, there, path) : [];
  return isDeepStrictEqual(here, there) ? [] : [{ path, here: here ?? null, there: there ?? null }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readOnlyParts: ReadonlySet<string> = new Set([
  'id',
  'createdDateTime',
  'modifiedDateTime',
  'deletedDateTime',
  'templateId',
]);

/** A policy as Graph takes it: with object ids where it has names. */
function inObjectIds(
  policy: Policy,
  { directory, settings, clientId }: PlanNeighbours,
  there: There,
  unresolved: string[],
): Record<string, unknown> {
  const wish = structuredClone(policy) as Policy & Record<string, unknown>;
  for (const key of Object.keys(wish)) if (readOnlyParts.has(key) || key.includes('@odata')) delete wish[key];
  const lookUp = (list: readonly string[] | null | undefined, find: (name: string) => readonly string[] | undefined) =>
    list?.flatMap((name) => {
      if (standing.test(name)) return [name];
      const ids = find(name);
      if (ids === undefined || ids.length === 0) unresolved.push(name);
      return ids ?? [];
    });
  const known = (kind: string) => (name: string) =>
    directory.list().find((each) => each.kind === kind && each.name === name)?.ids;
  const application = (name: string): readonly string[] | undefined => {
    const meant = Object.entries(settings.applications).find(([each]) => fold(each) === fold(name));
    // A server of ours is no application of its own there: all of Genkan is.
    if (meant !== undefined || name.startsWith('/')) return [clientId];
    return known('application')(name);
  };
  const location = (name: string): readonly string[] | undefined => {
    const found = there.locations.find(
      ({ displayName, id }) => id === name || fold(String(displayName)) === fold(name),
    );
    return found && [String(found['id'])];
  };
  const { users, applications, locations } = wish.conditions;
  if (users) {
    for (const part of ['includeUsers', 'excludeUsers'] as const)
      if (users[part]) users[part] = lookUp(users[part], known('user'));
    for (const part of ['includeGroups', 'excludeGroups'] as const)
      if (users[part]) users[part] = lookUp(users[part], known('group'));
  }
  if (applications)
    for (const part of ['includeApplications', 'excludeApplications'] as const)
      if (applications[part]) applications[part] = lookUp(applications[part], application);
  if (locations)
    for (const part of ['includeLocations', 'excludeLocations'] as const)
      if (locations[part]) locations[part] = lookUp(locations[part], location);
  return wish;
}

const standing =
  /^(All|None|AllTrusted|GuestsOrExternalUsers|Office365|MicrosoftAdminPortals|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The command that takes a step by hand. */
export function azureCommand(graphUrl: string, { method, path, body }: Step): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `az rest --method ${method} --url ${quoted(graphUrl + path)} --headers Content-Type=application/json --body ${quoted(JSON.stringify(body))}`;
}
