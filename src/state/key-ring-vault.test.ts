// The key ring in Azure Key Vault and in the Secret Service: the same promises as in a file, and a store that is down later stops nobody.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createTestAuthority } from '../../test/support/entra/https-server.ts';
import { startKeyVault } from '../../test/support/key-vault.ts';
import { systemClock as clock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { unless } from '../../test/support/skipping.ts';
import { openDatabase } from './database.ts';
import { createDocumentSource } from './key-ring-document.ts';
import { osStore } from './key-ring-os-store.ts';
import { createKeyRotation } from './key-ring-rotation.ts';
import { createVaultSource } from './key-ring-vault.ts';
import { createKeyRing } from './key-ring.ts';
import type { KeySource } from './key-ring.ts';
import { createKeyVaults } from './key-vault.ts';
import { createLeases } from './leases.ts';
import { createSealedStore } from './sealed-store.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-vault-'));
after(() => rmSync(folder, { recursive: true }));
const log = createLog('silent');
const authority = createTestAuthority();
const trusted = authority.trust();
after(() => (trusted[Symbol.dispose](), authority[Symbol.dispose]()));

/** The id of a version that is disabled once it was listed. */
let disabledMeanwhile: string | undefined;
const vault = await startKeyVault(authority, {
  answerInstead({ url = '', method }, response) {
    if (method !== 'GET' || disabledMeanwhile === undefined || !url.includes(disabledMeanwhile)) return false;
    const error = { code: 'Forbidden', innererror: { code: 'SecretDisabled' } };
    response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    return true;
  },
});
after(() => vault[Symbol.asyncDispose]());
Object.assign(process.env, vault.env);

async function open(name: string, source: KeySource) {
  const database = await openDatabase(path.join(folder, `${name}.db`));
  after(() => database.destroy());
  const neighbours = { database, source, leases: createLeases({ database, clock }), clock, log };
  const keys = createKeyRing(neighbours);
  return {
    keys,
    rotation: createKeyRotation(keys, neighbours),
    store: createSealedStore({ database, keys, clock, log }),
  };
}
const vaultSource = (name: string): KeySource =>
  createVaultSource(createKeyVaults({ managedIdentity: {} }, new Map([['v', vault.url]])), 'v', name);

test('seals with a key from the vault, which it puts there where it may', async () => {
  const { store } = await open('made', vaultSource('made'));
  await store.put('dana', 'token', 'x');
  assert.equal(await store.get('dana', 'token'), 'x');
  assert.equal(vault.versions('made').length, 1);
  assert.equal(await (await open('made', vaultSource('made'))).store.get('dana', 'token'), 'x');
  assert.deepEqual([...new Set(vault.tokensFor)], ['https://vault.azure.net']);
});

test('once read, the keys stay: a vault that is down later stops nobody', async () => {
  const { store } = await open('made', vaultSource('made'));
  assert.equal(await store.get('dana', 'token'), 'x');
  vault.trouble = { status: 503 };
  await store.put('dana', 'token', 'y');
  await store.put('mei', 'token', 'z');
  assert.equal(await store.get('dana', 'token'), 'y');

  const late = await open('made', vaultSource('made'));
  await assert.rejects(late.store.get('dana', 'token'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'state_keys_unavailable');
    assert.match(error.message, /Key Vault v\/made: the vault answers 503/);
    return true;
  });
  vault.trouble = undefined;
});

test('rotates by a new version, and disables the old one where it may', async () => {
  const { store, rotation } = await open('rotated', vaultSource('rotated'));
  const other = await open('rotated', vaultSource('rotated'));
  await store.put('dana', 'token', 'x');
  assert.equal(await other.store.get('dana', 'token'), 'x');
  const { retired, leftBehind } = await rotation.rotate();
  assert.deepEqual([retired.length, leftBehind.length], [1, 0]);
  assert.deepEqual(
    vault.versions('rotated').map(({ enabled }) => enabled),
    [false, true],
  );
  await other.store.put('omar', 'token', 'sealed by another process after the rotation');
  assert.equal(await store.get('omar', 'token'), 'sealed by another process after the rotation');
  assert.equal(await other.store.get('dana', 'token'), 'x');
});

test('a version that is disabled between being listed and being read stops nobody', async () => {
  const { store, keys, rotation } = await open('raced', vaultSource('raced'));
  const other = await open('raced', vaultSource('raced'));
  await store.put('dana', 'token', 'x');
  assert.equal(await other.store.get('dana', 'token'), 'x');
  const { id } = await keys.sealing();
  await rotation.rotate();
  vault.versions('raced').find((version) => version.id === id)!.enabled = true;
  disabledMeanwhile = id;
  assert.equal(await other.store.get('dana', 'token'), 'x');
  disabledMeanwhile = undefined;
});

