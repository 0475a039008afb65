// The fields of two ASIM schemas of Microsoft Sentinel, what they may hold, and which must be there. Facts from Azure/Azure-Sentinel: ASIM/schemas (AuditEvent 0.1.0, Authentication 0.1.3, with the entities they include) and ASIM/dev/ASimTester/ASimTester.csv; where the two differ in allowed values, those that are in both.

export interface AsimField {
  readonly type: 'string' | 'int' | 'real' | 'bool' | 'datetime' | 'dynamic';
  readonly mandatory: boolean;
  readonly values?: readonly string[];
}

/** `Name`, `Name!` where mandatory, `Name:type` where it is no string, `Name=a|b` where only these are allowed. */
function fieldsOf(...lines: readonly string[]): Readonly<Record<string, AsimField>> {
  const fields: Record<string, AsimField> = {};
  for (const written of lines.flatMap((line) => line.split(', '))) {
    const [, name, type = 'string', values, bang] = /^(\w+)(?::(\w+))?(?:=([^!]+))?(!)?$/.exec(written)!;
    fields[name!] = {
      type: type as AsimField['type'],
      mandatory: bang !== undefined,
      ...(values !== undefined && { values: values.split('|') }),
    };
  }
  return fields;
}

const userIdTypes = 'SID|UID|AADID|OktaId|AWSId|PUID|Other';
const userTypes = 'Regular|Guest|Machine|Admin|System|Application|Service|Other';
const appTypes = 'Process|Service|Resource|URL|SaaS application|Other';
const names = 'UPN|Windows|DN|Simple';

const both = [
  // `Type` is the name of the table; Azure Monitor writes it.
  'TimeGenerated:datetime!, EventStartTime:datetime!, EventEndTime:datetime!, AdditionalFields:dynamic',
  'EventMessage, EventResult=Success|Failure|Partial|NA!, EventOriginalResultDetails, EventOriginalUid, EventUid',
  'EventOriginalType, EventOriginalSubType, EventSeverity=Informational|Low|Medium|High, EventOriginalSeverity',
  'EventProduct!, EventProductVersion, EventVendor!, EventSchemaVersion!, EventOwner, EventReportUrl',
  'Dvc!, DvcIpAddr, DvcHostname, DvcDomain, DvcDomainType=Windows|FQDN, DvcFQDN, DvcId, DvcMacAddr, DvcZone, DvcAction',
  'DvcIdType=AzureResourceId|MDEid|MD4IoTid|VMConnectionId|AwsVpcId|Other, DvcOriginalAction, DvcDescription, DvcOs',
  'DvcOsVersion, DvcInterface, DvcScope, DvcScopeId, Src, Dst, IpAddr, Application, HttpUserAgent',
  `ActorUserId, ActorUserIdType=${userIdTypes}, ActorScope, ActorScopeId, ActorUsername, ActorUsernameType=${names}`,
  `ActorUserType=${userTypes}, ActorOriginalUserType, ActorSessionId, ActingAppId, ActingAppName, ActingAppType=${appTypes}`,
  `TargetAppId, TargetAppName, TargetAppType=${appTypes}, TargetUrl, TargetHostname, TargetIpAddr, TargetPortNumber:int`,
  'SrcIpAddr, SrcHostname, SrcPortNumber:int, SrcDescription, SrcGeoCountry, SrcRiskLevel:int',
  'Rule, RuleName, RuleNumber:int, ThreatId, ThreatName, ThreatCategory, ThreatConfidence:int, ThreatOriginalConfidence',
  'ThreatRiskLevel:int, ThreatOriginalRiskLevel, ThreatIsActive:bool, ThreatIpAddr, ThreatField',
];

export const asimFields = {
  AuditEvent: {
    version: '0.1.0',
    fields: fieldsOf(
      ...both,
      'EventType=Set|Read|Create|Delete|Execute|Install|Clear|Enable|Disable|Other!, EventSchema=AuditEvent!, EventCount:int',
      'EventSubType, EventResultDetails, Operation!, Object, ObjectId, ObjectType=Configuration Atom|Policy Rule|Other',
      'OriginalObjectType, OldValue, NewValue, Value, ValueType=Other, User, Process',
    ),
  },
  Authentication: {
    version: '0.1.3',
    fields: fieldsOf(
      ...both,
      'EventType=Logon|Logoff|Elevate!, EventSchema=Authentication!, EventCount:int!',
      'EventSubType=System|Interactive|Service|RemoteInteractive|RemoteService|Remote|AssumeRole',
      'EventResultDetails=No such user or password|No such user|Incorrect password|Incorrect key|Account expired|Password expired|User locked|User disabled|Logon violates policy|Session expired|Other',
      `TargetUserId, TargetUserIdType=${userIdTypes}, TargetUserScope, TargetUserScopeId, TargetUsername`,
      `TargetUsernameType=${names}, TargetUserType=${userTypes}, TargetOriginalUserType, TargetSessionId`,
      'User, LogonMethod, LogonProtocol, LogonTarget',
    ),
  },
} as const;
