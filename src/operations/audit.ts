// Operations on the audit log: reading it, proving it whole, and taking a proof of one record elsewhere.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineDeskOperation } from './operation.ts';
import { table } from './table.ts';

const results = ['intent', 'allowed', 'denied', 'challenged', 'blocked', 'failed', 'unknown'] as const;

const list = defineDeskOperation({
  id: 'audit.list',
  summary: 'List what happened, newest last',
  action: 'genkan/audit/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({
    limit: z.int().min(1).max(10_000).default(100).describe('At most so many records, the newest.'),
    user: z.string().optional().describe('Only of this principal id.'),
    result: z.enum(results).optional().describe('Only with this result.'),
    action: z.string().optional().describe('Only of this action, e.g. tools/call.'),
  }),
  output: z.object({
    records: z.array(
      z.object({
        index: z.int().describe('Leaf of the record in the tree, from 0.'),
        timestamp: z.int().describe('Milliseconds since the Unix epoch.'),
        user: z.string(),
        action: z.string(),
        resource: z.string(),
        result: z.enum(results),
        details: z.record(z.string(), z.unknown()),
        correlationId: z.string(),
        sourceIP: z.string(),
        userAgent: z.string(),
      }),
    ),
  }),
  run: async ({ audit }, filter) => ({
    records: (await audit.list(filter)).reverse().map((entry) => ({ ...entry, details: { ...entry.details } })),
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

const verify = defineDeskOperation({
  id: 'audit.verify',
  summary: 'Prove that no record was changed, removed or put in between',
  action: 'genkan/audit/verify',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({}),
  output: z.object({
    ok: z.boolean(),
    size: z.int().describe('Number of records, those that retention has removed among them.'),
    pruned: z.int().describe('How many of them retention has removed; their hashes still stand in the tree.'),
    root: z.string().describe('Root of the Merkle tree computed from them, base64.'),
    problems: z
      .array(z.object({ index: z.int().optional(), reason: z.string() }))
      .describe('What does not hold; the first hundred.'),
  }),
  run: async ({ audit }) => {
    const { problems, ...found } = await audit.verify();
    return { ...found, problems: [...problems] };
  },
  problems: ({ ok }) => !ok,
  print: ({ ok, size, pruned, problems }) =>
    ok
      ? `The audit log holds: ${size} records, all as they were written${pruned === 0 ? '' : `; the oldest ${pruned} were removed, as the log says`}.`
      : ['The audit log does NOT hold:', ...problems.map(printProblem)].join('\n'),
});

const printProblem = ({ index, reason }: { index?: number; reason: string }): string =>
  index === undefined ? `  ${reason}` : `  record ${index}: ${reason}`;

const exportProof = defineDeskOperation({
  id: 'audit.export-proof',
  summary: 'Export a proof that one record stands in the log, to be checked elsewhere (c2sp.org/tlog-proof)',
  action: 'genkan/audit/export-proof',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({ index: z.int().min(0).describe('Index of the record.') }),
  positional: ['index'],
  output: z.object({ proof: z.string() }),
  async run({ audit }, { index }) {
    const proof = await audit.proof(index);
    return proof === undefined ? refuse('operation_not_found', { kind: 'audit record', name: index }) : { proof };
  },
  print: ({ proof }) => proof.trimEnd(),
});

export const auditOperations = [list, verify, exportProof];
