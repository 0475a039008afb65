// `genkan import` as a person runs it: what their clients have today comes behind Genkan, and no secret comes along.
import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { loadConfig } from '../src/config/load.ts';
import { importServer, serverNameFrom } from '../src/connect/imported-server.ts';
import { withServers } from '../src/connect/configuration-edit.ts';
import { isHarmless } from '../src/connect/secret-values.ts';
import { readSource } from '../src/config/source.ts';
import { GenkanError } from '../src/base/errors.ts';
import { mcpRemote } from '../src/connect/clients.ts';
import { personHome } from './support/person-home.ts';
import type { PersonHome } from './support/person-home.ts';

const onLinux = { skip: process.platform !== 'linux' && 'the places are those of Linux' };
const secret = 'ghp_hunter2hunter2hunter2hunter2hunter2';
const configuration = `# ours
listen: 127.0.0.1:7300
identity:
  provider:
    issuer: https://login.example.com
    clientId: genkan
    clientSecret: { source: env, name: SECRET }
servers:
  notes: # the first
    url: https://notes.example.com/mcp
  # what follows is about people
access: {}
`;
const vscode = `{
  // mine
  "inputs": [{ "id": "gh", "type": "promptString", "description": "GitHub token", "password": true }],
  "servers": {
    "GitHub": {
      "type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-github@2026.8.31"],
      "env": { "GITHUB_TOKEN": "\${input:gh}", "LOG_LEVEL": "debug", "OTHER": "${secret}" }, // token
      "dev": { "watch": "*" }
    },
    "docs": { "type": "http", "url": "https://docs.example.com/mcp", "headers": { "Authorization": "Bearer \${input:gh}", "X-Team": "${secret}" } },
    "home": { "command": "server", "args": ["\${userHome}/notes", "\${workspaceFolder}"], "cwd": "\${workspaceFolder}" },
    "genkan": { "type": "http", "url": "http://127.0.0.1:7300/mcp" },
  },
}
`;

function personWithVsCode(text = vscode): PersonHome {
  const person = personHome();
  person.write('.config/Code/User/mcp.json', text);
  person.write('work/genkan.yaml', configuration);
  return person;
}

