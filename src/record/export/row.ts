// The form of a record that is Genkan's own: the columns of the Sentinel table `MCPAuditLog_CL`, and a record as one of its rows.
import type { ExportedRecord } from './sink.ts';

/** As Azure Monitor calls its types. */
type ColumnType = 'datetime' | 'string' | 'dynamic' | 'long' | 'real';

/**
 * `TimeGenerated` is demanded by Azure Monitor. The nine that follow are the table's from the beginning, the others are those of
 * `MCPAuditLog` in `audit query`, so that the same query runs in both places.
 */
export const columns = {
  TimeGenerated: 'datetime',
  timestamp: 'datetime',
  user: 'string',
  action: 'string',
  resource: 'string',
  result: 'string',
  details: 'dynamic',
  correlationId: 'string',
  sourceIP: 'string',
  userAgent: 'string',
  eventId: 'string',
  index: 'long',
  userName: 'string',
  userKind: 'string',
  agent: 'string',
  actor: 'dynamic',
  client: 'string',
  server: 'string',
  tool: 'string',
  effect: 'string',
  actionRequired: 'dynamic',
  operation: 'string',
  scope: 'string',
  because: 'dynamic',
  role: 'string',
  groups: 'dynamic',
  rules: 'dynamic',
  code: 'string',
  approval: 'dynamic',
  findings: 'dynamic',
  findingsCount: 'long',
  durationMs: 'real',
  bytesIn: 'long',
  bytesOut: 'long',
  traceId: 'string',
  spanId: 'string',
  subject: 'string',
  withheld: 'string',
  arguments: 'dynamic',
  answer: 'dynamic',
} as const satisfies Record<string, ColumnType>;

export type Row = { readonly [Column in keyof typeof columns]?: unknown };

const names = Object.keys(columns) as (keyof typeof columns)[];

/** What is absent of a record is absent of its row. */
export function rowOf(record: ExportedRecord): Row {
  const time = new Date(record.timestamp).toISOString();
  const { actor, actionRequired, because, details, findings, moreFindings = 0 } = record;
  const code = details['code'] ?? details['error'];
  const whole: Row = {
    ...record,
    TimeGenerated: time,
    timestamp: time,
    userName: actor?.name,
    userKind: actor?.kind,
    agent: actor?.agent,
    operation: actionRequired?.[0]?.action,
    scope: actionRequired?.[0]?.scope,
    role: because?.[0]?.role,
    code: typeof code === 'string' ? code : undefined,
    findingsCount: (findings?.length ?? 0) + moreFindings,
  };
  return Object.fromEntries(names.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])));
}
