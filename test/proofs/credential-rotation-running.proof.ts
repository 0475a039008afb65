// The credential of a Genkan that runs, exchanged under sign-ins; of one in Key Vault; and of one that is killed at every step.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { createBrowser } from '../support/browser.ts';
import { startEntra } from '../support/entra.ts';
import type { Registration } from '../support/entra.ts';
import { genkan, outputOf, spawnGenkan } from '../support/genkan-process.ts';
import { startGraph } from '../support/graph.ts';
import { startKeyVault } from '../support/key-vault.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';
import { freePortPair } from '../support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-rotating-'));
after(() => rmSync(folder, { recursive: true }));
const entra = await startEntra();
after(() => entra[Symbol.asyncDispose]());
entra.trust();
const graph = await startGraph(entra);
after(() => graph[Symbol.asyncDispose]());
const { directory } = entra.state;
directory.graph.application.identifierUris.push(graph.url);
const dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato' });
const first = 'first~secret-of-genkan';

interface Place {
  readonly app: Registration;
  readonly publicUrl: string;
  readonly file: string;
  readonly config: string;
  readonly data: string;
  /** What the file holds. */
  current(): string;
  run(...args: string[]): ReturnType<typeof genkan>;
}

const env = (more: Record<string, string> = {}): Record<string, string> => ({
  NODE_EXTRA_CA_CERTS: entra.caFile,
  ...more,
});

async function place(name: string, reference?: string, more = '', extra: Record<string, string> = {}): Promise<Place> {
  const own = path.join(folder, name);
  mkdirSync(own);
  const publicUrl = `http://127.0.0.1:${await freePortPair()}`;
  const app = entra.addApp({
    displayName: name,
    secret: first,
    scopes: ['access'],
    redirectUris: [`${publicUrl}/auth/callback`],
    permissions: { [directory.graph.clientId]: ['Application.ReadWrite.OwnedBy', 'AuditLog.Read.All'] },
  });
  const file = path.join(own, 'secret');
  writeFileSync(file, `${first}\n`, { mode: 0o600 });
  const config = path.join(own, 'genkan.yaml');
  writeFileSync(
    config,
    `listen: ${new URL(publicUrl).host}
data: data
${more}identity:
  provider:
    tenant: ${entra.tenant}
    clientId: ${app.clientId}
    credential: { secret: ${reference ?? '{ source: file, path: secret }'} }
    authorityHost: ${entra.authorityHost}
    graphUrl: ${graph.url}
`,
  );
  return {
    app,
    publicUrl,
    file,
    config,
    data: path.join(own, 'data'),
    current: () => readFileSync(file, 'utf8').trimEnd(),
    run: (...args) => genkan([...args, '--config', config], env(extra)),
  };
}

