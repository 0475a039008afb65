// Somebody who may register applications makes one with our name and address beforehand, and holds a secret of it: a setup that took it for ours would make them us.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGraphClient } from '../../src/identity/conditional-access/graph-client.ts';
import { setUp } from '../../src/identity/entra/setup/setup.ts';
import type { SetupOrder } from '../../src/identity/entra/setup/setup.ts';
import { startEntra } from '../support/entra.ts';
import type { Registration } from '../support/entra.ts';
import { startGraph } from '../support/graph.ts';

async function open() {
  const entra = await startEntra();
  entra.trust();
  const graph = await startGraph(entra);
  const { directory } = entra.state;
  directory.graph.application.identifierUris.push(graph.url);
  const permissions = { [directory.graph.clientId]: ['Application.ReadWrite.All'] };
  const administrator = entra.addApp({ displayName: 'administrator', secret: 'administrator', permissions });
  const planted = entra.addApp({
    displayName: 'Front door',
    secret: 'of-the-attacker',
    redirectUris: ['https://mcp.example.com/auth/callback'],
  });
  const form = (client: Registration, secret: string) =>
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: secret,
      scope: `${graph.url}/.default`,
    });
  const token = async (client: Registration, secret: string): Promise<string> => {
    const response = await fetch(`${entra.authority}/oauth2/v2.0/token`, {
      method: 'POST',
      body: form(client, secret),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const order: SetupOrder = {
    tenant: entra.tenant,
    displayName: 'Front door',
    publicUrl: 'https://mcp.example.com',
    multiTenant: false,
    scope: 'access',
    appRoles: ['Genkan.Admin'],
    contexts: [],
    authorityHost: entra.authorityHost,
    graphUrl: graph.url,
    abilities: [],
    apply: true,
    shell: 'bash',
  };
  const ours = await token(administrator, 'administrator');
  const client = createGraphClient({ graphUrl: graph.url, token: () => Promise.resolve(ours), fetch });
  const neighbours = { graph: () => Promise.resolve(client), pause: () => Promise.resolve() };
  const end = async (): Promise<void> => {
    await graph[Symbol.asyncDispose]();
    await entra[Symbol.asyncDispose]();
  };
  return { planted, order, neighbours, apps: directory.apps, token, [Symbol.asyncDispose]: end };
}

test('what has our name and address is not taken for ours: nothing is written, and the administrator decides', async () => {
  await using all = await open();
  const [before, count] = [JSON.stringify(all.planted.application), all.apps.size];
  const result = await setUp(all.order, all.neighbours);
  assert.ok('outcome' in result);
  assert.equal(result.code, 'entra_registration_exists');
  assert.deepEqual(result.params, { name: 'Front door', clientIds: all.planted.clientId });
  assert.equal(JSON.stringify(all.planted.application), before);
  assert.equal(all.apps.size, count);
});

test("control: taken for ours by its name, the attacker's secret is a secret of Genkan", async () => {
  await using all = await open();
  const result = await setUp({ ...all.order, clientId: all.planted.clientId }, all.neighbours);
  assert.ok(!('outcome' in result) && result.clientId === all.planted.clientId);
  assert.deepEqual(
    all.planted.application.appRoles.map(({ value }) => value),
    ['Genkan.Admin'],
  );
  assert.match(await all.token(all.planted, 'of-the-attacker'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
});
