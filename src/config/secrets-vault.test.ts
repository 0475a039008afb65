// Secrets in Azure Key Vault: the seed's references as they are, rotation without a restart, and what happens when the vault is down.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createTestAuthority } from '../../test/support/entra/https-server.ts';
import { startKeyVault } from '../../test/support/key-vault.ts';
import { createLog } from '../base/log.ts';
import type { AuditEntry } from '../record/entry.ts';
import { createKeyVaults } from '../state/key-vault.ts';
import { createConfigurationDesk } from './configuration-desk.ts';
import { loadConfig } from './load.ts';
import { openSecrets } from './secrets-open.ts';
import { createVaultCache } from './secrets-vault.ts';
import { createSecrets, recordUse } from './secrets.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-secrets-vault-'));
after(() => rmSync(folder, { recursive: true }));
const authority = createTestAuthority();
const trusted = authority.trust();
after(() => (trusted[Symbol.dispose](), authority[Symbol.dispose]()));
let hangs = false;
const vault = await startKeyVault(authority, { answerInstead: () => hangs });
after(() => vault[Symbol.asyncDispose]());
Object.assign(process.env, vault.env);

const log = createLog('silent');
let nowMs = 1_000_000;
const clock = { now: () => nowMs };
const seed = `{
  "auth": {
    "clientSecret": {
      "source": "keyvault",
      "vaultName": "azure-mcp-keyvault",
      "secretName": "kv-azure-client-secret"
    }
  },
  "database": {
    "password": {
      "source": "keyvault",
      "vaultName": "azure-mcp-keyvault",
      "secretName": "kv-database-password"
    }
  }
}
`;
const vaultsOf = () => createKeyVaults({ managedIdentity: {} }, new Map([['our-vault', vault.url]]));
const cached = (settings = { cacheSeconds: 300, staleSeconds: 3600 }) =>
  createVaultCache(vaultsOf(), settings, { clock, log });
const reference = (secretName: string) => ({ source: 'keyvault', vaultName: 'our-vault', secretName }) as const;

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('the references of the seed are used as they are, by name or where the secret belongs', async () => {
  write('keyvault-references.json', seed);
  const file = write(
    'genkan.yaml',
    `
keyVault:
  references: keyvault-references.json
  credential: { managedIdentity: {} }
  vaults: { azure-mcp-keyvault: { url: '${vault.url}/' } }
identity:
  provider:
    issuer: https://login.example.com
    clientId: genkan
    clientSecret: { source: named, name: auth.clientSecret }
`,
  );
  vault.put('kv-azure-client-secret', 'the client secret');
  const config = loadConfig(file);
  const { secret } = openSecrets(config, { env: {}, clock, log });
  assert.equal(await secret({ source: 'named', name: 'auth.clientSecret' }), 'the client secret');
  await assert.rejects(secret({ source: 'named', name: 'database.password' }), /no such secret/);

  const desk = createConfigurationDesk(file, 'en', undefined, () => secret);
  assert.deepEqual(
    (await desk.check({ resolve: false })).mistakes,
    [],
    'whether it can be had is only told if asked for',
  );
  const { mistakes } = await desk.check({ resolve: true });
  assert.deepEqual(
    mistakes.map(({ kind, line }) => `${kind} ${line}`),
    ['secretUnavailable 3'],
  );
  assert.match(mistakes[0]!.text, /keyvault azure-mcp-keyvault\/kv-database-password: there is no such secret/);
  vault.put('kv-database-password', 'the password');
  assert.deepEqual((await desk.check({ resolve: true })).mistakes, []);
  assert.doesNotMatch(JSON.stringify(desk.show()), /the client secret|the password/);
});

test('while a vault hangs, the value of a moment ago is used soon, and a new one once it answers again', async () => {
  vault.put('hanging', 'old');
  const secret = createSecrets({ env: {}, folder, vault: cached() });
  assert.equal(await secret(reference('hanging')), 'old');
  vault.put('hanging', 'new');
  nowMs += 300_000;
  hangs = true;
  const beganAtMs = performance.now();
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => secret(reference('hanging')))), ['old', 'old', 'old']);
  assert.equal(await secret(reference('hanging')), 'old');
  assert.ok(performance.now() - beganAtMs < 5000, 'long before the request is given up');
  hangs = false;
  nowMs += 30_000;
  assert.equal(await secret(reference('hanging')), 'new');
});

