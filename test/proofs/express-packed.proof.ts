// The package as a stranger gets it: built, packed and unpacked beside their own files, who then run the example.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startExpressApp } from '../support/express-app.ts';
import { modern, post } from '../support/mcp-post.ts';

process.env['NODE_DISABLE_COMPILE_CACHE'] = '1'; // what lies in another folder each time would only fill it
const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const modules = realpathSync(path.join(root, 'node_modules'));
const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-packed-'));
const theirs = path.join(folder, 'theirs');
let files: string[];

before(async () => {
  // In a copy: whoever works in this checkout is to go on with the sources.
  const copy = path.join(folder, 'copy');
  for (const each of [
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'bin',
    'src',
    'examples',
    'LICENSE',
    'README.md',
  ])
    cpSync(path.join(root, each), path.join(copy, each), { recursive: true });
  symlinkSync(modules, path.join(copy, 'node_modules'));
  const env = { ...process.env, NODE_OPTIONS: '' };
  await run('npm', ['pack', '--offline', '--pack-destination', folder], { cwd: copy, env });
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;

  // As `npm install` leaves it, without a registry.
  mkdirSync(path.join(theirs, 'node_modules'), { recursive: true });
  for (const name of readdirSync(modules))
    if (name !== 'genkan') symlinkSync(path.join(modules, name), path.join(theirs, 'node_modules', name));
  await run('tar', ['-xzf', path.join(folder, packed), '-C', folder]);
  cpSync(path.join(folder, 'package'), path.join(theirs, 'node_modules/genkan'), { recursive: true });
  cpSync(path.join(root, 'examples/express'), theirs, { recursive: true });
  writeFileSync(path.join(theirs, 'package.json'), JSON.stringify({ name: 'theirs', type: 'module', private: true }));
  files = readdirSync(path.join(theirs, 'node_modules/genkan'), { recursive: true, encoding: 'utf8' });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds what runs and its types, no sources, no tests and no data', () => {
  for (const needed of [
    'dist/express.js',
    'dist/express.d.ts',
    'dist/cli.js',
    'bin/genkan.js',
    'examples/trial/genkan.yaml',
    'LICENSE',
  ])
    assert.ok(files.includes(path.normalize(needed)), needed);
  const stray = files.filter((name) => /(^|[/\\])(src|test|\.genkan)([/\\]|$)|\.test\.|(?<!\.d)\.ts$/.test(name));
  assert.deepEqual(stray, []);
});

test('the example runs beside it, and gets the profile of who calls', async () => {
  await using app = await startExpressApp({ program: path.join(theirs, 'server.ts'), folder: theirs, nodeOptions: [] });
  const { access } = await app.signIn(app.dana);
  const { body, headers } = modern('tools/call', { name: 'getUserDetails', arguments: {} });
  const legacy = { ...body, params: { name: 'getUserDetails', arguments: {} } };
  const { 'mcp-protocol-version': _, ...others } = headers;
  const { message } = await post(`${app.url}/mcp`, legacy, { token: access, headers: others });
  assert.match(JSON.stringify(message), /Dana Sato/);
  assert.equal((await post(`${app.url}/mcp`, legacy)).status, 401);
});

test('its types fit an app that is checked strictly, and its command line starts', async () => {
  const options = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  };
  const compilerOptions = { ...options, allowImportingTsExtensions: true, erasableSyntaxOnly: true };
  writeFileSync(path.join(theirs, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run(process.execPath, [path.join(modules, 'typescript/bin/tsc'), '-p', theirs]).catch(
    (error: { stdout: string }) => assert.fail(error.stdout),
  );
  const { stdout } = await run(process.execPath, [path.join(theirs, 'node_modules/genkan/bin/genkan.js'), '--help']);
  assert.match(stdout, /audit list|role/);
});
