// Audit records as events of OCSF 1.8.0 (https://schema.ocsf.io/1.8.0): each in the class that says what happened, with everything that has no place there under `unmapped`.
import type { ExportedRecord, FormatContext } from '../sink.ts';
import type { OcsfClass } from './ocsf-classes.ts';
import { classify, ocsfVersion } from './ocsf-classes.ts';
import {
  actorOf,
  apiOf,
  endpointOf,
  entityOf,
  groupOf,
  resourcesOf,
  serverEndpointOf,
  userOf,
} from './ocsf-objects.ts';
import type { Reading } from './reading.ts';
import { readRecord, severities } from './reading.ts';

/** Attributes that are undefined are not there, as in JSON. */
type Attributes = Readonly<Record<string, unknown>>;

interface Given {
  readonly record: ExportedRecord;
  readonly reading: Reading;
  readonly context: FormatContext;
}

const statuses = {
  success: { status_id: 1, status: 'Success' },
  failure: { status_id: 2, status: 'Failure' },
  // It is announced; the record of its end has the same metadata.correlation_uid.
  pending: { status_id: 99, status: 'Intent' },
  unknown: { status_id: 0, status: 'Unknown' },
} as const;

const lifecycle = {
  Create: { status_id: 1, status: 'New' },
  Update: { status_id: 2, status: 'In Progress' },
  Close: { status_id: 4, status: 'Resolved' },
} as const;

export function ocsf(record: ExportedRecord, context: FormatContext): object {
  const reading = readRecord(record);
  const given = { record, reading, context };
  const [own, activity] = reading.kind.ocsf;
  // What inspection stopped did not happen: that it was found is the event. What it let pass did, and stays what it is,
  // with the attributes of the security control profile (so says the description of the class in the schema).
  const isStopped = own === 'api' && record.result === 'blocked' && reading.findings.length > 0;
  // The class of users cannot speak of a group.
  const isForGroup = own === 'userAccess' && reading.target.type === 'group';
  const name = isStopped ? 'detection' : isForGroup ? 'group' : own;
  const classification = classify(isStopped ? ['detection', 'Create'] : [name, activityOf(record, activity)]);
  const body = bodies[name](given);
  return {
    ...classification,
    time: record.timestamp,
    timezone_offset: 0,
    severity_id: severities.indexOf(reading.severity) + 1,
    severity: reading.severity,
    ...statuses[reading.ending],
    status_code: reading.code,
    status_detail: reading.code === undefined ? record.result : `${record.result}: ${reading.code}`,
    message: reading.message,
    metadata: {
      version: ocsfVersion,
      product: { name: 'Genkan', vendor_name: 'Genkan', version: context.version, uid: context.origin },
      profiles: profilesOf[name],
      uid: record.eventId,
      correlation_uid: record.correlationId === '' ? undefined : record.correlationId,
      original_time: new Date(record.timestamp).toISOString(),
      log_name: context.origin,
      log_provider: 'Genkan',
      event_code: record.action,
      sequence: record.index,
    },
    ...body,
    unmapped: { genkan: unmapped(record) },
  };
}

const profilesOf: Readonly<Record<OcsfClass, readonly string[] | undefined>> = {
  api: ['ai_operation', 'security_control', 'trace'],
  detection: ['security_control'],
  account: undefined,
  authentication: undefined,
  compliance: undefined,
  entity: undefined,
  fault: undefined,
  group: undefined,
  lifecycle: undefined,
  session: undefined,
  userAccess: undefined,
};

const activities = { read: 'Read', write: 'Update', destroy: 'Delete' } as const;

function activityOf({ action, effect, details }: ExportedRecord, activity: string): string {
  // A directory that ends somebody's employment says that they are not active any more.
  if (action.startsWith('scim.user.') && activity === 'Update' && details['active'] === false) return 'Disable';
  return activity !== 'by effect' ? activity : effect === undefined ? 'Call' : activities[effect];
}

