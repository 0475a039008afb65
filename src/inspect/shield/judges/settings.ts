// Settings of the judges: who is asked for a second opinion, on what, and what its word counts for.
import { z } from 'zod';
import { isLoopback } from '../../../base/loopback.ts';
import { secretReference } from '../../../base/secret.ts';
import { azureCredential } from '../../../state/key-vault-settings.ts';
import { directions } from '../../direction.ts';

// Public, US government, China; with the names of private endpoints, which are the same.
const azureHost =
  /^[a-z0-9][a-z0-9-]{0,62}\.(?:cognitiveservices\.azure\.(?:com|us|cn)|services\.ai\.azure\.com|api\.cognitive\.microsoft\.com)$/;

/** An address that texts and a key may be sent to: over TLS, or to a container on this machine. */
function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.href !== `${url.origin}/`) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** An address that may be given a token for Azure: nothing but Azure, or a stand-in on this machine. */
function isAzure(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (isLoopback(url.hostname) || (azureHost.test(url.hostname) && url.port === ''));
}

const pattern = z.string().regex(/^[!-~]{1,512}$/, 'write printable ASCII without blanks; * stands for anything');

const common = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write lower-case letters, digits and hyphens')
    .optional()
    .describe('What records and metrics call it; the kind if absent.'),
  when: z
    .enum(['suspicious', 'always'])
    .default('suspicious')
    .describe('Whether it is asked only about what the shield finds suspicious, or about every text.'),
  mayClear: z
    .enum(['nothing', 'suspicious', 'certain'])
    .default('nothing')
    .describe(
      'What passes when it says "harmless": nothing that the shield found, what is suspicious, or even what is certain.',
    ),
  onFailure: z
    .enum(['ignore', 'block'])
    .default('ignore')
    .describe('What it means when it has no opinion: the shield alone decides, or the text counts as certain.'),
  timeoutMs: z.int().min(50).max(30_000).default(3000).describe('How long an answer may take.'),
  maxRequests: z
    .int()
    .min(1)
    .max(50)
    .default(4)
    .describe('Questions about one message, the worst places first. About the rest it has no opinion.'),
  maxPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .describe('Questions in one minute, of each process: servers that say much are not to run up a bill.'),
  directions: z.array(z.enum(directions)).min(1).max(4).optional().describe('Where it is asked; everywhere if absent.'),
  servers: z
    .array(pattern)
    .min(1)
    .max(200)
    .optional()
    .describe('Servers about whose texts it is asked; all if absent.'),
};

export const harmCategories = ['Hate', 'SelfHarm', 'Sexual', 'Violence'] as const;

const contentSafety = z
  .strictObject({
    kind: z.literal('azure-content-safety').describe('Prompt Shields of Azure AI Content Safety.'),
    ...common,
    endpoint: z
      .string()
      .refine(isEndpoint, 'write https://NAME.cognitiveservices.azure.com, without a path')
      .describe('Endpoint of the resource, such as https://NAME.cognitiveservices.azure.com.'),
    key: secretReference.optional().describe('One of the keys of the resource.'),
    credential: azureCredential
      .optional()
      .describe('Who asks, in place of a key; it needs the role "Cognitive Services User" on the resource.'),
    harm: z
      .strictObject({
        categories: z
          .array(z.enum(harmCategories))
          .min(1)
          .max(4)
          .default([...harmCategories])
          .describe('Kinds of harm.'),
        severity: z
          .union([z.literal(2), z.literal(4), z.literal(6)])
          .default(4)
          .describe('From which severity on a text counts like an attack: 2 low, 4 medium, 6 high.'),
      })
      .optional()
      .describe(
        'Also asks text:analyze for harm, about the same texts. Harmful text is seldom suspicious: "when: always" looks at all.',
      ),
  })
  .superRefine(({ endpoint, key, credential }, context) => {
    if ((key === undefined) === (credential === undefined))
      context.addIssue({ code: 'custom', path: ['key'], message: 'write either "key" or "credential"' });
    if (credential !== undefined && !isAzure(endpoint))
      context.addIssue({
        code: 'custom',
        path: ['endpoint'],
        message: 'a token for Azure is sent to Azure alone; use a "key" with an endpoint of your own',
      });
  })
  .describe('Azure AI Content Safety. What it is asked about leaves the house.');

const onnx = z
  .strictObject({
    kind: z.literal('onnx').describe('A text classifier in ONNX, on this machine.'),
    ...common,
    model: z.string().min(1).max(4096).describe('File of the model, such as model.onnx; relative to this file.'),
    tokenizer: z
      .string()
      .min(1)
      .max(4096)
      .describe('tokenizer.json of the model, as Hugging Face writes it; relative to this file.'),
    label: z.int().min(0).max(999).default(1).describe('Which output stands for an attack, counted from 0.'),
    threshold: z.number().gt(0).lt(1).default(0.5).describe('From which chance on a text is an attack.'),
    maxTokens: z.int().min(64).max(8192).default(512).describe('Tokens that the model reads at once.'),
    maxCharacters: z
      .int()
      .min(1000)
      .max(10_000)
      .default(2000)
      .describe('Characters of one question. What has more tokens than maxTokens is read in parts.'),
  })
  .describe(
    'A model of your own. Needs the packages onnxruntime-web and @huggingface/tokenizers. Nothing leaves the house.',
  );

export const judgesSettings = z
  .array(z.discriminatedUnion('kind', [contentSafety, onnx]))
  .max(4)
  .default([])
  .superRefine((judges, context) => {
    const names = judges.map(({ kind, name = kind }) => name);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `two judges are called "${name}"` });
  })
  .describe('Who is asked for a second opinion. Nobody by default.');

export type JudgeSettings = z.output<typeof judgesSettings>[number];
export type OnnxSettings = Extract<JudgeSettings, { kind: 'onnx' }>;
export type ContentSafetySettings = Extract<JudgeSettings, { kind: 'azure-content-safety' }>;
