// A Genkan in front of official SDK servers that answer what a test tells them to, and keep what they were sent.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { completable, createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { accountId } from '../../src/identity/accounts.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { startHttpUpstream } from './http-upstream.ts';
import { reply, webRequest } from './web-handler.ts';

/** Nobody signs in through a browser here. */
const issuer = 'http://127.0.0.1:9';

export interface LeakyHouse extends AsyncDisposable {
  readonly house: TestHouse;
  /** What the next call of `look_up` answers. */
  say(text: string, structured?: Record<string, unknown>): void;
  /** The arguments that a server's `send` was called with last, or what was to be completed. */
  sentTo(server: 'directory' | 'web'): unknown;
  client(person: 'dana' | 'omar', server: 'directory' | 'web', family?: 'legacy' | 'modern'): Promise<Client>;
}

export async function openLeakyHouse(
  redaction: object,
  servers = ['directory', 'web'],
  inspect: object = {},
): Promise<LeakyHouse> {
  let said: { readonly text: string; readonly structured?: Record<string, unknown> } = { text: '' };
  const sent: Record<string, unknown> = {};
  await using opening = new AsyncDisposableStack();

  const urls: Record<string, { url: string }> = {};
  for (const name of servers) {
    const make = (): McpServer => {
      const server = new McpServer({ name, version: '1.0.0' });
      server.registerTool('look_up', { description: 'Looks up.', inputSchema: z.object({}) }, () => ({
        content: [{ type: 'text', text: said.text }],
        ...(said.structured !== undefined && { structuredContent: said.structured }),
      }));
      const inputSchema = z.object({ to: z.email().optional(), text: z.string().optional() });
      server.registerTool('send', { description: 'Sends.', inputSchema }, (given) => {
        sent[name] = given;
        return { content: [{ type: 'text', text: 'sent' }] };
      });
      const argsSchema = z.object({ to: completable(z.string(), (typed) => ((sent[name] = typed), [])) });
      server.registerPrompt('letter', { argsSchema }, ({ to }) => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Write to ${to}` } }],
      }));
      return server;
    };
    const handler = createMcpHandler(make, { legacy: 'stateless' });
    const upstream = opening.use(
      await startHttpUpstream(async (request, response) => reply(response, await handler.fetch(webRequest(request)))),
    );
    urls[name] = { url: upstream.url };
  }
  const house = opening.use(
    await openTestHouse(
      {
        servers: urls,
        access: {
          assignments: ['dana', 'omar'].flatMap((person) =>
            servers.map((server) => ({
              principal: { user: accountId(issuer, person) },
              role: 'MCP User',
              scope: `/servers/${server}`,
            })),
          ),
        },
        inspect: { ...inspect, redaction, pins: { alike: servers.length > 1 ? [servers] : [] } },
      },
      issuer,
    ),
  );
  const opened = opening.move();
  return {
    house,
    say: (text, structured) => void (said = { text, ...(structured !== undefined && { structured }) }),
    sentTo: (server) => sent[server],
    async client(person, server, family = 'modern') {
      const versionNegotiation = { mode: family === 'modern' ? { pin: '2026-07-28' } : 'legacy' } as never;
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation });
      const requestInit = { headers: { authorization: `Bearer ${await house.token(person, server)}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp/${server}`), { requestInit }));
      opened.defer(() => client.close());
      return client;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The text of an answer, structured results included. */
export const textOf = (answer: object): string => JSON.stringify(answer);