test('who knows keys asks again at once for those of a rotation, though the vault failed a moment ago', async () => {
  const { store, rotation } = await open('failing', vaultSource('failing'));
  const other = await open('failing', vaultSource('failing'));
  await store.put('dana', 'token', 'x');
  assert.equal(await other.store.get('dana', 'token'), 'x');
  await rotation.rotate();
  vault.trouble = { status: 400 };
  await assert.rejects(other.store.get('dana', 'token'), { code: 'state_keys_unavailable' });
  vault.trouble = undefined;
  assert.equal(await other.store.get('dana', 'token'), 'x');
});

test('with a right to read alone, an administrator puts the keys there', async () => {
  vault.mayWrite = false;
  const { store, rotation } = await open('given', vaultSource('given'));
  await assert.rejects(store.put('dana', 'token', 'x'), /az keyvault secret set --vault-name v --name given/);
  vault.put('given', Buffer.alloc(32, 1).toString('base64'));
  const again = await open('given', vaultSource('given'));
  await again.store.put('dana', 'token', 'x');
  vault.put('given', 'somebody wrote something else here');
  const second = vault.put('given', Buffer.alloc(32, 2).toString('base64'));
  const { key, leftBehind } = await again.rotation.rotate();
  assert.equal(key, second);
  assert.equal(leftBehind.length, 1, 'the administrator disables the old version');
  assert.equal(await again.store.get('dana', 'token'), 'x');
  assert.equal(rotation.source, 'Azure Key Vault v/given');
  vault.mayWrite = true;
});

const hasSecretService = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'].every(
  (program) => spawnSync('which', [program]).status === 0,
);

test(
  'keeps the key ring in the Secret Service of Linux',
  { skip: unless(hasSecretService, 'dbus, gnome-keyring and libsecret-tools are not installed') },
  () => {
    const home = mkdtempSync(path.join(folder, 'home-'));
    const module = (name: string): string => JSON.stringify(path.join(import.meta.dirname, name));
    const program = `
      const { osStore, runProgram } = await import(${module('key-ring-os-store.ts')});
      const { createDocumentSource } = await import(${module('key-ring-document.ts')});
      const seen = [];
      const run = (command, args, input) => { seen.push([command, ...args].join(' ')); return runProgram(command, args, input); };
      const source = createDocumentSource(osStore('/data', { platform: 'linux', run }, {}));
      const first = await source.read();
      const added = await source.add(Buffer.alloc(32, 5));
      await source.add(Buffer.alloc(32, 6));
      await source.remove(added.id);
      const kept = (await createDocumentSource(osStore('/data', { platform: 'linux', run }, {})).read()).map(({ key }) => key[0]);
      const foreign = await createDocumentSource(osStore('/elsewhere', { platform: 'linux', run }, {})).read();
      const leaked = seen.some((line) => line.includes('BQUF') || line.includes('BgYG'));
      console.log(JSON.stringify({ first, kept, foreign, leaked }));`;
    const script = `echo -n pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null &&
      ${process.execPath} --input-type=module -e "$PROGRAM"`;
    const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home, PROGRAM: program };
    const { stdout } = spawnSync('dbus-run-session', ['--', 'sh', '-c', script], {
      env,
      encoding: 'utf8',
      timeout: 50_000,
    });
    assert.deepEqual(JSON.parse(stdout), { first: [], kept: [6], foreign: [], leaked: false });

    const without = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...env, XDG_RUNTIME_DIR: '/nonexistent' },
      encoding: 'utf8',
      timeout: 50_000,
    });
    assert.match(without.stderr, /secret-tool ended with 1; is there a session with an unlocked store/);
  },
);

test('on macOS and Windows, too, the ring goes through standard input alone', async () => {
  const stored = new Map<string, string>();
  const file = {
    name: 'ring.dpapi',
    load: async () => stored.get('file'),
    save: async (text: string) => void stored.set('file', text),
  };
  // What the programs of these systems are documented to do; they themselves are not here.
  const machines = {
    darwin: (args: readonly string[], input: string) => {
      if (args[0] === 'find-generic-password')
        return stored.has('keychain') ? { code: 0, output: `${stored.get('keychain')}\n` } : { code: 44, output: '' };
      stored.set('keychain', / -w (\S+)\n$/.exec(input)![1]!);
      return { code: 0, output: '' };
    },
    win32: (args: readonly string[], input: string) => {
      const reversed = Buffer.from([...Buffer.from(input, 'base64')].reverse());
      assert.match(args.at(-1)!, /ProtectedData\]::(Unprotect|Protect)\(/);
      return { code: 0, output: reversed.toString('base64') };
    },
  };
  for (const platform of ['darwin', 'win32'] as const) {
    const lines: string[] = [];
    const run = async (command: string, args: readonly string[], input: string) => {
      lines.push([command, ...args].join(' '));
      return machines[platform](args, input);
    };
    const source = createDocumentSource(osStore('/data "of" dana', { platform, run }, file));
    assert.deepEqual(await source.read(), []);
    const { id } = await source.add(Buffer.alloc(32, 5));
    assert.deepEqual(await source.read(), [{ id, key: Buffer.alloc(32, 5) }]);
    assert.doesNotMatch(lines.join(), new RegExp(`${id}|BQUF`));
  }
  assert.doesNotMatch(stored.get('file')!, /BQUF/);
});