const bodies: Readonly<Record<OcsfClass, (given: Given) => Attributes>> = {
  api: (given) => ({
    ...acting(given),
    api: apiOf(given.record, given.reading),
    dst_endpoint: serverEndpointOf(given.record),
    resources: resourcesOf(given.record, given.reading),
    ...control(given),
    message_context: messageContextOf(given.record),
    trace: traceOf(given),
  }),
  lifecycle: ({ record: { server, resource }, context }) => ({
    app: server === undefined ? product(context) : { name: server, uid: resource },
  }),
  fault: () => ({}),
  account: (given) => ({ ...acting(given), user: userOf(given.reading.target) }),
  authentication: (given) => ({
    ...acting(given),
    user: userOf(given.reading.target),
    service: { name: 'Genkan', uid: given.context.origin },
    ...protocolOf(given.record),
    is_remote: given.reading.who.type !== 'genkan',
  }),
  session: (given) => ({
    ...acting(given),
    user: userOf(given.reading.who),
    privileges: privileges(given, given.record.resource),
    dst_endpoint: { svc_name: given.record.server ?? 'Genkan', name: given.record.resource || undefined },
  }),
  entity: (given) => ({ ...acting(given), entity: entityOf(given.record, given.reading) }),
  userAccess: (given) => ({
    ...acting(given),
    user: userOf(given.reading.target),
    privileges: privileges(given, given.record.action),
    resources: resourcesOf(given.record, given.reading),
  }),
  group: (given) => ({
    ...acting(given),
    group: groupOf(given.reading.target),
    privileges: given.reading.kind.ocsf[0] === 'userAccess' ? privileges(given, given.record.action) : undefined,
  }),
  detection: detectionOf,
  compliance: complianceOf,
};

const acting = ({ record, reading, context }: Given): Attributes => ({
  actor: actorOf(record, reading),
  src_endpoint: endpointOf(record, reading, context),
  http_request: record.userAgent === '' ? undefined : { user_agent: record.userAgent },
});

const product = ({ version, origin }: FormatContext): object => ({
  name: 'Genkan',
  vendor_name: 'Genkan',
  version,
  uid: origin,
});

// A class that needs them cannot be without: then it says for what.
const privileges = ({ reading }: Given, otherwise: string): readonly string[] =>
  reading.privileges.length > 0 ? reading.privileges : [otherwise === '' ? 'mcp' : otherwise];

