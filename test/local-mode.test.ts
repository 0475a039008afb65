// Local mode with official stdio clients of both majors and real servers: nothing is lost on the way, and all of it is recorded.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import type { Client as NewClient } from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { withoutNetwork } from './support/azure-tools.ts';
import { unless } from './support/skipping.ts';
import { everything, ownServer, startLocalGenkan, until } from './support/stdio-genkan.ts';
import type { LocalGenkan } from './support/stdio-genkan.ts';
import { quickNode } from './support/quick-node.ts';

const azureScript = new URL('../node_modules/@azure/mcp/index.js', import.meta.url).pathname;
const noAzure = unless(
  withoutNetwork !== undefined && existsSync(azureScript),
  'no @azure/mcp, or no network namespaces',
);
const served = ['--as-server', 'everything', '--', ...quickNode, everything('everything'), 'stdio'];
const text = (result: unknown): string => (result as { content: { text: string }[] }).content[0]!.text;

describe('with a client of either SDK at the same server', () => {
  let local: LocalGenkan;
  let older: Client;
  let newer: NewClient;
  /** At a server of this era, which asks questions. */
  let fixture: NewClient;
  before(async () => {
    local = startLocalGenkan();
    const set = { API_KEY: 'for the command', GENKAN_VAULT_SECRET: 'for Genkan' };
    const modern = ['--as-server', 'fixture', '--', ...ownServer('modern-stdio-server.ts')];
    [older, newer, fixture] = await Promise.all([
      local.legacy(served, { capabilities: { elicitation: {}, sampling: {} } }, set),
      local.modern(served),
      local.modern(modern, { capabilities: { elicitation: { form: {} } } }),
    ]);
  });
  after(() => local[Symbol.asyncDispose]());

  test('a client of SDK v1 uses a stdio server unchanged: tools, resources, prompts, progress', async () => {
    assert.equal(older.getServerVersion()?.name, 'mcp-servers/everything');
    assert.ok((await older.listTools()).tools.some(({ name }) => name === 'echo'));
    assert.equal(text(await older.callTool({ name: 'echo', arguments: { message: '42' } })), 'Echo: 42');
    assert.ok((await older.listPrompts()).prompts.length > 0);
    assert.ok((await older.listResources()).resources.length > 0);
    const seen: number[] = [];
    const slow = { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } };
    await older.callTool(slow, undefined, { onprogress: ({ progress }) => void seen.push(progress) });
    assert.deepEqual(seen, [1, 2, 3]);
  });

  test('a client of 2026-07-28 speaks with a server of either era', async () => {
    assert.equal(text(await newer.callTool({ name: 'echo', arguments: { message: 'new' } })), 'Echo: new');
    assert.ok((await fixture.listTools()).tools.length > 3);
    assert.match(JSON.stringify(await fixture.callTool({ name: 'test_simple_text', arguments: {} })), /simple text/);
  });

  test('arguments that do not fit are refused in words, before the server hears of them', async () => {
    await assert.rejects(older.callTool({ name: 'echo', arguments: { message: 7 } }), /do not match its input schema/);
  });

  test('a call that its client cancels is not answered, and the next one is', async () => {
    const slow = { name: 'trigger-long-running-operation', arguments: { duration: 20, steps: 2 } };
    const cancellable: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => older.callTool(slow, undefined, { signal }),
      (signal) => newer.callTool(slow, { signal }),
    ];
    for (const call of cancellable) {
      const stop = new AbortController();
      const under = call(stop.signal);
      setTimeout(() => stop.abort('enough'), 200);
      await assert.rejects(under);
    }
    for (const client of [older, newer])
      assert.equal(text(await client.callTool({ name: 'echo', arguments: { message: 'on' } })), 'Echo: on');
  });

  test('questions and sampling of the server reach the client, and the answers come back', async () => {
    older.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
    older.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'none',
      role: 'assistant',
      content: { type: 'text', text: 'sampled words' },
    }));
    await until(async () => (await older.listTools()).tools.some(({ name }) => name === 'trigger-elicitation-request'));
    const asked = await older.callTool({ name: 'trigger-elicitation-request', arguments: {} });
    assert.match(JSON.stringify(asked), /declin/i);
    const sampled = await older.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'say' } });
    assert.match(JSON.stringify(sampled), /sampled words/);
  });

  test('a question in a result reaches a client of 2026-07-28, which answers it by itself', async () => {
    fixture.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { username: 'dana', name: 'dana' },
    }));
    const { tools } = await fixture.listTools();
    const asking =
      tools.find(({ name }) => name === 'test_elicitation')?.name ?? 'test_input_required_result_elicitation';
    const answered = await fixture.callTool({ name: asking, arguments: { message: 'who?' } });
    assert.notEqual(answered.isError, true, JSON.stringify(answered));
  });

  test('what a client sets for the command reaches it, and what is meant for Genkan does not', async () => {
    const { tools } = await older.listTools();
    const name = tools.find((tool) => /env/i.test(tool.name))!.name;
    const told = text(await older.callTool({ name, arguments: {} }));
    assert.match(told, /for the command/);
    assert.doesNotMatch(told, /for Genkan/);
  });
});

