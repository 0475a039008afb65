// Asks the real Azure MCP Server for its list of tools, in a network namespace of its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const script = path.join(import.meta.dirname, '../../node_modules/@azure/mcp/index.js');

/** The command that runs another one without any network but its own loopback; undefined where the machine cannot. */
export const withoutNetwork: readonly string[] | undefined = [
  ['unshare', '-n'],
  ['unshare', '-rn'],
].find(([command = '', ...options]) => spawnSync(command, [...options, 'true']).status === 0);

/** @returns the bytes of the answer to `tools/list`; undefined where the server is not installed */
export async function listAzureTools(): Promise<Buffer | undefined> {
  if (!existsSync(script)) return undefined;
  const command = [...(withoutNetwork ?? []), process.execPath, script, 'server', 'start', '--mode', 'all'];
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, AZURE_MCP_COLLECT_TELEMETRY: 'false' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const say = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'genkan', version: '1' },
  };
  say({ id: 1, method: 'initialize', params });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{')) continue;
      const { id } = JSON.parse(line) as { id?: number };
      if (id === 2) return Buffer.from(line);
      if (id === 1) {
        say({ method: 'notifications/initialized' });
        say({ id: 2, method: 'tools/list', params: {} });
      }
    }
    return undefined;
  } finally {
    child.kill();
  }
}