test('a secret is looked up once for many, and a rotated one is seen when its time is over', async () => {
  vault.put('rotating', 'old');
  const secret = createSecrets({ env: {}, folder, vault: cached() });
  const before = vault.requests.length;
  assert.deepEqual(
    await Promise.all(Array.from({ length: 50 }, () => secret(reference('rotating')))),
    Array(50).fill('old'),
  );
  assert.equal(vault.requests.length, before + 1);
  vault.put('rotating', 'new');
  assert.equal(await secret(reference('rotating')), 'old');
  nowMs += 300_000;
  assert.equal(await secret(reference('rotating')), 'new');
});

test('while the vault is down the last value is used, for a bounded time and without asking each time', async () => {
  vault.put('steady', 'value');
  const secret = createSecrets({ env: {}, folder, vault: cached({ cacheSeconds: 300, staleSeconds: 600 }) });
  assert.equal(await secret(reference('steady')), 'value');
  for (const status of [429, 503, 403]) {
    vault.trouble = { status };
    nowMs += 300_000 - 50_000;
    assert.equal(await secret(reference('steady')), 'value');
    const before = vault.requests.length;
    assert.equal(await secret(reference('steady')), 'value');
    assert.equal(vault.requests.length, before);
    nowMs += 40_000;
  }
  nowMs += 600_000;
  await assert.rejects(secret(reference('steady')), { code: 'config_secret_unavailable' });
  vault.trouble = undefined;
  assert.equal(await secret(reference('steady')), 'value');
});

test('a secret that was deleted or disabled is not used any longer', async () => {
  for (const end of [vault.remove, vault.disable]) {
    vault.put('ended', 'value');
    const secret = createSecrets({ env: {}, folder, vault: cached() });
    assert.equal(await secret(reference('ended')), 'value');
    end('ended');
    nowMs += 300_001;
    await assert.rejects(secret(reference('ended')), { code: 'config_secret_unavailable' });
    vault.remove('ended');
  }
});

test('the first use, a change and a failure are recorded, with the reference and never the value', async () => {
  vault.put('recorded', 'hunter2');
  const entries: AuditEntry[] = [];
  const record = async (entry: AuditEntry): Promise<void> => void entries.push(entry);
  const secret = recordUse(createSecrets({ env: {}, folder, vault: cached() }), 'identity', { record, clock });
  for (let use = 0; use < 5; use++) await secret(reference('recorded'));
  vault.put('recorded', 'hunter3');
  nowMs += 300_001;
  await secret(reference('recorded'));
  vault.remove('recorded');
  nowMs += 300_001;
  for (let use = 0; use < 3; use++) await assert.rejects(secret(reference('recorded')));
  assert.deepEqual(
    entries.map(({ action, result, details }) => [action, result, details['by'], details['change']]),
    [
      ['secret.use', 'allowed', 'identity', 'first use'],
      ['secret.use', 'allowed', 'identity', 'rotated'],
      ['secret.use', 'failed', 'identity', undefined],
    ],
  );
  assert.equal(entries[0]!.details['reference'], 'keyvault our-vault/recorded');
  assert.doesNotMatch(JSON.stringify(entries), /hunter/);
});

test('where nothing can be recorded, no secret is handed out', async () => {
  const record = (): Promise<never> => Promise.reject(new Error('the disk is full'));
  const secret = recordUse(createSecrets({ env: { A: 'hunter2' }, folder }), 'identity', { record, clock });
  await assert.rejects(secret({ source: 'env', name: 'A' }), /the disk is full/);
});

test('a file of references that holds a secret itself, or leads in circles, will not do', () => {
  for (const [name, text, reason] of [
    ['literal.json', '{"database":{"password":"hunter2"}}', /"database.password" is no reference/],
    ['circle.json', '{"a":{"source":"named","name":"a"}}', /"a" is no reference/],
    ['list.json', '[]', /the file is no reference/],
    ['broken.json', '{"a":', /neither JSON nor YAML/],
  ] as const) {
    write(name, text);
    const identity = 'identity: { provider: { issuer: https://login.example.com, clientId: genkan } }';
    const file = write('stray.yaml', `keyVault: { references: ${name} }\n${identity}\n`);
    assert.throws(
      () => loadConfig(file),
      (error: Error) => reason.test(error.message) && !error.message.includes('hunter2'),
    );
  }
});