const dispositions = {
  allowed: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
  denied: { action_id: 2, action: 'Denied', disposition_id: 26, disposition: 'Unauthorized' },
  challenged: { action_id: 2, action: 'Denied', disposition_id: 23, disposition: 'Challenge' },
  blocked: { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' },
  failed: { action_id: 1, action: 'Allowed', disposition_id: 27, disposition: 'Error' },
  unknown: { action_id: 1, action: 'Allowed', disposition_id: 0, disposition: 'Unknown' },
  intent: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
} as const;

const control = ({ record, reading }: Given): Attributes => ({
  ...dispositions[record.result],
  // Found, told of, and let pass.
  ...(record.result === 'allowed' && reading.isAlert && { disposition_id: 15, disposition: 'Detected' }),
  is_alert: reading.isAlert,
  policy: record.rules === undefined ? undefined : { name: record.rules.join(', '), is_applied: true },
});

/** Who talks to whom, as far as an AI takes part in it. */
function messageContextOf({ client, server, tool, actor }: ExportedRecord): object | undefined {
  if (client === undefined && server === undefined) return undefined;
  const isAgent = actor?.agent !== undefined;
  return {
    ...(tool !== undefined
      ? { ai_role_id: 3, ai_role: 'Tool' }
      : isAgent
        ? { ai_role_id: 4, ai_role: 'Agent' }
        : { ai_role_id: 1, ai_role: 'User' }),
    application: client === undefined ? undefined : { uid: client, name: client },
    service: server === undefined ? undefined : { uid: `/servers/${server}`, name: server },
  };
}

function traceOf({ record, reading }: Given): object | undefined {
  const { traceId, spanId, timestamp, durationMs, action } = record;
  if (traceId === undefined) return undefined;
  const times = { start_time: reading.startedAtMs, end_time: timestamp, duration: timestamp - reading.startedAtMs };
  const isWhole = spanId !== undefined && durationMs !== undefined;
  return { uid: traceId, span: isWhole ? { uid: spanId, operation: action, ...times } : undefined };
}

const protocolOf = ({ action }: ExportedRecord): object =>
  /^identity\.sign|stepUp|conditionalAccess/.test(action)
    ? { auth_protocol_id: 4, auth_protocol: 'OpenID' }
    : { auth_protocol_id: 6, auth_protocol: 'OAUTH 2.0' };

function detectionOf(given: Given): Attributes {
  const { record, reading } = given;
  const rules = [...new Set(reading.findings.map(({ rule }) => rule))].map((rule) => analytic(rule));
  const score = Math.max(...reading.findings.map((each) => each.score ?? -1), -1);
  const { actor, src_endpoint } = acting(given);
  return {
    ...lifecycle.Create,
    ...control(given),
    is_alert: true,
    confidence_score: score < 0 ? undefined : Math.round(score * 100),
    finding_info: {
      uid: record.eventId,
      title: reading.message,
      created_time: record.timestamp,
      types: typesOf(given),
      analytic: rules[0] ?? analytic(record.action),
      related_analytics: rules.length > 1 ? rules.slice(1) : undefined,
      data_sources: ['MCP messages'],
      product: product(given.context),
    },
    evidences: [
      {
        actor,
        src_endpoint,
        api: apiOf(record, reading),
        dst_endpoint: serverEndpointOf(record),
        data: reading.findings.length > 0 ? { findings: reading.findings } : record.details,
      },
    ],
    resources: resourcesOf(record, reading),
  };
}

const typesOf = ({ record, reading }: Given): readonly string[] =>
  reading.findings.length === 0 ? [record.action] : [...new Set(reading.findings.map(({ kind }) => kind))];

const analytic = (name: string): object => ({ uid: name, name, type_id: 1, type: 'Rule' });

/** A review asks of every assignment whether it is still needed: keeping it passes, taking it away does not. */
function complianceOf(given: Given): Attributes {
  const { record, reading } = given;
  const [, activity] = reading.kind.ocsf;
  const decision = (record.details['input'] as Readonly<Record<string, unknown>> | undefined)?.['decision'];
  const { target, who } = reading;
  return {
    ...lifecycle[activity as keyof typeof lifecycle],
    finding_info: {
      uid: record.resource,
      title: reading.message,
      modified_time: record.timestamp,
      types: ['Access review'],
      product: product(given.context),
    },
    compliance: {
      control: 'Access review',
      status_id: verdicts.get(decision) ?? 0,
      status: ['Unknown', 'Pass', 'Warning', 'Fail'][verdicts.get(decision) ?? 0],
      status_details: [`${record.result}${typeof decision === 'string' ? `: ${decision}` : ''}`],
    },
    resources: resourcesOf(record, reading),
    evidences: [{ actor: actorOf(record, reading), user: target === who ? undefined : userOf(target) }],
  };
}

const verdicts: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['approve', 1],
  ['keep', 1],
  ['deny', 3],
  ['remove', 3],
]);

/** All of the record that no attribute of the schema tells, or tells less exactly. */
function unmapped(record: ExportedRecord): object {
  const { result, effect, actor, actionRequired, because, approval, moreFindings, bytesIn, bytesOut } = record;
  const { findings, rules, subject, withheld, durationMs, arguments: given, answer, details } = record;
  return {
    result,
    effect,
    agent: actor?.agent,
    act: actor?.act,
    actionRequired,
    because,
    rules,
    approval,
    findings,
    moreFindings,
    durationMs,
    bytesIn,
    bytesOut,
    arguments: given,
    answer,
    subject,
    withheld,
    details,
  };
}
