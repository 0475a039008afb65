// Real messages of both families, both ways, as the official SDK writes them: recorded anew each time.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';

export interface Recordings {
  /** What a client says. */
  readonly asked: readonly Record<string, unknown>[];
  /** What a server answers, by method. */
  readonly answered: Readonly<Record<string, Record<string, unknown>>>;
}

function makeServer(): McpServer {
  const server = new McpServer({ name: 'recorded', version: '1.0.0' }, { instructions: 'Ask for little.' });
  const inputSchema = z.object({
    text: z.string().optional(),
    count: z.number().optional(),
    tags: z.array(z.string()).optional(),
  });
  server.registerTool(
    'read',
    { description: 'Reads.', inputSchema, annotations: { readOnlyHint: true } },
    ({ text = '' }) => ({
      content: [
        { type: 'text', text: `read ${text}` },
        { type: 'resource_link', uri: 'notes://one', name: 'one' },
      ],
    }),
  );
  server.registerTool(
    'write',
    { description: 'Writes.', inputSchema, outputSchema: z.object({ written: z.number() }) },
    () => ({
      content: [{ type: 'text', text: '{"written":1}' }],
      structuredContent: { written: 1 },
    }),
  );
  server.registerPrompt(
    'greet',
    { description: 'Greets.', argsSchema: z.object({ name: z.string() }) },
    ({ name }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
    }),
  );
  server.registerResource('one', 'notes://one', { mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, text: 'a note' }],
  }));
  server.registerResource('any', new ResourceTemplate('notes://{name}', { list: undefined }), {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'a note' }],
  }));
  return server;
}

export async function record(family: 'legacy' | 'modern'): Promise<Recordings> {
  const handler = createMcpHandler(makeServer, { legacy: 'stateless' });
  const asked: Record<string, unknown>[] = [];
  const answered: Record<string, Record<string, unknown>> = {};
  const tapped = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await handler.fetch(new Request(url, init));
    if (typeof init?.body !== 'string') return response;
    const message = JSON.parse(init.body) as Record<string, unknown>;
    asked.push(message);
    const text = await response.text();
    const json = text.startsWith('{') ? text : [...text.matchAll(/^data: (\{.*)$/gm)].at(-1)?.[1];
    if (json !== undefined && message['id'] !== undefined)
      answered[String(message['method'])] = JSON.parse(json) as Record<string, unknown>;
    return new Response(text === '' ? null : text, { status: response.status, headers: response.headers });
  };
  const versionNegotiation = { mode: family === 'modern' ? { pin: '2026-07-28' } : 'legacy' } as never;
  const client = new Client(
    { name: 'recorder', version: '1' },
    { versionNegotiation, capabilities: { elicitation: {}, sampling: {}, roots: {} } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL('http://127.0.0.1:9/mcp'), { fetch: tapped as typeof fetch }),
  );
  await client.listTools();
  await client.callTool({ name: 'read', arguments: { text: 'x', count: 3, tags: ['a', 'b'] } });
  await client.callTool({ name: 'write', arguments: { text: 'y' } });
  await client.listPrompts();
  await client.getPrompt({ name: 'greet', arguments: { name: 'Dana' } });
  await client.listResources();
  await client.listResourceTemplates();
  await client.readResource({ uri: 'notes://one' });
  if (family === 'legacy') await client.ping();
  await client.close();
  return { asked, answered };
}

/** What a server says unasked; written down from the schemas, since nothing asks for it here. */
export const unasked: Readonly<Record<'legacy' | 'modern', readonly Record<string, unknown>[]>> = {
  legacy: [
    { method: 'notifications/tools/list_changed' },
    { method: 'notifications/resources/updated', params: { uri: 'notes://one' } },
    { method: 'notifications/message', params: { level: 'info', logger: 'l', data: { text: 'said' } } },
    { method: 'notifications/progress', params: { progressToken: 1, progress: 1, total: 3, message: 'on the way' } },
    { method: 'notifications/cancelled', params: { requestId: 1, reason: 'no longer' } },
    { id: 'r-1', method: 'roots/list' },
    { id: 'p-1', method: 'ping' },
    {
      id: 'e-1',
      method: 'elicitation/create',
      params: { message: 'Which one?', requestedSchema: { type: 'object', properties: { a: { type: 'string' } } } },
    },
    {
      id: 's-1',
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text: 'Say it.' } }], maxTokens: 10 },
    },
    { id: 1, error: { code: -32602, message: 'no', data: { why: 'so' } } },
  ].map((message) => ({ jsonrpc: '2.0', ...message })),
  modern: [
    {
      method: 'notifications/message',
      params: { level: 'info', data: 'said', _meta: { 'io.modelcontextprotocol/subscriptionId': 's' } },
    },
    { method: 'notifications/progress', params: { progressToken: 1, progress: 1, total: 3 } },
    {
      method: 'notifications/tools/list_changed',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 's' } },
    },
    {
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: {}, _meta: { 'io.modelcontextprotocol/subscriptionId': 's' } },
    },
    { id: 1, error: { code: -32022, message: 'no', data: { supported: ['2026-07-28'], requested: 'x' } } },
    { id: 1, result: { resultType: 'complete', content: [{ type: 'text', text: 'done' }], isError: true } },
  ].map((message) => ({ jsonrpc: '2.0', ...message })),
};
