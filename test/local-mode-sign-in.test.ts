// Signing in on one's own machine: browser once, silence afterwards, a code where there is no browser, and the end of it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js';
import { startGraph } from './support/graph.ts';
import { startSignInMachine } from './support/local-sign-in.ts';
import type { SignInMachine } from './support/local-sign-in.ts';
import { startOidcStandIn } from './support/oidc-stand-in.ts';
import { everything, ownServer, startLocalGenkan, until } from './support/stdio-genkan.ts';
import { inShell, quickNode } from './support/quick-node.ts';

const served = ['--as-server', 'everything', '--', ...quickNode, everything('everything'), 'stdio'];
const text = (result: unknown): string => (result as { content: { text: string }[] }).content[0]!.text;
const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const echo = { name: 'echo', arguments: { message: '42' } };

describe('after a first client has signed in', () => {
  let machine: SignInMachine;
  before(async () => {
    machine = await startSignInMachine();
    const first = await machine.local.legacy(['--config', machine.config, ...served]);
    assert.equal(text(await first.callTool(echo)), 'Echo: 42');
    await first.close();
  });
  after(() => machine[Symbol.asyncDispose]());

  test('the browser is opened once; the second start, of another client, asks nothing', async () => {
    const { local, config, opened, entra, dana } = machine;
    assert.equal(opened().length, 1);
    const asked = new URL(opened()[0]!).searchParams;
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.equal(asked.get('response_mode'), 'form_post');
    assert.equal(asked.get('resource'), null);
    const before = entra.requests.length;
    const second = await local.modern(['--config', config, ...served]);
    assert.equal(text(await second.callTool(echo)), 'Echo: 42');
    assert.equal(opened().length, 1);
    assert.equal(entra.requests.length, before, 'the sign-in is still good, so nobody is asked at all');
    const listed = await local.command(['local', 'audit', 'list', '--json', '--data', local.root]);
    const { records } = JSON.parse(listed.out) as { records: { user: string; action: string }[] };
    const signIns = records.filter(({ action }) => action === 'identity.signIn');
    assert.deepEqual(
      signIns.map(({ user }) => user),
      [`${dana.oid}@${entra.tenant}`],
    );
    assert.ok(records.some(({ action, user }) => action === 'tools/call' && user === `${dana.oid}@${entra.tenant}`));
  });

  test('what is kept is sealed, and only this account can read the key', async () => {
    const { local, entra } = machine;
    const files = readdirSync(local.root, { recursive: true, encoding: 'utf8' }).map((file) =>
      path.join(local.root, file),
    );
    const secrets = [...entra.state.refreshTokens.keys()];
    assert.ok(secrets.length > 0);
    for (const file of files.filter((each) => statSync(each).isFile())) {
      const content = readFileSync(file);
      for (const secret of secrets) assert.ok(!content.includes(secret), file);
    }
    assert.equal(statSync(path.join(local.root, 'keys/ring.json')).mode & 0o077, 0);
    assert.equal(statSync(path.join(local.root, 'genkan.db')).mode & 0o077, 0);
  });
});

test('two clients that start at once open one browser', async () => {
  await using machine = await startSignInMachine();
  const { local, config, opened } = machine;
  const clients = await Promise.all([1, 2, 3].map(() => local.legacy(['--config', config, ...served])));
  for (const client of clients) assert.equal(text(await client.callTool(echo)), 'Echo: 42');
  assert.equal(opened().length, 1);
});

test('without a browser a client is let in and told the code; once it is entered, the tools are announced', async () => {
  await using machine = await startSignInMachine({ browser: false });
  const { local, config, entra, dana } = machine;
  const client = await local.legacy(['--config', config, ...served], {}, { SSH_CONNECTION: 'here there' });
  assert.match(client.getInstructions() ?? '', /enter the code/);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['sign_in'],
  );
  const told = text(await client.callTool({ name: 'sign_in', arguments: {} }));
  const code = /code ([A-Z0-9]+)/.exec(told)![1]!;
  assert.match(local.log(), new RegExp(`with the code ${code}`));
  await assert.rejects(client.callTool(echo), new RegExp(code));
  entra.approveDevice(code, dana.oid);
  const found = await until(async () => (await client.listTools()).tools.find(({ name }) => name === 'echo'));
  assert.ok(found);
  assert.equal(text(await client.callTool(echo)), 'Echo: 42');
});

