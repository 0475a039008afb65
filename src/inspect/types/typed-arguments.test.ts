// What each declared type lets through and refuses, where declarations come from, and that nothing is ever shown of a value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../../base/errors.ts';
import { languages } from '../../base/text.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { argumentSettings } from './settings.ts';
import { createTypeCheck } from './typed-arguments.ts';

/** Which rule each value breaks where the argument `a` is declared so; undefined for none. */
function rules(declared: object): (value: unknown) => string | undefined {
  const check = createTypeCheck(argumentSettings.parse([{ match: { tools: ['*'] }, types: { '/a': declared } }]));
  const tool = { inputSchema: { type: 'object' } };
  return (a) => {
    const refusal = check({ server: 's', primitive: 'tools', name: 't', tool, arguments: { a } });
    return refusal?.data?.['rule'] as string | undefined;
  };
}

function all(
  rule: (value: unknown) => string | undefined,
  values: readonly unknown[],
  expected: string | undefined,
): void {
  for (const value of values) assert.equal(rule(value), expected, JSON.stringify(value));
}

test('paths stay under their folders, or relative where there are none', () => {
  const under = rules({ type: 'path', roots: ['/srv/data', 'C:\\Data'] });
  all(
    under,
    ['/srv/data', '/srv/data/a.txt', '/srv//data/./a', 'c:\\data\\x', '/srv/data/資料/レポート.txt'],
    undefined,
  );
  all(under, ['/srv/database', '/srv', '/', '/etc/passwd', 'D:/Data/x'], 'path-outside');
  all(under, ['a.txt', './a'], 'path-relative');
});

test('relative paths need no folders', () => {
  const relative = rules({ type: 'path' });
  all(relative, ['a/b.txt', './a', '.hidden', 'a b/c', '報告書.md', 'x..y', undefined, null], undefined);
  all(relative, ['/a', 'C:/a'], 'path-outside');
  all(relative, ['$HOME/x', '${HOME}/x', '$HOME', '$env:TEMP\\x', '%TEMP%\\x', 'a/%APPDATA%/x'], 'path-home');
  all(
    relative,
    ['㈱資料.txt', '50％.txt', '価格¥100.txt', '続く….md', '👩\u200d💻.txt', '議事録。2：案.md'],
    undefined,
  );
  all(
    relative,
    ['..¥x', '¥etc', 'a¥..¥..', '￥x', '..₩x', '‥/x', '…', '．．/x', '。。/x', 'a／b', 'a⁄b', '℀'],
    'look-alike',
  );
  all(relative, ['％2e％2e', '資料％TEMP％', '～/x', 'Ｃ：x', 'ｆile:x', '－x'], 'look-alike');
  all(relative, ['.\u200d./x', 'a\u200d', '資\u200b料'], 'control');
  all(relative, ['-rf', '--output=x'], 'shell-option');
  all(relative, ['$id.tsx', 'src/$id.tsx', '100%', '5% or 10% off.txt', 'a-b'], undefined);
  all(rules({ type: 'path', platform: 'posix' }), ['aux', 'a:b', 'a.'], undefined);
  all(relative, ['aux', 'nul.txt', 'a/com1', 'ab/x:y', 'a.', 'b ', 'a/$mft::$data'], 'path-name');
});

