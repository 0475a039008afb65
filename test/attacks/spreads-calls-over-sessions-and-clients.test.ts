// Attack: somebody spreads calls over many clients, sessions, tokens and batches, to have a limit for each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';

/** Of one person: stateless calls and sessions of six clients, each with two tokens. @returns how many calls passed */
async function spread(per: readonly string[]): Promise<number> {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using room = await openGatewayRoom({
    access: { ...makersUse('raw'), limits: [{ name: 'calls', per, rate: '5/h' }] },
    servers: { raw: { url: upstream.url } },
  });
  const url = `${room.url}/mcp/raw`;
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: {} } };
  for (const client of ['a', 'b', 'c', 'd', 'e', 'f']) {
    for (const token of [`dana-${client}.1`, `dana-${client}.2`]) {
      const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
      for (let calls = 0; calls < 3; calls++) await post(url, body, { token, headers });
      const session = await openLegacySession(url, token);
      for (let calls = 0; calls < 3; calls++) await post(url, call, { token, headers: session });
    }
  }
  return upstream.seen.filter(({ message }) => message.method === 'tools/call').length;
}

test('a limit of a person is one, whatever they come with', async () => {
  assert.equal(await spread(['user']), 5);
});

test('control: where clients are counted apart, each brings the whole limit', async () => {
  assert.equal(await spread(['user', 'client']), 30);
});