test('a client that can show addresses is asked to, with the address and the code', async () => {
  await using machine = await startSignInMachine({ browser: false });
  const { local, config, entra, dana } = machine;
  const env = { SSH_CONNECTION: 'here there' };
  const capabilities = { elicitation: { url: {} } };
  const older = await local.legacy(['--config', config, ...served], { capabilities }, env);
  const asked = await older.callTool(echo).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(asked instanceof UrlElicitationRequiredError);
  assert.match(asked.elicitations[0]!.url, /devicelogin|device/);
  const newer = await local.modern(['--config', config, ...served], { capabilities }, env);
  newer.setRequestHandler('elicitation/create', ({ params }) => {
    const { message } = params as { message: string };
    const code = /code ([A-Z0-9]+)/.exec(message)?.[1];
    if (code !== undefined) entra.approveDevice(code, dana.oid);
    return { action: 'accept' };
  });
  entra.approveDevice(/code ([A-Z0-9]+)/.exec(asked.message)![1]!, dana.oid);
  assert.equal(text(await until(() => newer.callTool(echo).catch(() => undefined))), 'Echo: 42');
});

test('signing out ends what is open in every client, a server of a client that says nothing more included, and asks again', async () => {
  await using machine = await startSignInMachine();
  const { local, config, opened, entra } = machine;
  const client = await local.legacy(['--config', config, ...served]);
  await client.callTool(echo);
  const fragile = ['--as-server', 'fragile', '--', ...ownServer('dying-stdio-server.ts')];
  const silent = await local.legacy(['--config', config, ...fragile]);
  const pid = Number(text(await silent.callTool({ name: 'pid', arguments: {} })));
  assert.ok(isRunning(pid));
  const status = await local.command(['local', 'status', '--config', config, '--data', local.root]);
  assert.match(status.out, /signed in as dana@example\.com/);
  entra.signsIn = undefined; // a page would be shown now
  const out = await local.command(['local', 'sign-out', '--config', config, '--data', local.root]);
  assert.match(out.out, /signed out dana@example\.com/);
  await until(() => !isRunning(pid));
  await until(async () => {
    const listed = await local.command(['local', 'status', '--config', config, '--data', local.root]);
    return /nobody is signed in/.test(listed.out);
  });
  await until(() =>
    client.callTool(echo, undefined, { timeout: 2000 }).then(
      () => false,
      () => true,
    ),
  );
  assert.ok(opened().length >= 1);
  const { records } = JSON.parse(
    (await local.command(['local', 'audit', 'list', '--json', '--limit', '5000', '--data', local.root])).out,
  ) as { records: { action: string }[] };
  assert.ok(records.some(({ action }) => action === 'identity.signOut'));
});

test('what cannot be read is answered so before anybody has signed in, and what is no request is answered by nothing', async () => {
  await using machine = await startSignInMachine({ browser: false });
  const { local, config } = machine;
  const answer = { jsonrpc: '2.0', id: 9, result: { action: 'accept' } };
  const input = `not a message\n${JSON.stringify(answer)}\n{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}\n`;
  const args = ['local', '--config', config, '--data', local.root, ...served];
  const ended = await local.command(args, { SSH_CONNECTION: 'here there' }, input);
  const answers = ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: unknown; error?: { message: string } });
  assert.deepEqual(
    answers.map(({ id }) => id),
    [null, 1],
  );
  assert.match(answers[1]!.error!.message, /code/);
});

test('what has ended is renewed in silence, and a person who was disabled is not let in again', async () => {
  await using machine = await startSignInMachine();
  const { local, config, opened, entra, dana } = machine;
  entra.tamper = (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 });
  await (await local.legacy(['--config', config, ...served])).callTool(echo);
  entra.tamper = (claims) => claims;
  const second = await local.legacy(['--config', config, ...served]);
  assert.equal(text(await second.callTool(echo)), 'Echo: 42');
  assert.equal(opened().length, 1);
  assert.ok(entra.requests.some(({ params }) => params.get('grant_type') === 'refresh_token'));
  entra.disable(dana.oid);
});