test('with a configuration, roles decide: what nobody granted is refused, and hidden', async () => {
  await using local = startLocalGenkan();
  const config = path.join(local.root, 'genkan.yaml');
  writeFileSync(config, 'access:\n  assignments: []\n');
  const client = await local.legacy(['--config', config, ...served]);
  assert.deepEqual((await client.listTools()).tools, []);
  await assert.rejects(client.callTool({ name: 'echo', arguments: { message: 'x' } }), /mcp\/servers\/everything/);
});

test('a server that dies is begun again with the next message, and its client is told what happened to the call', async () => {
  await using local = startLocalGenkan();
  const client = await local.legacy(['--as-server', 'fragile', '--', ...ownServer('dying-stdio-server.ts')]);
  const first = text(await client.callTool({ name: 'pid', arguments: {} }));
  await assert.rejects(client.callTool({ name: 'die', arguments: {} }), /"fragile" is not available/);
  const second = await until(() => client.callTool({ name: 'pid', arguments: {} }).then(text, () => undefined));
  assert.notEqual(second, first);
});

test('two clients at once each have a record of their own; both are listed and verified together', async () => {
  await using local = startLocalGenkan();
  const [one, other] = await Promise.all([local.legacy(served), local.legacy(served)]);
  await one.callTool({ name: 'echo', arguments: { message: 'one' } });
  await other.callTool({ name: 'echo', arguments: { message: 'two' } });
  await other.callTool({ name: 'echo', arguments: { message: 'three' } });
  const listed = await local.command([
    'local',
    'audit',
    'list',
    '--json',
    '--action',
    'tools/call',
    '--data',
    local.root,
  ]);
  assert.equal(listed.code, 0, listed.error);
  const { records } = JSON.parse(listed.out) as { records: { user: string; userAgent: string; timestamp: number }[] };
  assert.equal(records.length, 3);
  assert.ok(records.every(({ userAgent }) => userAgent === 'old/1.2.3'));
  assert.ok(records.every(({ user }) => user.startsWith('os-user:')));
  assert.deepEqual(
    records.map(({ timestamp }) => timestamp),
    records.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b),
  );
  await Promise.all([one.close(), other.close()]);
  const verified = await local.command(['local', 'audit', 'verify', '--data', local.root]);
  assert.equal(verified.code, 0, verified.error);
  assert.match(verified.out, /holds/);
});

test('whoever closes standard input gets the answers that are still to come but not a word of a cancelled call, then exit code 0', async () => {
  await using local = startLocalGenkan();
  const slow = { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 1 } };
  const lines = [
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } },
    },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: slow },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } },
    { jsonrpc: '2.0', id: 3, method: 'ping' },
    { jsonrpc: '2.0', id: 4, method: 'tools/call', params: { name: 'echo', arguments: { message: 'last' } } },
  ];
  const ended = await local.command(
    ['local', '--data', local.root, ...served],
    {},
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  assert.equal(ended.code, 0, ended.error);
  const answers = ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id?: number; result?: unknown });
  assert.deepEqual(answers.flatMap(({ id }) => id ?? []).toSorted(), [1, 3, 4]);
  assert.match(JSON.stringify(answers.find(({ id }) => id === 4)?.result), /Echo: last/);
  const all = ['local', 'audit', 'list', '--json', '--data', local.root];
  const listed = await local.command([...all, '--action', 'session/end']);
  const { records } = JSON.parse(listed.out) as { records: { user: string; resource: string }[] };
  assert.deepEqual(
    records.map(({ resource }) => resource),
    ['/servers/everything'],
  );
});

test('what a client says after its last request is heard and recorded before the end, and an id twice is nobody’s answer', async () => {
  await using local = startLocalGenkan();
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } };
  const slow = { name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 1 } };
  const call = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: slow });
  const lines = [JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }), call, call];
  const input = [...lines, ...Array.from({ length: 500 }, () => '1'), ''].join('\n');
  const ended = await local.command(['local', '--data', local.root, ...served], {}, input);
  assert.equal(ended.code, 0, ended.error);
  assert.doesNotMatch(ended.error, /audit log is closed/);
  const answers = ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: unknown; error?: object });
  const refused = answers.filter(({ error }) => error !== undefined);
  assert.equal(refused.length, 501);
  assert.ok(refused.every(({ id }) => id === null));
  const all = ['local', 'audit', 'list', '--json', '--limit', '5000', '--data', local.root];
  const { records } = JSON.parse((await local.command(all)).out) as { records: { result: string }[] };
  assert.equal(records.filter(({ result }) => result === 'blocked').length, 501);
});

