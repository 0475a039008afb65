// Tests of the settings of servers: what is refused, and what a server gets by default.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from './environment.ts';
import { serverName, serverSettings } from './settings.ts';

const problem = (settings: object): string => JSON.stringify(serverSettings.safeParse(settings).error?.issues ?? []);

test('fills in bounds', () => {
  const { timeoutSeconds, startSeconds, maxChannels, idleSeconds, maxMessageBytes, approved } = serverSettings.parse({
    command: ['server'],
  });
  assert.deepEqual(
    { timeoutSeconds, startSeconds, maxChannels, idleSeconds, maxMessageBytes, approved },
    {
      timeoutSeconds: 300,
      startSeconds: 30,
      maxChannels: 32,
      idleSeconds: 600,
      maxMessageBytes: 16_777_216,
      approved: true,
    },
  );
});

test('takes either a command or an address', () => {
  assert.equal(problem({ url: 'https://mcp.example.com/mcp' }), '[]');
  assert.notEqual(problem({}), '[]');
  assert.notEqual(problem({ command: ['x'], url: 'https://mcp.example.com/' }), '[]');
  assert.notEqual(problem({ command: 'x' }), '[]');
  assert.notEqual(problem({ command: ['x'], sandbox: false }), '[]');
});

test('permits http:// on this machine only, unless told otherwise', () => {
  for (const host of ['127.0.0.1:8080', 'localhost', '[::1]', '127.1', '2130706433']) {
    assert.equal(problem({ url: `http://${host}/mcp` }), '[]', host);
  }
  for (const host of [
    '10.0.0.1',
    '169.254.169.254',
    'mcp.example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '[::ffff:7f00:1]',
  ]) {
    assert.match(problem({ url: `http://${host}/mcp` }), /http:\/\/ is only for this machine/, host);
    assert.equal(problem({ url: `http://${host}/mcp`, insecureHttp: true }), '[]');
  }
});

test('refuses credentials in addresses, literal header values, and headers that are ours', () => {
  assert.match(problem({ url: 'https://user:password@mcp.example.com/' }), /by reference/);
  assert.notEqual(problem({ url: 'https://mcp.example.com/', headers: { authorization: 'Bearer x' } }), '[]');
  const secret = { source: 'env', name: 'TOKEN' };
  assert.equal(
    problem({ url: 'https://mcp.example.com/', headers: { Authorization: secret, 'x-api-key': secret } }),
    '[]',
  );
  for (const name of [
    'Host',
    'content-length',
    'Mcp-Session-Id',
    'transfer-encoding',
    'accept',
    'bad name',
    'x\r\ny',
  ]) {
    assert.notEqual(problem({ url: 'https://mcp.example.com/', headers: { [name]: secret } }), '[]', name);
  }
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.com',
    'javascript:1',
    '//example.com',
    'https://example.com/#x',
  ]) {
    assert.notEqual(problem({ url }), '[]', url);
  }
});

test('keeps the separator of server and tool out of names', () => {
  for (const name of ['azure', 'a', 'my-server-2', 'x'.repeat(40)]) assert.ok(serverName.safeParse(name).success, name);
  for (const name of ['', 'a_b', 'a__b', '-a', 'a-', 'a--b', 'A', 'a/b', '..', 'x'.repeat(41), 'a\n']) {
    assert.ok(!serverName.safeParse(name).success, name);
  }
});

test('passes on the few variables without which programs do not start, on Windows in any spelling', () => {
  const ours = {
    PATH: '/bin',
    HOME: '/root',
    AZURE_CLIENT_SECRET: 's',
    Path: 'C:\\',
    SystemRoot: 'C:\\W',
    NODE_OPTIONS: '-r x',
  };
  assert.deepEqual(childEnvironment(ours, { OWN: '1', HOME: '/tmp' }, 'linux'), {
    PATH: '/bin',
    HOME: '/tmp',
    OWN: '1',
  });
  assert.deepEqual(childEnvironment({ Path: 'C:\\', SystemRoot: 'C:\\W', HOME: 'x' }, {}, 'win32'), {
    Path: 'C:\\',
    SystemRoot: 'C:\\W',
  });
});
