// Operations on Genkan's registration at Microsoft Entra ID: setting it up, and looking whether everything there is as it has to be.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import { entraProvider } from '../identity/entra/settings.ts';
import { abilities } from '../identity/entra/setup/permissions.ts';
import { shells } from '../identity/entra/setup/shell-lines.ts';
import type { SetupResult } from '../identity/entra/setup/setup.ts';
import { defineDeskOperation, defineOperation } from './operation.ts';
import { table } from './table.ts';

const guid = z.guid('it is no GUID').toLowerCase();
const [authorityHost, graphUrl] = [entraProvider.shape.authorityHost.unwrap(), entraProvider.shape.graphUrl.unwrap()];

const setup = defineDeskOperation({
  id: 'entra.setup',
  summary: 'Register Genkan at Microsoft Entra ID, or bring its registration up to date; shows the plan first',
  about: `Without --apply nothing is changed. The plan is compared with what is there when somebody can ask Microsoft Graph:
you (--client-id, with a code; or --token-env with a token such as of az account get-access-token), or Genkan itself once
it is configured. Without any of them it prints the lines for the Azure CLI. What others have put into the registration
stays. It can be repeated at any time: a second run has nothing left to do. Consent is for an administrator to give. Entra ID
records in its own audit log what was changed, and by whom.`,
  action: 'genkan/entra/setup',
  effect: 'write',
  doors: ['cli'],
  where: 'data',
  input: z.strictObject({
    apply: z.boolean().default(false).describe('Make the changes.'),
    dryRun: z.boolean().default(false).describe('Only show them, which is the default.'),
    tenant: guid.optional().describe('Id of the tenant; by default that of genkan.yaml.'),
    app: guid
      .optional()
      .describe('Client id of the registration; by default that of genkan.yaml, and otherwise a new one is made.'),
    name: z
      .string()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,119}$/u, 'use letters, digits, spaces, dots, hyphens and underscores')
      .default('Genkan')
      .describe('Name of a new registration.'),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .refine((text) => ['', '/'].includes(text.slice(new URL(text).origin.length)), 'write an origin alone')
      .transform((text) => new URL(text).origin)
      .optional()
      .describe('Address by which clients reach Genkan; by default that of genkan.yaml.'),
    allow: z
      .array(z.enum(abilities))
      .default([])
      .describe(
        'What Genkan may do by itself: check (read its registration), conditional-access (look names up, compare policies), rotate (its own credentials), use (read when credentials were used last).',
      ),
    appRole: z
      .array(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/, 'use letters, digits, dots, hyphens and underscores'),
      )
      .default([])
      .describe('App roles besides those that genkan.yaml assigns rights to; Genkan.Admin when there are none.'),
    context: z
      .array(z.string().regex(/^c[1-9]\d?$/, 'write c1 to c99'))
      .default([])
      .describe('Authentication contexts to publish besides those of genkan.yaml.'),
    issuer: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('Issuer of the tokens that Genkan proves itself with (workload identity federation).'),
    subject: z
      .string()
      .min(1)
      .max(600)
      .optional()
      .describe('Subject of these tokens: a Kubernetes service account, or the object id of a managed identity.'),
    clientId: guid.optional().describe('Public client with which you sign in to make the changes, with a code.'),
    tokenEnv: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it is no name of an environment variable')
      .optional()
      .describe('Environment variable with an access token for Microsoft Graph.'),
    shell: z.enum(shells).default('bash').describe('For which shell the lines are.'),
    authorityHost: authorityHost.optional().describe('Where Entra ID is, for national clouds without a genkan.yaml.'),
    graphUrl: graphUrl.optional().describe('Where Microsoft Graph is, for national clouds without a genkan.yaml.'),
  }),
  output: z.object({
    reached: z.boolean().describe('Whether Microsoft Graph could be asked.'),
    applied: z.boolean().describe('Whether changes were to be made.'),
    why: z.string().optional().describe('Why Microsoft Graph could not be asked.'),
    clientId: z.string().optional(),
    steps: z.array(
      z.object({
        act: z.enum(['create', 'change', 'none', 'ask']).describe('`ask`: for an administrator to do.'),
        kind: z.string(),
        name: z.string(),
        changes: z.array(z.object({ about: z.string(), wanted: z.string() })),
        notices: z.array(z.string()),
        done: z.boolean(),
        failure: z.string().optional(),
      }),
    ),
    lines: z.array(z.string()).describe('What is left to do, for the Azure CLI.'),
    next: z.string().describe('The piece of genkan.yaml.'),
  }),
  async run({ entraSetup }, { apply, dryRun, ...wish }) {
    if (apply && dryRun)
      return refuse('operation_input_invalid', {
        operation: 'entra setup',
        reason: 'write --apply or --dry-run, not both',
      });
    if ((wish.issuer === undefined) !== (wish.subject === undefined))
      return refuse('operation_input_invalid', {
        operation: 'entra setup',
        reason: 'issuer and subject belong together',
      });
    if (entraSetup === undefined) return refuse('entra_not_configured');
    const result = await entraSetup({ apply, ...wish });
    return isRefusal(result) ? result : { ...viewOf(result), applied: apply, next: result.next };
  },
  problems: ({ applied, reached, steps }) =>
    applied && (!reached || steps.some(({ act, done }) => (act === 'create' || act === 'change') && !done)),
  print: ({ reached, applied, why, steps, lines, next }) =>
    [
      ...(reached
        ? []
        : [
            `Microsoft Graph was not asked${why === undefined ? '' : ` (${why})`}: this is the whole of it, as if nothing were there.`,
          ]),
      ...steps.flatMap(printStep),
      ...(lines.length === 0 ? [] : ['', 'With the Azure CLI (az login --tenant …):', '', ...lines]),
      '',
      'In genkan.yaml:',
      '',
      next,
      ...(applied || !reached ? [] : ['', 'Nothing was changed. Make the changes with --apply.']),
    ].join('\n'),
});