test('URLs are absolute, plain and public', () => {
  const any = rules({ type: 'url' });
  all(
    any,
    ['https://example.com', 'https://api.example.com/a?b=c@d#e', 'https://[2606:4700::1111]/', 'https://8.8.8.8/'],
    undefined,
  );
  all(any, ['http://example.com/', 'file:///etc/passwd', 'gopher://x.example/', 'data://x'], 'url-scheme');
  all(
    any,
    ['example.com', '//example.com', 'https:/example.com', 'https:example.com', 'mailto:a@example.com'],
    'url-form',
  );
  all(any, ['https://example.com:8443/'], 'url-port');
  const listed = rules({
    type: 'url',
    schemes: ['https', 'http'],
    hosts: ['*.example.com', '10.0.0.7'],
    ports: [443, 8080],
  });
  all(
    listed,
    ['https://a.example.com/', 'https://a.b.example.com', 'https://10.0.0.7/', 'http://a.example.com:8080'],
    undefined,
  );
  all(listed, ['https://example.com/', 'https://evilexample.com', 'https://a.example.com.evil.org'], 'host-unlisted');
  all(rules({ type: 'host' }), ['example.com', '1.1.1.1'], undefined);
  all(any, ['https://日本.jp/', 'https://bücher.example.com', 'https://データ.example.org/a'], undefined);
  all(any, ['https://faß.de/', 'https://１２７.0.0.1/', 'https://①.jp/', 'https://日本。jp/'], 'host-form');
  all(any, ['https://日本.local/', 'https://日本/'], 'host-inner');
  all(rules({ type: 'url', hosts: ['xn--wgv71a.jp'] }), ['https://日本.jp/', 'https://xn--wgv71a.jp/'], undefined);
  all(rules({ type: 'url', hosts: ['xn--wgv71a.jp'] }), ['https://日木.jp/'], 'host-unlisted');
  all(rules({ type: 'host' }), ['168.63.129.16', '::ffff:168.63.129.16'], 'host-inner');
  all(rules({ type: 'host', inner: true }), ['fe80::1%eth0', '2606:4700::1%1', '[fe80::1%25eth0]'], 'host-form');
});

test('an e-mail address is one, and of an allowed domain', () => {
  const email = rules({ type: 'email', domains: ['contoso.com', '*.contoso.com'] });
  all(email, ['dana@contoso.com', "o'neil+x@jp.contoso.com", 'a.b@CONTOSO.com'], undefined);
  all(email, ['dana@contoso.com.evil.org', 'dana@gmail.com'], 'email-domain');
  all(
    email,
    [
      'a@contoso.com, b@evil.org',
      'Dana <dana@contoso.com>',
      'a@contoso.com\nBcc: b@evil.org',
      '"a b"@contoso.com',
      'a@@contoso.com',
      '@contoso.com',
      '-oQ@contoso.com',
    ],
    'email-form',
  );
});

test('shell words have nothing that a shell reads, and command lines begin with what may be run', () => {
  const word = rules({ type: 'shell' });
  all(word, ['report.txt', 'b_c-d:e', '日本語', 'v1.2'], undefined);
  all(word, ['-rf', '--help', '/c', '+x', 'a/s'], 'shell-option');
  all(rules({ type: 'shell', shells: ['posix', 'powershell'] }), ['a/b_c-d:e'], undefined);
  const git = rules({ type: 'shell', shells: ['posix'], programs: ['git', 'ls'], options: ['-l', '--oneline'] });
  all(git, ['git', 'git log --oneline', 'ls -l src', 'git show HEAD:a=b,c@d%e'], undefined);
  all(git, ['rm x', 'gitx', ' git', '/bin/git'], 'shell-program');
  all(git, ['git log --output=x', 'ls -la'], 'shell-option');
  all(git, ['git  log', 'git log ', 'git log;id', 'git HEAD~1', 'git $(id)'], 'shell-character');
});

const reading = {
  standard: [
    "SELECT a, 'it''s' FROM t WHERE b = 'x;y' -- why; not\n;",
    'with x as (select 1) select * from x',
    '(SELECT 1) UNION (SELECT 2)',
  ],
  postgres: [
    "SELECT $$a;b$$, $t$ ; drop $t$, E'a\\'b', data->>'x', a::int FROM \"T;x\"",
    'SHOW search_path',
    'EXPLAIN SELECT 1',
    "select x @> '{}' from t",
    'select t.update from t',
    'select call, lock, share from t where lock in (1) order by lock',
    'select substring(a for 2) from t',
  ],
  mysql: [
    'SELECT `a``;b` FROM t # x; y',
    'SHOW CREATE TABLE t',
    'DESCRIBE t',
    "select replace(a, 'x', 'y') from t",
    'SELECT "a;b" FROM t LIMIT 5',
  ],
  tsql: [
    'SELECT TOP 5 [a]];b] FROM dbo.t',
    "SELECT N'x;', @x FROM #t ORDER BY 1 OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY",
    "SELECT 'C:\\' AS a",
  ],
  sqlite: ['SELECT [a;b], `c` FROM t', 'EXPLAIN QUERY PLAN SELECT 1'],
  kql: [
    "SigninLogs | where TimeGenerated > ago(1d) | where X == 'a;\\'.drop' | summarize count() by bin(T, 5m)",
    'let n = 5; T | take n // .drop table',
    'T | evaluate bag_unpack(d)',
    "['my table'] | count",
    'T | where d.evaluate == 1',
  ],
} as const;

