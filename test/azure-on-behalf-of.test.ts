// The real Azure MCP Server behind Genkan, over HTTP and over stdio: Azure hears of each call from the person who made it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { claimsOf, openCallerHouse, textIn } from './support/caller-house.ts';
import type { CallerHouse, Stands } from './support/caller-house.ts';
import { startResourceManager } from './support/azure-resource-manager.ts';
import type { ResourceManager } from './support/azure-resource-manager.ts';
import type { Registration } from './support/entra.ts';
import { freePort } from './support/free-port.ts';

const script = new URL('../node_modules/@azure/mcp/index.js', import.meta.url).pathname;
// Only there does .NET believe an authority that is named in a file.
const skip = (process.platform !== 'linux' || !existsSync(script)) && 'no @azure/mcp, or not Linux';
const azure = 'https://management.azure.com';
const onBehalfOf = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const opened = new AsyncDisposableStack();
let house: CallerHouse;
let manager: ResourceManager;
/** The Azure MCP Server at Entra ID. */
let application: Registration;
let address = '';
/** Tokens that Azure takes no longer. */
const revoked = new Set<string>();
const revocation = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(
  JSON.stringify({ access_token: { nbf: { essential: true, value: '1604106651' } } }),
).toString('base64')}"`;

before(async () => {
  if (skip !== false) return;
  house = await openCallerHouse(async (stands) => {
    const { entra } = stands;
    manager = await startResourceManager(entra.testAuthority, (token) => (revoked.has(token) ? revocation : undefined));
    const { identifierUris } = entra.addApp({
      clientId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
      identifierUri: azure,
      scopes: ['user_impersonation'],
      accessTokenVersion: 1,
    }).application;
    identifierUris.push(`${azure}/`); // Entra ID knows it by both names
    application = entra.addApp({ scopes: ['Mcp.Tools.ReadWrite'], secret: 'the~secret-of-the-azure-server' });
    address = await startAzure(stands);
    return {
      remote: { url: address, authorization: { as: 'caller', scopes: [`${application.identifierUri}/.default`] } },
      local: {
        command: [process.execPath, script, 'server', 'start', '--mode', 'all'],
        env: { ...manager.environment, AZURE_MCP_COLLECT_TELEMETRY: 'false' },
        authorization: { as: 'caller', resources: [azure] },
      },
    };
  });
});
after(async () => {
  await house?.[Symbol.asyncDispose]();
  await opened.disposeAsync();
  await manager?.[Symbol.asyncDispose]();
});

/** As its own documentation starts it behind a proxy that ends TLS, with Entra ID elsewhere. */
async function startAzure({ entra }: Stands): Promise<string> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'genkan-azure-'));
  opened.defer(() => rmSync(home, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const options = ['--transport', 'http', '--outgoing-auth-strategy', 'UseOnBehalfOf', '--mode', 'all'];
  const child = spawn(process.execPath, [script, 'server', 'start', ...options], {
    env: {
      ...manager.environment,
      PATH: process.env['PATH'],
      HOME: home,
      ASPNETCORE_URLS: url,
      AZURE_MCP_COLLECT_TELEMETRY: 'false',
      AzureAd__Instance: `${entra.origin}/`,
      AzureAd__TenantId: entra.tenant,
      AzureAd__ClientId: application.clientId,
      AzureAd__ClientCredentials__0__SourceType: 'ClientSecret',
      AzureAd__ClientCredentials__0__ClientSecret: 'the~secret-of-the-azure-server',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  opened.defer(() => end(child));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes('Now listening on')) resolve();
    });
    child.once('exit', () => reject(new Error(`the Azure server did not start: ${said}`)));
  });
  return `${url}/`;
}

