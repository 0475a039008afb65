// Settings of one MCP server: how it is reached, and the bounds within which it is used.
import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { secretReference } from '../base/secret.ts';
import { authorizationSettings } from './authorization/settings.ts';
import { callerAuthorization, childAuthorization, graphFields, variableProblem } from './caller-identity/settings.ts';
import { routingModeProblem } from './routing-modes.ts';

/** Names of servers. No underscore, since `__` separates server and tool at `/mcp`. */
export const serverName = z
  .string()
  .regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'use lower-case letters, digits and single dashes, at most 40')
  .describe('Name of the server, as it stands in addresses and scopes.');

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
  .refine((name) => !ownHeaders.test(name), 'Genkan sets this header itself');

// Headers that frame the request or carry the protocol; a configured one would contradict ours.
const ownHeaders =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|accept.*|mcp-.*|last-event-id)$/i;

const common = {
  title: z.string().max(100).optional().describe('Name for people.'),
  description: z.string().max(1000).optional().describe('What the server is for.'),
  icon: z.string().max(2000).optional().describe('Address of an icon (https: or data:).'),
  approved: z
    .boolean()
    .default(true)
    .describe('Whether the server may be used. When false, an administrator approves it.'),
  timeoutSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('How long a call may go without a sign of life from the server; progress and keep-alives count as one.'),
  startSeconds: z.number().min(1).max(600).default(30).describe('How long connecting and `initialize` may take.'),
  maxCalls: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .describe('Calls in flight at the same time, over all conversations; those that wait for a person count, too.'),
  idleSeconds: z.number().min(1).max(86_400).default(600).describe('An unused conversation is closed after this time.'),
  maxMessageBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 * 1024)
    .default(16 * 1024 * 1024)
    .describe('Largest message that is read from the server, or waits to be written to it.'),
};

/** Each conversation is a process, or else a session with one open stream. */
const maxChannels = (usual: number) =>
  z
    .int()
    .min(1)
    .max(10_000)
    .default(usual)
    .describe(
      'Conversations open at the same time. One person can have three quarters of them; the rest is for people who have less than a quarter.',
    );

const environmentValue = z.union([z.string(), secretReference]);

const stdioServer = z
  .strictObject({
    ...common,
    maxChannels: maxChannels(32),
    command: z.array(z.string().min(1)).min(1).describe('Program and arguments. No shell is involved.'),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), environmentValue)
      .default({})
      .describe(
        'Environment variables: a text, or a reference to a secret. Of our own environment only a few are passed on.',
      ),
    workingDirectory: z.string().min(1).optional().describe('Folder in which the program starts.'),
    authorization: childAuthorization
      .optional()
      .describe(
        'For a program that is to act as the person who calls. Without it, all act as the program’s one identity.',
      ),
  })
  .superRefine(({ command, env, authorization }, context) => {
    const problem = routingModeProblem(command);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['command'], message: problem });
    for (const name of authorization === undefined ? [] : Object.keys(env)) {
      const message = variableProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['env', name], message });
    }
  })
  .describe('A server that is started as a child process and spoken to over standard input and output.');

const httpServer = z
  .strictObject({
    ...common,
    maxChannels: maxChannels(256),
    url: z.url({ protocol: /^https?$/ }).describe('Address of the MCP endpoint.'),
    transport: z
      .enum(['auto', 'streamable-http', 'sse'])
      .default('auto')
      .describe(
        'How the server is spoken to: `streamable-http`, or `sse` for one that has only the HTTP+SSE of 2024-11-05; `auto` finds out.',
      ),
    headers: z
      .record(headerName, secretReference)
      .default({})
      .describe('Headers sent with every request, such as `authorization`; the values are references to secrets.'),
    maxListens: z
      .int()
      .min(1)
      .max(100_000)
      .default(1024)
      .describe(
        'Subscriptions (`subscriptions/listen`) open at the same time, over all conversations and besides the calls.',
      ),
    authorization: z
      .discriminatedUnion('as', [authorizationSettings, callerAuthorization])
      .optional()
      .describe(
        'Whose name the calls are in. `person`: the server asks people to sign in there, and each connects their own account. `caller`: Genkan comes on behalf of who calls.',
      ),
    insecureHttp: z
      .boolean()
      .default(false)
      .describe('Permits http:// to another machine. Calls, answers and credentials can then be read on the way.'),
  })
  .superRefine(({ url, insecureHttp, authorization, headers }, context) => {
    const problem = urlProblem(url, insecureHttp);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
    // RFC 6750 §5.3. What may be risked with a server's own credentials may not be with those of everybody who calls.
    if (authorization?.as === 'caller' && insecureHttp)
      context.addIssue({ code: 'custom', path: ['insecureHttp'], message: 'tokens of callers go over https:// alone' });
    const double = Object.keys(headers).find((name) => name.toLowerCase() === 'authorization');
    if (authorization !== undefined && double !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['headers', double],
        message: 'with `authorization`, each person has a token of their own',
      });
  })
  .describe('A server that is reached over HTTP.');

const builtinServer = z
  .strictObject({
    ...common,
    timeoutSeconds: common.timeoutSeconds.default(30),
    maxChannels: maxChannels(1024),
    builtin: z.literal('graph').describe('`graph`: tells callers what Microsoft Graph knows of themselves.'),
    fields: graphFields,
  })
  .describe('A server that is part of Genkan.');

/** One MCP server: either `command` (a child process), `url` (HTTP) or `builtin`. */
export const serverSettings = z.union([stdioServer, httpServer, builtinServer]);

export type BuiltinServerSettings = z.infer<typeof builtinServer>;
export type StdioServerSettings = z.infer<typeof stdioServer>;
export type HttpServerSettings = z.infer<typeof httpServer>;
export type ServerSettings = StdioServerSettings | HttpServerSettings | BuiltinServerSettings;

export const upstreamSettings = z
  .record(serverName, serverSettings)
  .default({})
  .describe('The MCP servers behind the door.');
export type UpstreamSettings = z.infer<typeof upstreamSettings>;

function urlProblem(text: string, insecureHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined; // reported by the field itself
  if (url.username !== '' || url.password !== '')
    return 'put credentials into headers, by reference, not into the address';
  if (url.hash !== '') return 'an address has no fragment';
  if (url.protocol === 'http:' && !insecureHttp && !isLoopback(url.hostname)) {
    return 'http:// is only for this machine; use https://, or set insecureHttp knowing what it means';
  }
  return undefined;
}