const changing = {
  standard: [
    'DELETE FROM t',
    'SELECT 1; SELECT 2',
    'SELECT * INTO x FROM t',
    'SELECT 1 FOR UPDATE',
    'WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x',
    '',
    ';',
    'VALUES (1)',
    "SELECT 'a",
    'SELECT /* x',
    'SELECT 1 /* /* */ ; DROP TABLE t -- */',
    "SELECT '\\' ; DROP TABLE t --'",
    '{call f()}',
    'SELECT 1 # x',
  ],
  postgres: [
    'EXPLAIN ANALYZE DELETE FROM t',
    'EXPLAIN (ANALYZE) SELECT 1',
    "SELECT pg_read_file('/etc/passwd')",
    'SELECT "pg_sleep"(9)',
    "COPY t TO PROGRAM 'id'",
    'SELECT $a$ x $b$ ; drop table t',
    "SELECT U&'\\0027'",
    "SELECT set_config('a','b',false)",
    'TABLE t',
    'DO $$begin end$$',
    "SELECT E'\\\\'; DROP TABLE t --'",
    'SET ROLE x',
    "select dblink_exec('x')",
    'SELECT 1 FROM t FOR SHARE',
    'SELECT 1 FROM t FOR KEY SHARE',
    'SELECT 1 FROM t FOR NO KEY UPDATE',
    "SELECT * FROM ts_stat('select pg_sleep(9)')",
    "SELECT * FROM crosstab('delete from t returning 1,2,3') AS x(a int)",
    "SELECT ts_rewrite('a'::tsquery, 'select 1')",
  ],
  mysql: [
    'SELECT 1 /*!50000 ; DROP TABLE t */',
    'SELECT 1 --1',
    "SELECT * FROM t INTO OUTFILE '/x'",
    "SELECT LOAD_FILE('/etc/passwd')",
    'SELECT SLEEP(9)',
    'SELECT @a := 1',
    'HANDLER t OPEN',
    'SELECT /*+ SET_VAR(x=1) */ 1',
    'DESC ANALYZE SELECT 1',
    'SELECT 1 -- a\rb',
    'SELECT 1 FROM t LOCK IN SHARE MODE',
    'SELECT 1 FROM t FOR SHARE',
  ],
  tsql: [
    'SELECT 1 DROP TABLE t',
    'SELECT 1DROP TABLE t',
    'SELECT 1 EXEC sp_who',
    "SELECT * FROM OPENROWSET('x')",
    'select 1 use master',
    "SELECT 1 WAITFOR DELAY '9'",
    'SELECT NEXT VALUE FOR s',
    "EXEC xp_cmdshell 'id'",
    'SELECT 1 IF 1=1 SELECT 2',
    'SELECT 1.DROP TABLE t',
    "SELECT 1 END CONVERSATION 'x'",
    'SELECT 1 RENAME OBJECT t TO u',
    'SELECT * FROM t WITH (XLOCK)',
    'SELECT * FROM t WITH (TABLOCKX, HOLDLOCK)',
    "SELECT * FROM sys.dm_os_file_exists('\\\\evil\\x')",
  ],
  sqlite: [
    'PRAGMA writable_schema=1',
    "ATTACH 'x' AS y",
    "SELECT load_extension('x')",
    "select writefile('a','b')",
    'SELECT [a]];DROP TABLE t;--]',
  ],
  kql: [
    '.drop table T',
    'T | take 1; .drop table T',
    '// x\n.show tables',
    '.show tables | take 1',
    "externaldata(a:string)['https://evil.example']",
    "T | evaluate http_request('https://evil.example')",
    "evaluate sql_request('a','b')",
    "cluster('evil').database('d').T",
    "['cluster']('evil').database('d').T",
    "['external_table'] ('x')",
    '["Exfil"](\'x\')',
    "adx('evil').T",
    "union workspace('w').T, U",
    "app('a').requests",
    "resource('r').T",
    'arg("").Resources',
    'set notruncation; T',
    '',
    "T | where x == 'a\n.drop table T'",
  ],
} as const;

