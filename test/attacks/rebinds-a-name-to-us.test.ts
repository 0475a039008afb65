// Attack (DNS rebinding, header injection): a name of the attacker resolves to us, or proxy headers claim another address.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startIdentityHouse } from '../support/identity-house.ts';

function get(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    })
      .on('error', reject)
      .end();
  });
}

test('a request for another host is not answered', async () => {
  await using house = await startIdentityHouse();
  const { host } = new URL(house.publicUrl);
  for (const path of ['/.well-known/oauth-authorization-server', '/oauth/jwks', '/signin/x', '/auth/callback']) {
    for (const foreign of ['evil.example', `evil.example:${host.split(':')[1]}`, `${host}.evil.example`, 'localhost'])
      assert.equal((await get(house.publicUrl + path, { host: foreign })).status, 421, `${path} at ${foreign}`);
  }
  assert.equal((await get(`${house.publicUrl}/oauth/jwks`, { host })).status, 200, 'control');
});

test('headers of a proxy do not change the addresses that we state', async () => {
  await using house = await startIdentityHouse();
  const url = `${house.publicUrl}/.well-known/oauth-authorization-server`;
  const plain = await get(url, {});
  const claimed = await get(url, {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  });
  assert.equal(claimed.body, plain.body);
  assert.ok(!claimed.body.includes('evil'));
});

test('behind a proxy that ends TLS, addresses and cookies are those of the public address', async () => {
  await using house = await startIdentityHouse({ publicUrl: 'https://mcp.example.com' });
  const { body } = await get(`${house.listening}/.well-known/oauth-authorization-server`, { host: 'mcp.example.com' });
  const metadata = JSON.parse(body) as Record<string, string>;
  assert.equal(metadata.issuer, 'https://mcp.example.com');
  assert.equal(metadata.token_endpoint, 'https://mcp.example.com/oauth/token');
});

test('control: a front that writes our own name over the foreign one lets the page of the attacker in', async () => {
  await using house = await startIdentityHouse();
  const { host } = new URL(house.publicUrl);
  const front = createServer((incoming, response) => {
    get(house.publicUrl + incoming.url!, { ...(incoming.headers as Record<string, string>), host }).then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  const path = '/.well-known/oauth-authorization-server';
  assert.equal((await get(`http://127.0.0.1:${port}${path}`, { host: 'evil.example' })).status, 200);
  front.close();
});
