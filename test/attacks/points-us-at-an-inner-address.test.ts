// Attack (SSRF): a client names itself by a URL inside our network, or by very many URLs, so that we ask there in its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Agent, fetch as undiciFetch } from 'undici';
import { publicLookup } from '../../src/base/public-lookup.ts';
import type { Resolve } from '../../src/base/public-lookup.ts';
import { createClientDocuments, maxDocumentBytes } from '../../src/identity/client-documents.ts';
import { createBrowser } from '../support/browser.ts';
import { createTestAuthority, startHttpsServer } from '../support/entra/https-server.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { HouseOptions } from '../support/identity-house.ts';
import { authorizationRequest, discover, open } from '../support/oauth-client.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { requestToken } from '../support/token-request.ts';

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

test('keys of agents are fetched from public names only, whatever was registered, and no redirect is followed', async () => {
  const asked: string[] = [];
  const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const send: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.startsWith('http:')) return fetch(input, init);
    asked.push(url);
    if (url.includes('moved'))
      return Promise.resolve(
        new Response(null, { status: 302, headers: { location: 'https://169.254.169.254/keys' } }),
      );
    const padding = url.includes('huge') ? 'x'.repeat(100_000) : '';
    return Promise.resolve(Response.json({ keys: [jwk], padding }));
  };
  await using house = await startIdentityHouse({ fetch: send });
  const resource = `${house.publicUrl}/mcp/files`;
  let name = 'agent';
  const attempt = async (url: string): Promise<string> => {
    name += 'x';
    await registerAgent(house, name, { resources: ['/mcp/files'], credential: { kind: 'keys-at', url } });
    const agent = { client: { client_id: name }, authentication: oauth.PrivateKeyJwt(privateKey) };
    return (await requestToken(house.publicUrl, agent, 'client_credentials', { resource })).outcome;
  };
  for (const host of [...inner, 'keys.example:8443', '10.0.0.1', '[fe80::1]', '[64:ff9b::a9fe:a9fe]', '017700000001'])
    assert.notEqual(await attempt(`https://${host}/keys`), 'tokens', host);
  assert.deepEqual(asked, []);
  assert.notEqual(await attempt('https://keys.example/moved'), 'tokens');
  assert.notEqual(await attempt('https://keys.example/huge'), 'tokens');
  assert.deepEqual(asked, ['https://keys.example/moved', 'https://keys.example/huge'], 'and nothing behind them');
  assert.equal(await attempt('https://keys.example/keys'), 'tokens', 'control: a public name is asked and believed');
});

test('a document that redirects, or is larger than any description of a client, makes no client; its pictures are never fetched', async () => {
  const asked: string[] = [];
  const send: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.startsWith('http:')) return fetch(input, init);
    asked.push(url);
    if (url.includes('moved'))
      return Promise.resolve(
        new Response(null, { status: 302, headers: { location: 'https://10.0.0.1/client.json' } }),
      );
    const logo = 'https://client.example/logo.png';
    const padding = url.includes('huge') ? 'x'.repeat(20_000) : '';
    return Promise.resolve(
      Response.json({
        client_id: url,
        client_name: 'Described',
        logo_uri: logo,
        redirect_uris: [redirectUri],
        padding,
      }),
    );
  };
  await using house = await startIdentityHouse({ fetch: send });
  const server = await discover(house.publicUrl);
  const arrive = async (clientId: string) => {
    const parameters = { resource: `${house.publicUrl}/mcp`, redirect_uri: redirectUri };
    return open(createBrowser(), await authorizationRequest({ server, client: { client_id: clientId } }, parameters));
  };
  for (const name of ['moved', 'huge'])
    assert.equal((await arrive(`https://client.example/${name}`)).response!.status, 400, name);
  const { page, response } = await arrive('https://client.example/client.json');
  assert.match(page!, /Described/, 'control: a plain one does');
  assert.doesNotMatch(page!, /logo|<img/);
  assert.match(response!.headers.get('content-security-policy')!, /default-src 'none'/);
  assert.ok(!asked.some((url) => url.includes('logo') || url.includes('10.0.0.1')));
});

test('where only trusted publishers are let in, no other document is asked for', async () => {
  const { house, fetched, arrive } = await documentHouse({
    clientIdMetadata: { trusted: ['*.good.example'], others: 'refuse' },
  });
  await using _ = house;
  for (const host of ['client.example', 'good.example', 'good.example.evil.example', 'notgood.example'])
    assert.equal((await arrive(`https://${host}/client.json`)).response!.status, 400, host);
  assert.deepEqual(fetched, []);
  const { page } = await arrive('https://app.good.example/client.json');
  assert.match(page!, /your administrator trusts/, 'control');
});

test('a public name that turns to an inner address is not connected to; control: a look-up that believes it leads inside', async () => {
  const authority = createTestAuthority();
  using _ = authority;
  await using inner = await startHttpsServer(authority, (_request, response) =>
    Promise.resolve(void response.end('secret of the inside')),
  );
  const { port } = new URL(inner.origin);
  const rebound: Resolve = (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const askBy = async (lookup: ReturnType<typeof publicLookup>): Promise<string> => {
    const agent = new Agent({ connect: { lookup, rejectUnauthorized: false } });
    try {
      return await (await undiciFetch(`https://client.example:${port}/`, { dispatcher: agent })).text();
    } catch (error) {
      return String((error as Error).cause);
    } finally {
      await agent.close();
    }
  };
  assert.match(await askBy(publicLookup(rebound)), /inner address/);
  const believing: ReturnType<typeof publicLookup> = (host, options, callback) =>
    rebound(host, { ...options, all: true }, (error, found) => callback(error, found));
  assert.equal(await askBy(believing), 'secret of the inside');
});

test('control: whoever follows a redirect is led inside, and whoever reads to the end reads as much as he is sent', async () => {
  await using hostile = await startHttpUpstream(({ path }, response) => {
    if (path === '/moved') return void response.writeHead(302, { location: '/inside' }).end();
    answerJson(response, { padding: 'x'.repeat(path === '/huge' ? 1_000_000 : 1) });
  });
  const at = (path: string): string => new URL(path, hostile.url).href;
  const settings = { enabled: true, allowPrivateAddresses: true, trusted: [], others: 'ask' as const };
  const documents = createClientDocuments(settings, { clock: Date });
  assert.equal((await documents.fetch(at('/moved'), {})).status, 302);
  assert.deepEqual(
    hostile.seen.map(({ path }) => path),
    ['/moved'],
  );
  assert.equal((await fetch(at('/moved'))).url, at('/inside'));
  assert.ok((await (await fetch(at('/huge'))).text()).length > maxDocumentBytes);
});
