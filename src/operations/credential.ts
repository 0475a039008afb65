// Operations on the credentials of applications at Microsoft Entra ID: how they stand, and exchanging Genkan's own while it runs.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const list = defineOperation({
  id: 'credential.list',
  summary: 'List credentials of applications: age, end, rights and last use, with what is of concern',
  about: `Of Genkan's own registration, of another application (--app), or of all of them (--app all). The rights are application
permissions at Microsoft Graph and other resources. Roles at Azure resources are not seen here:
az role assignment list --all --assignee CLIENT-ID. When a credential was used last, Graph tells with AuditLog.Read.All
(genkan entra setup --allow use); of its own, Genkan knows it from its audit log.`,
  action: 'genkan/credential/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    app: z
      .union([z.literal('all'), z.guid().toLowerCase()])
      .optional()
      .describe('Client id of an application, or all; by default Genkan itself.'),
  }),
  output: z.object({
    credentials: z.array(
      z.object({
        app: z.string(),
        appName: z.string(),
        kind: z.enum(['secret', 'certificate', 'federated']),
        id: z.string(),
        name: z.string(),
        ageDays: z.int().optional(),
        expiresAt: z.iso.datetime().optional(),
        lastUsedAt: z.iso.datetime().optional().describe('Absent where it is not known.'),
        rights: z.array(z.string()).optional().describe('Absent where they may not be read.'),
        concerns: z.array(z.string()),
      }),
    ),
    own: z
      .object({ kind: z.string(), id: z.string(), lastUsedAt: z.iso.datetime().optional() })
      .optional()
      .describe('What Genkan proves itself with now.'),
    unseen: z.array(z.string()).describe('What could not be seen, and why.'),
    lines: z.array(z.string()).describe('For the Azure CLI, where Microsoft Graph cannot be asked.'),
  }),
  async run(house, { app }) {
    if (house.entra === undefined) return refuse('entra_not_configured');
    const { credentials, own, unseen, lines } = await house.entra.credentials(app);
    const usedAtMs = own && (await lastUse(house, own.id));
    return {
      credentials: credentials.map(({ expiresAtMs, lastUsedAtMs, rights, concerns, ageDays, ...each }) => ({
        ...each,
        ...(ageDays !== undefined && { ageDays }),
        ...(expiresAtMs !== undefined && { expiresAt: iso(expiresAtMs) }),
        ...(lastUsedAtMs !== undefined && { lastUsedAt: iso(lastUsedAtMs) }),
        ...(rights !== undefined && { rights: [...rights] }),
        concerns: [...concerns],
      })),
      ...(own && { own: { ...own, ...(usedAtMs !== undefined && { lastUsedAt: iso(usedAtMs) }) } }),
      unseen: [...unseen],
      lines: [...lines],
    };
  },
  problems: ({ credentials }) => credentials.some(({ concerns }) => concerns.length > 0),
  print: ({ credentials, own, unseen, lines }) =>
    [
      table(credentials, {
        application: ({ appName, app }) => `${appName} ${app}`,
        kind: ({ kind }) => kind,
        id: ({ id }) => id,
        name: ({ name }) => name,
        days: ({ ageDays }) => (ageDays === undefined ? '' : String(ageDays)),
        ends: ({ expiresAt = '' }) => expiresAt.slice(0, 10),
        'last use': ({ lastUsedAt = 'unknown' }) => lastUsedAt.slice(0, 16),
        rights: ({ rights }) => rights?.join(', ') ?? 'unknown',
        concern: ({ concerns }) => concerns.join(', ').toUpperCase(),
      }),
      ...(own === undefined
        ? []
        : [`Genkan proves itself with: ${own.kind} ${own.id}, last used ${own.lastUsedAt ?? 'unknown'}`]),
      ...unseen.map((each) => `not seen: ${each}`),
      ...(lines.length === 0 ? [] : ['', 'Look by yourself:', ...lines]),
    ].join('\n'),
});

/** The last sign-in with a credential, as our own log has it. */
async function lastUse({ audit }: House, id: string): Promise<number | undefined> {
  const found = await audit.list({ action: 'identity.signIn', result: 'allowed', limit: 100 });
  return found.find(({ details }) => (details['credential'] as { id?: string } | undefined)?.id === id)?.timestamp;
}

const rotate = defineOperation({
  id: 'credential.rotate',
  summary: "Exchange Genkan's own credential at Entra ID while it runs: create, verify, switch, delete the old",
  about: `A new secret or certificate is made at the registration, signs in by itself, is put where genkan.yaml points (a file, or a
new version in Key Vault), and only then, after --keep-old-hours, the old one is deleted: by the Genkan that runs, or by this command
once more. Where a step fails, everything is as before. After a crash it goes on by itself, or with this command.
Genkan needs the right to its own registration: genkan entra setup --allow rotate.`,
  action: 'genkan/credential/rotate',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    kind: z
      .enum(['secret', 'certificate'])
      .optional()
      .describe('What is expected to be exchanged; refused if it is another.'),
    keepOldHours: z
      .number()
      .min(0)
      .max(24 * 30)
      .default(24)
      .describe('How long the old one stays after the new one is in use.'),
    validDays: z.int().min(1).max(730).default(180).describe('How long the new one is good.'),
  }),
  output: z.object({
    kind: z.enum(['secret', 'certificate']),
    newKey: z.string().optional(),
    oldKey: z.string().optional(),
    reference: z.string(),
    deleted: z.boolean().describe('Whether the old one is gone.'),
    deleteAt: z.iso.datetime().optional().describe('When it will be.'),
    resumed: z.boolean().describe('Whether this went on with what was begun before.'),
  }),
  async run({ entra }, { kind, keepOldHours, validDays }, { principal }) {
    if (entra === undefined) return refuse('entra_not_configured');
    if (kind !== undefined && kind !== entra.credentialKind)
      return refuse('entra_rotation_impossible', {
        reason: `genkan.yaml has another kind of credential: ${entra.credentialKind}`,
      });
    const keepSeconds = Math.round(keepOldHours * 3600);
    const { deleteAtMs, newKey, oldKey, ...state } = await entra.rotate({ keepSeconds, validDays, by: principal.id });
    return {
      ...state,
      ...(newKey !== undefined && { newKey }),
      ...(oldKey !== undefined && { oldKey }),
      ...(deleteAtMs !== undefined && { deleteAt: iso(deleteAtMs) }),
    };
  },
  problems: ({ deleted, deleteAt }) => !deleted && deleteAt === undefined,
  print: ({ kind, newKey, oldKey, reference, deleted, deleteAt, resumed }) =>
    [
      `${resumed ? 'went on with what was begun: ' : ''}${kind} ${newKey ?? ''} has signed in and is in use, at ${reference}`,
      deleted
        ? `the old one, ${oldKey ?? ''}, is deleted`
        : deleteAt === undefined
          ? 'which one the OLD one is cannot be told: delete it by yourself (genkan credential list)'
          : `the old one, ${oldKey ?? ''}, is deleted at ${deleteAt}`,
    ].join('\n'),
});

const iso = (ms: number): string => new Date(ms).toISOString();

export const credentialOperations = [list, rotate];
