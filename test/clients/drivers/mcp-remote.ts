// mcp-remote: stdio on one side, driven by the official SDK as a desktop application would; sign-in and HTTP on the other.
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { withScriptedBrowser } from '../scripted-browser.ts';

export const drivers: readonly Driver[] = [
  {
    client: 'mcp-remote',
    speaks: '2025-11-25',
    asksPeople: true,
    open: (knock) => open(knock),
  },
  {
    client: 'mcp-remote --protocol auto',
    speaks: '2026-07-28',
    asksPeople: true,
    open: (knock) => open(knock, '--protocol', 'auto'),
  },
  {
    client: 'mcp-remote --transport sse-only',
    speaks: 'HTTP+SSE',
    asksPeople: true,
    open: (knock) => open(knock, '--transport', 'sse-only'),
  },
];

const program = path.join(import.meta.dirname, '../node_modules/mcp-remote/dist/proxy.js');

async function open({ url, person, folder, answer }: Knock, ...options: string[]): Promise<Caller> {
  const client = new Client(
    { name: 'Desktop', version: '1' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: 'legacy' } },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => ({
    action: 'accept',
    content: answer(params.message),
  }));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, url, ...options],
    env: { ...withScriptedBrowser(folder, person), MCP_REMOTE_CONFIG_DIR: path.join(folder, 'mcp-remote') },
    cwd: folder,
    stderr: 'pipe',
  });
  let errors = '';
  transport.stderr!.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-2000)));
  await client.connect(transport, { timeout: 60_000 }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${errors}`);
  });
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOfResult(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
