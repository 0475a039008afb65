// Registering Genkan at Entra ID from nothing: the plan, the lines for the Azure CLI, applying, checking, and mending what somebody changed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { startEntra } from './support/entra.ts';
import { genkan } from './support/genkan-process.ts';
import { startGraph } from './support/graph.ts';
import { freePortPair } from './support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-entra-setup-'));
after(() => rmSync(folder, { recursive: true }));
const entra = await startEntra();
after(() => entra[Symbol.asyncDispose]());
entra.trust();
const graph = await startGraph(entra);
after(() => graph[Symbol.asyncDispose]());
entra.state.directory.graph.application.identifierUris.push(graph.url);
const { apps } = entra.state.directory;

const everything = ['Application.ReadWrite.All', 'Policy.ReadWrite.ConditionalAccess'];
const administrator = entra.addApp({
  displayName: 'administrator',
  secret: 'of-the-administrator',
  permissions: { [entra.state.directory.graph.clientId]: everything },
});

async function tokenOf(clientId: string, secret: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope: `${graph.url}/.default`,
  });
  const response = await fetch(`${entra.authority}/oauth2/v2.0/token`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}
const GRAPH_TOKEN = await tokenOf(administrator.clientId, 'of-the-administrator');
const env = { NODE_EXTRA_CA_CERTS: entra.caFile, GRAPH_TOKEN };

const port = await freePortPair();
const publicUrl = `http://localhost:${port}`;
const places = ['--authority-host', entra.authorityHost, '--graph-url', graph.url];
/** In a folder without a genkan.yaml. */
const run = (...args: string[]) =>
  genkan(['entra', 'setup', ...places, '--tenant', entra.tenant, '--public-url', publicUrl, ...args], env, folder);
const golden = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, 'golden/entra-setup', name), 'utf8');
const linesOf = (out: string): string => /\(az login[^)]*\):\n\n([\s\S]*?)\n\nIn genkan\.yaml/.exec(out)![1]!;
const neutral = (text: string): string =>
  text
    .replaceAll(entra.tenant, 'TENANT')
    .replaceAll(publicUrl, 'https://mcp.example.com')
    .replaceAll(graph.url, 'https://graph.microsoft.com')
    .replaceAll(entra.authorityHost, 'https://login.microsoftonline.com');
const federated = ['--issuer', 'https://oidc.cluster.example', '--subject', 'system:serviceaccount:genkan:genkan'];
const wishes = [...federated, '--allow', 'check', '--allow', 'rotate', '--context', 'c1', '--context', 'c2'];

for (const shell of ['bash', 'powershell'])
  test(`without anybody to ask Graph, prints the lines for ${shell}`, async () => {
    const { code, out, error } = await run(...wishes, '--shell', shell);
    assert.equal(code, 0, error);
    assert.match(out, /^Microsoft Graph was not asked: this is the whole of it/);
    if (process.env['GENKAN_WRITE_GOLDEN'] === '1')
      writeFileSync(path.join(import.meta.dirname, 'golden/entra-setup', `${shell}.txt`), `${neutral(linesOf(out))}\n`);
    assert.equal(`${neutral(linesOf(out))}\n`, golden(`${shell}.txt`));
    assert.equal((await run('--apply')).code, 4, 'nothing could be applied');
  });

test('the printed lines, run in bash, make a registration with which nothing is left to do', async () => {
  const { out } = await run(...wishes, '--name', 'By hand');
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  const az = path.join(import.meta.dirname, 'support/az.ts');
  chmodSync(az, 0o755);
  symlinkSync(az, path.join(bin, 'az'));
  const PATH = `${bin}:${path.dirname(process.execPath)}:${process.env['PATH']}`;
  const around = { ...process.env, ...env, PATH, GRAPH_URL: graph.url, AZ_LOG: path.join(bin, 'log') };
  await promisify(execFile)('bash', ['-euc', linesOf(out)], { env: around, cwd: bin });
  const made = [...apps.values()].find(({ application }) => application.displayName === 'By hand')!;
  const after = await run(...wishes, '--token-env', 'GRAPH_TOKEN', '--app', made.clientId, '--json');
  const { steps } = JSON.parse(after.out) as { steps: { act: string; kind: string; changes: unknown }[] };
  // Of Graph's own ids, which the stand-in draws, the lines know only the real ones.
  const left = steps.filter(({ act }) => act !== 'none' && act !== 'ask');
  assert.deepEqual(
    left.map(({ kind, changes }) => [kind, (changes as { about: string }[]).map(({ about }) => about)]),
    [['application', ['permissions at Microsoft Graph']]],
  );
});

