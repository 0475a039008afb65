// Sign-in of a client that knows only the HTTP+SSE address of a server, judged by a strict OAuth client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { startIdentityHouse } from '../support/identity-house.ts';
import { insecure, obtainTokens, refresh } from '../support/oauth-client.ts';

for (const { address, audience } of [
  { address: '/mcp/files/sse', audience: '/mcp/files' },
  { address: '/sse', audience: '/mcp' },
]) {
  test(`a token that was obtained for ${address} is one for ${audience}, and for nothing else`, async () => {
    await using house = await startIdentityHouse();
    const { identity, publicUrl } = house;
    const url = new URL(address, publicUrl);
    const response = await oauth.resourceDiscoveryRequest(url, insecure);
    const document = await oauth.processResourceDiscoveryResponse(url, response); // demands the very same URL (RFC 9728 §3.3)

    const session = await obtainTokens(publicUrl, document.resource);
    const verdict = async (token: string, resource: string): Promise<string> => {
      const verified = await identity.verify(`Bearer ${token}`, publicUrl + resource);
      return verified.outcome === 'allow' ? 'allow' : verified.code;
    };
    assert.equal(await verdict(session.tokens.access_token, audience), 'allow');
    for (const other of ['/mcp/azure', '/api', audience === '/mcp' ? '/mcp/files' : '/mcp'])
      assert.equal(await verdict(session.tokens.access_token, other), 'identity_token_audience');

    const renewed = (await (await refresh(session, session.tokens.refresh_token!)).json()) as { access_token: string };
    assert.equal(await verdict(renewed.access_token, audience), 'allow');
  });
}
