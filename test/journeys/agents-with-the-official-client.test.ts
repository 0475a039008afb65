// Agents built on the official SDK: its own ways to sign in without a person, against the whole of Genkan.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  Client,
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import { exportJWK, generateKeyPair } from 'jose';
import { newSecret } from '../../src/identity/agents/agents.ts';
import { createCompanyProvider } from '../support/company-provider.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const keys = { kind: 'keys', jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] } } as const;
const { secret, credential } = newSecret();
const company = await createCompanyProvider();

const notes = { resources: ['/mcp/notes'], introspects: false, dpop: false, createdBy: 'operator' };

async function toolsFor(house: TestHouse, authProvider: OAuthClientProvider): Promise<string[]> {
  const client = new Client({ name: 'agent', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp/notes`), { authProvider }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

test('signs in by key, by secret and by the word of a company, and finds the tools of its roles', async (context) => {
  context.after(() => mock.restoreAll());
  mock.method(globalThis, 'fetch', company.fetch);
  await using upstream = await startHttpUpstream(mcpByHand({}));
  const assignment = (principal: object) => ({ principal, role: 'MCP User', scope: '/servers/notes' });
  await using house = await openTestHouse({
    servers: { notes: { url: upstream.url } },
    identity: {
      provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
      enterpriseAssertions: [{ issuer: company.issuer }],
    },
    access: {
      assignments: [
        assignment({ application: 'by-key' }),
        assignment({ application: 'by-secret' }),
        assignment({ user: `${company.issuer}#dana` }),
      ],
    },
  });
  const { clients } = house.house;
  await clients.add({ ...notes, clientId: 'by-key', credential: keys });
  await clients.add({ ...notes, clientId: 'by-secret', credential });

  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256' };
  const byKey = new PrivateKeyJwtProvider({
    clientId: 'by-key',
    privateKey: jwk,
    algorithm: 'ES256',
    expectedIssuer: house.url,
  });
  assert.deepEqual(await toolsFor(house, byKey), ['read', 'write']);
  const bySecret = new ClientCredentialsProvider({
    clientId: 'by-secret',
    clientSecret: secret,
    expectedIssuer: house.url,
  });
  assert.deepEqual(await toolsFor(house, bySecret), ['read', 'write']);

  let named: { audience?: string; resource?: string } = {};
  const byWord = new CrossAppAccessProvider({
    clientId: 'by-secret',
    clientSecret: secret,
    expectedIssuer: house.url,
    assertion: ({ authorizationServerUrl: audience, resourceUrl: resource }) => {
      named = { audience: String(audience), resource: String(resource) };
      const claims = { sub: 'dana', aud: named.audience, resource: named.resource, client_id: 'by-secret' };
      return company.sign(claims, { typ: 'oauth-id-jag+jwt' });
    },
  });
  assert.deepEqual(await toolsFor(house, byWord), ['read', 'write'], JSON.stringify(named));
  const [last] = await house.house.audit.list({ limit: 1, action: 'tools/list' });
  assert.equal(last!.user, `${company.issuer}#dana`);
});