let clientId = '';

test('shows the plan and changes nothing, applies it, and then has nothing left to do', async () => {
  const before = apps.size;
  const named = ['--name', 'Front door', '--token-env', 'GRAPH_TOKEN', ...wishes];
  const planned = await run(...named);
  assert.equal(planned.code, 0, planned.error);
  assert.match(
    planned.out,
    /^\+ application Front door\n~ application Front door\n {4}who may sign in: AzureADMyOrg\n/,
  );
  assert.match(planned.out, /Nothing was changed\. Make the changes with --apply\./);
  assert.equal(apps.size, before);

  const applied = await run(...named, '--apply');
  assert.equal(applied.code, 0, applied.out + applied.error);
  const made = [...apps.values()].find(({ application }) => application.displayName === 'Front door')!;
  clientId = made.clientId;
  const { application } = made;
  assert.deepEqual(application.web.redirectUris, [`${publicUrl}/auth/callback`]);
  assert.deepEqual(application.identifierUris, [`api://${clientId}`]);
  assert.equal(application.api.requestedAccessTokenVersion, 2);
  assert.deepEqual(
    application.api.oauth2PermissionScopes.map(({ value, isEnabled }) => [value, isEnabled]),
    [['access', true]],
  );
  assert.deepEqual(
    application.appRoles.map(({ value }) => value),
    ['Genkan.Admin'],
  );
  assert.equal(application.groupMembershipClaims, 'SecurityGroup');
  assert.deepEqual(
    application.optionalClaims?.accessToken.map(({ name }) => name),
    ['xms_cc', 'acrs', 'idtyp'],
  );
  assert.deepEqual(
    made.federated.map(({ issuer, subject, audiences }) => [issuer, subject, audiences]),
    [['https://oidc.cluster.example', 'system:serviceaccount:genkan:genkan', ['api://AzureADTokenExchange']]],
  );
  assert.ok(graph.conditionalAccess.contexts.some(({ id, isAvailable }) => id === 'c2' && isAvailable));
  assert.match(
    applied.out,
    new RegExp(`! consent: an administrator opens .*/${entra.tenant}/adminconsent\\?client_id=${clientId}`),
  );
  assert.match(applied.out, new RegExp(`apiScope: api://${clientId}/access`));
  assert.doesNotMatch(applied.out + applied.error, new RegExp(GRAPH_TOKEN));

  const state = JSON.stringify(application);
  const requests = graph.requests.length;
  const again = await run('--token-env', 'GRAPH_TOKEN', ...wishes, '--app', clientId, '--apply');
  assert.equal(again.code, 0, again.out);
  assert.doesNotMatch(again.out, /^(done: )?[+~]/m);
  assert.equal(JSON.stringify(application), state);
  assert.ok(graph.requests.slice(requests).every(({ method }) => method === 'GET'));

  const twice = await run(...named, '--apply');
  assert.equal(twice.code, 3, 'what merely has the name is not taken for ours');
  assert.match(twice.error, new RegExp(`has an application named Front door already: ${clientId}`));
  assert.equal(apps.size, before + 1);
});

