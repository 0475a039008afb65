// Attack: the code is sent to an address that only looks like the client's, or the client registers an address that is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, authorize, register } from '../support/oauth-client.ts';

test('only the exact redirect URI is served; any other shows an error and sends nothing anywhere', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const registered = await register(publicUrl, { redirect_uris: ['https://client.example/callback'] });
  const status = async (redirectUri: string | undefined): Promise<number> => {
    const asked = await authorizationRequest(registered, { resource: `${publicUrl}/mcp`, redirect_uri: redirectUri });
    const response = await createBrowser().send(asked.url);
    const location = response.headers.get('location');
    assert.ok(location === null || location.startsWith('/signin/'), `${redirectUri} → ${location}`);
    return response.status;
  };
  const bent = [
    'https://client.example/callback/',
    'https://client.example/callback/../evil',
    'https://client.example/callback?x=1',
    'https://client.example/callback#x',
    'https://client.example/Callback',
    'https://CLIENT.example/callback',
    'https://client.example:443/callback',
    'https://client.example:8443/callback',
    'https://client.example./callback',
    'https://client.example@evil.example/callback',
    'https://client.example.evil.example/callback',
    'https://evil.example/https://client.example/callback',
    'https://client.example%2fcallback',
    'http://client.example/callback',
    '//client.example/callback',
    'javascript:alert(1)//client.example/callback',
    undefined,
  ];
  for (const uri of bent) assert.equal(await status(uri), 400, String(uri));
  assert.equal(await status('https://client.example/callback'), 303, 'control: the registered one leads to sign-in');
});

test('a native client may use any port on its loopback address, and nothing else may differ', async () => {
  await using house = await startIdentityHouse();
  const registered = await register(house.publicUrl, { redirect_uris: ['http://127.0.0.1/callback'] });
  const status = async (redirectUri: string): Promise<number> => {
    const asked = await authorizationRequest(registered, {
      resource: `${house.publicUrl}/mcp`,
      redirect_uri: redirectUri,
    });
    return (await createBrowser().send(asked.url)).status;
  };
  assert.equal(await status('http://127.0.0.1:49152/callback'), 303, 'control: RFC 8252 §7.3');
  for (const uri of [
    'http://127.0.0.1:49152/other',
    'http://localhost:49152/callback',
    'http://127.0.0.2:49152/callback',
    'http://127.0.0.1.evil.example:49152/callback',
    'http://127.0.0.1:49152@evil.example/callback',
    'https://127.0.0.1:49152/callback',
  ])
    assert.equal(await status(uri), 400, uri);
});

test('registrations with addresses that are no place for a code are refused', async () => {
  await using house = await startIdentityHouse();
  for (const uri of [
    'http://client.example/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ms-word:ofe|u|https://evil.example/x',
    'urn:ietf:wg:oauth:2.0:oob',
    'https://user:secret@client.example/callback',
    'https://client.example/callback#fragment',
    'https://127.0.0.1/callback',
    'not a uri',
    '',
  ])
    await assert.rejects(register(house.publicUrl, { redirect_uris: [uri, 'http://127.0.0.1/'] }), Error, uri);
  await assert.rejects(register(house.publicUrl, { redirect_uris: [] }));
  await register(house.publicUrl, { redirect_uris: ['cursor://app/callback', 'http://127.0.0.1/'] });
});

test('control: on the list of its client each of these addresses gets the code', async () => {
  await using house = await startIdentityHouse();
  const resource = `${house.publicUrl}/mcp`;
  for (const uri of [
    'https://client.example/callback/',
    'https://client.example/callback?x=1',
    'https://client.example/Callback',
    'https://client.example:8443/callback',
    'https://client.example./callback',
    'https://client.example.evil.example/callback',
    'https://evil.example/https://client.example/callback',
    'http://localhost:49152/callback',
  ]) {
    const { callback } = await authorize(await register(house.publicUrl, { redirect_uris: [uri] }), { resource });
    assert.ok(callback.href.startsWith(uri) && callback.searchParams.has('code'), uri);
  }
});
