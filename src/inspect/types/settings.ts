// Settings of typed arguments: which argument of which tool is a path, a URL, a shell word or SQL, and what it may be.
import { z } from 'zod';
import { shells } from './shell.ts';
import { dialects } from './sql-tokens.ts';

const text = z.string().min(1).max(1024);
const list = z.array(text).max(500);
const host = z
  .string()
  .regex(
    /^(?:\*\.)?[A-Za-z0-9_.:[\]-]{1,253}$/,
    'write a host such as api.example.com, *.example.com or [2001:db8::1]',
  );
const hostRules = {
  hosts: z
    .array(host)
    .max(500)
    .optional()
    .describe('The only hosts: names, *.example.com for all names below one, or addresses. Any public one if absent.'),
  inner: z
    .boolean()
    .default(false)
    .describe('Whether hosts that are not listed may be inner ones: loopback, private, link-local, metadata.'),
};

const path = z.strictObject({
  type: z.literal('path'),
  roots: list.optional().describe('Folders under which absolute paths may be. Without any, paths are relative.'),
  relative: z
    .boolean()
    .optional()
    .describe('Whether relative paths may be. They may if there are no roots: the server knows to which folder.'),
  platform: z
    .enum(['any', 'posix'])
    .default('any')
    .describe('"posix" allows names that Windows reads as something else, such as aux, a:b or a trailing dot.'),
});
const url = z.strictObject({
  type: z.literal('url'),
  schemes: z
    .array(z.string().regex(/^[a-z][a-z0-9+.-]{0,30}$/, 'write a scheme in small letters, such as https'))
    .min(1)
    .max(20)
    .default(['https'])
    .describe('Schemes.'),
  ...hostRules,
  ports: z
    .array(z.int().min(1).max(65_535))
    .max(100)
    .optional()
    .describe('Ports; the usual one of the scheme if absent.'),
});
const hostOnly = z.strictObject({ type: z.literal('host'), ...hostRules });
const email = z.strictObject({
  type: z.literal('email'),
  domains: z.array(host).max(500).optional().describe('The only domains of recipients; any if absent.'),
});
const shell = z.strictObject({
  type: z.literal('shell'),
  shells: z
    .array(z.enum(shells))
    .min(1)
    .max(3)
    .default([...shells])
    .describe('Which shells may read it. What any of them gives a meaning is refused.'),
  programs: list.optional().describe('Programs with which a command line may begin. Without them it is a single word.'),
  options: list.default([]).describe('Options that may be given, exactly as written here.'),
});
const sql = z.strictObject({
  type: z.literal('sql'),
  dialect: z
    .enum(dialects)
    .default('standard')
    .describe('Of the database. With the wrong one, the check is worth nothing.'),
  allows: z
    .enum(['read', 'identifier', 'literal'])
    .default('read')
    .describe('One statement that reads, one name, or text to be put between single quotes.'),
  functions: list.optional().describe('The only functions that may be called; all but known dangerous ones if absent.'),
});

export const typeSettings = z.discriminatedUnion('type', [path, url, hostOnly, email, shell, sql]);
export type TypeSettings = z.output<typeof typeSettings>;

const pattern = z.string().regex(/^[!-~]{1,512}$/, 'write printable ASCII without blanks; * stands for anything');
const patterns = z.array(pattern).min(1).max(200).optional();

export const argumentSettings = z
  .array(
    z.strictObject({
      match: z
        .strictObject({
          servers: patterns.describe('Names of servers; all if absent.'),
          tools: patterns.describe('Names of tools, as the server knows them.'),
          prompts: patterns.describe('Names of prompts.'),
          resources: z
            .array(z.string().regex(/^[!-~]{1,1024}$/, 'write a URI template such as file:///{+path}'))
            .min(1)
            .max(200)
            .optional()
            .describe(
              'URI templates (RFC 6570), as the server lists them; their variables are the arguments, and /uri is the whole.',
            ),
        })
        .refine(
          ({ tools, prompts, resources }) => (tools ?? prompts ?? resources) !== undefined,
          'name tools, prompts or resources; tools: ["*"] are all tools',
        )
        .describe('What it is about.'),
      types: z
        .record(
          z.string().regex(/^(\/([^~/]|~[01])*)+$/, 'write a JSON Pointer such as /path or /files/*/path'),
          typeSettings,
        )
        .refine((types) => Object.keys(types).length <= 500, 'at most 500')
        .describe('Types by JSON Pointer into the arguments; * stands for any item or name.'),
    }),
  )
  .max(500)
  .default([])
  .describe(
    'Which arguments are paths, URLs, shell words or SQL, and what they may be. All entries that fit count together.',
  );

export type ArgumentSettings = z.output<typeof argumentSettings>;
