// Threat: a server writes to the client of local mode beside the protocol, or answers what nobody asked it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { startLocalGenkan, ownServer } from '../support/stdio-genkan.ts';

const hello = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'editor', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'ping' },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join('');

const server = ownServer('chatty-stdio-server.ts');
const linesOf = (out: string): string[] => out.split('\n').filter((line) => line !== '');
const idOf = (line: string): unknown => (JSON.parse(line) as { id?: unknown }).id;

test('control: a client that starts the server itself hears all of it', async () => {
  const child = spawn(server[0]!, server.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(hello);
  let out = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) out += chunk.toString();
  assert.match(out, /npm notice/);
  assert.match(out, /never-asked/);
});

test('through Genkan a client hears the protocol alone, and answers to what it asked', async () => {
  await using local = startLocalGenkan();
  const all = ['local', '--data', local.root, '--as-server', 'chatty', '--', ...server];
  const { out, code } = await local.command(all, {}, hello);
  assert.equal(code, 0);
  assert.deepEqual(linesOf(out).map(idOf).sort(), [1, 2]);
});
