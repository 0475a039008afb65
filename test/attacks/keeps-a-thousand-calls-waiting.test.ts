// Threat: one person keeps so many calls waiting at a slow server that nobody else gets a place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

/** How another person's call ends while dana keeps twelve waiting at a server that takes eight at once. */
async function callBeside(
  maxRequestsPerUser: number,
): Promise<{ readonly other: number; readonly refused: readonly number[] }> {
  const gate = Promise.withResolvers<void>();
  const full = Promise.withResolvers<void>();
  let waiting = 0;
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      async handle({ message }) {
        if (message.method !== 'tools/call' || message.params?.['name'] !== 'write') return false;
        if (++waiting === Math.min(maxRequestsPerUser, 8)) full.resolve();
        await gate.promise;
        return false;
      },
    }),
  );
  await using room = await openGatewayRoom({
    access: makersUse('slow'),
    servers: { slow: { url: upstream.url, maxCalls: 8 } },
    gateway: { maxRequestsPerUser },
  });
  const call = (token: string, name: string): Promise<number> => {
    const { body, headers } = modern('tools/call', { name, arguments: {} });
    return post(`${room.url}/mcp/slow`, body, { token, headers }).then(({ status, message }) =>
      message.error === undefined ? status : Math.max(status, 400),
    );
  };
  await call('dana', 'read'); // the server is known from now on
  const kept = Array.from({ length: 12 }, () => call('dana', 'write'));
  await full.promise;
  const other = await call('erin', 'read');
  gate.resolve();
  return { other, refused: (await Promise.all(kept)).filter((status) => status !== 200) };
}

test('control: without a limit for one person, another one is turned away', async () => {
  const { other } = await callBeside(1000);
  assert.notEqual(other, 200);
});

test('what one person keeps waiting leaves room for others', async () => {
  const { other, refused } = await callBeside(6);
  assert.equal(other, 200);
  assert.deepEqual(refused, Array(6).fill(429));
});
