// The HTTP listener with doors made for the test: what it answers itself, what it keeps from the doors, and how it stops.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { openListener } from '../test/support/listener.ts';
import { post } from '../test/support/mcp-post.ts';

const foreign = { host: '10.1.2.3:7300' };
const preflight = { 'access-control-request-method': 'POST', origin: 'https://mcp.example.com' };

test('logs where a request failed, without the code and the state that its query carries', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(line) });
  const identity = { owns: () => true, handle: () => Promise.reject(new Error('broken')) };
  await using open = await openListener({ log }, { identity });
  const answered = await post(`${open.url}/auth/callback?code=s3cret-code&state=s3cret-state`, '', { method: 'GET' });
  assert.equal(answered.status, 500);
  assert.match(lines.join(''), /"path":"\/auth\/callback"/);
  assert.doesNotMatch(lines.join(''), /s3cret/);
});

test('says which address is taken, and can be closed all the same', async (context) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  context.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  await assert.rejects(openListener({ port }), {
    code: 'server_port_taken',
    params: { address: `127.0.0.1:${port}`, port },
  });
});

test('says which address it cannot have', async () => {
  const params = { address: '[2001:db8::1]:7300', reason: 'EADDRNOTAVAIL' };
  await assert.rejects(openListener({ host: '2001:db8::1', port: 7300 }), { code: 'server_address_unusable', params });
});

test('tells whoever watches over processes how it is, whatever name they ask for', async () => {
  let troubles: string[] = [];
  await using open = await openListener({}, { troubles: () => troubles });
  for (const path of ['/healthz', '/readyz'])
    assert.equal((await post(open.url + path, '', { method: 'GET', headers: foreign })).status, 200, path);
  troubles = ['audit records cannot be written'];
  const { status, body } = await post(`${open.url}/readyz`, '', { method: 'GET', headers: foreign });
  assert.deepEqual([status, body], [503, 'audit records cannot be written\n']);
});

test('lets pages of its own be read only, and says so', async () => {
  await using open = await openListener();
  for (const path of ['/healthz', '/readyz', '/metrics', '/']) {
    assert.equal((await post(open.url + path, '', { method: 'HEAD' })).status, 200, path);
    for (const method of ['POST', 'DELETE', 'PUT']) {
      const { status, headers } = await post(open.url + path, '', { method });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], `${method} ${path}`);
    }
  }
});

test('lets pages send the headers of MCP and the arguments that tools want in headers, and nothing else', async () => {
  await using open = await openListener();
  const ask = async (names: string): Promise<string[]> => {
    const headers = { ...preflight, 'access-control-request-headers': names };
    const answered = await post(`${open.url}/mcp/files`, '', { method: 'OPTIONS', headers });
    assert.equal(answered.status, 204);
    return (answered.headers['access-control-allow-headers'] as string).split(', ');
  };
  const always = await ask('');
  assert.ok(always.includes('mcp-session-id') && always.includes('authorization'));
  assert.deepEqual(await ask('mcp-param-region, mcp-param-resource-group,mcp-session-id'), [
    ...always,
    'mcp-param-region',
    'mcp-param-resource-group',
  ]);
  const others = ['x-forwarded-for', 'mcp-params', 'mcp-param-', 'mcp-param-a b', 'cookie', '*'];
  assert.deepEqual(await ask([...others, `mcp-param-${'x'.repeat(65)}`].join()), always);
  const many = Array.from({ length: 100 }, (_, index) => `mcp-param-${index}`);
  assert.equal((await ask(many.join())).length, always.length + 32);
});

test('a page that hides where it is from may come to sign-in and nowhere else', async () => {
  await using open = await openListener({ publicUrl: 'http://127.0.0.1:1' });
  const from = async (origin: string, path: string): Promise<number> =>
    (await post(open.url + path, '', { headers: { origin } })).status;
  assert.equal(await from('null', '/oauth/consent'), 200);
  for (const path of ['/mcp', '/mcp/files', '/api/people/list', '/metrics', '/'])
    assert.equal(await from('null', path), 403, path);
  for (const path of ['/oauth/consent', '/mcp', '/api/people/list'])
    assert.equal(await from('https://evil.example', path), 403, path);
});

const whileStopping: [string, RegExp][] = [
  ['/mcp/late', /^503 [^]*Connection: close[^]*"code":"gateway_stopping"/i],
  ['/readyz', /^503 [^]*Connection: close[^]*\n\nstopping\n$/i],
  ['/healthz', /^200 [^]*Connection: close[^]*\n\nok\n$/i],
];
for (const [path, expected] of whileStopping) {
  test(`while it stops, a request that was accepted is answered, and ${path} on the same connection as it should be`, async () => {
    const held = Promise.withResolvers<ServerResponse>();
    const reached: (string | undefined)[] = [];
    const mcp = (_request: unknown, response: ServerResponse, server: string | undefined): Promise<void> => {
      reached.push(server);
      return Promise.resolve(held.resolve(response));
    };
    const open = await openListener({}, { mcp });
    const socket = connect(open.port, '127.0.0.1').setEncoding('utf8');
    let answered = '';
    socket.on('data', (chunk: string) => (answered += chunk));
    socket.write('POST /mcp/slow HTTP/1.1\r\nHost: mcp.example.com\r\nContent-Length: 0\r\n\r\n');
    const slow = await held.promise;
    const closed = open.listener.close();
    const { socket: serverSide } = slow.req;
    const late = `GET ${path} HTTP/1.1\r\nHost: mcp.example.com\r\n\r\n`;
    const readInAll = serverSide.bytesRead + late.length;
    socket.write(late);
    while (serverSide.bytesRead < readInAll) await new Promise(setImmediate);
    slow.end('the slow answer');
    await once(socket, 'close');
    await closed;
    const [, first = '', second = ''] = answered.replaceAll('\r', '').split('HTTP/1.1 ');
    assert.match(first, /^200 OK[^]*the slow answer/);
    assert.match(second, expected);
    assert.deepEqual(reached, ['slow']);
  });
}
