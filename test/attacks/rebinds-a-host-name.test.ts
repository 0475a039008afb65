// The attacker's web page reaches Genkan on loopback through a host name that was rebound to 127.0.0.1.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { post } from '../support/mcp-post.ts';

let house: TestHouse;
before(async () => {
  house = await openTestHouse({ servers: {} });
});
after(() => house[Symbol.asyncDispose]());

test('control: a server that ignores Host and Origin answers the page', async () => {
  const careless = createServer((_request, response) => response.end('here you are')).listen(0, '127.0.0.1');
  await once(careless, 'listening');
  const url = `http://127.0.0.1:${(careless.address() as AddressInfo).port}`;
  const headers = { host: 'evil.example', origin: 'http://evil.example' };
  assert.equal((await post(url, {}, { headers })).body, 'here you are');
  careless.close();
});

for (const path of [
  '/mcp',
  '/mcp/one',
  '/oauth/token',
  '/api/server/list',
  '/.well-known/oauth-authorization-server',
]) {
  test(`a foreign Host is refused at ${path}`, async () => {
    assert.equal((await post(house.url + path, {}, { headers: { host: 'evil.example' } })).status, 421);
  });
  test(`a foreign Origin is refused at ${path}`, async () => {
    assert.equal((await post(house.url + path, {}, { headers: { origin: 'http://evil.example' } })).status, 403);
  });
}

test('metrics, which go by the peer as well, are refused to a foreign Host and a foreign Origin', async () => {
  for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }])
    assert.equal((await post(`${house.url}/metrics`, '', { method: 'GET', headers })).status, 403);
});

test('an origin that only begins like ours is foreign', async () => {
  for (const origin of [
    `${house.url}.evil.example`,
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
  ])
    assert.equal((await post(`${house.url}/mcp`, {}, { headers: { origin } })).status, 403, origin);
});

test('pages of this machine, such as a local inspector, may call', async () => {
  const answered = await post(`${house.url}/mcp`, {}, { headers: { origin: 'http://localhost:6274' } });
  assert.equal(answered.status, 401); // past the check, up to sign-in
  assert.equal(answered.headers['access-control-allow-origin'], 'http://localhost:6274');
});
