// Fetching secrets from where the configuration says they are.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createSecrets } from './secrets.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-secrets-'));
after(() => rmSync(folder, { recursive: true }));

const env: Record<string, string> = { TOKEN: 'from the environment', EMPTY: '' };
const secret = createSecrets({ env, folder });

function put(name: string, content: string, mode = 0o600): void {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
}

test('reads a secret from the environment, and from a file without its final line break', async () => {
  put('plain', 'from a file \n');
  assert.equal(await secret({ source: 'env', name: 'TOKEN' }), 'from the environment');
  assert.equal(await secret({ source: 'file', path: 'plain' }), 'from a file ');
  assert.equal(await secret({ source: 'file', path: path.join(folder, 'plain') }), 'from a file ');
});

test('sees a rotated secret without a restart', async () => {
  put('rotating', 'old');
  assert.equal(await secret({ source: 'file', path: 'rotating' }), 'old');
  put('rotating', 'new');
  assert.equal(await secret({ source: 'file', path: 'rotating' }), 'new');
});

test('refuses a file that everybody can read', { skip: process.platform === 'win32' }, async () => {
  put('open', 'hunter2', 0o644);
  await assert.rejects(secret({ source: 'file', path: 'open' }), /everybody on this machine can read/);
  put('group', 'shared', 0o640);
  assert.equal(await secret({ source: 'file', path: 'group' }), 'shared');
});

test('says which reference leads nowhere, and never what stood there', async () => {
  put('nothing', '\n');
  const lost = [
    [{ source: 'env', name: 'ABSENT' }, /env ABSENT.*not set/],
    [{ source: 'env', name: 'EMPTY' }, /env EMPTY.*empty/],
    [{ source: 'file', path: 'absent' }, /file absent.*ENOENT/],
    [{ source: 'file', path: 'nothing' }, /file nothing.*empty/],
    [{ source: 'keyvault', vaultName: 'vault', secretName: 's' }, /keyvault vault\/s.*no vault may be read/],
    [{ source: 'named', name: 'database.password' }, /named database.password.*no reference/],
  ] as const;
  for (const [reference, expected] of lost) {
    await assert.rejects(secret(reference), (error: Error) => {
      assert.equal((error as { code?: string }).code, 'config_secret_unavailable');
      assert.match(error.message, expected);
      return true;
    });
  }
});
