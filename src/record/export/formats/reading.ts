// What every format reads out of a record: who did it, to whom and to what, how it ended and how grave it is.
import { isIP } from 'node:net';
import type { RecordedFinding, StoredEntry } from '../../entry.ts';
import type { Kind } from './kinds.ts';
import { kindOf } from './kinds.ts';

/** Whoever acted, or was acted on. */
export interface Who {
  /** Principal id, `operator`, `genkan`, or the pseudonym of somebody who was erased. Never empty. */
  readonly id: string;
  readonly name: string | undefined;
  /** At Entra ID: who in which tenant. */
  readonly objectId: string | undefined;
  readonly tenantId: string | undefined;
  readonly type: 'person' | 'group' | 'application' | 'operator' | 'genkan' | 'withheld' | 'unknown';
}

export type Ending = 'success' | 'failure' | 'pending' | 'unknown';

/** From what nobody has to look at to what cannot wait. */
export const severities = ['Informational', 'Low', 'Medium', 'High', 'Critical'] as const;
export type Severity = (typeof severities)[number];

/** What was found in messages and let pass changed, or not at all. */
const harmless = new Set(['redact', 'allow']);

const entraId =
  /^([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})@([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;

export interface Reading {
  readonly kind: Kind;
  readonly who: Who;
  /** The person or group that it was done to; whoever did it where it was done to nobody else. */
  readonly target: Who;
  readonly ending: Ending;
  /** Code of the refusal or fault. */
  readonly code: string | undefined;
  readonly severity: Severity;
  /** Last name in the resource, e.g. that of the tool. */
  readonly object: string;
  /** What kind of thing that is: `tool`, `server`, `role` … */
  readonly objectType: string;
  readonly privileges: readonly string[];
  readonly findings: readonly RecordedFinding[];
  readonly isAlert: boolean;
  /** Absent where there is none, e.g. for what Genkan does by itself. */
  readonly ip: string | undefined;
  readonly startedAtMs: number;
  /** One sentence for people. */
  readonly message: string;
}

export function readRecord(record: StoredEntry): Reading {
  const kind = kindOf(record.action, record.effect);
  const { findings = [], details, timestamp, durationMs = 0, sourceIP } = record;
  const who = whoOf(record);
  const code = text(details['code']) ?? errorIn(details);
  const ending = endingOf(record);
  const isAlert = kind.grave === true || findings.some(({ action }) => !harmless.has(action));
  const object = objectOf(record);
  return {
    kind,
    who,
    target: targetOf(record) ?? who,
    ending,
    code,
    severity: severityOf(record, kind, ending, isAlert),
    object,
    objectType: objectTypeOf(record),
    privileges: privilegesOf(record),
    findings,
    isAlert,
    ip: isIP(sourceIP) === 0 ? undefined : sourceIP.split('%')[0],
    // Nothing began before time did, whatever is said of how long it took.
    startedAtMs: timestamp - Math.min(Math.max(0, Math.round(durationMs)), timestamp),
    message: `${kind.title} of ${object} by ${who.name ?? who.id}: ${record.result}${code === undefined ? '' : ` (${code})`}`,
  };
}

function whoOf({ user, actor, withheld }: StoredEntry): Who {
  if (withheld !== undefined) return { ...person(user === '' ? 'withheld' : user), type: 'withheld' };
  if (user === '') return { ...person('unknown'), type: 'unknown' };
  if (user === 'genkan') return { ...person('genkan'), type: 'genkan' };
  const type = user.startsWith('application:') ? 'application' : 'person';
  const { kind, name } = actor ?? {};
  return { ...person(user, name), type: kind === undefined ? type : kind === 'user' ? 'person' : kind };
}

function person(id: string, name?: string): Who {
  const [, objectId, tenantId] = entraId.exec(id) ?? [];
  return { id, name, objectId, tenantId, type: id.startsWith('application:') ? 'application' : 'person' };
}

/** Whom an administrative act is about, by what it was given or by its resource. */
function targetOf({ action, resource, details }: StoredEntry): Who | undefined {
  // What is called at a server may be called /Users/lee, too.
  if (!/^[a-z-]+\.[a-zA-Z.-]+$/.test(action)) return undefined;
  const [, place, id] = /(^\/principals|\/Users|\/Groups)\/([^/]+)$/.exec(resource) ?? [];
  if (id !== undefined) {
    const name = text(details['userName']) ?? text(details['name']);
    return place === '/Groups' ? { ...person(id, text(details['group'])), type: 'group' } : person(id, name);
  }
  const input = bag(details['input']);
  const { group, application } = input;
  if (typeof group === 'string') return { ...person(group, group), type: 'group' };
  if (typeof application === 'string') return { ...person(application), type: 'application' };
  const named = text(details['person']) ?? text(input['user']) ?? text(input['person']);
  if (named === undefined) return undefined;
  return person(named, named.includes('#') || entraId.test(named) ? undefined : named);
}

function endingOf({ result, details }: StoredEntry): Ending {
  if (result === 'intent') return 'pending';
  if (result === 'unknown') return 'unknown';
  // It was let through, and then the server said that it did not work.
  if (result === 'allowed')
    return details['toolError'] === true || errorIn(details) !== undefined ? 'failure' : 'success';
  return 'failure';
}

function errorIn({ error }: StoredEntry['details']): string | undefined {
  return typeof error === 'number' ? String(error) : text(error);
}

function severityOf({ result }: StoredEntry, { grave }: Kind, ending: Ending, isAlert: boolean): Severity {
  if (grave === true) return 'High';
  if (result === 'blocked') return 'High';
  if (isAlert || result === 'denied' || result === 'unknown') return 'Medium';
  return ending === 'failure' ? 'Low' : 'Informational';
}

function objectOf({ tool, resource }: StoredEntry): string {
  if (tool !== undefined && tool !== '') return tool;
  // A resource of a server has a name with slashes of its own.
  const [, uri] = /^\/servers\/[^/]+\/(?:resources|prompts|tools)\/(.+)$/s.exec(resource) ?? [];
  return uri ?? resource.split('/').findLast((part) => part !== '') ?? '/';
}

const nounsOfPlaces: ReadonlyMap<string, string> = new Map([
  ['principals', 'principal'],
  ['clients', 'client'],
  ['roles', 'role'],
  ['policy', 'policy'],
  ['approvals', 'approval'],
  ['elevations', 'elevation'],
  ['reviews', 'review'],
  ['limits', 'limit'],
  ['deny-assignments', 'deny assignment'],
]);

function objectTypeOf({ action, resource, tool }: StoredEntry): string {
  if (tool !== undefined) return 'tool';
  const [, place = '', , primitive] = resource.split('/');
  if (place === 'servers') {
    if (primitive === 'resources') return 'resource';
    return primitive === 'prompts' ? 'prompt' : action.includes('.') ? nounOf(action) : 'server';
  }
  return nounsOfPlaces.get(place) ?? (action.includes('.') ? nounOf(action) : 'service');
}

const nounOf = (action: string): string => action.slice(0, action.indexOf('.')).slice(0, 64);

function privilegesOf({ details }: StoredEntry): readonly string[] {
  const input = bag(details['input']);
  const role = text(details['role']) ?? text(input['role']);
  if (role !== undefined) return [role];
  const scope = details['scope'] ?? details['scopes'];
  if (typeof scope === 'string') return scope.split(' ').filter((each) => each !== '');
  return Array.isArray(scope) ? scope.map(String) : [];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const bag = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