test('a person signs in with a code to apply it', async () => {
  const [device, ada] = [
    entra.addApp({ public: true, displayName: 'device' }),
    entra.addUser({ upn: 'ada@contoso.example', name: 'Ada' }),
  ];
  entra.signsIn = ada.oid;
  const running = run('--client-id', device.clientId, '--app', clientId, '--app-role', 'Genkan.Auditor', '--apply');
  for (let tries = 0; entra.state.deviceCodes.size === 0 && tries < 1500; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const { userCode } = [...entra.state.deviceCodes.values()][0]!;
  entra.approveDevice(userCode);
  const { code, out, error } = await running;
  assert.equal(code, 0, out + error);
  assert.match(error, new RegExp(`enter the code ${userCode}`));
  assert.deepEqual(
    apps.get(clientId)!.application.appRoles.map(({ value }) => value),
    ['Genkan.Admin', 'Genkan.Auditor'],
  );
});

test('check finds everything right, then what somebody changed, and setup mends that alone', async () => {
  const app = apps.get(clientId)!;
  app.secrets.set('own', 'a~secret-of-genkan');
  const [startDateTime, endDateTime] = [
    new Date().toISOString(),
    new Date(Date.now() + 100 * 86_400_000).toISOString(),
  ];
  app.application.passwordCredentials.push({ keyId: 'own', displayName: null, startDateTime, endDateTime });
  (app.permissions as Record<string, readonly string[]>)[entra.state.directory.graph.clientId] = [
    'Application.Read.All',
  ];
  const file = path.join(folder, 'configured.yaml');
  writeFileSync(
    file,
    `listen: 127.0.0.1:${port}
publicUrl: ${publicUrl}
data: data
identity:
  provider:
    tenant: ${entra.tenant}
    clientId: ${clientId}
    credential: { secret: { source: env, name: CLIENT_SECRET } }
    apiScope: api://${clientId}/access
    authorityHost: ${entra.authorityHost}
    graphUrl: ${graph.url}
access:
  assignments:
    - { principal: { group: 'role:Genkan.Admin' }, role: Genkan Operator, scope: / }
`,
  );
  const own = { ...env, CLIENT_SECRET: 'a~secret-of-genkan' };
  const check = () => genkan(['entra', 'check', '--config', file], own, folder);
  const right = await check();
  assert.equal(right.code, 0, right.out + right.error);
  assert.doesNotMatch(right.out, /DIFFERS|unknown/);
  assert.match(right.out, /ok +credential +secret env CLIENT_SECRET signs in/);

  app.application.web.redirectUris = ['https://elsewhere.example/callback'];
  app.application.api.requestedAccessTokenVersion = null;
  const wrong = await check();
  assert.equal(wrong.code, 4);
  assert.match(wrong.out, /DIFFERS +redirect URI +should be http:\/\/localhost:\d+\/auth\/callback/);
  assert.match(wrong.out, /DIFFERS +version of access tokens/);
  assert.equal(wrong.out.match(/DIFFERS/g)!.length, 2);
  const mended = await genkan(
    ['entra', 'setup', '--config', file, '--token-env', 'GRAPH_TOKEN', '--apply'],
    own,
    folder,
  );
  assert.equal(mended.code, 0, mended.out + mended.error);
  assert.deepEqual(app.application.web.redirectUris, [
    'https://elsewhere.example/callback',
    `${publicUrl}/auth/callback`,
  ]);
  assert.equal((await check()).code, 0);

  app.application.passwordCredentials[0] = {
    ...app.application.passwordCredentials[0]!,
    endDateTime: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const ending = await check();
  assert.equal(ending.code, 4);
  assert.match(
    ending.out,
    /DIFFERS +secret own +expires soon; ends 20.*\n[^]*secret own:\n {2}genkan credential rotate/,
  );

  const refused = await genkan(['entra', 'check', '--config', file], { ...own, CLIENT_SECRET: 'a~former-one' }, folder);
  assert.equal(refused.code, 4);
  assert.match(refused.out, /DIFFERS +credential +identity_credential_refused/);
  assert.match(refused.out, /unknown +registration/);
  assert.match(refused.out, new RegExp(`az ad app show --id ${clientId}`));
  assert.doesNotMatch(refused.out, /a~former-one/);
});

test('says where Entra ID is not used, and what is missing', async () => {
  const missing = await genkan(['entra', 'setup'], env, folder);
  assert.equal(missing.code, 2);
  assert.match(missing.error, /--tenant is missing/);
  const elsewhere = await genkan(['entra', 'check', '--data', path.join(folder, 'trial')], env, folder);
  assert.equal(elsewhere.code, 2);
  assert.match(elsewhere.error, /Nobody signs in here with Microsoft Entra ID/);
});
