// Operations on the history of the policy: its versions, what each changed, and taking changes back.
import { z } from 'zod';
import { describeEdit, linesOf } from '../access/policy/policy-diff.ts';
import type { ItemEdit } from '../access/policy/policy-item.ts';
import type { PolicyVersion } from '../access/policy/policy-store.ts';
import { defineOperation } from './operation.ts';
import { changeView, justification, noted, printChange, viewOf } from './policy-change.ts';
import { table } from './table.ts';

const versionView = z.object({
  version: z.int(),
  at: z.iso.datetime(),
  by: z.string().describe('Principal id of whoever made it; empty for the configuration.'),
  name: z.string(),
  why: z.string(),
  source: z
    .enum(['running', 'configuration'])
    .describe('`configuration`: what had changed in genkan.yaml when a process started.'),
  approval: z.string().optional().describe('The approval that it was made by.'),
  approvedBy: z.string().optional().describe('Principal id of whoever approved it.'),
});

const content = z.record(z.string(), z.unknown()).optional();
const editView = z.object({
  kind: z.string(),
  id: z.string(),
  summary: z.string().describe('What became of it: + came, - went, ~ is different.'),
  lines: z.array(z.string()).describe('What is different in it.'),
  before: content,
  after: content,
});

type EditView = z.output<typeof editView>;

const viewOfEdit = (edit: ItemEdit): EditView => ({
  kind: edit.kind,
  id: edit.id,
  summary: describeEdit(edit),
  lines: linesOf(edit),
  ...(edit.before && { before: { ...edit.before } }),
  ...(edit.after && { after: { ...edit.after } }),
});

const viewOfVersion = ({ number, atMs, by, why, source, approval }: PolicyVersion): z.output<typeof versionView> => ({
  version: number,
  at: new Date(atMs).toISOString(),
  by: by.id,
  name: by.name,
  why,
  source,
  ...(approval && { approval: approval.id, approvedBy: approval.by }),
});

const printEdits = (edits: readonly EditView[]): string =>
  edits.length === 0
    ? 'Nothing is different.'
    : edits.flatMap(({ summary, lines }) => [summary, ...lines.map((line) => `    ${line}`)]).join('\n');

const number = z.int().min(1);

const list = defineOperation({
  id: 'policy.list',
  summary: 'List the versions of the access policy: who changed how much, when and why',
  action: 'genkan/policy/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(50).describe('At most so many, newest first.'),
    before: number.optional().describe('Only versions before this one.'),
  }),
  output: z.object({
    versions: z.array(versionView.extend({ added: z.int(), changed: z.int(), removed: z.int() })),
  }),
  async run({ access }, query) {
    const versions = await access.policy.history.list(query);
    return {
      versions: versions.map((version) => ({
        ...viewOfVersion(version),
        added: version.added,
        changed: version.changed,
        removed: version.removed,
      })),
    };
  },
  print: ({ versions }) =>
    table(versions, {
      version: ({ version }) => String(version),
      at: ({ at }) => at,
      by: ({ name, by }) => name || by,
      approved: ({ approvedBy = '' }) => approvedBy,
      changes: ({ added, changed, removed }) =>
        [added && `+${added}`, changed && `~${changed}`, removed && `-${removed}`].filter(Boolean).join(' '),
      why: ({ why }) => why,
    }),
});

const show = defineOperation({
  id: 'policy.show',
  summary: 'Show what one version of the access policy changed',
  action: 'genkan/policy/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ version: number.describe('Number of the version.') }),
  positional: ['version'],
  output: versionView.extend({ changes: z.array(editView) }),
  resource: ({ version }) => `/policy/${version}`,
  async run({ access }, { version: wanted }) {
    const { version, changes } = await access.policy.history.show(wanted);
    return { ...viewOfVersion(version), changes: changes.map(viewOfEdit) };
  },
  print: ({ version, at, by, name, why, approvedBy, changes }) =>
    [
      `Version ${version}, ${at}, by ${name || by}${approvedBy === undefined ? '' : `, approved by ${approvedBy}`}`,
      ...(why === '' ? [] : [why]),
      printEdits(changes),
    ].join('\n'),
});

const diff = defineOperation({
  id: 'policy.diff',
  summary: 'Compare the access policy right after two versions, item by item',
  action: 'genkan/policy/show',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    from: z.int().min(0).describe('Number of a version; 0 is before the first.'),
    to: z.int().min(0).describe('Number of another version.'),
  }),
  positional: ['from', 'to'],
  output: z.object({ changes: z.array(editView.extend({ source: z.enum(['running', 'configuration']) })) }),
  async run({ access }, { from, to }) {
    const changes = await access.policy.history.diff(from, to);
    return { changes: changes.map((edit) => ({ ...viewOfEdit(edit), source: edit.source })) };
  },
  print: ({ changes }) => printEdits(changes),
});

const revert = defineOperation({
  id: 'policy.revert',
  summary: 'Take one version of the access policy back, or return to how it was right after one',
  about:
    'The history stays as it is: a revert is a version of its own, and can be reverted. What the configuration says is changed ' +
    'there. Elevations are no part of it.',
  action: 'genkan/policy/revert',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      version: number.optional().describe('The version to take back; refused where later ones changed the same.'),
      to: number.optional().describe('Instead: return to the whole state right after this version.'),
      justification,
    })
    .refine(({ version, to }) => (version === undefined) !== (to === undefined), 'give either version or to'),
  positional: ['version'],
  output: z.object({ change: changeView }),
  resource: ({ version, to }) => `/policy/${version ?? to ?? ''}`,
  async run(house, { version, to, justification: given }, { principal: by }) {
    const why = given || (to === undefined ? `takes version ${version} back` : `returns to version ${to}`);
    const outcome = await house.access.policy.changes.revert(version ?? to!, to !== undefined, { by, why });
    return { change: viewOf(outcome, house) };
  },
  noted,
  print: ({ change }) => printChange(change),
});

export const policyOperations = [list, show, diff, revert];