test('any other OpenID provider will do, by code and PKCE on the address without a name', async () => {
  await using local = startLocalGenkan();
  const provider = await startOidcStandIn();
  try {
    const config = path.join(local.root, 'genkan.yaml');
    writeFileSync(
      config,
      `identity: { provider: { issuer: "${provider.issuer}", clientId: desk, allowInsecureIssuer: true } }
access: { assignments: [{ principal: { group: dev-team }, role: MCP User, scope: / }] }
log: { level: warn }
`,
    );
    const program = path.join(local.root, 'browser');
    const script = path.join(import.meta.dirname, 'support/obedient-browser.ts');
    writeFileSync(program, `#!/bin/sh\nexec ${inShell(...quickNode, script, `${local.root}/seen`)} "$@"\n`, {
      mode: 0o700,
    });
    const client = await local.legacy(['--config', config, ...served], {}, { BROWSER: program });
    assert.equal(text(await client.callTool(echo)), 'Echo: 42');
    assert.match(provider.requests[0]!.get('redirect_uri')!, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const wrong = await local.command(['local', '--config', config.replace('genkan', 'none'), ...served]);
    assert.notEqual(wrong.code, 0);
  } finally {
    await provider.close();
  }
});

test('a configuration with a credential is for servers, and is refused here', async () => {
  await using local = startLocalGenkan();
  const config = path.join(local.root, 'genkan.yaml');
  writeFileSync(
    config,
    `identity: { provider: { issuer: "https://login.example.com", clientId: a, clientSecret: { source: env, name: SECRET } } }\n`,
  );
  const ended = await local.command(['local', '--config', config, ...served]);
  assert.equal(ended.code, 3);
  assert.match(ended.error, /credential of its own/);
});

test('getUserDetails tells of the person, with a token of their own sign-in', async () => {
  await using machine = await startSignInMachine({ extra: 'servers: { graph: { builtin: graph } }\n' });
  const { local, config, entra } = machine;
  await using graph = await startGraph(entra);
  entra.state.directory.graph.application.identifierUris.push(graph.url);
  writeFileSync(config, readFileSync(config, 'utf8').replace(/graphUrl: .*/, `graphUrl: ${graph.url}`));
  const client = await local.legacy(['--config', config, '--as-server', 'graph']);
  assert.match(text(await client.callTool({ name: 'getUserDetails', arguments: {} })), /dana@example\.com/);
});

test('a program that acts as its caller gets tokens of the person’s own sign-in, for what is listed and nothing else', async () => {
  const management = 'https://management.azure.com';
  const script = path.join(import.meta.dirname, 'support/azure-identity-server.ts');
  const authorization = `{ as: caller, resources: [${management}] }`;
  const servers = `servers: { azure: { command: ${JSON.stringify([...quickNode, script])}, authorization: ${authorization} } }`;
  // What it got is looked at here.
  const extra = `${servers}\ninspect: { redaction: { rules: { jwt: flag } }, shield: { results: { suspicious: flag, certain: flag } } }\n`;
  await using machine = await startSignInMachine({ extra });
  const { local, config, entra, dana, app } = machine;
  const azure = entra.addApp({ identifierUri: management });
  const client = await local.legacy(['--config', config, '--as-server', 'azure']);
  const tokenFor = (resource: string) => client.callTool({ name: 'token', arguments: { resource } });
  const [, payload] = text(await tokenFor(management)).split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>;
  assert.equal(claims['aud'], azure.clientId);
  assert.equal(claims['oid'], dana.oid);
  assert.equal(claims['appid'] ?? claims['azp'], app.clientId);
  const refused = await tokenFor('https://vault.azure.net');
  assert.equal(refused.isError, true);
  assert.match(text(refused), /gives no token for this resource/);
});

test('who is in more groups than a token holds gets all of them from Microsoft Graph', async () => {
  await using machine = await startSignInMachine();
  const { local, config, entra, dana } = machine;
  await using graph = await startGraph(entra);
  entra.state.directory.graph.application.identifierUris.push(graph.url);
  writeFileSync(config, readFileSync(config, 'utf8').replace(/graphUrl: .*/, `graphUrl: ${graph.url}`));
  dana.groups.push(...Array.from({ length: 250 }, (_, at) => entra.addGroup(`group ${at}`)));
  const client = await local.legacy(['--config', config, ...served]);
  assert.equal(text(await client.callTool(echo)), 'Echo: 42');
});
