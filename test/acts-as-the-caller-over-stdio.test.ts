// A program that acts as its callers: one process for each person, which gets that person's tokens as its managed identity.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Channel, Upstream } from '../src/upstream/channel.ts';
import { serverSettings } from '../src/upstream/settings.ts';
import { createUpstream } from '../src/upstream/upstream.ts';
import { createTestCallers } from './support/caller-tokens.ts';
import type { TestCallers } from './support/caller-tokens.ts';
import { callTool, fault, textOf } from './support/upstream-conversations.ts';
import { quickNode } from './support/quick-node.ts';

const script = new URL('./support/azure-identity-server.ts', import.meta.url).pathname;
const management = 'https://management.azure.com';
const vault = 'https://vault.azure.net';

function open(context: TestContext, callers: TestCallers, more: object = {}): Upstream {
  const settings = serverSettings.parse({
    command: [...quickNode, script],
    authorization: { as: 'caller', resources: [management, `${vault}/`] },
    ...more,
  });
  const upstream = createUpstream('azure', settings, callers.neighbours);
  context.after(() => upstream.close());
  return upstream;
}

async function talk(upstream: Upstream, person: string): Promise<Channel> {
  const { channel } = await upstream.for!(person).connect({ era: 'legacy', onPush() {}, onClose() {} });
  return channel;
}

async function tokenOf(channel: Channel, resource: string): Promise<{ text: string; isError: boolean }> {
  const answer = await channel.send(callTool(1, 'token', { resource }));
  return { text: textOf(answer), isError: answer.result?.['isError'] === true };
}

interface Surroundings {
  readonly environment: Record<string, string>;
  readonly home: readonly string[];
}

async function surroundings(channel: Channel): Promise<Surroundings> {
  return JSON.parse(textOf(await channel.send(callTool(2, 'surroundings')))) as Surroundings;
}

test('each person has a process of their own, whose SDK gets their tokens and nobody else’s', async (context) => {
  const callers = createTestCallers('dana', 'omar');
  const upstream = open(context, callers);
  const [dana, omar] = await Promise.all([talk(upstream, 'dana'), talk(upstream, 'omar')]);
  for (const resource of [management, vault]) {
    const tokens = await Promise.all([tokenOf(dana, resource), tokenOf(omar, resource)]);
    assert.deepEqual(
      tokens.map(({ text }) => callers.read(text)),
      [
        { person: 'dana', scopes: [`${resource}/.default`] },
        { person: 'omar', scopes: [`${resource}/.default`] },
      ],
    );
  }
  const [hers, his] = await Promise.all([surroundings(dana), surroundings(omar)]);
  for (const name of ['IDENTITY_HEADER', 'IDENTITY_ENDPOINT', 'HOME', 'GENKAN_CHILD'])
    assert.notEqual(hers.environment[name], his.environment[name], name);
});

test('of other resources the program gets no token, and is told so', async (context) => {
  const callers = createTestCallers('dana');
  const { text, isError } = await tokenOf(await talk(open(context, callers), 'dana'), 'https://graph.microsoft.com');
  assert.equal(isError, true);
  assert.match(text, /gives no token for this resource/);
  assert.ok(
    callers.asked.every(({ scopes }) => !scopes.join().includes('graph')),
    'nobody is even asked',
  );
});

test('whoever has to sign in gets the question before anything is started', async (context) => {
  const callers = createTestCallers();
  const upstream = open(context, callers);
  await assert.rejects(talk(upstream, 'dana'), fault('upstream_sign_in_required', /new sign-in/));
  callers.people.add('dana');
  assert.equal(callers.read((await tokenOf(await talk(upstream, 'dana'), management)).text)?.person, 'dana');
});

test('when a sign-in ends, the program fails with the reason and the next call is answered with the question', async (context) => {
  const callers = createTestCallers('dana');
  const channel = await talk(open(context, callers), 'dana');
  await surroundings(channel);
  callers.people.delete('dana');
  const failed = await tokenOf(channel, management);
  assert.equal(failed.isError, true);
  assert.match(failed.text, /has to sign in again/);
  await assert.rejects(tokenOf(channel, management), fault('upstream_sign_in_required', /new sign-in/));
  callers.people.add('dana');
  assert.equal(callers.read((await tokenOf(channel, management)).text)?.person, 'dana');
});

