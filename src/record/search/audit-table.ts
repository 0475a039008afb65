// `MCPAuditLog`: one row for each record, with the columns of the Sentinel table of that name first.
import type { Value } from '../../kql/values.ts';
import type { RecordColumn, RecordTable } from './record-table.ts';
import type { Found } from './found.ts';

type Make = (name: string, about: string, value: RecordColumn['value']) => RecordColumn;

export const column =
  (type: RecordColumn['type'], depth: RecordColumn['depth']): Make =>
  (name, about, value) => ({ name, type, depth, about, value });

/** What a value of an entry is in KQL: an absent one is null. */
export const dynamicOf = (value: unknown): Value => (value ?? null) as Value;
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const text = column('string', 'row');
const openText = column('string', 'open');
const openDynamic = column('dynamic', 'open');
const sealedText = column('string', 'sealed');
const sealedDynamic = column('dynamic', 'sealed');

const inRow = <Item>(made: RecordColumn<Item>, sql: string): RecordColumn<Item> => ({ ...made, sql });

export const moment = <Item = undefined>(name: string, about: string): RecordColumn<Item> => ({
  name,
  type: 'datetime',
  depth: 'row',
  about,
  sql: 'timestamp',
  value: ({ timestamp }) => timestamp,
});

/** Where a refusal or a fault says what it was. */
export const codeOf = ({ entry: { details = {} } }: Found): string => textOf(details['code'] ?? details['error']);

export const auditTable: RecordTable = {
  name: 'MCPAuditLog',
  about: 'Every record of the audit log.',
  columns: [
    moment('timestamp', 'When it happened.'),
    inRow(
      text(
        'user',
        'In whose name: principal id, at Entra ID `oid@tid`; a pseudonym once the person was erased.',
        ({ user }) => user,
      ),
      'user',
    ),
    inRow(
      text('action', '`tools/call`, `tools/list`, `identity.signIn`, `role.assign` …', ({ action }) => action),
      'action',
    ),
    inRow(
      text('resource', 'What it was done to, e.g. `/servers/azure/tools/vm_create`.', ({ resource }) => resource),
      'resource',
    ),
    inRow(
      text(
        'result',
        '`intent` before it is forwarded, then `allowed`, `denied`, `challenged`, `blocked`, `failed` or `unknown`.',
        ({ result }) => result,
      ),
      'result',
    ),
    sealedDynamic(
      'details',
      'Whatever else there is to say, e.g. `code` of a refusal, `input` of an operation.',
      ({ entry }) => dynamicOf(entry.details),
    ),
    inRow(
      text(
        'correlationId',
        'The same for the intent and the outcome of one call.',
        ({ correlationId }) => correlationId,
      ),
      'correlation_id',
    ),
    sealedText('sourceIP', 'Address of the client.', ({ entry }) => textOf(entry.sourceIP)),
    sealedText('userAgent', 'What the client calls itself.', ({ entry }) => textOf(entry.userAgent)),
    moment('TimeGenerated', 'The same as `timestamp`, as rules for Sentinel call it.'),
    inRow(
      column('long', 'row')(
        'index',
        'Leaf of the record in the tree: what `audit show` and `audit prove` take.',
        ({ index }) => index,
      ),
      'idx',
    ),
    sealedText('userName', 'Sign-in name of the person.', ({ entry }) => textOf(entry.actor?.name)),
    sealedText('userKind', '`user`, `application` or `operator`.', ({ entry }) => textOf(entry.actor?.kind)),
    sealedText('agent', 'Agent that acted, for itself or in the name of the user.', ({ entry }) =>
      textOf(entry.actor?.agent),
    ),
    sealedDynamic('actor', 'Who really acted: `name`, `kind`, `agent`, `act`.', ({ entry }) => dynamicOf(entry.actor)),
    sealedText('client', 'OAuth client through which it was done.', ({ entry }) => textOf(entry.client)),
    openText('server', 'MCP server.', ({ open }) => textOf(open.server)),
    openText('tool', 'Tool, as its server names it.', ({ open }) => textOf(open.tool)),
    openText('effect', '`read`, `write` or `destroy`.', ({ open }) => textOf(open.effect)),
    openDynamic('actionRequired', 'What roles were asked about: `action`, `data`, `scope`.', ({ open }) =>
      dynamicOf(open.actionRequired),
    ),
    openText('operation', 'The first of these actions, e.g. `Microsoft.Compute/virtualMachines/write`.', ({ open }) =>
      textOf(open.actionRequired?.[0]?.action),
    ),
    openText('scope', 'The scope at which it was needed.', ({ open }) => textOf(open.actionRequired?.[0]?.scope)),
    sealedDynamic('because', 'The assignments that granted it: `assignment`, `role`, `scope`, `action`.', ({ entry }) =>
      dynamicOf(entry.because),
    ),
    sealedText('role', 'The role of the first of them.', ({ entry }) => textOf(entry.because?.[0]?.role)),
    sealedDynamic('groups', 'Groups of the person that decisions rest on.', ({ entry }) => dynamicOf(entry.groups)),
    openDynamic('rules', 'Rules that had a say, by name.', ({ open }) => dynamicOf(open.rules)),
    sealedText('code', 'Why it was refused or failed: the code of the error.', codeOf),
    sealedDynamic('approval', 'Who let this call pass: `id`, `by`.', ({ entry }) => dynamicOf(entry.approval)),
    openDynamic('findings', 'What inspection found: `kind`, `rule`, `action`, `at`, `score`.', ({ open }) =>
      dynamicOf(open.findings),
    ),
    column('long', 'open')(
      'findingsCount',
      'How many findings there were.',
      ({ open }) => (open.findings?.length ?? 0) + (open.moreFindings ?? 0),
    ),
    column('real', 'open')(
      'durationMs',
      'From the arrival of the request to its end; null before its outcome.',
      ({ open }) => numberOf(open.durationMs),
    ),
    column('long', 'open')('bytesIn', 'Length of the request.', ({ open }) => numberOf(open.bytesIn)),
    column('long', 'open')('bytesOut', 'Length of the answer.', ({ open }) => numberOf(open.bytesOut)),
    sealedDynamic(
      'arguments',
      'What is kept of the arguments: `bytes`, `digest`, `kept`; the text is for `audit show`.',
      ({ entry }) => dynamicOf(entry.arguments),
    ),
    sealedDynamic('answer', 'What is kept of the answer, likewise.', ({ entry }) => dynamicOf(entry.answer)),
    openText('traceId', 'W3C trace context: trace.', ({ open }) => textOf(open.traceId)),
    openText('spanId', 'W3C trace context: span.', ({ open }) => textOf(open.spanId)),
    openText('subject', 'Pseudonym of the user.', ({ open }) => textOf(open.subject)),
    sealedText('withheld', 'Why the personal part cannot be read: `erased` or `no key`.', ({ entry }) =>
      textOf(entry.withheld),
    ),
    text('Type', 'Name of the table.', () => 'MCPAuditLog'),
    text('SourceSystem', '`Genkan`.', () => 'Genkan'),
  ],
};
