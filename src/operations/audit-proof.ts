// Operations that prove the audit log: to ourselves, to others with nothing but a key, and to witnesses outside.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { createVerifier } from '../record/note.ts';
import { readPolicy } from '../record/witness/policy.ts';
import type { Policy } from '../record/witness/policy.ts';
import { judgeProof } from '../record/witness/proving.ts';
import type { WitnessState } from '../record/witness/publisher.ts';
import type { Desk } from './house.ts';
import { defineDeskOperation, defineOperation } from './operation.ts';
import { table } from './table.ts';

const maxText = 1_000_000;
const kept = (what: string): z.ZodString =>
  z.string().max(maxText).describe(`${what}: its text, or at the command line a file that holds it.`);

const invalid = (operation: string, reason: string): Refusal =>
  refuse('operation_input_invalid', { operation, reason });

/** A text of several lines is meant as it is; one line is the name of a file. */
function textOf({ files }: Desk, operation: string, given: string): string | Refusal {
  if (given.includes('\n')) return given;
  if (files === undefined) return invalid(operation, 'a text of several lines is expected');
  try {
    return files.read(given);
  } catch {
    return invalid(operation, `${given} cannot be read`);
  }
}

const verify = defineDeskOperation({
  id: 'audit.verify',
  summary: 'Prove that no record was changed, removed or put in between; or check a proof that somebody gave you',
  about:
    'Whoever holds the machine and its key can write another history after the last checkpoint that is kept elsewhere: --against holds the log against those. With --proof and --key or --policy nothing else is needed, not even a Genkan.',
  action: 'genkan/audit/verify',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({
    against: kept('Checkpoints of this log that were kept elsewhere').optional(),
    key: z
      .string()
      .max(512)
      .optional()
      .describe('Verifier key of the log, got from elsewhere; by default the one that lies beside the log.'),
    proof: kept('A proof of one record, to be checked instead of a log (c2sp.org/tlog-proof)').optional(),
    policy: kept(
      'Which logs are accepted and which witnesses must have cosigned the proof (c2sp.org/tlog-policy)',
    ).optional(),
  }),
  output: z.object({
    ok: z.boolean(),
    origin: z.string().describe('Name of the log.'),
    size: z.int().describe('Number of records, those that retention has removed among them.'),
    pruned: z.int().describe('How many of them retention has removed; their hashes still stand in the tree.'),
    root: z.string().describe('Root of the Merkle tree over them, base64.'),
    against: z.int().describe('How many checkpoints that you have kept elsewhere it was held against.'),
    published: z
      .int()
      .optional()
      .describe(
        'Records of the newest checkpoint that a witness has, as this Genkan remembers it: held against that too.',
      ),
    problems: z
      .array(z.object({ index: z.int().optional(), reason: z.string() }))
      .describe('What does not hold; the first hundred.'),
    others: z
      .array(z.object({ origin: z.string(), state: z.enum(['holds', 'does not hold', 'elsewhere']), size: z.int() }))
      .describe('Logs of other processes on the same state database.'),
    proven: z
      .object({
        index: z.int(),
        record: z.string().describe('The record as it was hashed.'),
        cosigned: z.array(z.object({ witness: z.string(), at: z.iso.datetime() })),
      })
      .optional()
      .describe('With a proof: what it proves.'),
  }),
  async run(desk, { against, key, proof, policy }) {
    if (proof !== undefined) return checkProof(desk, { key, proof, policy });
    if (policy !== undefined) return invalid('audit verify', '--policy goes with --proof');
    if (key !== undefined && !isVerifierKey(key)) return invalid('audit verify', '--key is no verifier key');
    const keptCheckpoint = against === undefined ? undefined : textOf(desk, 'audit verify', against);
    if (typeof keptCheckpoint === 'object') return keptCheckpoint;
    const { problems, others, ...found } = await desk.audit.verify({ keptCheckpoint, verifierKey: key });
    return { ...found, problems: [...problems], others: [...others] };
  },
  problems: ({ ok }) => !ok,
  print: ({ ok, origin, size, pruned, against, published, problems, others, proven }) =>
    [
      ...(proven !== undefined && ok
        ? [
            `The proof holds: record ${proven.index} stands in the log ${origin}, as it was when that had ${size} records.`,
            ...proven.cosigned.map(({ witness, at }) => `Cosigned by ${witness} at ${at}.`),
            proven.record,
          ]
        : ok
          ? [
              `The audit log holds: ${size} records, all as they were written${pruned === 0 ? '' : `; the oldest ${pruned} were removed, as the log says`}.`,
              ...(against === 0
                ? []
                : [`It continues ${against === 1 ? 'the checkpoint' : `all ${against} checkpoints`} kept elsewhere.`]),
              ...(published === undefined
                ? []
                : [`It continues what a witness has, as this Genkan remembers it (${published} records).`]),
            ]
          : [
              proven === undefined ? 'The audit log does NOT hold:' : 'The proof does NOT hold:',
              ...problems.map(printProblem),
            ]),
      ...others.map(({ origin: other, state, size: records }) =>
        state === 'elsewhere'
          ? `${other}: cannot be reached from here (${records} records published).`
          : `${other}: ${state}, ${records} records.`,
      ),
    ].join('\n'),
});

