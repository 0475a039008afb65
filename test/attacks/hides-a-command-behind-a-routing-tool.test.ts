// The Azure MCP Server in a routing mode: the tool that was decided about is not the command that runs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { routingModeProblem } from '../../src/upstream/routing-modes.ts';
import { serverSettings } from '../../src/upstream/settings.ts';
import { withoutNetwork } from '../support/upstream-neighbours.ts';

interface Tool {
  readonly name: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
}

async function toolsOf(command: readonly string[]): Promise<readonly Tool[]> {
  const [program = '', ...args] = withoutNetwork(command);
  const env = { ...process.env, AZURE_MCP_COLLECT_TELEMETRY: 'false' };
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env });
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } };
  const messages = [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/list' },
  ];
  child.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{') && line.includes('"id":2')) {
        return (JSON.parse(line) as { result: { tools: Tool[] } }).result.tools;
      }
    }
    throw new Error('the server has ended');
  } finally {
    child.stdin.end();
    if (child.exitCode === null) {
      child.kill();
      await once(child, 'exit');
    }
  }
}

const azmcp = path.join(import.meta.dirname, '../../node_modules/.bin/azmcp');

test('control: in another mode one tool runs whichever command its arguments name', async () => {
  const tools = await toolsOf([azmcp, 'server', 'start', '--mode', 'namespace']);
  const keyvault = tools.find(({ name }) => name.includes('keyvault'))!;
  assert.ok('command' in keyvault.inputSchema.properties!, 'reading a key and deleting it look the same from outside');
});

test('no server can be configured, added or stored in such a mode', () => {
  const start = ['server', 'start'];
  const refused = [
    ['azmcp', ...start],
    ['azmcp', ...start, '--mode', 'single'],
    ['azmcp', ...start, '--mode', 'namespace'],
    ['azmcp', ...start, '--mode', 'consolidated'],
    ['azmcp', ...start, '--mode=single'],
    ['azmcp', ...start, '--mode:single'],
    ['azmcp', ...start, '--mode'],
    ['azmcp', ...start, '--mode', 'ALL'],
    ['azmcp', ...start, '--mode', 'all', '--mode', 'single'],
    ['azmcp', ...start, '--mode', 'all', '--mode=single'],
    ['azmcp', ...start, '--mode', 'all', '@more-arguments.rsp'],
    ['azmcp', '@all-arguments.rsp'],
    ['npx', '-y', '@azure/mcp@2.0.5', ...start],
    ['npx', '-y', '@azure/mcp@latest', ...start, '--namespace', 'keyvault'],
    ['node', 'node_modules/@azure/mcp/index.js', ...start, '--mode', 'single'],
    ['/opt/bin/azmcp-linux-x64', ...start],
    ['C:\\tools\\azmcp.exe', ...start],
    ['docker', 'run', '-i', '--rm', 'mcr.microsoft.com/azure-sdk/azure-mcp:latest'],
    ['uvx', '--from', 'msmcp-azure', 'azmcp', ...start],
    ['sh', '-c', 'exec azmcp server start --mode single'],
    ['sh', '-c', 'AZMCP=1;azmcp server start'],
    ['env', 'A=b', 'azmcp', ...start],
  ];
  for (const command of refused) {
    assert.match(routingModeProblem(command) ?? '', /--mode all|@file/, command.join(' '));
    assert.ok(!serverSettings.safeParse({ command }).success, command.join(' '));
  }
});

test('the mode with every command under its own name is accepted, and so are other servers', async () => {
  const accepted = [
    ['azmcp', 'server', 'start', '--mode', 'all'],
    ['npx', '-y', '@azure/mcp@2.0.5', 'server', 'start', '--mode=all', '--read-only'],
    ['sh', '-c', 'exec azmcp server start --mode all'],
    ['mcp-server-everything', 'stdio'],
    ['server', 'start', '--mode', 'single'],
  ];
  for (const command of accepted) assert.equal(routingModeProblem(command), undefined, command.join(' '));
  const tools = await toolsOf([azmcp, 'server', 'start', '--mode', 'all']);
  assert.equal(tools.length, 235);
  assert.ok(
    !tools.some(
      ({ inputSchema }) => 'command' in (inputSchema.properties ?? {}) && 'intent' in inputSchema.properties!,
    ),
  );
});
