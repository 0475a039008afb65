// A stdio MCP server that asks its client twice within one call, the second time while the first question is still open.
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** How long after the first the second is asked, and a file that gets a line once the client has certainly heard both. */
const [gapMs, heard] = process.argv.slice(2);
const server = new Server({ name: 'asking-twice', version: '1' }, { capabilities: { tools: {} } });
const tool = { name: 'read', inputSchema: { type: 'object' as const }, annotations: { readOnlyHint: true } };
const ask = (message: string) =>
  server.elicitInput({ message, requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } } });

server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool] }));
server.setRequestHandler(CallToolRequestSchema, async () => {
  const first = ask('first?');
  await pause(Number(gapMs));
  const second = ask('second?');
  await server.ping();
  appendFileSync(heard!, 'both\n');
  const actions = (await Promise.all([first, second])).map(({ action }) => action);
  return { content: [{ type: 'text', text: actions.join(' ') }] };
});
await server.connect(new StdioServerTransport());
