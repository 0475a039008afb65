// Threat: a repository brings its client settings as a link, so that writing to them writes to the person's own files, or shows them.
import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GenkanError } from '../../src/base/errors.ts';
import { readGuarded, replaceGuarded } from '../../src/connect/guarded-file.ts';
import { personHome } from '../support/person-home.ts';

const skip = process.platform === 'win32' && 'links need a right of their own there';
const secret = '{ "servers": { "a": { "env": { "TOKEN": "hunter2-of-the-person" } } } }';
const connect = ['connect', '--scope', 'workspace', '--client', 'vscode', '--yes'] as const;

test('control: who simply reads and writes the file follows the link', { skip }, () => {
  using person = personHome();
  const own = person.write('.config/own.json', secret);
  mkdirSync(path.join(person.workspace, '.vscode'));
  symlinkSync(own, path.join(person.workspace, '.vscode/mcp.json'));
  assert.match(person.read('work/.vscode/mcp.json'), /hunter2/);
  writeFileSync(path.join(person.workspace, '.vscode/mcp.json'), '{}');
  assert.equal(person.read('.config/own.json'), '{}');
});

test(
  'writes through no link: neither a file nor a folder, within the home or beyond, nor one to nothing',
  { skip },
  async () => {
    for (const plant of [
      (home: string, work: string) => {
        mkdirSync(path.join(work, '.vscode'));
        symlinkSync(path.join(home, '.config/own.json'), path.join(work, '.vscode/mcp.json'));
      },
      (home: string, work: string) => symlinkSync(path.join(home, '.config'), path.join(work, '.vscode')),
      (_home: string, work: string) => symlinkSync('/etc', path.join(work, '.vscode')),
      (home: string, work: string) => {
        mkdirSync(path.join(work, '.vscode'));
        symlinkSync(path.join(home, '.config/new.json'), path.join(work, '.vscode/mcp.json'));
      },
    ]) {
      using person = personHome('.config');
      person.write('.config/own.json', secret);
      plant(person.home, person.workspace);
      const { code, out, error } = await person.run(...connect);
      assert.equal(code, 3, error);
      assert.match(error, /is a link/);
      assert.doesNotMatch(out + error, /hunter2/);
      assert.deepEqual(readdirSync(path.join(person.home, '.config')), ['own.json']);
      assert.equal(person.read('.config/own.json'), secret);
      assert.ok(!existsSync(person.changes));
    }
  },
);

test('a second name of the same file is not written through, either', { skip }, async () => {
  using person = personHome();
  const own = person.write('.config/own.json', secret);
  mkdirSync(path.join(person.workspace, '.vscode'));
  linkSync(own, path.join(person.workspace, '.vscode/mcp.json'));
  assert.equal((await person.run(...connect)).code, 0);
  assert.equal(readFileSync(own, 'utf8'), secret);
});

test('a link that is planted after the plan was shown is not followed', { skip }, () => {
  using person = personHome();
  const own = person.write('.config/own.json', '{}');
  const file = person.write('work/.vscode/mcp.json', '{}');
  const place = { root: person.workspace, file, mode: 0o644 };
  const found = readGuarded(place);
  const refusedAsLink = (error: unknown): boolean =>
    error instanceof GenkanError && error.code === 'connect_file_linked';
  rmSync(file);
  symlinkSync(own, file);
  assert.throws(() => replaceGuarded(place, found, Buffer.from('evil')), refusedAsLink);
  rmSync(file);
  renameSync(path.dirname(file), path.join(person.workspace, 'aside'));
  symlinkSync(path.join(person.home, '.config'), path.dirname(file));
  assert.throws(() => replaceGuarded(place, found, Buffer.from('evil')), refusedAsLink);
  assert.deepEqual(readdirSync(path.join(person.home, '.config')), ['own.json']);
  assert.equal(readFileSync(own, 'utf8'), '{}');
});

test('nor is one in the place of the copies', { skip }, async () => {
  using person = personHome('.local/state/genkan', 'public');
  person.write('work/.vscode/mcp.json', secret);
  symlinkSync(path.join(person.home, 'public'), person.changes);
  assert.equal((await person.run(...connect)).code, 3);
  assert.deepEqual(readdirSync(path.join(person.home, 'public')), []);
  assert.equal(person.read('work/.vscode/mcp.json'), secret);
});
