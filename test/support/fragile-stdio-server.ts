// A stdio MCP server that answers its lists two at a time, the later one first, and ends when its tool is called.
import { createInterface } from 'node:readline';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
}

const write = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const capabilities = { tools: {}, prompts: {} };
const serverInfo = { name: 'unordered', version: '0' };
const lists: Record<string, object> = {
  'tools/list': { tools: [{ name: 'tool', inputSchema: { type: 'object' } }] },
  'prompts/list': { prompts: [{ name: 'prompt' }] },
};
const held: object[] = [];
const together = process.argv.includes('--two-at-a-time') ? 2 : 1;

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method = '' } = JSON.parse(line) as Incoming;
  if (id === undefined) return;
  if (method === 'initialize') write({ id, result: { protocolVersion: '2025-11-25', capabilities, serverInfo } });
  else if (method === 'tools/call') process.exit(0);
  else if (lists[method] === undefined) write({ id, error: { code: -32601, message: 'Method not found' } });
  else if (held.push({ id, result: lists[method] }) === together) held.splice(0).toReversed().forEach(write);
});
