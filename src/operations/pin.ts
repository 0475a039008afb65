// Operations on pins: what servers show that nobody has approved, what is different in it, and saying yes or no. Never offered over MCP.
import { z } from 'zod';
import { isRefusal } from '../base/errors.ts';
import type { PinComparison, PinView } from '../inspect/pins/pin-desk.ts';
import { visible } from '../inspect/pins/pin-diff.ts';
import { reasonText } from '../inspect/pins/pin-notices.ts';
import { itemKinds } from '../inspect/pins/surface.ts';
import { serverName } from '../upstream/settings.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const versionDigest = z.string().regex(/^[0-9a-f]{64}$/, 'write all 64 characters of the digest');

const pinView = z.object({
  server: z.string(),
  kind: z.enum(itemKinds),
  name: z.string().describe('As the server calls it; empty for its instructions and for how it introduces itself.'),
  state: z
    .enum(['approved', 'waiting', 'rejected', 'gone'])
    .describe('`waiting`: withheld until decided. `gone`: approved, and not listed any more.'),
  reasons: z.array(z.string()).describe('Why it waits.'),
  waitingSince: z.iso.datetime().optional(),
  digest: z.string().describe('SHA-256 of the version that waits, was rejected, or may be used.'),
  approvedDigest: z.string().optional(),
  approvedBy: z.string().optional().describe('`policy`, or the principal id of who has approved it.'),
  approvedAt: z.iso.datetime().optional(),
  why: z.string().optional().describe('The setting that approved it, or what the person wrote.'),
  rejectedBy: z.string().optional(),
  rejectedAt: z.iso.datetime().optional(),
});
type View = z.output<typeof pinView>;

const viewOf = ({ approved, waiting, rejected, ...pin }: PinView): View => ({
  ...pin,
  reasons: (waiting?.reasons ?? []).map((reason) => reasonText(reason, 'en')),
  digest: (waiting ?? rejected ?? approved)?.digest ?? '',
  ...(waiting && { waitingSince: at(waiting.sinceMs) }),
  ...(approved && {
    approvedDigest: approved.digest,
    approvedBy: approved.by,
    approvedAt: at(approved.atMs),
    why: approved.why,
  }),
  ...(rejected && { rejectedBy: rejected.by, rejectedAt: at(rejected.atMs) }),
});

const at = (ms: number): string => new Date(ms).toISOString();
const named = ({ kind, name }: Pick<View, 'kind' | 'name'>): string =>
  name === '' ? kind : `${kind} ${visible(name)}`;
const resource = ({ server }: { server?: string | undefined }): string =>
  server === undefined ? '/servers' : `/servers/${server}`;

const list = defineOperation({
  id: 'pin.list',
  summary: 'List what servers show and nobody has approved, or all that is pinned',
  action: 'genkan/pin/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    server: serverName.optional().describe('Only of this server.'),
    all: z.boolean().default(false).describe('What is approved as well.'),
    limit: z.int().min(1).max(10_000).default(1000).describe('At most so many.'),
  }),
  positional: ['server'],
  output: z.object({ pins: z.array(pinView) }),
  resource,
  run: async ({ pins }, query) => ({ pins: (await pins.list(query)).map(viewOf) }),
  print: ({ pins }) =>
    pins.length === 0
      ? 'nothing waits'
      : [
          table(pins, {
            server: ({ server }) => server,
            kind: ({ kind }) => kind,
            name: ({ name }) => visible(name).slice(0, 80),
            state: ({ state }) => state,
            why: ({ state, reasons, why = '' }) => (state === 'waiting' ? reasons.join('; ') : why),
            'approved by': ({ approvedBy = '' }) => approvedBy,
            since: ({ waitingSince, approvedAt }) => waitingSince ?? approvedAt ?? '',
          }),
          ...(pins.some(({ state }) => state === 'waiting') ? ['', 'What is different: genkan pin show SERVER'] : []),
        ].join('\n'),
});

const difference = z.object({
  at: z.string().describe('JSON Pointer of the member.'),
  lines: z
    .array(z.string())
    .describe('`-` was approved, `+` is shown now. Characters that nobody sees are written as \\u{…}.'),
});
const comparison = pinView.extend({ differences: z.array(difference) });

