// Attack (SSRF): a client names itself by a URL inside our network, or by very many URLs, so that we ask there in its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { HouseOptions } from '../support/identity-house.ts';
import { authorizationRequest, discover, open } from '../support/oauth-client.ts';

const redirectUri = 'https://client.example/callback';

async function documentHouse(settings: HouseOptions['settings'] = {}) {
  const fetched: string[] = [];
  // Every address but the identity provider's serves a well-formed document.
  const send: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.startsWith('http:')) return fetch(input, init);
    fetched.push(url);
    const document = {
      client_id: url,
      client_name: 'Described',
      redirect_uris: [redirectUri],
      jwks_uri: `${url}/jwks`,
    };
    return Promise.resolve(Response.json(document));
  };
  const house = await startIdentityHouse({ settings, fetch: send });
  const server = await discover(house.publicUrl);
  const arrive = async (clientId: string) => {
    const parameters = { resource: `${house.publicUrl}/mcp`, redirect_uri: redirectUri };
    const asked = await authorizationRequest({ server, client: { client_id: clientId } }, parameters);
    return open(createBrowser(), asked);
  };
  return { house, fetched, arrive };
}

const inner = [
  '127.0.0.1',
  '[::1]',
  '[::ffff:7f00:1]',
  '2130706433',
  '0x7f.1',
  '169.254.169.254',
  'localhost',
  'intranet',
];

test('documents are fetched from public names at the usual port only', async () => {
  const { house, fetched, arrive } = await documentHouse();
  await using _ = house;
  for (const host of [...inner, 'client.example:22'])
    assert.equal((await arrive(`https://${host}/client.json`)).response!.status, 400, host);
  assert.deepEqual(fetched, []);

  const { page } = await arrive('https://client.example/client.json');
  assert.match(page!, /client\.example/, 'control: a public name is asked, and vouches for the client');
  assert.deepEqual(fetched, ['https://client.example/client.json'], 'and nothing that the document points to');
});

test('control: without the restriction each of these addresses would be asked', async () => {
  const { house, fetched, arrive } = await documentHouse({ clientIdMetadata: { allowPrivateAddresses: true } });
  await using _ = house;
  for (const host of inner) await arrive(`https://${host}/client.json`);
  assert.equal(fetched.length, inner.length);
});

test('one address can make us fetch so many documents a minute; known ones go on working', async () => {
  const { house, fetched, arrive } = await documentHouse();
  await using _ = house;
  for (let index = 0; index < 40; index += 1) await arrive(`https://victim.example/${index}.json`);
  assert.equal(fetched.length, 20);
  assert.equal((await arrive('https://victim.example/0.json')).response!.status, 200, 'from the cache');
  house.advance(60_001);
  await arrive('https://victim.example/39.json');
  assert.equal(fetched.length, 21, 'control: a minute later the next is fetched');
});
