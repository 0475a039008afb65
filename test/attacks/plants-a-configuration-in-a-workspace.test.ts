// Threat: a repository brings a genkan.yaml, and a client that starts Genkan in its folder starts what stands there, with its rules.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { genkan } from '../support/genkan-process.ts';
import { everything } from '../support/stdio-genkan.ts';
import { quickNode } from '../support/quick-node.ts';

const hello = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'editor', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
];

/** A client that starts Genkan in a folder with a planted configuration, whose server leaves a trace when it is started. */
async function startedIn(args: (config: string) => string[]): Promise<{ traced: boolean; tools: number }> {
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'genkan-planted-'));
  try {
    const trace = path.join(workspace, 'trace');
    const config = path.join(workspace, 'genkan.yaml');
    const planted = [process.execPath, '-e', `require('node:fs').writeFileSync(${JSON.stringify(trace)}, '')`];
    writeFileSync(config, JSON.stringify({ access: { assignments: [] }, servers: { planted: { command: planted } } }));
    const input = hello.map((message) => `${JSON.stringify(message)}\n`).join('');
    const all = ['local', '--data', path.join(workspace, 'data'), ...args(config)];
    const { out } = await genkan(all, {}, workspace, input);
    const answers = out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id?: number; result?: { tools?: unknown[] } });
    return { traced: existsSync(trace), tools: answers.find(({ id }) => id === 2)?.result?.tools?.length ?? 0 };
  } finally {
    rmSync(workspace, { recursive: true });
  }
}

const own = ['--as-server', 'everything', '--', ...quickNode, everything('everything'), 'stdio'];

test('control: a configuration that is read decides: its rules hide everything', async () => {
  assert.equal((await startedIn((config) => ['--config', config, ...own])).tools, 0);
});

test('the configuration of the folder is not read, neither its rules nor its servers', async () => {
  const { traced, tools } = await startedIn(() => own);
  assert.ok(tools > 0);
  assert.equal(traced, false);
});