test('the process finds neither our own credentials nor a home in which somebody has signed in', async (context) => {
  const callers = createTestCallers('dana');
  const ours = { AZURE_CLIENT_SECRET: 'ours', AZURE_CONFIG_DIR: '/ours', MSI_SECRET: 'ours', HOME: '/ours' };
  const neighbours = { ...callers.neighbours, environment: { ...process.env, ...ours } };
  const settings = serverSettings.parse({
    command: [...quickNode, script],
    authorization: { as: 'caller', resources: [management] },
  });
  const upstream = createUpstream('azure', settings, neighbours);
  context.after(() => upstream.close());
  const { environment, home } = await surroundings(await talk(upstream, 'dana'));
  assert.ok(!Object.values(environment).some((value) => value.includes('ours')));
  assert.deepEqual(home, []);
  assert.equal(environment['NO_PROXY'], '127.0.0.1', 'what it shows us no proxy sees');
  assert.equal(environment['AZURE_TOKEN_CREDENTIALS'], 'ManagedIdentityCredential');
  await upstream.close();
  assert.ok(!existsSync(environment['HOME']!), 'it is gone with the person’s last process');
});

test('a process that asks again for what it has gets it renewed, but not each time', async (context) => {
  const callers = createTestCallers('dana');
  const channel = await talk(open(context, callers), 'dana');
  const { environment } = await surroundings(channel);
  const headers = { 'x-identity-header': environment['IDENTITY_HEADER']! };
  const tokens: string[] = [];
  for (let count = 0; count < 4; count++) {
    const query = `api-version=2019-08-01&resource=${encodeURIComponent(management)}`;
    const answer = await fetch(`${environment['IDENTITY_ENDPOINT']}?${query}`, { headers });
    tokens.push(((await answer.json()) as { access_token: string }).access_token);
  }
  assert.notEqual(tokens[0], tokens[1], 'SDKs keep what they have, so it must have been turned away');
  assert.equal(new Set(tokens.slice(1)).size, 1);
  assert.equal(callers.asked.filter(({ renewed }) => renewed).length, 1);
});

test('ending a person ends their process, and what it had to ask with', async (context) => {
  const callers = createTestCallers('dana', 'omar');
  const upstream = open(context, callers);
  const [dana, omar] = await Promise.all([talk(upstream, 'dana'), talk(upstream, 'omar')]);
  const { environment } = await surroundings(dana);
  await upstream.endPerson!('dana');
  const asked = await fetch(`${environment['IDENTITY_ENDPOINT']}?api-version=2019-08-01&resource=${management}`, {
    headers: { 'x-identity-header': environment['IDENTITY_HEADER']! },
  });
  assert.equal(asked.status, 401);
  await assert.rejects(tokenOf(dana, management), { code: 'upstream_unavailable' });
  assert.equal(callers.read((await tokenOf(omar, management)).text)?.person, 'omar');
});

test('processes of all people together are bounded, and who is idle gives way', async (context) => {
  const callers = createTestCallers('dana', 'omar', 'sena');
  const upstream = open(context, callers, { maxChannels: 2 });
  await talk(upstream, 'dana');
  await talk(upstream, 'omar');
  await talk(upstream, 'sena');
  assert.equal(upstream.status().open, 2);
});

test('settings that would give the program another identity are refused', () => {
  const problem = (more: object): string => {
    const parsed = serverSettings.safeParse({
      command: ['x'],
      authorization: { as: 'caller', resources: [vault] },
      ...more,
    });
    return JSON.stringify(parsed.error?.issues ?? []);
  };
  assert.equal(problem({ env: { AZURE_TENANT_ID: 'x', AZURE_MCP_COLLECT_TELEMETRY: 'false' } }), '[]');
  for (const name of ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_ID', 'IDENTITY_ENDPOINT', 'MSI_SECRET', 'HOME'])
    assert.match(problem({ env: { [name]: 'x' } }), /no identity but that of the person/, name);
  assert.notEqual(problem({ authorization: { as: 'caller', resources: [] } }), '[]');
  assert.notEqual(problem({ authorization: { as: 'person' } }), '[]');
});
