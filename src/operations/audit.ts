// Operations on the audit log: reading it, forgetting people, removing what is old.
import { z } from 'zod';
import { isRefusal } from '../base/errors.ts';
import type { StoredEntry } from '../record/entry.ts';
import { defineDeskOperation, defineOperation } from './operation.ts';
import { idOf, nameOrId } from './person-id.ts';
import { table } from './table.ts';

const results = ['intent', 'allowed', 'denied', 'challenged', 'blocked', 'failed', 'unknown'] as const;

const payloadView = z.object({
  bytes: z.int().describe('Length of all of it, in bytes of JSON.'),
  digest: z.string().describe('HMAC-SHA-256 under the key of the person.'),
  kept: z.enum(['redacted', 'full']).optional().describe('What `audit show` can show of it.'),
});

const recordView = z.object({
  index: z.int().describe('Leaf of the record in the tree, from 0.'),
  timestamp: z.int().describe('Milliseconds since the Unix epoch.'),
  user: z.string().describe('In whose name it happened; a pseudonym once the person was erased.'),
  action: z.string(),
  resource: z.string(),
  result: z.enum(results),
  details: z.record(z.string(), z.unknown()),
  correlationId: z.string(),
  sourceIP: z.string(),
  userAgent: z.string(),
  actor: z
    .object({
      name: z.string().optional(),
      kind: z.enum(['user', 'application', 'operator']).optional(),
      agent: z.string().optional(),
      act: z.array(z.string()).optional(),
    })
    .optional()
    .describe('Who really acted.'),
  client: z.string().optional().describe('OAuth client.'),
  server: z.string().optional(),
  tool: z.string().optional(),
  effect: z.enum(['read', 'write', 'destroy']).optional(),
  actionRequired: z
    .array(z.object({ action: z.string(), data: z.boolean(), scope: z.string() }))
    .optional()
    .describe('What roles were asked about.'),
  because: z
    .array(z.object({ assignment: z.string(), role: z.string(), scope: z.string(), action: z.string().optional() }))
    .optional()
    .describe('The assignments that granted it.'),
  groups: z.array(z.string()).optional(),
  rules: z.array(z.string()).optional(),
  approval: z.object({ id: z.string(), by: z.string().optional() }).optional(),
  findings: z.array(z.record(z.string(), z.unknown())).optional().describe('What inspection found, never the text.'),
  moreFindings: z.int().optional(),
  durationMs: z.number().optional(),
  bytesIn: z.int().optional(),
  bytesOut: z.int().optional(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
  arguments: payloadView.optional(),
  answer: payloadView.optional(),
  subject: z.string().optional().describe('Pseudonym of the person, where the record is sealed.'),
  withheld: z.enum(['erased', 'no key']).optional().describe('Why what tells of the person cannot be read.'),
});

const viewOf = (entry: StoredEntry): z.output<typeof recordView> => recordView.parse(entry);

const list = defineDeskOperation({
  id: 'audit.list',
  summary: 'List what happened, newest last',
  action: 'genkan/audit/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  onRecord: true,
  input: z.strictObject({
    limit: z.int().min(1).max(10_000).default(100).describe('At most so many records, the newest.'),
    user: z.string().optional().describe('Only of this principal id.'),
    result: z.enum(results).optional().describe('Only with this result.'),
    action: z.string().optional().describe('Only of this action, e.g. tools/call.'),
  }),
  output: z.object({
    records: z.array(recordView),
  }),
  run: async ({ audit }, filter) => ({
    records: (await audit.list(filter)).reverse().map(viewOf),
  }),
  print: ({ records }) =>
    table(records, {
      '#': ({ index }) => String(index),
      time: ({ timestamp }) => new Date(timestamp).toISOString(),
      user: ({ user }) => user,
      action: ({ action }) => action,
      resource: ({ resource }) => resource,
      result: ({ result }) => result,
      code: ({ details }) => (typeof details['code'] === 'string' ? details['code'] : ''),
    }),
});

const textView = z.object({
  kept: z.enum(['redacted', 'full']),
  json: z.string().describe('Only its beginning where it was cut.'),
  cut: z.literal(true).optional(),
});

const show = defineOperation({
  id: 'audit.show',
  summary: 'Show one record with what was kept of the contents of its call',
  about:
    'What is kept of arguments and answers, record.payloads says. To read it is an act of its own, and on record. Needs a second factor where one is configured.',
  action: 'genkan/audit/read-payload',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ index: z.int().min(0).describe('Index of the record.') }),
  positional: ['index'],
  output: z.object({
    record: recordView,
    contents: z.object({ arguments: textView.optional(), answer: textView.optional() }).optional(),
  }),
  resource: ({ index }) => `/audit/${index}`,
  async run({ recordDesk }, { index }, { principal }) {
    const shown = await recordDesk.show(index, principal);
    if (isRefusal(shown)) return shown;
    const { entry, contents } = shown;
    return { record: viewOf(entry), ...(contents && { contents }) };
  },
  print: ({ record, contents = {} }) =>
    [
      JSON.stringify(record, undefined, 2),
      ...Object.entries(contents).map(
        ([which, { kept, json, cut }]) => `\n${which} (${kept}${cut === true ? ', cut' : ''}):\n${json}`,
      ),
    ].join('\n'),
});

const eraseSubject = defineOperation({
  id: 'audit.erase-subject',
  summary: 'Make whatever tells of a person in the audit log unreadable for good, copies and backups included',
  about:
    'Destroys the key of the person; nobody can bring it back. That something happened stays on record under a pseudonym, and every proof stays valid. Records that others left about the person keep the id of it; the record of the erasure itself says how much was erased, not whom. Nobody erases themselves. Refused while a legal hold covers any of it; where several processes have logs, any hold on the person or on everybody. Disable the person first: what they do afterwards is recorded under a new key.',
  action: 'genkan/audit/erase-subject',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: nameOrId.describe('Id or sign-in name.'),
    reason: z.string().min(1).max(500).describe('For the record, e.g. the number of the request; not who it is about.'),
  }),
  positional: ['user'],
  output: z.object({
    pseudonym: z.string().describe('What stands in the place of the person.'),
    records: z.int().describe('Records that tell nothing of the person any more.'),
    left: z.int().describe('Records of an older version, which name the person until retention removes them.'),
    others: z
      .int()
      .describe(
        'Logs of other processes. Unreadable there at once; within a minute of running they give up the id, too.',
      ),
  }),
  // Whoever reads the record could undo the pseudonym with a record that holds both, for as long as it is kept.
  unsaid: ['user'],
  noted: ({ records, left }) => ({ records, left }),
  async run({ recordDesk, people }, { user }, { principal }) {
    return recordDesk.erase(await idOf(people, user), principal);
  },
  print: ({ pseudonym, records, left, others }) =>
    `${records} records tell of ${pseudonym} now${left === 0 ? '' : `; ${left} older ones name the person until retention removes them`}${others === 0 ? '' : `; ${others} logs of other processes follow within a minute of running`}`,
});

const prune = defineOperation({
  id: 'audit.prune',
  summary: 'Remove records that are older than record.retention wants them kept, instead of waiting for the schedule',
  action: 'genkan/audit/prune',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    removed: z.int(),
    heldBy: z.string().optional().describe('The legal hold that keeps more from being removed.'),
  }),
  async run({ recordDesk }) {
    const { before, oldest, heldBy } = await recordDesk.prune();
    return { removed: before - oldest, ...(heldBy !== undefined && { heldBy }) };
  },
});

export const auditOperations = [list, show, eraseSubject, prune];