test('--help names GENKAN_CONFIG, and says that the genkan.yaml of a folder is not read', async () => {
  await using local = startLocalGenkan();
  const { out } = await local.command(['local', '--help']);
  assert.match(out, /GENKAN_CONFIG/);
  assert.match(out, /genkan\.yaml is not read/);
});

test('the command is started once, and what it says before it dies is told', async () => {
  await using local = startLocalGenkan();
  const log = path.join(local.root, 'starts');
  const dies = `require('fs').appendFileSync(${JSON.stringify(log)}, 'x'); console.error('no such package'); process.exit(1)`;
  await assert.rejects(local.legacy(['--as-server', 'broken', '--', process.execPath, '-e', dies]), /broken/);
  const lives = `require('fs').appendFileSync(${JSON.stringify(log)}, 'y'); import(${JSON.stringify(everything('everything'))})`;
  await local.legacy(['--as-server', 'lives', '--', process.execPath, '-e', lives]);
  assert.match(readFileSync(log, 'utf8'), /^x+y$/);
});

for (const [how, leave] of [
  ['is told to stop', (child: ChildProcessByStdio<Writable, Readable, null>) => void child.kill('SIGTERM')],
  [
    'can no longer be heard',
    (child: ChildProcessByStdio<Writable, Readable, null>) => {
      child.stdout.destroy();
      child.stdin.write('{"jsonrpc":"2.0","id":2,"method":"ping"}\n');
    },
  ],
  [
    'gets a line without an end',
    (child: ChildProcessByStdio<Writable, Readable, null>) => void child.stdin.write('x'.repeat(5_000_000)),
  ],
] as const) {
  test(`a Genkan that ${how} ends, and its server with it, although its client keeps standard input open`, async () => {
    await using local = startLocalGenkan();
    const cli = path.join(import.meta.dirname, '../src/cli.ts');
    const server = ownServer('dying-stdio-server.ts');
    const args = [cli, 'local', '--data', local.root, '--as-server', 'kept', '--', ...server];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } };
    try {
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
      await once(child.stdout, 'data');
      leave(child);
      const patience = AbortSignal.timeout(20_000);
      const late = once(patience, 'abort').then(() => assert.fail('it goes on'));
      assert.deepEqual((await Promise.race([ended, late]))[0], 0);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

test('a client that leaves while it watches leaves nothing running', async () => {
  await using local = startLocalGenkan();
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const listen = { notifications: { toolsListChanged: true }, _meta: meta };
  const input = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: listen })}\n`;
  const began = performance.now();
  const ended = await local.command(['local', '--data', local.root, ...served], {}, input);
  assert.equal(ended.code, 0, ended.error);
  assert.ok(performance.now() - began < 15_000);
});

test('what cannot be started says so on standard error, with the exit code of a wrong command', async () => {
  await using local = startLocalGenkan();
  const nameless = await local.command(['local', '--', 'true']);
  assert.equal(nameless.code, 2);
  assert.match(nameless.error, /--as-server NAME/);
  assert.equal(nameless.out, '');
  const odd = await local.command(['local', '--as-server', '../etc', '--', 'true']);
  assert.equal(odd.code, 2);
});

test(
  '@azure/mcp works unchanged: its tools, and its question before it shows a secret',
  { skip: noAzure },
  async () => {
    await using local = startLocalGenkan();
    const azure = ['--as-server', 'azure', '--', ...withoutNetwork!, process.execPath, azureScript];
    const client = await local.legacy(
      [...azure, 'server', 'start', '--mode', 'all'],
      { capabilities: { elicitation: {} } },
      { AZURE_MCP_COLLECT_TELEMETRY: 'false' },
    );
    assert.ok((await client.listTools()).tools.length > 200);
    let asked = 0;
    client.setRequestHandler(ElicitRequestSchema, () => {
      asked++;
      return { action: 'decline' };
    });
    const subscription = '00000000-0000-0000-0000-000000000001';
    await client.callTool({ name: 'keyvault_secret_get', arguments: { subscription, vault: 'v1', secret: 's1' } });
    assert.equal(asked, 1);
  },
);

test('a server that serves files works unchanged, also for a client that has roots', async () => {
  await using local = startLocalGenkan();
  writeFileSync(path.join(local.root, 'note.txt'), 'what the note says');
  const files = ['--as-server', 'files', '--', ...quickNode, everything('filesystem'), local.root];
  const client = await local.legacy(files);
  const read = { name: 'read_text_file', arguments: { path: path.join(local.root, 'note.txt') } };
  assert.equal(text(await client.callTool(read)), 'what the note says');
});