/** The package starts its program as a child of its own. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid!, 'SIGKILL');
  await gone;
}

/** Exchanges of the token of one application for another's, as the stand-in received them: whose, and for what. */
const exchanges = (clientId: string) =>
  house.entra.requests
    .filter(({ params }) => params.get('grant_type') === onBehalfOf && params.get('client_id') === clientId)
    .map(({ params }) => {
      const { oid, aud } = claimsOf(params.get('assertion')!);
      return { oid, aud, scope: params.get('scope')!.split(' ')[0] };
    });

test('without a token the Azure server lets nobody in', { skip }, async () => {
  const answer = await fetch(address, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  assert.equal(answer.status, 401);
});

test('over HTTP, two people list subscriptions, and Azure hears of each in their own name', { skip }, async () => {
  const { dana, omar, app } = house;
  for (const user of [dana, omar]) {
    const token = await house.signIn(user, 'remote');
    assert.match(textIn(await house.call(token, 'remote', 'subscription_list')), /Stand-in/);
  }
  // Genkan shows each person's token for the Azure server, which exchanges it for one of theirs for Azure itself.
  const forServer = exchanges(app.clientId).filter(({ scope }) => scope?.startsWith(application.identifierUri));
  assert.deepEqual(
    forServer.map(({ oid }) => oid),
    [dana.oid, omar.oid],
  );
  const forAzure = exchanges(application.clientId).filter(({ scope }) => scope?.startsWith(azure));
  assert.deepEqual(forAzure, [
    { oid: dana.oid, aud: application.clientId, scope: `${azure}//.default` },
    { oid: omar.oid, aud: application.clientId, scope: `${azure}//.default` },
  ]);
  const shown = manager.tokens.map(claimsOf);
  assert.deepEqual(
    shown.map(({ oid, appid, scp }) => [oid, appid, scp]),
    [
      [dana.oid, application.clientId, 'user_impersonation'],
      [omar.oid, application.clientId, 'user_impersonation'],
    ],
  );
});

test('over stdio, each person has an Azure server of their own, which acts as them', { skip }, async () => {
  const { dana, omar, app } = house;
  const before = manager.tokens.length;
  for (const user of [dana, omar]) {
    const token = await house.signIn(user, 'local');
    assert.match(textIn(await house.call(token, 'local', 'subscription_list')), /Stand-in/);
  }
  const forAzure = exchanges(app.clientId).filter(({ scope }) => scope?.startsWith(azure));
  assert.deepEqual(new Set(forAzure.map(({ oid }) => oid)), new Set([dana.oid, omar.oid]));
  const shown = manager.tokens.slice(before).map(claimsOf);
  assert.deepEqual(
    shown.map(({ oid, aud, scp }) => [oid, aud, scp]),
    [
      [dana.oid, azure, 'user_impersonation'],
      [omar.oid, azure, 'user_impersonation'],
    ],
  );
  assert.deepEqual(
    house.house.house.catalogue.list().map(({ actsAs }) => actsAs),
    ['caller', 'caller'],
  );
});

test(
  'a session that Azure hears is over ends in the question to sign in, and goes on after that',
  { skip },
  async () => {
    const { dana, entra } = house;
    const token = await house.signIn(dana, 'local');
    assert.match(textIn(await house.call(token, 'local', 'subscription_list')), /Stand-in/);
    entra.revokeSessions(dana.oid);
    for (const each of manager.tokens) revoked.add(each);
    const groups = { args: { subscription: '00000000-0000-0000-0000-000000000001' } };
    const failed = await house.call(token, 'local', 'group_list', groups);
    assert.match(textIn(failed), /has to sign in again|401/, 'the program fails with the reason');
    const asked = await house.call(token, 'local', 'group_list', groups);
    const url = asked.message.error?.data?.['url'];
    assert.equal(typeof url, 'string', asked.body);
    assert.match((await house.openAddress(dana, String(url))).url.href, /connected/);
    const { message, body } = await house.call(token, 'local', 'group_list', groups);
    assert.equal(message.result?.['isError'], false, body);
    assert.equal(claimsOf(manager.tokens.at(-1)!)['oid'], dana.oid);
  },
);
