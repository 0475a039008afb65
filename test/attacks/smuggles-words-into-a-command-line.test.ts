// The attacker writes command line words into the values of arguments: the Azure MCP Server makes a command line of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { createAzureMap } from '../../src/access/azure/azure-map.ts';
import { withoutNetwork } from '../support/azure-tools.ts';

const script = path.join(import.meta.dirname, '../../node_modules/@azure/mcp/index.js');
const own = '00000000-0000-0000-0000-000000000001';
const foreign = '00000000-0000-0000-0000-000000000002';
const map = createAzureMap({ server: 'azure', defaultSubscription: own, subscriptions: {}, fixedArguments: {} });

const change = {
  'resource-group': 'dev-web',
  name: 'sync',
  'sync-group-name': 'group',
  'cloud-endpoint-name': 'cloud',
  'directory-path': 'data',
  'change-detection-mode': 'Default',
};
const smuggled = { ...change, paths: ['a', `--subscription=${foreign}`] };

const refusalOf = (tool: string, args: Readonly<Record<string, unknown>>): string | undefined => {
  const needs = map.requirements(tool, args);
  return 'outcome' in needs ? needs.code : undefined;
};

describe('words in the values of arguments', { skip: !existsSync(script) || withoutNetwork === undefined }, () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'genkan-smuggle-'));
  const secret = path.join(directory, 'secret.txt');
  const answers = new Map<number, (answer: string) => void>();
  let child: ChildProcess;
  let lastId = 0;

  const ask = (method: string, params: object): Promise<string> => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<string>();
    answers.set(id, resolve);
    child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return promise;
  };
  const callWithoutGenkan = (name: string, args: object): Promise<string> =>
    ask('tools/call', { name, arguments: args });

  before(async () => {
    writeFileSync(secret, 'the-secret-word\n');
    const [command = '', ...rest] = [...withoutNetwork!, process.execPath, script, 'server', 'start', '--mode', 'all'];
    child = spawn(command, rest, {
      // No login and no subscription of this machine's: what the server finds, it found in the call.
      env: { PATH: process.env['PATH'], HOME: directory, AZURE_MCP_COLLECT_TELEMETRY: 'false' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      answers.get((JSON.parse(line) as { id?: number }).id ?? 0)?.(line);
    });
    const clientInfo = { name: 'attacker', version: '1' };
    await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  });

  after(() => {
    child.stdin!.end();
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  test(
    'control: without Genkan a value of @FILE shows the words in that file of the server',
    { timeout: 30_000 },
    async () => {
      assert.match(await callWithoutGenkan('bicepschema_get', { 'resource-type': `@${secret}` }), /the-secret-word/);
    },
  );

  test(
    'control: without Genkan an element of a list becomes the subscription of the call',
    { timeout: 60_000 },
    async () => {
      assert.match(
        await callWithoutGenkan('storagesync_cloudendpoint_changedetection', change),
        /Missing Required.*--subscription/,
      );
      assert.doesNotMatch(
        await callWithoutGenkan('storagesync_cloudendpoint_changedetection', smuggled),
        /Missing Required/,
      );
    },
  );

  test('Genkan refuses both before they are forwarded, and lets the honest call be decided', () => {
    assert.equal(refusalOf('bicepschema_get', { 'resource-type': `@${secret}` }), 'access_argument_unresolved');
    assert.equal(refusalOf('storagesync_cloudendpoint_changedetection', smuggled), 'access_argument_unresolved');
    assert.equal(refusalOf('storagesync_cloudendpoint_changedetection', { ...change, paths: ['a', 'b'] }), undefined);
  });
});
