// `genkan connect` as a person runs it: real processes, real files of each client in a home of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ChangeBook } from '../src/connect/change-book.ts';
import { mcpRemote, placesOf } from '../src/connect/clients.ts';
import type { ClientId, Machine } from '../src/connect/clients.ts';
import { planConnect } from '../src/connect/plan-connect.ts';
import { GenkanError } from '../src/base/errors.ts';
import { outputOf, spawnGenkan } from './support/genkan-process.ts';
import { personHome } from './support/person-home.ts';
import { freePortPair } from './support/free-port.ts';

const onLinux = { skip: process.platform !== 'linux' && 'the places are those of Linux' };
const url = 'http://127.0.0.1:7300/mcp';
const code = '.config/Code/User/mcp.json';

describe('genkan connect', onLinux, () => {
  test('writes what each client understands, where it looks for it, and each undo is one act', async () => {
    using person = personHome(
      '.config/Code/User',
      '.config/Code - Insiders/User',
      '.cursor',
      '.claude',
      '.config/Claude',
    );
    const { code: exit, out, error } = await person.run('connect', '--yes');
    assert.equal(exit, 0, error);
    const http = { type: 'http', url };
    const expected = {
      [code]: { servers: { genkan: http } },
      '.config/Code - Insiders/User/mcp.json': { servers: { genkan: http } },
      '.cursor/mcp.json': { mcpServers: { genkan: { url } } },
      '.claude.json': { mcpServers: { genkan: http } },
      '.config/Claude/claude_desktop_config.json': {
        mcpServers: { genkan: { command: 'npx', args: ['-y', mcpRemote, url] } },
      },
    };
    for (const [file, content] of Object.entries(expected)) {
      assert.deepEqual(JSON.parse(person.read(file)), content, file);
      assert.equal(statSync(path.join(person.home, file)).mode & 0o777, 0o600, file);
      assert.ok(out.includes(file), file);
    }
    assert.equal((await person.run('connect', '--undo', '--yes')).code, 0);
    for (const file of Object.keys(expected)) assert.ok(!existsSync(path.join(person.home, file)), file);
    assert.equal((await person.run('connect', '--undo', '--yes')).code, 2);
  });

  test('without a terminal and without --yes, prints the plan, writes nothing, and says how to go on', async () => {
    using person = personHome('.cursor');
    const before =
      '{ "mcpServers": { "genkan": { "url": "http://127.0.0.1:1/mcp", "headers": { "Authorization": "Bearer hunter2" } } } }';
    person.write('.cursor/mcp.json', before);
    const { code: exit, out } = await person.run('connect');
    assert.equal(exit, 0);
    assert.match(out, /Cursor \(.*mcp\.json\)\n {2}"mcpServers" › "genkan" is replaced:\n {2}- \{/);
    assert.match(out, /\+ {3}"url": "http:\/\/127\.0\.0\.1:7300\/mcp"/);
    assert.match(out, /Nothing was written\. .*--yes/);
    assert.doesNotMatch(out, /hunter2/);
    assert.equal(person.read('.cursor/mcp.json'), before);
    assert.ok(!existsSync(person.changes));
  });

  test('keeps comments, trailing commas, CRLF, the byte order mark, mode and owner, and undo gives back every byte', async () => {
    using person = personHome();
    const before = '\uFEFF{\r\n\t// my servers\r\n\t"servers": {\r\n\t\t"a": { "command": "a" }, // a\r\n\t},\r\n}\r\n';
    const file = person.write(code, before);
    chmodSync(file, 0o640);
    if (process.getuid!() === 0) chownSync(file, 4711, 4712);
    assert.equal((await person.run('connect', '--client', 'vscode', '--server', 'notes', '--yes')).code, 0);
    const after = person.read(code);
    assert.equal(after.replace(/\r\n\t\t"genkan-notes": \{[^}]*\}/, ''), before);
    assert.match(after, /"url": "http:\/\/127\.0\.0\.1:7300\/mcp\/notes"/);
    const { mode, uid, gid } = statSync(file);
    assert.equal(mode & 0o777, 0o640);
    if (process.getuid!() === 0) assert.deepEqual([uid, gid], [4711, 4712]);
    assert.deepEqual(readdirSync(path.dirname(file)), ['mcp.json']);
    assert.equal(
      (await person.run('connect', '--client', 'vscode', '--server', 'notes', '--yes')).out.match(
        /stands there already/g,
      )?.length,
      1,
    );

    const [backup] = readdirSync(person.changes).filter((name) => name.endsWith('.backup'));
    assert.equal(readFileSync(path.join(person.changes, backup!), 'utf8'), before);
    assert.equal(statSync(path.join(person.changes, backup!)).mode & 0o777, 0o600);
    assert.equal(statSync(person.changes).mode & 0o777, 0o700);
    const plan = await person.run('connect', '--undo');
    assert.match(plan.out, /VS Code \(.*\): as it was\nNothing was written/);
    assert.equal((await person.run('connect', '--undo', '--yes')).code, 0);
    assert.equal(person.read(code), before);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(person.changes), []);
  });

  test('does not undo over what somebody has changed since, and says where the old file lies', async () => {
    using person = personHome('.cursor', '.config/Code/User');
    person.write('.cursor/mcp.json', '{}');
    assert.equal((await person.run('connect', '--yes')).code, 0);
    const changed = person.read('.cursor/mcp.json').replace('genkan', 'mine');
    person.write('.cursor/mcp.json', changed);
    const { code: exit, error } = await person.run('connect', '--undo', '--yes');
    assert.equal(exit, 3);
    const [, backup] = /was changed since[^]* at (\S+\.backup)/.exec(error) ?? [];
    assert.equal(readFileSync(backup!, 'utf8'), '{}');
    assert.equal(person.read('.cursor/mcp.json'), changed);
    assert.ok(existsSync(path.join(person.home, code)), 'all files of an act or none');
  });

  test('writes into the folder it is called in with --scope workspace, and only for clients that have such settings', async () => {
    using person = personHome();
    const { code: exit, error } = await person.run(
      'connect',
      '--scope',
      'workspace',
      '--client',
      'vscode',
      '--client',
      'claude-code',
      '--client',
      'cursor',
      '--yes',
    );
    assert.equal(exit, 0, error);
    assert.deepEqual(JSON.parse(person.read('work/.vscode/mcp.json')), { servers: { genkan: { type: 'http', url } } });
    assert.deepEqual(JSON.parse(person.read('work/.mcp.json')), { mcpServers: { genkan: { type: 'http', url } } });
    assert.deepEqual(JSON.parse(person.read('work/.cursor/mcp.json')), { mcpServers: { genkan: { url } } });
    const again = await person.run('connect', '--scope', 'workspace', '--server', 'notes', '--yes');
    assert.equal(again.code, 0, again.error);
    assert.deepEqual(Object.keys((JSON.parse(person.read('work/.vscode/mcp.json')) as { servers: object }).servers), [
      'genkan',
      'genkan-notes',
    ]);
    const desktop = await person.run('connect', '--scope', 'workspace', '--client', 'claude-desktop', '--yes');
    assert.equal(desktop.code, 2);
    assert.match(desktop.error, /Claude Desktop/);
  });

  test('says so when no client is used here, or the one that is named is not', async () => {
    using person = personHome('.cursor');
    const { code: exit, error } = await person.run('connect', '--client', 'vscode', '--client', 'cursor', '--yes');
    assert.equal(exit, 2);
    assert.match(error, /settings here: VS Code\./);
    assert.ok(!existsSync(path.join(person.home, '.cursor/mcp.json')));
    rmSync(path.join(person.home, '.cursor'), { recursive: true });
    assert.equal((await person.run('connect')).code, 2);
  });

  test('refuses files that it could only damage: invalid, read-only, not UTF-8, a pipe, too large', async () => {
    using person = personHome();
    for (const [text, said] of [
      ['{\n  "servers": {,}\n}', /line 2, column 15/],
      ['{"servers": 7}', /an object is expected/],
    ] as const) {
      person.write(code, text);
      const { code: exit, error } = await person.run('connect', '--yes');
      assert.equal(exit, 3);
      assert.match(error, said);
      assert.equal(person.read(code), text);
    }
    const file = person.write(code, '{}');
    chmodSync(file, 0o444);
    const readOnly = await person.run('connect', '--yes');
    assert.equal(readOnly.code, 3);
    assert.match(readOnly.error, /read-only/);
    chmodSync(file, 0o644);
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    assert.match((await person.run('connect', '--yes')).error, /not UTF-8/);
    writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 0x20));
    assert.match((await person.run('connect', '--yes')).error, /too large/);
    rmSync(file);
    const [made] = (await once(spawn('mkfifo', [file]), 'close')) as [number];
    assert.equal(made, 0);
    assert.match((await person.run('connect', '--yes')).error, /it is no file/);
  });

  test('leaves everything as it was when the disk takes no more', async () => {
    const cli = path.join(import.meta.dirname, '../src/cli.ts');
    // The first is too long for the copy already, the second only once something is added to it.
    for (const length of [4000, 980]) {
      using person = personHome('.cursor');
      const before = `{\n  // ${'x'.repeat(length)}\n}\n`;
      person.write('.cursor/mcp.json', before);
      // A limit on the size of files meets the writer in the same place as a disk without room.
      const limited = ['-c', 'ulimit -f 1; trap "" XFSZ; exec "$0" "$@"', process.execPath, cli, 'connect', '--yes'];
      const env = { ...process.env, ...person.env, NODE_DISABLE_COMPILE_CACHE: '1' };
      const child = spawn('bash', limited, { env, cwd: person.workspace, stdio: ['ignore', 'ignore', 'pipe'] });
      let error = '';
      child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
      const [exit] = (await once(child, 'close')) as [number];
      assert.equal(exit, 1, error);
      assert.match(error, length === 980 ? /mcp\.json cannot be read or written/ : /changes cannot be read or written/);
      assert.equal(person.read('.cursor/mcp.json'), before);
      assert.deepEqual(readdirSync(path.join(person.home, '.cursor')), ['mcp.json']);
      assert.deepEqual(readdirSync(person.changes), []);
    }
  });

  test('takes the address from a trial that runs, wherever it listens', async () => {
    using person = personHome('.cursor');
    const data = path.join(person.home, 'trial');
    const port = await freePortPair();
    const trial = spawnGenkan(['trial', 'start', '--data', data], { ...person.env, GENKAN_PORT: String(port) });
    try {
      await outputOf(trial, /Ctrl\+C/);
      const { out } = await person.run('connect', '--data', data, '--json');
      const plan = JSON.parse(out) as { written: boolean; entries: { action: string; after: unknown }[] };
      assert.equal(plan.written, false);
      assert.deepEqual(
        plan.entries.map(({ action, after }) => ({ action, after })),
        [{ action: 'add', after: { url: `http://127.0.0.1:${port}/mcp` } }],
      );
    } finally {
      trial.kill('SIGKILL');
    }
  });

  test('gives clients no address at which tokens would travel in the clear, or that carries credentials', async () => {
    using person = personHome('.cursor');
    for (const bad of [
      'http://mcp.example.com',
      'https://me:secret@mcp.example.com',
      'file:///etc',
      'https://x/?a=b',
      'x',
    ]) {
      const { code: exit, error } = await person.run('connect', '--url', bad, '--yes');
      assert.equal(exit, 2, bad);
      assert.doesNotMatch(error, /secret/);
    }
    assert.equal((await person.run('connect', '--url', 'https://mcp.example.com/', '--yes')).code, 0);
    assert.match(person.read('.cursor/mcp.json'), /"https:\/\/mcp\.example\.com\/mcp"/);
  });

  test('explains itself, and knows its options', async () => {
    using person = personHome();
    const help = await person.run('connect', '--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /^Write the address of Genkan[^]*--undo {2}/);
    const mistyped = await person.run('connect', '--clinet', 'vscode');
    assert.equal(mistyped.code, 2);
    assert.match(mistyped.error, /Did you mean --client/);
    assert.match((await person.run('connect', '--client', 'emacs')).error, /none of vscode/);
    assert.match((await person.run('connect', '--undo', '--server', 'x')).error, /--undo goes without --server/);
    assert.match((await person.run('--help')).out, /genkan connect {2}[^]*genkan import {2}/);
  });
});

