// A stdio MCP server with one fault, named by its argument; without one it is healthy.
import { createInterface } from 'node:readline';

const fault = process.argv[2] ?? 'healthy';
const write = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const inputSchema = { type: 'object' };
const tool = (name: string): object => ({ name, inputSchema });

const tools: Record<string, () => object[]> = {
  'a-hundred-thousand-tools': () => Array.from({ length: 100_000 }, (_, index) => tool(`tool-${index}`)),
  'strange-names': () => [
    tool('x'.repeat(300)),
    tool('y'.repeat(200)),
    tool('a\u0000\u202e\nb'),
    tool('twice'),
    tool('twice'),
    tool(''),
    {},
  ],
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const {
    id,
    method = '',
    params,
  } = JSON.parse(line) as {
    id?: string | number;
    method?: string;
    params?: { name?: string };
  };
  if (id === undefined || fault === `hangs-on-${method}`) return;
  if (method === 'initialize') {
    const serverInfo = { name: fault, version: '0' };
    write({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') {
    write({ id, result: { tools: tools[fault]?.() ?? [tool('tool')] } });
    if (fault === 'crashes-after-listing') process.stdout.end(() => process.exit(1));
  } else if (method === 'tools/call' && fault === 'crashes-after-listing') {
    process.exit(1); // whoever has noticed the crash already starts it anew: it is no better then
  } else if (method === 'tools/call') {
    write({ id, result: { content: [{ type: 'text', text: `this is ${params?.name}` }] } });
  } else write({ id, error: { code: -32601, message: 'Method not found' } });
});
