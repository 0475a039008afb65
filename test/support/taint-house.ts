// A Genkan in front of official SDK servers: a vault that holds a secret, and the web, where strangers write and anybody reads.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { accountId } from '../../src/identity/accounts.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { startHttpUpstream } from './http-upstream.ts';
import { reply, webRequest } from './web-handler.ts';

const issuer = 'http://127.0.0.1:9';
export const idOf = (person: 'dana' | 'omar'): string => accountId(issuer, person);
export const secret = 'the launch is on the fourth of May';

export const labels = [
  { match: { servers: ['vault'] }, reads: ['private'], sends: 'none' },
  { match: { servers: ['web'] }, reads: ['untrusted'], sends: 'public' },
];

type Server = 'vault' | 'web' | 'odd';
export type Family = 'legacy' | 'modern';

export interface TaintHouse extends AsyncDisposable {
  readonly house: TestHouse;
  /** All that has left by the web, of whatever kind of request, since the last look. */
  left(): string[];
  /** A new session. Without a server it is at `/mcp`. */
  client(server: Server | undefined, options?: ClientOptions): Promise<Client>;
  /** Uses a tool of a server in a new session. @returns the text, or why not */
  use(server: Server, tool: string, text?: string, options?: ClientOptions): Promise<string>;
}

interface ClientOptions {
  readonly family?: Family;
  readonly person?: 'dana' | 'omar';
  /** As a client that has registered once more. */
  readonly again?: boolean;
}

/** @param taint undefined: the same house without the rules */
export async function openTaintHouse(taint: object | undefined): Promise<TaintHouse> {
  let left: string[] = [];
  await using opening = new AsyncDisposableStack();
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });

  const makers: Record<Server, () => McpServer> = {
    vault() {
      const server = new McpServer({ name: 'vault', version: '1.0.0' });
      server.registerTool('get_secret', { inputSchema: z.object({ text: z.string().optional() }) }, () => text(secret));
      server.registerTool('fails', { inputSchema: z.object({ text: z.string().optional() }) }, () => {
        throw new Error(secret);
      });
      server.registerResource('plan', 'vault://plan', {}, (uri) => ({ contents: [{ uri: uri.href, text: secret }] }));
      server.registerPrompt('brief', {}, () => ({
        messages: [{ role: 'user', content: { type: 'text', text: secret } }],
      }));
      return server;
    },
    web() {
      const server = new McpServer({ name: 'web', version: '1.0.0' });
      server.registerTool('fetch', { inputSchema: z.object({ text: z.string().optional() }) }, ({ text: url = '' }) => {
        if (url !== '') left.push(url);
        return text('A page that anybody may have written.');
      });
      server.registerTool('post', { inputSchema: z.object({ text: z.string().optional() }) }, ({ text: said = '' }) => {
        left.push(said);
        return text('posted');
      });
      server.registerResource('page', new ResourceTemplate('web://{+page}', { list: undefined }), {}, (uri) => {
        left.push(decodeURIComponent(uri.href));
        return { contents: [{ uri: uri.href, text: 'A page.' }] };
      });
      server.registerPrompt('about', { argsSchema: z.object({ topic: z.string() }) }, ({ topic }) => {
        left.push(topic);
        return { messages: [] };
      });
      return server;
    },
    odd() {
      const server = new McpServer({ name: 'odd', version: '1.0.0' });
      const inputSchema = z.object({ text: z.string().optional() });
      const post = ({ text: said = '' }): ReturnType<typeof text> => {
        left.push(said);
        return text('posted');
      };
      server.registerTool('open', { inputSchema, annotations: { openWorldHint: true } }, post);
      server.registerTool('closed', { inputSchema, annotations: { openWorldHint: false } }, post);
      return server;
    },
  };

  const servers: Record<string, { url: string }> = {};
  for (const [name, make] of Object.entries(makers)) {
    const handler = createMcpHandler(make, { legacy: 'stateless' });
    const upstream = opening.use(
      await startHttpUpstream(async (request, response) => reply(response, await handler.fetch(webRequest(request)))),
    );
    servers[name] = { url: upstream.url };
  }
  const house = opening.use(
    await openTestHouse(
      {
        servers,
        access: {
          assignments: (['dana', 'omar'] as const).flatMap((person) =>
            Object.keys(servers).map((server) => ({
              principal: { user: idOf(person) },
              role: 'MCP User',
              scope: `/servers/${server}`,
            })),
          ),
        },
        identity: {
          provider: { issuer, allowInsecureIssuer: true, clientId: 'test' },
          conditionalAccess: { contexts: { mfa: 'c1' } },
        },
        inspect: { ...(taint && { taint }), pins: { alike: [Object.keys(servers)] } },
      },
      issuer,
    ),
  );
  const opened = opening.move();

  async function tokenFor(server: Server | undefined, { person = 'dana', again = false }: ClientOptions) {
    if (!again) return house.token(person, server);
    await house.token(person, server); // has been here
    const resource = `${house.url}/mcp${server === undefined ? '' : `/${server}`}`;
    return (await house.house.emergencyToken({ accountId: idOf(person), resource, ttlSeconds: 600 })).token;
  }

  async function client(server: Server | undefined, options: ClientOptions = {}): Promise<Client> {
    const { family = 'modern' } = options;
    const versionNegotiation = { mode: family === 'modern' ? { pin: '2026-07-28' } : 'legacy' } as never;
    const made = new Client({ name: 'test', version: '1' }, { versionNegotiation });
    const requestInit = { headers: { authorization: `Bearer ${await tokenFor(server, options)}` } };
    const address = new URL(`${house.url}/mcp${server === undefined ? '' : `/${server}`}`);
    await made.connect(new StreamableHTTPClientTransport(address, { requestInit }));
    opened.defer(() => made.close());
    return made;
  }

  return {
    house,
    left: () => left.splice(0),
    client,
    use: async (server, tool, said, options) => call(await client(server, options), tool, said),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** @returns the text, or why not */
export async function call(client: Client, name: string, text?: string): Promise<string> {
  try {
    const { content } = await client.callTool({ name, arguments: text === undefined ? {} : { text } });
    return (content as { text: string }[])[0]!.text;
  } catch (error) {
    return (error as Error).message;
  }
}
