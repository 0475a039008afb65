// The objects of OCSF 1.8.0 that several classes hold: people, addresses, calls and what was called.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import type { Reading, Who } from './reading.ts';

const userTypes = {
  person: { type_id: 1, type: 'User' },
  group: { type_id: 99, type: 'Group' },
  application: { type_id: 4, type: 'Service' },
  operator: { type_id: 2, type: 'Admin' },
  genkan: { type_id: 3, type: 'System' },
  withheld: { type_id: 0, type: 'Unknown' },
  unknown: { type_id: 0, type: 'Unknown' },
} as const;

export const userOf = ({ id, name, objectId, tenantId, type }: Who, groups?: readonly string[]): object => ({
  uid: id,
  uid_alt: objectId,
  name: name ?? id,
  ...userTypes[type],
  org: tenantId === undefined ? undefined : { uid: tenantId },
  groups: groups?.map((group) => ({ uid: group, name: group })),
});

/** The person, the client in their hands, and by which assignments they may. */
export const actorOf = (
  { client, groups, because, actionRequired, result }: ExportedRecord,
  { who }: Reading,
): object => ({
  user: userOf(who, groups),
  app_uid: client,
  app_name: client,
  authorizations:
    because?.map(({ assignment, role, scope }) => ({
      decision: 'allowed',
      policy: { uid: assignment, name: role, desc: `at ${scope}` },
    })) ??
    (result === 'denied' && actionRequired !== undefined
      ? actionRequired.map(({ action, scope }) => ({
          decision: 'denied',
          policy: { name: action, desc: `at ${scope}` },
        }))
      : undefined),
});

/** Never empty: the class of calls needs an endpoint, and what Genkan does by itself comes from its own machine. */
export const endpointOf = (_: ExportedRecord, { ip, who }: Reading, { host }: FormatContext): object =>
  ip !== undefined ? { ip } : who.type === 'genkan' ? { hostname: host, svc_name: 'Genkan' } : { name: 'unknown' };

export const serverEndpointOf = ({ server }: ExportedRecord): object | undefined =>
  server === undefined || server === '' ? undefined : { svc_name: server, uid: `/servers/${server}` };

export function apiOf({ action, server, correlationId, eventId, bytesOut }: ExportedRecord, reading: Reading): object {
  const { code, ending } = reading;
  const failed = ending === 'failure';
  return {
    operation: action,
    service: { name: server ?? 'Genkan' },
    request: { uid: correlationId === '' ? eventId : correlationId },
    response:
      ending === 'pending'
        ? undefined
        : {
            ...responseCode(code),
            error: failed ? (code ?? 'tool_error') : undefined,
            data: bytesOut === undefined ? undefined : { bytes: bytesOut },
          },
  };
}

/** JSON-RPC has numbers, refusals have names. */
const responseCode = (code: string | undefined): object =>
  code !== undefined && /^-?\d{1,9}$/.test(code) ? { code: Number(code) } : {};

export const resourcesOf = (
  { resource, server }: ExportedRecord,
  { object, objectType }: Reading,
): readonly object[] => [{ uid: resource === '' ? '/' : resource, name: object, type: objectType, namespace: server }];

export const entityOf = ({ resource }: ExportedRecord, { object, objectType }: Reading): object => ({
  uid: resource === '' ? '/' : resource,
  name: object,
  type: objectType,
});

export const groupOf = ({ id, name }: Who): object => ({ uid: id, name: name ?? id });