const show = defineOperation({
  id: 'pin.show',
  summary: 'Show what is different in what a server shows, member by member',
  action: 'genkan/pin/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    server: serverName,
    name: z
      .string()
      .max(2048)
      .optional()
      .describe('Only this item, approved or not, and all of it; otherwise all that waits, long texts cut.'),
    kind: z.enum(itemKinds).optional().describe('Only of this kind.'),
    limit: z.int().min(1).max(500).default(50).describe('At most so many.'),
  }),
  positional: ['server', 'name'],
  output: z.object({
    server: z.string(),
    pins: z.array(comparison),
    digestOfAll: z
      .string()
      .optional()
      .describe('Digest of all versions that wait at the server, where all of them are shown here.'),
  }),
  resource,
  async run({ pins }, { server, ...query }) {
    const { pins: shown, digestOfAll } = await pins.show({ server, ...query });
    const views = shown.map((pin: PinComparison) => ({
      ...viewOf(pin),
      differences: pin.differences.map(({ at, lines }) => ({ at, lines: [...lines] })),
    }));
    return { server, pins: views, ...(digestOfAll !== undefined && { digestOfAll }) };
  },
  print: ({ server, pins, digestOfAll }) =>
    pins.length === 0
      ? 'nothing waits'
      : [
          ...pins.flatMap((pin) => [printed(pin), ...nextOf(pin), '']),
          ...(digestOfAll !== undefined && pins.length > 1
            ? [`All of it: genkan pin approve ${server} --all --digest ${digestOfAll}`]
            : []),
        ]
          .join('\n')
          .trimEnd(),
});

function printed(pin: z.output<typeof comparison>): string {
  const { state, reasons, waitingSince, approvedBy, approvedAt, why, differences } = pin;
  return [
    `${named(pin)}: ${state}${reasons.length === 0 ? '' : ` (${reasons.map(visible).join('; ')})`}`,
    ...(waitingSince === undefined ? [] : [`  since ${waitingSince}`]),
    ...(approvedBy === undefined
      ? []
      : [`  approved by ${approvedBy}, ${approvedAt}${why ? `: ${visible(why)}` : ''}`]),
    ...differences.flatMap(({ at, lines }) => [`  ${at === '' ? '/' : at}`, ...lines.map((line) => `    ${line}`)]),
  ].join('\n');
}

const nextOf = ({ server, state, digest }: View): string[] =>
  state === 'approved' || state === 'gone'
    ? []
    : [
        `  To approve exactly this: genkan pin approve ${server} --digest ${digest}`,
        ...(state === 'waiting' ? [`  To refuse it:            genkan pin reject ${server} --digest ${digest}`] : []),
      ];

const decide = (verdict: 'approve' | 'reject') =>
  defineOperation({
    id: `pin.${verdict}`,
    summary:
      verdict === 'approve'
        ? 'Approve what a server shows, exactly as it was looked at'
        : 'Refuse what a server shows: it stays withheld, and what was approved before may be used once the server shows that again',
    about:
      'The digest is the one that `pin show` gave: what has changed since then is not approved with it. By a person in their own name, with a second factor where one is known here. Never over MCP.',
    action: `genkan/pin/${verdict}`,
    effect: 'write',
    doors: ['cli', 'rest'],
    input: z.strictObject({
      server: serverName,
      digest: versionDigest.describe('Of the version, or with `all` of all that wait.'),
      all: z.boolean().default(false).describe('All that waits at the server, as `pin show` has shown it.'),
      why: z.string().max(500).default('').describe('For the record.'),
    }),
    positional: ['server'],
    output: z.object({ server: z.string(), pins: z.array(pinView) }),
    resource,
    noted: ({ pins }) => ({
      items: pins.slice(0, 50).map(({ kind, name, digest, approvedDigest }) => ({
        kind,
        name: visible(name).slice(0, 128),
        digest,
        ...(approvedDigest !== undefined && { before: approvedDigest }),
      })),
      decided: pins.length,
    }),
    async run({ pins }, choice, { principal }) {
      const decided = await (verdict === 'approve' ? pins.approve(choice, principal) : pins.reject(choice, principal));
      return isRefusal(decided) ? decided : { server: choice.server, pins: decided.map(viewOf) };
    },
    print: ({ server, pins }) =>
      `${verdict === 'approve' ? 'approved' : 'rejected'} at ${server}: ${pins.slice(0, 20).map(named).join(', ')}${pins.length > 20 ? ` and ${pins.length - 20} more` : ''}`,
  });

export const pinOperations = [list, show, decide('approve'), decide('reject')];
