// A stdio MCP server that ends in the middle of a call, and says as which process it runs.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const server = new Server({ name: 'dying', version: '1' }, { capabilities: { tools: {} } });
const tool = (name: string) => ({ name, inputSchema: { type: 'object' as const } });

server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool('pid'), tool('die')] }));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  if (params.name === 'die') process.exit(3);
  return { content: [{ type: 'text', text: String(process.pid) }] };
});
await server.connect(new StdioServerTransport());
