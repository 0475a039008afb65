// Taint rules in a whole house: approvals, answers to questions, what administrators see and clear, Azure's tools, and local mode.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { stringify } from 'yaml';
import { createAzureMap } from '../src/access/azure/azure-map.ts';
import { isRefusal } from '../src/base/errors.ts';
import { unverifiedPerson } from '../src/identity/local/unverified-person.ts';
import { createLabels } from '../src/inspect/taint/labels.ts';
import { taintSettings } from '../src/inspect/taint/settings.ts';
import type { Caller } from '../src/operations/operation.ts';
import { operator } from '../src/operations/operator.ts';
import { perform } from '../src/operations/perform.ts';
import { operationOf } from '../src/operations/registry.ts';
import { startHttpFixture } from './conformance/upstream/http.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import { ownServer, startLocalGenkan } from './support/stdio-genkan.ts';
import { idOf, labels, openTaintHouse, secret } from './support/taint-house.ts';
import type { TaintHouse } from './support/taint-house.ts';

let house: TaintHouse;
before(async () => {
  house = await openTaintHouse({ labels, ask: { approvers: [{ user: idOf('omar') }] } });
  await house.use('web', 'fetch', undefined, { person: 'omar' }); // has been here, as whoever approves has
});
after(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const person of ['dana', 'omar'] as const) await house.house.house.taint!.clear(idOf(person));
  house.left();
});

async function readBoth(): Promise<void> {
  await house.use('vault', 'get_secret');
  await house.use('web', 'fetch');
}

test('where people can be asked, the very call waits for one of them, goes once, and the next one waits again', async () => {
  await readBoth();
  const said = 'the minutes, as agreed';
  assert.match(await house.use('web', 'post', said), /taint: private \+ untrusted to public/);
  assert.deepEqual(house.left(), []);
  const [waiting] = await house.house.house.approvals.list({ state: 'pending' });
  const approver = { id: idOf('omar'), kind: 'user', name: 'omar', groups: [], contexts: ['c1'] } as const;
  const decided = await house.house.house.approvals.decide(waiting!.id, approver, { verdict: 'approved', comment: '' });
  assert.ok(!isRefusal(decided));
  assert.match(await house.use('web', 'post', `${said}, and ${secret}`), /approv/, 'other words are another call');
  assert.equal(await house.use('web', 'post', said), 'posted');
  assert.match(await house.use('web', 'post', said), /approv/);
  assert.deepEqual(house.left(), [said]);
});

test('what is typed into a prompt is not asked about letter by letter: it does not leave', async () => {
  await readBoth();
  const waiting = async () => (await house.house.house.approvals.list({ state: 'pending' })).length;
  const before = await waiting();
  const argument = { name: 'topic', value: secret };
  const { body, headers } = modern('completion/complete', { ref: { type: 'ref/prompt', name: 'about' }, argument });
  const token = await house.house.token('dana', 'web');
  const { message } = await post(`${house.house.url}/mcp/web`, body, { token, headers });
  assert.equal(message.error?.data?.['reason'], 'inspect_taint_blocked');
  assert.equal(await waiting(), before);
});

for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])
  test(`what is private does not leave as the cursor of ${method}; a first page is anybody’s`, async () => {
    await readBoth();
    const token = await house.house.token('dana', 'web');
    const ask = async (params: Record<string, unknown>) => {
      const { body, headers } = modern(method, params);
      return (await post(`${house.house.url}/mcp/web`, body, { token, headers })).message;
    };
    assert.equal((await ask({ cursor: secret })).error?.data?.['reason'], 'inspect_taint_blocked');
    assert.equal((await ask({})).error, undefined);
    await house.house.house.taint!.clear(idOf('dana'));
    assert.notEqual((await ask({ cursor: secret })).error?.data?.['reason'], 'inspect_taint_blocked');
  });

const admin = { principal: operator, sourceIP: '', userAgent: '' };
async function act(operation: string, input: object, caller: Caller = admin): Promise<Record<string, unknown[]>> {
  const outcome = await perform(operationOf(operation), input, caller, house.house.house);
  if (isRefusal(outcome)) throw new Error(outcome.code);
  return outcome.output as Record<string, unknown[]>;
}

test('administrators see what conversations have read and end them, on record; over MCP there is no such thing', async () => {
  await readBoth();
  const { marks } = await act('taint.list', { person: 'dana@example.com' });
  const shown = marks!.map((mark) => mark as Record<string, string>);
  assert.deepEqual(shown.map(({ reads, server, name }) => [reads, server, name].join(' ')).sort(), [
    'private vault get_secret',
    'untrusted web fetch',
  ]);
  const { forgotten } = await act('taint.clear', { person: idOf('dana'), why: 'a new chat, seen together' });
  assert.equal(forgotten!.length, 2);
  assert.equal(await house.use('web', 'post', 'good morning'), 'posted');
  const entries = [];
  for await (const entry of house.house.house.recorded.scan({ fromMs: 0, toMs: Date.now() + 60_000 }))
    if (entry.action === 'taint.clear') entries.push(entry);
  assert.deepEqual(
    entries.map(({ result }) => result),
    ['intent', 'allowed'],
  );

  const { tools } = await (await house.client(undefined)).listTools();
  assert.ok(!tools.some(({ name }) => name.includes('taint')));
});

