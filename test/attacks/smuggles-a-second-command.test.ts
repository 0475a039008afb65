// Threat: an argument that ends up in a shell or a database and has a second command in it, and a server that plays its own types down.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { argumentSettings } from '../../src/inspect/types/settings.ts';
import { createTypeCheck } from '../../src/inspect/types/typed-arguments.ts';

function breaks(declared: object | undefined, a: string, inputSchema: Record<string, unknown> = {}): boolean {
  const settings = declared === undefined ? [] : [{ match: { tools: ['run'] }, types: { '/a': declared } }];
  const check = createTypeCheck(argumentSettings.parse(settings));
  return check({ server: 's', primitive: 'tools', name: 'run', tool: { inputSchema }, arguments: { a } }) !== undefined;
}

const commands = [
  'x; echo pwned',
  'x && echo pwned',
  'x | echo pwned',
  'x & echo pwned',
  '$(echo pwned)',
  '`echo pwned`',
  'x\necho pwned',
  'x || echo pwned',
  "'; echo pwned; '",
  '"; echo pwned; "',
  '${x:-pwned}',
  'x;{ echo,pwned; };echo pwned',
  "$'pwned'",
  'pwn""ed',
  'pwn\\ed',
  '<(echo pwned)x; echo pwned',
];

test('metacharacters of a shell', () => {
  for (const given of commands) {
    // Control: what a careless server does with the argument.
    let said = '';
    for (const line of [`echo ${given}`, `echo '${given}'`, `echo "${given}"`]) {
      try {
        said += execFileSync('bash', ['-c', line], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
          timeout: 10_000,
        });
      } catch (error) {
        said += String((error as { stdout?: string }).stdout);
      }
    }
    assert.match(said, /^pwned$|^x? ?pwned|pwned$/m, `control: ${given}`);
    assert.ok(breaks({ type: 'shell' }, given), given);
    assert.ok(breaks({ type: 'shell', programs: ['x', 'echo'] }, given), given);
  }
  assert.ok(!breaks({ type: 'shell' }, 'report-2026.txt'));
});

test('what cmd.exe and PowerShell read, and options where a value belongs', () => {
  for (const given of [
    '%PATH%',
    '^&calc',
    '!x!',
    'a,b',
    '@(calc)',
    '“calc”',
    '‘x’',
    '–Verb',
    '＂x',
    '＆calc',
    '-rf',
    '--upload-pack=x',
    '/c',
    '–x',
    'a`nb',
    '$env:x',
    '{calc}',
    'x>y',
    '*',
    '?',
    '#x',
    '(x)',
    '~',
    'ﷺ',
  ])
    assert.ok(breaks({ type: 'shell' }, given), given);
});

const queries = [
  'SELECT 1; DROP TABLE t',
  'SELECT 1; -- harmless\nDROP TABLE t',
  "SELECT 'it''s'; DROP TABLE t",
  'SELECT "a;b" FROM t; DROP TABLE t',
  "SELECT /* ' */ 1; DROP TABLE t -- '",
  'SELECT [a;b] FROM t; DROP TABLE t',
  "SELECT '--'; DROP TABLE t",
  "SELECT '/*'; DROP TABLE t --*/",
  'DROP TABLE t',
  '/* SELECT */ DROP TABLE t',
  '--\nDROP TABLE t',
  ';DROP TABLE t',
  'SELECT 1;;DROP/**/TABLE t',
  'WITH x AS (SELECT 1) DELETE FROM t; DROP TABLE t',
];

test('statements stacked behind a query that only reads, and hidden by comments and quotes', () => {
  for (const query of queries) {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t ("a;b")');
    database.exec(query);
    assert.throws(() => database.prepare('SELECT * FROM t'), /no such table/, `control: ${query} drops the table`);
    database.close();
    for (const dialect of ['sqlite', 'standard', 'postgres', 'mysql', 'tsql'])
      assert.ok(breaks({ type: 'sql', dialect }, query), `${dialect}: ${query}`);
  }
  assert.ok(!breaks({ type: 'sql', dialect: 'sqlite' }, "SELECT * FROM t WHERE a = 'x; DROP TABLE t --'"));
});

test('a value that closes the quotes it is put into', () => {
  const database = new DatabaseSync(':memory:');
  database.exec("CREATE TABLE t (a); INSERT INTO t VALUES ('secret')");
  const given = "' OR '1'='1";
  assert.equal(
    database.prepare(`SELECT * FROM t WHERE a = '${given}'`).all().length,
    1,
    'control: everything is shown',
  );
  database.close();
  assert.ok(breaks({ type: 'sql', allows: 'literal' }, given));
});

test('a server that claims a laxer type than its administrator demands changes nothing', () => {
  const lax = (wish: unknown): Record<string, unknown> => ({
    properties: { a: { type: 'string', 'x-genkan-type': wish } },
  });
  const demanded = { type: 'path', roots: ['/srv'] };
  const wishes: unknown[] = [
    { type: 'path', roots: ['/'], relative: true, platform: 'posix' },
    'path',
    { type: 'email' },
    { type: 'url', inner: true, schemes: ['file'] },
    'nothing',
    null,
    false,
    { type: 'path', off: true },
    undefined,
  ];
  for (const wish of wishes) {
    assert.ok(
      !breaks(undefined, '/etc/passwd', lax({ type: 'path', roots: ['/'] })),
      'control: alone, the server lets it pass',
    );
    assert.ok(breaks(demanded, '/etc/passwd', lax(wish)), JSON.stringify(wish));
    assert.ok(breaks({ type: 'path' }, '/etc/passwd', lax(wish)), JSON.stringify(wish));
  }
  // Stricter, it is heard.
  assert.ok(breaks(demanded, '/srv/other/x', lax({ type: 'path', roots: ['/srv/own'] })));
  assert.ok(!breaks(demanded, '/srv/own/x', lax({ type: 'path', roots: ['/srv/own'] })));
});