describe('between plan and deed', () => {
  const machineOf = (home: string, platform: NodeJS.Platform = 'linux'): Machine => ({
    platform,
    home,
    env: {},
    workspace: path.join(home, 'work'),
  });
  const wish = { clients: [], scope: 'user', name: 'genkan', url } as const;
  const codeOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return error instanceof GenkanError ? error.code : String(error);
    }
    return 'nothing';
  };

  test('a change by somebody else is kept, and what was written before it is taken back', onLinux, () => {
    using person = personHome('.cursor', '.config/Code/User');
    person.write('.cursor/mcp.json', '{}');
    const { changes } = planConnect(wish, machineOf(person.home));
    assert.equal(changes.length, 2);
    person.write('.cursor/mcp.json', '{"theirs":1}');
    const book = new ChangeBook(person.changes, Date.now);
    assert.equal(
      codeOf(() => book.write('connect', changes)),
      'connect_file_changed',
    );
    assert.equal(person.read('.cursor/mcp.json'), '{"theirs":1}');
    assert.ok(!existsSync(path.join(person.home, code)));
    assert.equal(
      codeOf(() => book.last('connect')),
      'connect_nothing_to_undo',
    );
    assert.deepEqual(readdirSync(person.changes), []);
  });

  test('a file that appeared meanwhile is kept, and so is one that went', onLinux, () => {
    using person = personHome('.cursor');
    const book = new ChangeBook(person.changes, Date.now);
    const toMake = planConnect(wish, machineOf(person.home)).changes;
    person.write('.cursor/mcp.json', '{}');
    assert.equal(
      codeOf(() => book.write('connect', toMake)),
      'connect_file_changed',
    );
    const toChange = planConnect(wish, machineOf(person.home)).changes;
    rmSync(path.join(person.home, '.cursor/mcp.json'));
    assert.equal(
      codeOf(() => book.write('connect', toChange)),
      'connect_file_changed',
    );
    assert.deepEqual(readdirSync(path.join(person.home, '.cursor')), []);
  });

  test('keeps the copies of the last twenty acts, and undoes them one by one', onLinux, () => {
    using person = personHome('.cursor');
    let now = 0;
    const book = new ChangeBook(person.changes, () => (now += 1000));
    for (let round = 0; round < 25; round++) {
      book.write('connect', planConnect({ ...wish, name: `n${round}` }, machineOf(person.home)).changes);
    }
    assert.equal(readdirSync(person.changes).filter((name) => name.endsWith('.json')).length, 20);
    for (let round = 0; round < 20; round++) book.undo(book.last('connect'));
    assert.deepEqual(Object.keys((JSON.parse(person.read('.cursor/mcp.json')) as { mcpServers: object }).mcpServers), [
      'n0',
      'n1',
      'n2',
      'n3',
      'n4',
    ]);
  });

  test('goes on with an undo that was broken off, and begins none without the copy', onLinux, () => {
    using person = personHome('.cursor', '.config/Code/User');
    person.write('.cursor/mcp.json', '{}');
    person.write(code, '{"servers":{}}');
    const book = new ChangeBook(person.changes, Date.now);
    book.write('connect', planConnect(wish, machineOf(person.home)).changes);
    const act = book.last('connect');
    person.write(code, '{"servers":{}}');
    book.undo(act);
    assert.equal(person.read('.cursor/mcp.json'), '{}');

    book.write('connect', planConnect(wish, machineOf(person.home)).changes);
    const after = person.read('.cursor/mcp.json');
    for (const name of readdirSync(person.changes)) {
      if (name.endsWith('.backup')) rmSync(path.join(person.changes, name));
    }
    assert.equal(
      codeOf(() => book.undo(book.last('connect'))),
      'connect_file_unusable',
    );
    assert.equal(person.read('.cursor/mcp.json'), after);
  });

  test('knows the places of macOS and Windows, too', onLinux, () => {
    const file = (client: ClientId, machine: Machine): string => placesOf(client, 'user', machine)[0]!.file;
    const mac = machineOf('/Users/x', 'darwin');
    assert.equal(file('vscode', mac), '/Users/x/Library/Application Support/Code/User/mcp.json');
    assert.equal(file('claude-desktop', mac), '/Users/x/Library/Application Support/Claude/claude_desktop_config.json');
    assert.equal(file('claude-code', mac), '/Users/x/.claude.json');
    const windows = { ...machineOf('/c/Users/x', 'win32'), env: { APPDATA: '/c/Users/x/AppData/Roaming' } };
    assert.equal(file('vscode', windows), '/c/Users/x/AppData/Roaming/Code/User/mcp.json');
    assert.equal(file('cursor', windows), '/c/Users/x/.cursor/mcp.json');
    const elsewhere = { ...machineOf('/home/x'), env: { XDG_CONFIG_HOME: '/conf', CLAUDE_CONFIG_DIR: 'relative' } };
    assert.equal(file('vscode', elsewhere), '/conf/Code/User/mcp.json');
    assert.equal(file('claude-code', elsewhere), '/home/x/.claude.json');
  });

  test('names the version of mcp-remote that the clients were tested with, and so does the document', () => {
    const tested = JSON.parse(readFileSync(path.join(import.meta.dirname, 'clients/package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    };
    const version = { ...tested.dependencies, ...tested.devDependencies }['mcp-remote'];
    assert.equal(mcpRemote, `mcp-remote@${version}`);
    const document = readFileSync(path.join(import.meta.dirname, '../docs/clients.md'), 'utf8');
    assert.ok(document.includes(mcpRemote));
  });
});
