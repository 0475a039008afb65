// A whole Genkan whose secrets and keys are in Azure Key Vault, read as a managed identity: it starts, rotates, and outlives the vault.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createTestAuthority } from './support/entra/https-server.ts';
import { genkan, outputOf, spawnGenkan } from './support/genkan-process.ts';
import { startKeyVault } from './support/key-vault.ts';
import { freePortPair } from './support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-key-vault-'));
after(() => rmSync(folder, { recursive: true }));
const authority = createTestAuthority();
after(() => authority[Symbol.dispose]());
const vault = await startKeyVault(authority);
after(() => vault[Symbol.asyncDispose]());
const env = { ...vault.env, NODE_EXTRA_CA_CERTS: authority.file };

const port = await freePortPair();
const config = path.join(folder, 'genkan.yaml');
writeFileSync(
  path.join(folder, 'keyvault-references.json'),
  JSON.stringify({
    auth: {
      clientSecret: { source: 'keyvault', vaultName: 'azure-mcp-keyvault', secretName: 'kv-azure-client-secret' },
    },
  }),
);
writeFileSync(
  config,
  `listen: 127.0.0.1:${port}
data: data
keyVault:
  references: keyvault-references.json
  credential: { managedIdentity: {} }
  vaults: { azure-mcp-keyvault: { url: '${vault.url}' } }
storage:
  encryptionKey: { source: keyvault, vaultName: azure-mcp-keyvault, secretName: genkan-keys }
identity:
  provider:
    issuer: http://127.0.0.1:9
    allowInsecureIssuer: true
    clientId: test
    clientSecret: { source: named, name: auth.clientSecret }
`,
);
const run = (...args: string[]) => genkan([...args, '--config', config], env);

test('tells before the start which secrets cannot be had, if asked to', async () => {
  assert.equal((await run('config', 'validate')).code, 0);
  const before = await run('config', 'validate', '--resolve');
  assert.equal(before.code, 4);
  assert.match(before.out, /keyvault azure-mcp-keyvault\/kv-azure-client-secret: there is no such secret/);
  vault.put('kv-azure-client-secret', 'hunter2');
  const resolved = await run('config', 'validate', '--resolve');
  assert.equal(resolved.code, 0, resolved.out);
  assert.doesNotMatch(resolved.out + (await run('config', 'show')).out, /hunter2/);
});

test('a vault that is down at the start is a clear error, and down later it stops nothing', async () => {
  vault.trouble = { status: 503 };
  const refused = await run('start');
  assert.equal(refused.code, 1);
  assert.match(
    refused.error,
    /cannot be read from Azure Key Vault azure-mcp-keyvault\/genkan-keys: the vault answers 503/,
  );
  vault.trouble = undefined;

  const server = spawnGenkan(['start', '--config', config], env);
  after(() => server.kill('SIGKILL'));
  await outputOf(server, /Genkan is open/);
  assert.equal(vault.versions('genkan-keys').length, 1);
  assert.equal(existsSync(path.join(folder, 'data/keys/ring.json')), false, 'no key lies in the data directory');

  const rotated = await run('key', 'rotate');
  assert.equal(rotated.code, 0, rotated.error);
  assert.deepEqual(
    vault.versions('genkan-keys').map(({ enabled }) => enabled),
    [false, true],
  );
  vault.trouble = { status: 503 };
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  const failed = await run('key', 'rotate');
  assert.equal(failed.code, 1);
  assert.match(failed.error, /Nothing is lost/);
  vault.trouble = undefined;
  assert.equal((await run('key', 'rotate')).code, 0);
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null]);
});