function everythingIn(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test(
  'while people sign in without a break, the secret is exchanged, and nobody notices',
  { timeout: 120_000 },
  async () => {
    const { app, publicUrl, file, config, data, current, run } = await place('running');
    const server = spawnGenkan(['start', '--config', config], env());
    after(() => server.kill('SIGKILL'));
    let log = '';
    server.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await outputOf(server, /Genkan is open/);
    entra.signsIn = dana.oid;
    const client = await register(publicUrl);
    const results: boolean[] = [];
    async function signIn(): Promise<void> {
      const asked = await authorizationRequest(client, { resource: `${publicUrl}/mcp` });
      const { page = '' } = await createBrowser().follow(asked.url, () => false);
      results.push(page.includes('name="decision"'));
    }
    await signIn();
    let isOver = false;
    const [rotated] = await Promise.all([
      run('credential', 'rotate', '--kind', 'secret', '--keep-old-hours', '0').finally(() => (isOver = true)),
      (async () => {
        // As fast as one address may.
        while (!isOver) await Promise.all([signIn(), passed(200)]);
      })(),
    ]);
    await signIn();
    assert.equal(rotated.code, 0, rotated.error);
    assert.ok(results.length > 20, `only ${results.length} sign-ins`);
    assert.equal(results.filter((well) => !well).length, 0);
    assert.match(
      rotated.out,
      /^secret [\w-]+ has signed in and is in use, at file secret\nthe old one, [\w-]+, is deleted$/m,
    );
    const secret = current();
    assert.deepEqual([...app.secrets.values()], [secret]);
    assert.notEqual(secret, first);
    assert.equal(statSync(file).mode & 0o777, 0o600);

    const listed = await run('credential', 'list');
    assert.equal(listed.code, 0, listed.out + listed.error);
    assert.match(listed.out, /Application\.ReadWrite\.OwnedBy/);
    assert.match(listed.out, /Genkan proves itself with: secret file secret, last used 20/);
    const trail = JSON.parse((await run('audit', 'list', '--json')).out) as {
      records: { action: string; user: string }[];
    };
    const acts = trail.records.flatMap(({ action }) => (action.startsWith('credential.') ? [action] : []));
    assert.deepEqual(acts.slice(0, 6), [
      'credential.rotate',
      'credential.create',
      'credential.verify',
      'credential.switch',
      'credential.delete',
      'credential.rotate',
    ]);
    const exit = once(server, 'exit');
    server.kill('SIGTERM');
    await exit;
    for (const told of [rotated.out, rotated.error, listed.out, log, everythingIn(data)])
      assert.ok(!told.includes(secret));
  },
);

test('a secret in Key Vault gets a new version, and the old one stays for as long as it may still be remembered', async () => {
  await using vault = await startKeyVault(entra.testAuthority);
  vault.put('client-secret', first);
  const reference = '{ source: keyvault, vaultName: front-door, secretName: client-secret }';
  const more = `keyVault:\n  credential: { managedIdentity: {} }\n  vaults: { front-door: { url: '${vault.url}' } }\n`;
  const { app, run } = await place('vault', reference, more, vault.env);
  vault.mayWrite = false;
  const refused = await run('credential', 'rotate');
  assert.equal(refused.code, 1);
  assert.match(refused.error, /everything is as before: .*\(403\): Genkan needs the role "Key Vault Secrets Officer"/);
  assert.deepEqual([...app.secrets.values()], [first]);
  vault.mayWrite = true;
  const { code, out, error } = await run('credential', 'rotate', '--keep-old-hours', '0', '--json');
  assert.equal(code, 0, error);
  const state = JSON.parse(out) as { deleted: boolean; deleteAt: string; newKey: string };
  assert.equal(vault.versions('client-secret').at(-1)!.value, app.secrets.get(state.newKey));
  assert.equal(app.secrets.size, 2);
  const minutes = (Date.parse(state.deleteAt) - Date.now()) / 60_000;
  assert.ok(minutes > 60 && minutes < 66, `${minutes}`);
});

const moments: Readonly<Record<string, string>> = {
  'before Entra ID makes the new one': 'fetch:addPassword',
  'after Entra ID has made it, before the answer': 'answer:addPassword',
  'while the new one is tried': 'answer:addPassword,fetch:/token',
  'before the file is exchanged': 'rename',
  'after the file was exchanged': 'renamed',
  'before the old one is deleted': 'fetch:removePassword',
  'after the old one was deleted, before the answer': 'answer:removePassword',
};

describe(
  'killed at any step, it leaves a credential that works, and ends with the new one alone',
  { concurrency: 7 },
  () => {
    for (const [index, [name, moment]] of Object.entries(moments).entries())
      test(`killed ${name}`, { timeout: 120_000 }, async () => {
        const { app, config, current, run } = await place(`killed-${index}`);
        const preload = path.join(import.meta.dirname, '../support/hanging.ts');
        const child = spawnGenkan(
          ['credential', 'rotate', '--keep-old-hours', '0', '--config', config],
          env({ HANG_AT: moment, NODE_OPTIONS: `--import ${preload}` }),
        );
        const exit = once(child, 'exit');
        await outputOf(child, /HANGING/);
        child.kill('SIGKILL');
        await exit;
        assert.ok([...app.secrets.values()].includes(current()), 'what is configured works');

        const { code, out, error } = await run('credential', 'rotate', '--keep-old-hours', '0');
        assert.equal(code, 0, out + error);
        assert.deepEqual([...app.secrets.values()], [current()]);
        assert.notEqual(current(), first);
        assert.equal(app.application.passwordCredentials.length, 1);
      });
  },
);
