// A stdio server that prints what is no MCP, and answers requests that nobody has made.
import { createInterface } from 'node:readline';

const write = (text: string): void => void process.stdout.write(`${text}\n`);
const answer = (id: unknown, result: object): void => write(JSON.stringify({ jsonrpc: '2.0', id, result }));

write('npm notice New major version of npm available!');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line) as { id?: unknown; method?: string };
  if (id === undefined) continue;
  answer('never-asked', { content: [{ type: 'text', text: 'forged' }] });
  write('console.log of a library');
  const info = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'chatty', version: '1' },
  };
  answer(id, method === 'initialize' ? info : {});
}