interface GivenProof {
  readonly key: string | undefined;
  readonly proof: string;
  readonly policy: string | undefined;
}

function checkProof(desk: Desk, given: GivenProof) {
  const command = 'audit verify';
  const proof = textOf(desk, command, given.proof);
  if (typeof proof === 'object') return proof;
  const policyText = given.policy === undefined ? undefined : textOf(desk, command, given.policy);
  if (typeof policyText === 'object') return policyText;
  let policy: Policy | undefined;
  try {
    policy = policyText === undefined ? undefined : readPolicy(policyText);
  } catch (error) {
    return invalid(command, (error as Error).message);
  }
  const keys = given.key === undefined ? (policy?.logs ?? []) : [given.key];
  if (keys.length === 0 || !keys.every(isVerifierKey))
    return invalid(command, 'give the verifier key of the log with --key, or a policy that names it');
  const { index, record, cosigned, problems, ...judged } = judgeProof(proof, keys, policy);
  const at = cosigned.map(({ witness, atSeconds }) => ({ witness, at: new Date(atSeconds * 1000).toISOString() }));
  return {
    ...judged,
    pruned: 0,
    against: 0,
    problems: [...problems],
    others: [],
    proven: { index, record, cosigned: at },
  };
}

function isVerifierKey(key: string): boolean {
  try {
    createVerifier(key);
    return true;
  } catch {
    return false;
  }
}

const printProblem = ({ index, reason }: { index?: number | undefined; reason: string }): string =>
  index === undefined ? `  ${reason}` : `  record ${index}: ${reason}`;

const prove = defineDeskOperation({
  id: 'audit.prove',
  summary: 'Prove to others that one record stands in the log (c2sp.org/tlog-proof)',
  about:
    'The proof holds the record itself and the checkpoint, with the cosignatures of witnesses where there are. Whoever has the verifier key checks it without us: genkan audit verify --proof FILE --key KEY, or any program for transparency logs. Which record was asked for is on record; of a copy of the data directory it is not.',
  action: 'genkan/audit/prove',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  onRecord: true,
  resource: ({ index }) => `/audit/${index}`,
  input: z.strictObject({
    index: z.int().min(0).describe('Index of the record.'),
    out: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('File to write to, at the command line; not over one that is there.'),
  }),
  positional: ['index'],
  output: z.object({ proof: z.string(), out: z.string().optional() }),
  async run({ audit, files }, { index, out }) {
    if (out !== undefined && files === undefined)
      return invalid('audit prove', 'out: files are written at the command line alone');
    const proof = await audit.proof(index);
    if (proof === undefined) return refuse('operation_not_found', { kind: 'audit record', name: index });
    return writtenTo(files, { proof }, out);
  },
  after: { inputs: ['out'], carryOut: ({ files }, answer, { out }) => writtenTo(files, answer, out) },
  print: ({ proof, out }) => (out === undefined ? proof.trimEnd() : `written to ${out}`),
});