describe('genkan import', onLinux, () => {
  test('adds the servers to genkan.yaml, shut, with references in place of secrets; everything else stays', async () => {
    using person = personWithVsCode();
    const { code, out, error } = await person.run('import', '--yes');
    assert.equal(code, 0, error);
    assert.doesNotMatch(out, /hunter2/);
    const text = person.read('work/genkan.yaml');
    assert.doesNotMatch(text, /hunter2/);
    assert.equal(text.replace(/ {2}github:\n[^]*?(?= {2}# what follows)/, ''), configuration);
    const { servers } = loadConfig(`${person.workspace}/genkan.yaml`).settings;
    const reference = (name: string): object => ({ source: 'env', name });
    const { github, docs, home } = servers as unknown as Record<string, Record<string, unknown>>;
    assert.deepEqual(github!['command'], ['npx', '-y', '@modelcontextprotocol/server-github@2026.8.31']);
    assert.deepEqual(github!['env'], {
      GITHUB_TOKEN: reference('GITHUB_TOKEN'),
      LOG_LEVEL: 'debug',
      OTHER: reference('GITHUB_OTHER'),
    });
    assert.deepEqual(docs!['headers'], {
      Authorization: reference('DOCS_AUTHORIZATION'),
      'X-Team': reference('DOCS_X_TEAM'),
    });
    assert.deepEqual(home!['command'], ['server', `${person.home}/notes`, person.workspace]);
    assert.equal(home!['workingDirectory'], person.workspace);
    for (const server of [github, docs, home]) assert.equal(server!['approved'], false);
    assert.deepEqual(Object.keys(servers), ['notes', 'github', 'docs', 'home']);

    assert.match(out, /GITHUB_TOKEN: what VS Code asks for as "GitHub token" \(github in VS Code\)/);
    assert.match(
      out,
      /DOCS_AUTHORIZATION: what VS Code asks for as "GitHub token", within the text of headers\.Authorization/,
    );
    assert.match(out, /GITHUB_OTHER: the value of env\.OTHER/);
    assert.match(out, /no place for:\n {2}github: dev/);
    assert.match(out, /genkan server approve github/);
    assert.equal(person.read('.config/Code/User/mcp.json'), vscode);

    const again = await person.run('import');
    assert.match(again.out, /No server to add\.[^]*a server "github" behind Genkan already/);
    assert.equal((await person.run('import', '--undo', '--yes')).code, 0);
    assert.equal(person.read('work/genkan.yaml'), configuration);
  });

  test('without --yes nothing is written; with --replace the entries then lead to Genkan; undo takes back both files', async () => {
    using person = personWithVsCode();
    const plan = await person.run('import', '--replace', '--server', 'GitHub');
    assert.equal(plan.code, 0);
    assert.match(plan.out, /"servers" › "GitHub" is replaced:/);
    assert.match(plan.out, /Nothing was written/);
    assert.doesNotMatch(plan.out, /hunter2|docs/);
    assert.equal(person.read('work/genkan.yaml'), configuration);
    assert.equal((await person.run('import', '--replace', '--server', 'GitHub', '--yes')).code, 0);
    const after = person.read('.config/Code/User/mcp.json');
    assert.match(
      after,
      /"GitHub": \{\n {6}"type": "http",\n {6}"url": "http:\/\/127\.0\.0\.1:7300\/mcp\/github"\n {4}\},\n {4}"docs"/,
    );
    assert.match(after, /^\{\n {2}\/\/ mine\n/);
    assert.equal((await person.run('import', '--undo', '--yes')).code, 0);
    assert.equal(person.read('.config/Code/User/mcp.json'), vscode);
    assert.equal(person.read('work/genkan.yaml'), configuration);
  });

  test('reads every client, takes one server that several have once, and leaves two different ones of a name to the person', async () => {
    using person = personWithVsCode(
      '{"servers": {"files": {"type": "stdio", "command": "files"}, "two": {"command": "a"}}}',
    );
    person.write(
      '.cursor/mcp.json',
      '{"mcpServers": {"files": {"command": "files"}, "two": {"command": "b"}, "mail": {"url": "https://mail.example.com/sse", "type": "sse", "headers": {"X-Key": "${env:MAIL_KEY}"}}}}',
    );
    person.write(
      '.claude.json',
      '{"numStartups": 7, "mcpServers": {"wiki": {"type": "http", "url": "https://wiki.example.com/mcp", "headers": {"Authorization": "${WIKI_TOKEN:-none}"}}}}',
    );
    person.write(
      '.config/Claude/claude_desktop_config.json',
      '{"mcpServers": {"far": {"command": "npx", "args": ["-y", "mcp-remote", "https://far.example.com/mcp"]}}}',
    );
    const { out, code } = await person.run('import', '--replace', '--yes', '--json');
    assert.equal(code, 0);
    const plan = JSON.parse(out) as {
      written: boolean;
      servers: { name: string; from: string[] }[];
      leftOut: { name: string; from: string; reason: string }[];
    };
    assert.deepEqual(
      plan.servers.map(({ name, from }) => [name, ...from]),
      [
        ['files', 'VS Code', 'Cursor'],
        ['two', 'VS Code'],
        ['mail', 'Cursor'],
        ['wiki', 'Claude Code'],
        ['far', 'Claude Desktop'],
      ],
    );
    assert.deepEqual(
      plan.leftOut.map(({ name, from }) => [name, from]),
      [['two', 'Cursor']],
    );
    const { servers } = loadConfig(`${person.workspace}/genkan.yaml`).settings as unknown as {
      servers: Record<string, Record<string, unknown>>;
    };
    assert.deepEqual(servers['mail']!['headers'], { 'X-Key': { source: 'env', name: 'MAIL_KEY' } });
    assert.equal(servers['mail']!['transport'], 'sse');
    assert.deepEqual(servers['wiki']!['headers'], { Authorization: { source: 'env', name: 'WIKI_TOKEN' } });
    assert.equal(servers['far']!['url'], 'https://far.example.com/mcp');
    assert.deepEqual(JSON.parse(person.read('.config/Claude/claude_desktop_config.json')), {
      mcpServers: { far: { command: 'npx', args: ['-y', mcpRemote, 'http://127.0.0.1:7300/mcp/far'] } },
    });
    assert.deepEqual(JSON.parse(person.read('.claude.json')), {
      numStartups: 7,
      mcpServers: { wiki: { type: 'http', url: 'http://127.0.0.1:7300/mcp/wiki' } },
    });
  });

  test('reads the servers of this folder, those that Claude Code keeps for it elsewhere included', async () => {
    using person = personWithVsCode();
    person.write('work/.mcp.json', '{"mcpServers": {"shared": {"command": "shared"}}}');
    person.write(
      '.claude.json',
      JSON.stringify({
        projects: {
          [person.workspace]: { mcpServers: { mine: { command: 'mine' } } },
          '/other': { mcpServers: { not: { command: 'not' } } },
        },
      }),
    );
    const { out } = await person.run('import', '--scope', 'workspace', '--json');
    assert.deepEqual(
      (JSON.parse(out) as { servers: { name: string }[] }).servers.map(({ name }) => name),
      ['shared', 'mine'],
    );
  });

  test("has a configuration of one's own to write to, without mistakes and not write-protected", async () => {
    using person = personHome('.cursor');
    person.write('.cursor/mcp.json', '{"mcpServers": {"a": {"command": "a"}}}');
    const none = await person.run('import', '--yes');
    assert.equal(none.code, 1);
    assert.match(none.error, /There is no configuration/);
    const file = person.write('work/genkan.yaml', configuration.replace('listen:', 'lisen:'));
    assert.match((await person.run('import', '--yes')).error, /Did you mean|listen/);
    person.write('work/genkan.yaml', configuration);
    chmodSync(file, 0o444);
    assert.match((await person.run('import', '--yes')).error, /read-only/);
    assert.ok(!existsSync(person.changes));
  });
});

describe('one server', () => {
  const around = { home: '/home/x', workspace: '/home/x/work', inputs: new Map() };
  const reasonOf = (entry: unknown): string => {
    const read = importServer('s', entry, around);
    return 'reason' in read ? read.reason : `taken: ${JSON.stringify(read.settings)}`;
  };

  test('is left out where its command or its address may hold a secret, which is never said', () => {
    for (const entry of [
      { command: 'x', args: ['--api-key', 'hunter2'] },
      { command: 'x', args: ['--api-key=hunter2'] },
      { command: 'x', args: ['--header', 'Authorization: Bearer hunter2'] },
      { command: 'x', args: ['postgres://me:hunter2@db/x'] },
      { command: 'x', args: [secret] },
      { command: 'x', args: ['hunter2hunter2hunter2'] },
      { command: 'env', args: ['PASSWORD=hunter2', 'x'] },
      { url: 'https://me:hunter2@x.example.com/mcp' },
      { url: 'https://x.example.com/mcp?apiKey=hunter2' },
      { url: 'https://x.example.com/s/hunter2hunter2hunter2/mcp' },
    ]) {
      const reason = reasonOf(entry);
      assert.match(reason, /seems to hold a secret/, JSON.stringify(entry));
      assert.doesNotMatch(reason, /hunter2/);
    }
  });

  test('is taken where nothing is wrong with it', () => {
    for (const entry of [
      { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem@2026.8.31', '/home/x/My Documents'] },
      { command: 'docker', args: ['run', '-i', '--rm', 'mcp/time:1.0'] },
      {
        command: 'uvx',
        args: ['--from', 'git+https://github.com/example/server-with-a-long-name', 'server', '--port', '8080'],
      },
      { url: 'https://x.example.com/mcp?tools=a,b' },
    ])
      assert.match(reasonOf(entry), /^taken/);
  });

  test('is left out, with the reason, where Genkan cannot have it', () => {
    for (const [entry, reason] of [
      [{}, /neither command nor url/],
      [7, /not as Genkan knows it/],
      [{ command: ['a'] }, /"command" is not/],
      [{ command: 'a', disabled: true }, /switched off/],
      [{ command: 'a', envFile: '.env' }, /envFile/],
      [{ command: 'a', args: ['${input:x}'] }, /made of variables/],
      [{ url: '${URL}' }, /made of variables/],
      [{ url: 'http://mcp.example.com/mcp' }, /http:\/\/ is only for this machine/],
      [{ url: 'https://x.example.com', headers: { Host: 'y' } }, /Genkan sets this header itself/],
      [{ url: 'https://x.example.com', headersHelper: 'x' }, /headersHelper/],
      [{ command: 'a', env: { 'not a name': 'x' } }, /env\.not a name/],
    ] as const)
      assert.match(reasonOf(entry), reason, JSON.stringify(entry));
  });

  test('has in its environment only what cannot be a secret as it is', () => {
    for (const [name, value] of [
      ['LOG_LEVEL', 'debug'],
      ['PORT', '8080'],
      ['API_URL', 'https://api.example.com'],
      ['DATA', '/home/x/data'],
    ] as const)
      assert.ok(isHarmless(name, value), name);
    for (const [name, value] of [
      ['X', 'hunter2'],
      ['PIN_TOKEN', '1234'],
      ['API_KEY', 'true'],
      ['DATABASE_URL', 'postgres://me:hunter2@db'],
      ['HOOK', 'https://hooks.example.com/services/T0/B0/x'],
      ['PATHY', '/9j/4AAQSkZJRgABAQ'],
    ] as const)
      assert.ok(!isHarmless(name, value), name);
  });

  test('gets a name that Genkan may use, or none', () => {
    assert.equal(serverNameFrom('GitHub MCP_Server!'), 'github-mcp-server');
    for (const name of ['', '日本', 'x'.repeat(41)]) assert.equal(serverNameFrom(name), undefined);
  });
});

describe('adding to genkan.yaml', () => {
  const added = { a: { command: ['a'], approved: false } };
  const identity = configuration.slice(0, configuration.indexOf('servers:'));
  const withA = (tail: string): string => withServers('genkan.yaml', identity + tail, added).slice(identity.length);
  const a = (indent: string): string =>
    `${indent}a:\n${indent}  command:\n${indent}    - a\n${indent}  approved: false\n`;

  test('follows the indentation there is, and begins `servers` where there is none', () => {
    assert.equal(withA('access: {}\n'), `access: {}\n\nservers:\n${a('  ')}`);
    assert.equal(withA('access: {}\nservers: # none yet\n'), `access: {}\nservers: # none yet\n${a('  ')}`);
    assert.equal(withA('servers: {} # none yet\naccess: {}\n'), `servers: # none yet\n${a('  ')}access: {}\n`);
    assert.equal(
      withA('servers:\n    b: { url: "https://b.example.com" } # b\n\n# people\naccess: {}'),
      `servers:\n    b: { url: "https://b.example.com" } # b\n${a('    ')}\n# people\naccess: {}`,
    );
    assert.equal(
      withA('access: {}\nservers:\n  b:\n    command:\n      - b\n      - -c'),
      `access: {}\nservers:\n  b:\n    command:\n      - b\n      - -c\n${a('  ')}`,
    );
    assert.equal(
      withA('servers:\n  b:\n    command: [b]\n    description: |\n      many\n\n      words\naccess: {}\n'),
      `servers:\n  b:\n    command: [b]\n    description: |\n      many\n\n      words\n${a('  ')}access: {}\n`,
    );
  });

  test('keeps CRLF', () => {
    const text = configuration.replaceAll('\n', '\r\n');
    const after = withServers('genkan.yaml', text, added);
    assert.equal(after.replaceAll('\r\n', '').includes('\n'), false);
    assert.deepEqual(Object.keys((readSource('x', after).data as { servers: object }).servers), ['notes', 'a']);
  });

  test('refuses what it cannot add to without touching what stands there', () => {
    for (const tail of ['servers: { b: { url: "https://b.example.com" } }\naccess: {}\n', 'access: {}\n...\n']) {
      assert.throws(
        () => withA(tail),
        (error) => error instanceof GenkanError && error.code === 'connect_configuration_shape',
      );
    }
  });
});
