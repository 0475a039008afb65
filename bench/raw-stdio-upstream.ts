// The same echo tool over stdio, for relays that can only start a command.
import { createInterface } from 'node:readline';

const capabilities = { tools: {} };
const tools = [{ name: 'echo', description: 'Returns its text.', inputSchema: { type: 'object' } }];

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as {
    id?: number;
    method: string;
    params?: { arguments?: { text?: string } };
  };
  if (id === undefined) return;
  const result =
    method === 'initialize'
      ? { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'raw', version: '1' } }
      : method === 'tools/list'
        ? { tools }
        : { content: [{ type: 'text', text: params?.arguments?.text ?? '' }] };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
});