function writtenTo(
  files: Desk['files'],
  { proof }: { readonly proof: string },
  out: string | undefined,
): { proof: string; out?: string } | Refusal {
  if (out === undefined) return { proof };
  try {
    files!.write(out, proof);
  } catch (error) {
    return invalid('audit prove', `${out} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  return { proof, out };
}

const checkpoint = defineDeskOperation({
  id: 'audit.checkpoint',
  summary: 'Show the newest signed checkpoint of the log, and the key to check it with',
  about: 'Keep it elsewhere: genkan audit verify --against FILE later shows that the log has only grown since.',
  action: 'genkan/audit/checkpoint',
  effect: 'read',
  doors: ['cli', 'rest'],
  where: 'data',
  input: z.strictObject({
    cosigned: z.boolean().default(false).describe('The newest that witnesses have cosigned, instead of the newest.'),
    key: z.boolean().default(false).describe('The verifier key alone.'),
  }),
  output: z.object({ checkpoint: z.string().optional(), key: z.string() }),
  async run({ audit }, { cosigned, key: keyAlone }) {
    const found = await audit.checkpoint();
    if (keyAlone) return { key: found.key };
    const note = cosigned ? found.cosigned : found.checkpoint;
    if (note === undefined) return refuse('operation_not_found', { kind: 'checkpoint', name: 'cosigned' });
    return { checkpoint: note, key: found.key };
  },
  print: ({ checkpoint: note, key }) => (note ?? key).trimEnd(),
});

const witnessView = z.object({
  witness: z.string(),
  type: z.string(),
  size: z.int().describe('Records of which it has a checkpoint.'),
  behind: z.int().describe('Records of which it has none yet.'),
  takenAt: z.iso.datetime().optional().describe('When it last took one.'),
  failingSince: z.iso.datetime().optional(),
  failure: z.string().optional(),
});

const viewOf = (states: readonly WitnessState[]) =>
  states.map(({ takenAtMs, failingSinceMs, ...state }) => ({
    ...state,
    ...(takenAtMs !== undefined && { takenAt: new Date(takenAtMs).toISOString() }),
    ...(failingSinceMs !== undefined && { failingSince: new Date(failingSinceMs).toISOString() }),
  }));

const printWitnesses = (witnesses: readonly z.output<typeof witnessView>[]): string =>
  table(witnesses, {
    witness: ({ witness: name }) => name,
    type: ({ type }) => type,
    records: ({ size }) => String(size),
    behind: ({ behind }) => String(behind),
    'taken at': ({ takenAt = '' }) => takenAt,
    'failing since': ({ failingSince = '' }) => failingSince,
    reason: ({ failure = '' }) => failure,
  });

const witness = defineOperation({
  id: 'audit.witness',
  summary: 'List who outside has checkpoints of the log and how far, and the logs that we are a witness for',
  action: 'genkan/audit/witness',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    witnesses: z.array(witnessView),
    ownKey: z.string().optional().describe('Our verifier key as a witness, for those who name us as theirs.'),
    followed: z
      .array(z.object({ origin: z.string(), size: z.int(), cosignedAt: z.iso.datetime().optional() }))
      .describe('Logs that we are a witness for.'),
  }),
  async run({ witnesses }) {
    const followed = await witnesses.followed();
    return {
      witnesses: viewOf(witnesses.list()),
      ...(witnesses.ownKey !== undefined && { ownKey: witnesses.ownKey }),
      followed: followed.map(({ origin, size, cosignedAtMs }) => ({
        origin,
        size,
        ...(cosignedAtMs !== undefined && { cosignedAt: new Date(cosignedAtMs).toISOString() }),
      })),
    };
  },
  problems: ({ witnesses }) => witnesses.some(({ failure }) => failure !== undefined),
  print: ({ witnesses, ownKey, followed }) =>
    [
      witnesses.length === 0
        ? 'nobody outside has checkpoints of this log; see record.witnesses'
        : printWitnesses(witnesses),
      ...(ownKey === undefined
        ? []
        : [
            `\nwe are a witness with the key ${ownKey} for`,
            table(followed, {
              log: ({ origin }) => origin,
              records: ({ size }) => String(size),
              'cosigned at': ({ cosignedAt = '' }) => cosignedAt,
            }),
          ]),
    ].join('\n'),
});

const publish = defineOperation({
  id: 'audit.publish',
  summary: 'Publish the newest checkpoint to every witness now, instead of within the next minute',
  action: 'genkan/audit/publish',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ witnesses: z.array(witnessView) }),
  run: async ({ witnesses }) => ({ witnesses: viewOf(await witnesses.publish()) }),
  problems: ({ witnesses }) => witnesses.some(({ failure }) => failure !== undefined),
  print: ({ witnesses }) => printWitnesses(witnesses),
});

export const auditProofOperations = [verify, prove, checkpoint, witness, publish];