const signs = { create: '+', change: '~', none: '=', ask: '!' } as const;

function printStep({
  act,
  kind,
  name,
  changes,
  notices,
  done,
  failure,
}: ReturnType<typeof viewOf>['steps'][number]): string[] {
  const what = act === 'ask' ? `${kind}: an administrator opens ${name}` : `${kind} ${name}`;
  return [
    `${done ? 'done: ' : ''}${signs[act]} ${what}`,
    ...changes.map(({ about, wanted }) => `    ${about}: ${wanted}`),
    ...(failure === undefined ? [] : [`    FAILED: ${failure}`]),
    ...(done ? [] : notices.map((notice) => `    ${notice}`)),
  ];
}

const viewOf = ({ reached, why, clientId, steps, lines }: SetupResult) => ({
  reached,
  ...(why !== undefined && { why }),
  ...(clientId !== undefined && { clientId }),
  steps: steps.map(({ act, kind, name, parts, notices, done, failure }) => ({
    act,
    kind: kind as string,
    name,
    changes: parts.flatMap(({ about, wanted, change }) => (change === undefined ? [] : [{ about, wanted }])),
    notices: [...notices],
    done,
    ...(failure !== undefined && { failure }),
  })),
  lines: [...lines],
});

const check = defineOperation({
  id: 'entra.check',
  summary: 'Compare what Genkan needs at Microsoft Entra ID with what is there',
  about: `Asks Entra ID from outside, signs in with Genkan's own credential, and reads the registration through Microsoft Graph where
Genkan may (genkan entra setup --allow check). What cannot be seen from here is named, with the lines to look by oneself.`,
  action: 'genkan/entra/check',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    findings: z.array(
      z.object({
        about: z.string(),
        state: z.enum(['ok', 'differs', 'unknown']),
        says: z.string(),
        fix: z.string().optional(),
      }),
    ),
  }),
  async run({ entra }) {
    if (entra === undefined) return refuse('entra_not_configured');
    return { findings: [...(await entra.check())] };
  },
  problems: ({ findings }) => findings.some(({ state }) => state === 'differs'),
  print: ({ findings }) =>
    [
      table(findings, { state: ({ state }) => words[state], about: ({ about }) => about, says: ({ says }) => says }),
      ...findings.flatMap(({ about, fix }) => (fix === undefined ? [] : ['', `${about}:`, `  ${fix}`])),
    ].join('\n'),
});

const words = { ok: 'ok', differs: 'DIFFERS', unknown: 'unknown' } as const;

export const entraOperations = [setup, check];
