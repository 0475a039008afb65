// The attacker names two hosts in one request: a proxy before us checks the one, we would go by the other.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openListener, speak } from '../support/listener.ts';

const twoHosts = (path: string, one: string, other: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${one}\r\nhOST: ${other}\r\nConnection: close\r\n\r\n`;

test('control: a server that takes what Node gives it goes by the first and never sees the other', async (context) => {
  const careless = createServer((request, response) => response.end(`for ${request.headers.host}`));
  await once(careless.listen(0, '127.0.0.1'), 'listening');
  context.after(() => careless.close());
  const { port } = careless.address() as AddressInfo;
  assert.match(await speak(port, twoHosts('/', 'mcp.example.com', 'evil.example')), /200 OK[^]*for mcp\.example\.com/);
});

test('a request with two hosts is refused at every address, even when both are ours', async () => {
  await using open = await openListener();
  for (const other of ['evil.example', 'mcp.example.com', '']) {
    for (const path of ['/mcp', '/oauth/token', '/api/server/list', '/metrics', '/healthz', '/']) {
      const answered = await speak(open.port, twoHosts(path, 'mcp.example.com', other));
      assert.match(answered, /^HTTP\/1\.1 400 [^]*server_host_repeated/, `${path} ${other}`);
    }
  }
});
