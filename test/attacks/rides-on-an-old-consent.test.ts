// Attack (confused deputy): a code is obtained without a question, because the person once agreed to something else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, authorize, open, register } from '../support/oauth-client.ts';
import type { Registered } from '../support/oauth-client.ts';

const good = 'https://client.example/callback';
const second = 'https://evil.example/callback';

async function consentedClient(publicUrl: string) {
  const registered = await register(publicUrl, { redirect_uris: [good, second] });
  const { browser } = await authorize(registered, { resource: `${publicUrl}/mcp/files`, redirect_uri: good });
  const silently = async (client: Registered, parameters: Record<string, string>) => {
    const arrival = await open(browser, await authorizationRequest(client, parameters));
    return arrival.url.searchParams.has('code') ? 'code' : arrival.page!.includes('name="decision"') ? 'asks' : 'error';
  };
  return { registered, silently };
}

test('a second redirect URI of the same client gets no code without consent', async () => {
  await using house = await startIdentityHouse();
  const resource = `${house.publicUrl}/mcp/files`;
  const { registered, silently } = await consentedClient(house.publicUrl);
  // Control: what the person agreed to needs no second question, so there is something to ride on.
  assert.equal(await silently(registered, { resource, redirect_uri: good }), 'code');
  assert.equal(await silently(registered, { resource, redirect_uri: second }), 'asks');
});

test('another resource, another client and a forced question are asked about', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const { registered, silently } = await consentedClient(publicUrl);
  assert.equal(await silently(registered, { resource: `${publicUrl}/mcp/azure`, redirect_uri: good }), 'asks');
  assert.equal(await silently(registered, { resource: `${publicUrl}/api`, redirect_uri: good }), 'asks');
  assert.equal(
    await silently(registered, { resource: `${publicUrl}/mcp/files`, redirect_uri: good, prompt: 'consent' }),
    'asks',
  );
  const twin = await register(publicUrl, { redirect_uris: [good] });
  assert.equal(await silently(twin, { resource: `${publicUrl}/mcp/files`, redirect_uri: good }), 'asks');
});

test('whoever agreed to a part of a resource is asked about the other parts, and whoever agreed to nothing about each', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl } = house;
  const resource = `${publicUrl}/mcp/files`;
  const registered = await register(publicUrl, { redirect_uris: [good] });
  const { browser } = await authorize(registered, { resource, scope: 'mcp:read' });
  const silently = async (client: Registered, scope: string) => {
    const arrival = await open(browser, await authorizationRequest(client, { resource, redirect_uri: good, scope }));
    return arrival.url.searchParams.has('code') ? 'code' : arrival.page!.includes('name="decision"') ? 'asks' : 'error';
  };
  assert.equal(await silently(registered, 'mcp:read'), 'code');
  for (const scope of ['mcp:read mcp:write', 'mcp:read mcp:destroy', 'mcp'])
    assert.equal(await silently(registered, scope), 'asks', scope);
  const stranger = await register(publicUrl, { redirect_uris: [good] });
  for (const scope of ['mcp:read', 'mcp:read mcp:write', 'mcp:read mcp:destroy'])
    assert.equal(await silently(stranger, scope), 'asks', scope);

  // Control: the whole holds every part, so what is kept decides, and a wider consent would be ridden on.
  await authorize(registered, { resource, redirect_uri: good, scope: 'mcp' }, browser);
  assert.equal(await silently(registered, 'mcp:read mcp:write mcp:destroy'), 'code');
});

test('a program on the device is asked about every time, because any program can take its place', async () => {
  await using house = await startIdentityHouse();
  const resource = `${house.publicUrl}/mcp/files`;
  for (const uri of ['http://127.0.0.1:1234/callback', 'cursor://app/callback']) {
    const registered = await register(house.publicUrl, { redirect_uris: [uri] });
    const { browser } = await authorize(registered, { resource });
    const again = await open(browser, await authorizationRequest(registered, { resource }));
    assert.match(again.page ?? '', /name="decision"/, uri);
  }
});

test('control: a consent that did not say to whom and for what would be ridden on', async () => {
  await using house = await startIdentityHouse();
  const { publicUrl, database } = house;
  const { registered, silently } = await consentedClient(publicUrl);
  const [agreed] = await database.selectFrom('consent').selectAll().execute();
  const twin = await register(publicUrl, { redirect_uris: [good] });
  for (const [client, redirect_uri, path] of [
    [registered, second, '/mcp/files'],
    [registered, good, '/mcp/azure'],
    [twin, good, '/mcp/files'],
  ] as const) {
    const parameters = { resource: publicUrl + path, redirect_uri };
    assert.equal(await silently(client, parameters), 'asks');
    const { client_id } = client.client;
    await database
      .insertInto('consent')
      .values({ ...agreed!, client_id, ...parameters })
      .execute();
    assert.equal(await silently(client, parameters), 'code');
  }
});