for (const [dialect, queries] of Object.entries(reading)) {
  test(`${dialect}: reads what only reads, whatever stands in strings, names and comments`, () => {
    all(rules({ type: 'sql', dialect }), queries, undefined);
  });
}
for (const [dialect, queries] of Object.entries(changing)) {
  test(`${dialect}: refuses what changes something, calls something, is several, or would be read differently`, () => {
    const rule = rules({ type: 'sql', dialect });
    for (const query of queries) assert.match(rule(query) ?? 'none', /^sql-/, query);
  });
}

test('names the only functions that may be called, and lets names and literals be only that', () => {
  const few = rules({ type: 'sql', dialect: 'postgres', functions: ['count', 'lower'] });
  all(few, ['SELECT count(*), lower(a) FROM t WHERE a IN (1) AND (b OR c)'], undefined);
  all(few, ['SELECT upper(a)', 'SELECT "upper"(a)', 'SELECT public.f(1)'], 'sql-function');
  const name = rules({ type: 'sql', allows: 'identifier' });
  all(name, ['users', 'dbo.Users', '顧客'], undefined);
  all(name, ['users; drop', 'a b', 'drop', '"a"', 'a..b', '', 'a--b', '1a'], 'sql-identifier');
  const literal = rules({ type: 'sql', allows: 'literal' });
  all(literal, ['Tokyo', '東京 1-2', 5, true], undefined);
  all(literal, ["x' OR 1=1", 'x\\', 'a--b', 'ʼ', 'a;b', '/*'], 'sql-literal');
});

test('finds typed arguments in lists and objects, whatever the case of their names', () => {
  const types = { '/files/*/path': { type: 'path' }, '/all': { type: 'path' }, '/by/*': { type: 'path' } };
  const check = createTypeCheck(argumentSettings.parse([{ match: { servers: ['s*'], tools: ['read_*'] }, types }]));
  const at = (given: JsonObject, name = 'read_files', server = 's1'): unknown =>
    check({ server, primitive: 'tools', name, tool: {}, arguments: given })?.data?.['path'];
  assert.equal(at({ files: [{ path: 'a' }, { path: '../b' }] }), '/files/1/path');
  assert.equal(at({ Files: [{ PATH: '../b' }] }), '/Files/0/PATH');
  assert.equal(at({ all: ['a', ['../b']] }), '/all/1/0');
  assert.equal(at({ by: { 'x/y': '../b' } }), '/by/x~1y');
  assert.equal(at({ all: { a: 'b' } }), '/all', 'an object is no text');
  assert.equal(at({ files: '[{"path":"../b"}]' }), '/files', 'a list in JSON is none');
  assert.equal(at({ files: ['{"path":"../b"}'] }), '/files/0');
  assert.equal(at({ files: null, by: 5 }), undefined);
  assert.equal(at({ all: '../b' }, 'write'), undefined, 'another tool');
  assert.equal(at({ all: '../b' }, 'read_x', 't'), undefined, 'another server');
  assert.equal(at(JSON.parse('{"__proto__":{"all":"../b"},"constructor":1}') as JsonObject), undefined);
});

test("follows the types in a tool's own schema, also through references that lead back", () => {
  const check = createTypeCheck([]);
  const at = (inputSchema: JsonObject, given: JsonObject): unknown => {
    const refusal = check({ server: 's', primitive: 'tools', name: 't', tool: { inputSchema }, arguments: given });
    return refusal?.data?.['path'] ?? refusal?.code;
  };
  const path = { type: 'string', 'x-genkan-type': 'path' };
  const tree = {
    $defs: { node: { properties: { path, children: { type: 'array', items: { $ref: '#/$defs/node' } } } } },
    $ref: '#/$defs/node',
  };
  assert.equal(at(tree, { path: 'a', children: [{ children: [{ path: '../x' }] }] }), '/children/0/children/0/path');
  assert.equal(
    at(tree, { path: '/anywhere/its/administrator/lets/it' }),
    undefined,
    'where, is not for the server to say',
  );
  assert.equal(at({ anyOf: [{ properties: { a: path } }, {}] }, { a: '../x' }), '/a');
  assert.equal(at({ additionalProperties: { 'x-genkan-type': { type: 'path', roots: ['/a'] } } }, { z: '/b' }), '/z');
  assert.equal(
    at({ $defs: { p: { $anchor: 'here', ...path } }, properties: { a: { $ref: '#here' } } }, { a: '../x' }),
    '/a',
  );
  assert.equal(at({ properties: { a: { 'x-genkan-type': 'no such' } } }, {}), 'inspect_schema_refused');
  assert.equal(at({ properties: { a: { type: 'string' } } }, { a: '../x' }), undefined);
});

