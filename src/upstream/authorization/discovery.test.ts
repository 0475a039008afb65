// Checks where metadata is looked for, in which order, and what of it is believed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverAuthorizationServer, discoverResource, DiscoveryFault } from './discovery.ts';

const server = 'https://mcp.example.com/team/mcp';

/** A web with these documents and nothing else. */
function webOf(documents: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  return {
    asked,
    check: (url: string | URL) => new URL(url),
    fetch: (url: string | URL) => {
      asked.push(String(url));
      const found = documents[String(url)];
      if (typeof found === 'number') return Promise.resolve(new Response('', { status: found }));
      if (found === undefined) return Promise.resolve(new Response('not found', { status: 404 }));
      return Promise.resolve(typeof found === 'string' ? new Response(found) : Response.json(found));
    },
  };
}

const resourceOf = (resource: string) => ({ resource, authorization_servers: ['https://login.example.com'] });

test('resource metadata is looked for below the path, then at the root', async () => {
  const web = webOf({
    'https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp': '<html>',
    'https://mcp.example.com/.well-known/oauth-protected-resource': resourceOf('https://mcp.example.com'),
  });
  const { resource, issuers } = await discoverResource(server, undefined, web);
  assert.equal(resource, 'https://mcp.example.com');
  assert.deepEqual(issuers, ['https://login.example.com']);
  assert.deepEqual(web.asked, [
    'https://mcp.example.com/.well-known/oauth-protected-resource/team/mcp',
    'https://mcp.example.com/.well-known/oauth-protected-resource',
  ]);
});

test('where the challenge names the place, nothing else is asked', async () => {
  const place = 'https://mcp.example.com/elsewhere.json';
  const web = webOf({ [place]: resourceOf(server) });
  await discoverResource(server, place, web);
  assert.deepEqual(web.asked, [place]);
  await assert.rejects(discoverResource(server, `${place}.old`, web), DiscoveryFault);
});

for (const [resource, speaksForIt] of [
  [server, true],
  [`${server}/`, true],
  ['https://mcp.example.com/team', true],
  ['https://mcp.example.com/te', false],
  ['https://mcp.example.com/team/mcp/more', false],
  ['https://mcp.example.com:8443/team/mcp', false],
  ['http://mcp.example.com/team/mcp', false],
  ['https://evil.example.com/team/mcp', false],
  ['https://mcp.example.com/team/mcp?tenant=2', false],
] as const)
  test(`metadata of ${resource} ${speaksForIt ? 'speaks' : 'does not speak'} for the server`, async () => {
    const found = discoverResource(
      server,
      'https://mcp.example.com/m',
      webOf({ 'https://mcp.example.com/m': resourceOf(resource) }),
    );
    if (speaksForIt) assert.equal((await found).resource, resource);
    else await assert.rejects(found, DiscoveryFault);
  });

const metadataOf = (issuer: string, more: object = {}) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  code_challenge_methods_supported: ['S256'],
  ...more,
});

test('authorization servers are looked for in the order of the specification, with and without a path', async () => {
  const web = webOf({});
  await assert.rejects(discoverAuthorizationServer('https://login.example.com', web), DiscoveryFault);
  await assert.rejects(discoverAuthorizationServer('https://login.example.com/tenant', web), DiscoveryFault);
  assert.deepEqual(web.asked, [
    'https://login.example.com/.well-known/oauth-authorization-server',
    'https://login.example.com/.well-known/openid-configuration',
    'https://login.example.com/.well-known/oauth-authorization-server/tenant',
    'https://login.example.com/.well-known/openid-configuration/tenant',
    'https://login.example.com/tenant/.well-known/openid-configuration',
  ]);
});

for (const [asked, told, believed] of [
  ['https://login.example.com', 'https://login.example.com', true],
  ['https://login.example.com/', 'https://login.example.com', true],
  ['https://login.example.com/t', 'https://login.example.com/t/', false],
  ['https://login.example.com', 'https://LOGIN.example.com', false],
  ['https://login.example.com', 'https://login.example.com:443', false],
] as const)
  test(`asked for ${asked}, an issuer ${told} is ${believed ? 'believed' : 'not believed'}`, async () => {
    const path = new URL(asked).pathname.replace(/\/$/, '');
    const place = `https://login.example.com/.well-known/oauth-authorization-server${path}`;
    const found = discoverAuthorizationServer(asked, webOf({ [place]: metadataOf(told) }));
    if (believed) assert.equal((await found).issuer, told);
    else await assert.rejects(found, DiscoveryFault);
  });

test('a server in trouble is not one without metadata', async () => {
  const web = webOf({ 'https://login.example.com/.well-known/oauth-authorization-server': 503 });
  await assert.rejects(discoverAuthorizationServer('https://login.example.com', web), /503/);
  assert.equal(web.asked.length, 1);
});
