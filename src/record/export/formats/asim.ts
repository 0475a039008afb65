// Audit records as rows of ASIM, the normalised schemas of Microsoft Sentinel: AuditEvent 0.1.0 and Authentication 0.1.3.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import type { AsimType } from './kinds.ts';
import type { Reading, Who } from './reading.ts';
import { readRecord } from './reading.ts';

export const asimVersions = { AuditEvent: '0.1.0', Authentication: '0.1.3' } as const;

export type AsimSchema = keyof typeof asimVersions;

export const asimSchemaOf = (type: AsimType): AsimSchema =>
  type === 'Logon' || type === 'Logoff' || type === 'Elevate' ? 'Authentication' : 'AuditEvent';

type Fields = Readonly<Record<string, unknown>>;

const results = { success: 'Success', failure: 'Failure', pending: 'NA', unknown: 'NA' } as const;
const severities = {
  Informational: 'Informational',
  Low: 'Low',
  Medium: 'Medium',
  High: 'High',
  Critical: 'High',
} as const;

export function asim(record: ExportedRecord, context: FormatContext): object {
  const reading = readRecord(record);
  const { kind, ending, code, severity, ip, who, startedAtMs } = reading;
  const schema = asimSchemaOf(kind.asim);
  const { server, client, timestamp } = record;
  return {
    TimeGenerated: iso(timestamp),
    EventStartTime: iso(startedAtMs),
    EventEndTime: iso(timestamp),
    EventCount: 1,
    EventMessage: reading.message,
    EventType: kind.asim,
    EventResult: results[ending],
    EventOriginalResultDetails: code ?? record.result,
    EventSeverity: severities[severity],
    EventOriginalSeverity: severity,
    EventOriginalUid: record.eventId,
    EventOriginalType: record.action,
    EventProduct: 'Genkan',
    EventProductVersion: context.version,
    EventVendor: 'Genkan',
    EventSchema: schema,
    EventSchemaVersion: asimVersions[schema],
    Dvc: context.host,
    DvcHostname: context.host,
    DvcAction: record.result === 'allowed' || record.result === 'failed' ? 'Allow' : dvcActions[record.result],
    DvcOriginalAction: record.result,
    ...userFields('Actor', who),
    ActingAppId: client,
    ActingAppName: client,
    ActingAppType: client === undefined ? undefined : 'Other',
    SrcIpAddr: ip,
    Src: ip,
    IpAddr: ip,
    HttpUserAgent: record.userAgent === '' ? undefined : record.userAgent,
    ...ruleFields(record, reading),
    ...(schema === 'Authentication' ? authentication(record, reading, server) : auditEvent(record, reading, server)),
    AdditionalFields: additional(record),
  };
}

const dvcActions = {
  intent: undefined,
  unknown: undefined,
  denied: 'Deny',
  challenged: 'Deny',
  blocked: 'Deny',
} as const;

const auditEvent = (record: ExportedRecord, reading: Reading, server: string | undefined): Fields => ({
  ...app(server ?? 'Genkan'),
  EventResultDetails: reading.code,
  Operation: record.action,
  Object: reading.object,
  ObjectId: record.resource === '' ? '/' : record.resource,
  ObjectType: objectTypes.get(reading.objectType) ?? 'Other',
  OriginalObjectType: reading.objectType,
  User: nameOf(reading.who),
});

/** Of what ASIM names, these are in all of its lists of object types. */
const objectTypes: ReadonlyMap<string, string> = new Map([
  ...[
    'role',
    'policy',
    'deny',
    'deny assignment',
    'exclusion',
    'eligibility',
    'access',
    'limit',
    'conditional-access',
  ].map((noun) => [noun, 'Policy Rule'] as const),
  ...['server', 'client', 'connection', 'credential', 'key', 'config', 'secret', 'entra', 'pin', 'notice'].map(
    (noun) => [noun, 'Configuration Atom'] as const,
  ),
]);

const authentication = (record: ExportedRecord, reading: Reading, server: string | undefined): Fields => ({
  ...app(server ?? 'Genkan'),
  EventSubType: subTypeOf(record, reading),
  EventResultDetails: reading.ending === 'failure' ? (resultDetails.get(reading.code ?? '') ?? 'Other') : undefined,
  ...userFields('Target', reading.target),
  User: nameOf(reading.target),
  LogonTarget: server ?? 'Genkan',
  LogonProtocol: 'OAuth 2.0',
  LogonMethod: record.action,
});

/** What ASIM has a word for. */
const resultDetails: ReadonlyMap<string, string> = new Map([
  ['identity_token_expired', 'Session expired'],
  ['identity_sign_in_expired', 'Session expired'],
  ['identity_sign_in_stale', 'Session expired'],
  ['identity_grant_revoked', 'Session expired'],
  ['identity_principal_disabled', 'User disabled'],
  ['identity_access_blocked', 'Logon violates policy'],
  ['identity_policy_forbids', 'Logon violates policy'],
  ['identity_step_up_required', 'Logon violates policy'],
  ['identity_person_not_assigned', 'Logon violates policy'],
  ['identity_tenant_foreign', 'Logon violates policy'],
  ['identity_token_invalid', 'Incorrect key'],
  ['identity_proof_invalid', 'Incorrect key'],
  ['identity_credential_expired', 'Account expired'],
]);

function subTypeOf({ action }: ExportedRecord, { who }: Reading): string {
  if (/^identity\.token(Exchanged|OnBehalf)$/.test(action)) return 'AssumeRole';
  return who.type === 'application' ? 'Service' : 'Interactive';
}

const app = (name: string): Fields => ({ TargetAppName: name, TargetAppType: 'Service', Application: name, Dst: name });

/** An object id of Entra ID stands alone, its tenant beside it, so that it joins with the other tables of Sentinel. */
const userFields = (role: 'Actor' | 'Target', who: Who): Fields => ({
  [`${role}UserId`]: who.objectId ?? who.id,
  [`${role}UserIdType`]: who.objectId === undefined ? 'Other' : 'AADID',
  [role === 'Actor' ? 'ActorScopeId' : 'TargetUserScopeId']: who.tenantId,
  [`${role}Username`]: nameOf(who),
  [`${role}UsernameType`]: nameOf(who).includes('@') && who.name !== undefined ? 'UPN' : 'Simple',
  [`${role}UserType`]: userTypes[who.type],
  [`${role}OriginalUserType`]: who.type,
});

const nameOf = ({ name, id }: Who): string => name ?? id;

const userTypes = {
  person: 'Regular',
  group: 'Other',
  application: 'Application',
  operator: 'Admin',
  genkan: 'System',
  withheld: 'Other',
  unknown: 'Other',
} as const;

function ruleFields({ rules }: ExportedRecord, { findings }: Reading): Fields {
  const [first] = findings;
  const rule = first?.rule ?? rules?.[0];
  return {
    RuleName: rule,
    Rule: rule,
    ThreatName: first?.rule,
    ThreatCategory: first?.kind,
    ThreatConfidence: first?.score === undefined ? undefined : Math.round(first.score * 100),
  };
}

function additional(record: ExportedRecord): object {
  const { index, eventId: _, timestamp: __, userAgent: ___, sourceIP: ____, ...said } = record;
  return { ...said, sequence: index };
}

const iso = (ms: number): string => new Date(ms).toISOString();