test('nobody ends their own conversation, and nobody without the right anybody’s', async () => {
  await readBoth();
  const clear = { person: idOf('dana'), why: 'I want to' };
  await assert.rejects(
    act('taint.clear', clear, { ...admin, principal: { ...operator, id: idOf('dana') } }),
    /taint_own/,
  );
  const denied = await post(`${house.house.url}/api/taint/clear`, clear, {
    token: await house.house.apiToken('sena', 'c1'),
  });
  assert.equal(denied.status, 403);
  assert.equal((await act('taint.list', {}))['marks']!.length, 2);
});

for (const [name, taint, told, fails] of [
  ['what is private does not leave in the answer to a public server’s question', { labels }, /was not answered/, false],
  ['control: without the rules it does', undefined, /action=accept.*fourth of May/, false],
  ['nor does it leave in an error for an answer', { labels }, /withheld by Genkan|was not answered/, true],
  ['control: without the rules it leaves in an error', undefined, /fourth of May/, true],
] as const)
  test(name, async () => {
    await using web = await startHttpFixture(fails ? 'legacy' : 'modern');
    await using vault = await startHttpUpstream(mcpByHand({ tools: [readTool] }));
    await using asked = await openTestHouse({
      servers: { web: { url: web.url }, vault: { url: vault.url } },
      access: makersUse('web', 'vault'),
      inspect: { ...(taint && { taint }), pins: { alike: [['web', 'vault']] } },
    });
    const connect = async (server: string): Promise<OldClient> => {
      const client = new OldClient({ name: 'old', version: '1' }, { capabilities: { elicitation: {} } });
      const requestInit = { headers: { authorization: `Bearer ${await asked.token('dana', server)}` } };
      await client.connect(new OldTransport(new URL(`${asked.url}/mcp/${server}`), { requestInit }));
      return client;
    };
    const client = await connect('web');
    client.setRequestHandler(ElicitRequestSchema, async () => {
      const other = await connect('vault');
      await other.callTool({ name: 'read', arguments: {} });
      await other.close();
      if (fails) throw new McpError(-32001, secret);
      return { action: 'accept', content: { username: secret, email: 'dana@example.com' } };
    });
    const answer = await client
      .callTool({ name: 'test_elicitation', arguments: { message: 'What is the plan?' } })
      .then((result) => JSON.stringify(result), String);
    await client.close();
    assert.match(answer, told);
    const heard = JSON.stringify(web.seen.map(({ message }) => message));
    assert.equal(heard.includes(secret), taint === undefined);
  });

test('tools of the Azure MCP Server are labelled by the operation that they need', () => {
  const map = createAzureMap({
    server: 'azure',
    defaultSubscription: '00000000-0000-0000-0000-000000000001',
    subscriptions: {},
    fixedArguments: { endpoint: 'https://mail.communication.azure.com' },
  });
  const labelsOf = createLabels(taintSettings.parse({}));
  const of = (name: string, args: Record<string, unknown> = {}): string => {
    const needs = map.requirements(name, args);
    if ('outcome' in needs) assert.fail(`${name}: ${needs.code} ${JSON.stringify(needs.params)}`);
    const actions = needs.requirements.map(({ action }) => action);
    const { reads, sends } = labelsOf({ server: 'azure', name, actions, openWorld: true });
    return `${reads.join('+') || '-'} > ${sends}`;
  };
  const group = { 'resource-group': 'dev' };
  assert.equal(of('keyvault_secret_get', { vault: 'kv', secret: 'db' }), 'private > none');
  assert.equal(of('appconfig_kv_get', { account: 'config' }), 'private > none');
  assert.equal(of('storage_blob_get', { account: 'data', container: 'a' }), 'private > none');
  assert.equal(
    of('monitor_workspace_log_query', { ...group, workspace: 'w', table: 't', query: 't' }),
    'private+untrusted > none',
  );
  assert.equal(of('compute_vm_get', group), '- > none');
  assert.equal(of('storage_account_get'), '- > none');
  assert.equal(of('sql_server_get', { ...group, server: 's' }), '- > none');
  const mail = {
    endpoint: 'https://mail.communication.azure.com',
    from: 'a@b.example',
    to: 'c@d.example',
    subject: 's',
    message: 'm',
  };
  assert.equal(of('communication_email_send', mail), '- > public');
});

test('local mode: one client’s processes for its servers are one conversation, and where nobody can be asked it is blocked', async () => {
  await using local = startLocalGenkan();
  const config = path.join(local.root, 'genkan.yaml');
  const file = path.join(local.root, 'tools.json');
  writeFileSync(
    file,
    JSON.stringify([{ name: 'note', description: 'Takes a note.', inputSchema: { type: 'object' } }]),
  );
  const command = [...ownServer('turncoat-stdio-server.ts'), file];
  const { id } = unverifiedPerson(os.userInfo().username);
  const mine = { assignments: [{ principal: { user: id }, role: 'MCP User', scope: '/' }] };
  const taint = { labels, ask: { approvers: [{ operator: true }] } };
  writeFileSync(config, stringify({ access: mine, inspect: { taint, pins: { alike: [['vault', 'web']] } } }));
  const [vault, web] = await Promise.all(
    ['vault', 'web'].map((name) => local.legacy(['--config', config, '--as-server', name, '--', ...command])),
  );
  const note = { name: 'note', arguments: {} };
  await web!.callTool(note);
  await web!.callTool(note);
  await vault!.callTool(note);
  await assert.rejects(web!.callTool(note), /A taint rule stopped/);
});