test('checks prompts, and resources by the variables of their templates', () => {
  const check = createTypeCheck(
    argumentSettings.parse([
      { match: { prompts: ['summary'] }, types: { '/file': { type: 'path' } } },
      {
        match: { resources: ['files:///{+path}', 'db://{table}/rows/{id}'] },
        types: { '/path': { type: 'path' }, '/table': { type: 'sql', allows: 'identifier' } },
      },
    ]),
  );
  const rule = (primitive: 'prompts' | 'resources', name: string, given = {}): unknown =>
    check({ server: 's', primitive, name, arguments: given })?.data?.['rule'];
  assert.equal(rule('prompts', 'summary', { file: '../x' }), 'path-parent');
  assert.equal(rule('prompts', 'other', { file: '../x' }), undefined);
  assert.equal(rule('resources', 'files:///a/b.txt'), undefined);
  assert.equal(rule('resources', 'files:///a/../b'), 'path-parent');
  assert.equal(rule('resources', 'files:///a/%2e%2e/b'), 'path-parent');
  assert.equal(rule('resources', 'files:///a%252e'), 'path-encoded');
  assert.equal(rule('resources', 'FILES:///a/../b'), 'uri-unclear');
  assert.equal(rule('resources', 'f%69les:///a/../b'), 'uri-unclear');
  assert.equal(rule('resources', 'db://users/rows/5'), undefined);
  assert.equal(rule('resources', 'db://users;drop/rows/5'), 'sql-identifier');
  assert.equal(rule('resources', 'db://a/b/rows/5'), 'uri-unclear');
  assert.equal(rule('resources', 'other://../x'), undefined);

  // What is to be completed: a template, whatever its server calls the variables, and what was typed so far.
  assert.equal(rule('resources', 'files:///{+path}', { path: 'a/re' }), undefined);
  assert.equal(rule('resources', 'files:///{+path}', { path: '../../etc/passwd' }), 'path-parent');
  assert.equal(rule('resources', 'files:///{path}', { path: '../../etc/passwd' }), 'path-parent');
  assert.equal(rule('resources', 'files:///{+file}', { file: '../../etc/passwd' }), 'path-parent');
  assert.equal(rule('resources', '{+uri}', { uri: 'files:///../x' }), 'path-parent');
  assert.equal(rule('resources', 'db://{table}/rows/{id}', { id: '5' }), undefined);
  assert.equal(rule('resources', 'db://{table}/rows/{id}', { id: '5', table: 'a;b' }), 'sql-identifier');
  assert.equal(rule('resources', `files:///${'{a}'.repeat(1e5)}`, { a: 'a'.repeat(1e6) }), 'uri-unclear', 'too long');
  assert.equal(rule('resources', 'files:///../b', { path: 'a' }), 'path-parent', 'what is given hides nothing');
});

test('says which rule in four languages, and never shows the value', () => {
  const check = createTypeCheck(
    argumentSettings.parse([{ match: { tools: ['*'] }, types: { '/a': { type: 'path' } } }]),
  );
  const refusal = check({ server: 's', primitive: 'tools', name: 't', tool: {}, arguments: { a: '../hunter2' } });
  assert.ok(refusal !== undefined && refusal.code === 'inspect_argument_path');
  for (const language of languages) {
    const { message, hint } = describe(refusal, language);
    assert.match(message, /\/a/);
    assert.doesNotMatch(message + hint + JSON.stringify(refusal), /hunter2/);
  }
});

test('bounds its work whatever schema and arguments make of it', () => {
  const both = { $ref: '#' };
  const inputSchema = {
    'x-genkan-type': 'path',
    items: { allOf: [both, both] },
    properties: Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`p${at}`, both])),
  };
  const check = createTypeCheck([]);
  const args = { p0: Array.from({ length: 300_000 }, () => ['a']) };
  const startedAt = performance.now();
  const refusal = check({ server: 's', primitive: 'tools', name: 't', tool: { inputSchema }, arguments: args });
  assert.ok(refusal !== undefined);
  assert.ok(performance.now() - startedAt < 5000);
});
