// The attacker has a valid session and cancels, again and again, calls that never were, until the words of others find no way.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

const times = 200;
const cancelling = (requestId: number | string): object => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});
const changed = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };

interface Slow extends HttpUpstream {
  /** What was said and is not acknowledged. */
  readonly said: ServerResponse[];
  acknowledge(): void;
}

/** A server that does not acknowledge cancellations, nor what says of itself that it is slow, until it is told to. */
async function startSlow(): Promise<Slow> {
  const said: ServerResponse[] = [];
  let quick = false;
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      handle({ message }, response) {
        const isWord = message.method === 'notifications/cancelled' || message.params?.['slow'] === true;
        if (quick || !isWord) return false;
        said.push(response);
        return true;
      },
    }),
  );
  return Object.assign(upstream, {
    said,
    acknowledge() {
      quick = true;
      for (const response of said) response.writeHead(202).end();
    },
  });
}

test('control: the server itself hears every cancellation of nothing', async () => {
  await using server = await startSlow();
  const heard = Array.from({ length: times }, (_, index) => post(server.url, cancelling(`never-${index}`)));
  for (let round = 0; round < 1000 && server.said.length < times; round++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(server.said.length, times);
  server.acknowledge();
  await Promise.all(heard);
});

test('behind Genkan a cancellation of nothing goes nowhere', async () => {
  await using server = await startSlow();
  await using room = await openGatewayRoom({ access: makersUse('slow'), servers: { slow: { url: server.url } } });
  const url = `${room.url}/mcp/slow`;
  const [erin, dana] = await Promise.all([openLegacySession(url, 'erin'), openLegacySession(url, 'dana')]);
  const say = (requestId: string): ReturnType<typeof post> =>
    post(url, cancelling(requestId), { token: 'erin', headers: erin });
  const answers = await Promise.all(Array.from({ length: times }, (_, index) => say(`never-${index}`)));
  assert.ok(answers.every(({ status }) => status === 202));
  assert.equal(server.said.length, 0);
  assert.equal((await post(url, changed, { token: 'dana', headers: dana })).status, 202);
});

test('what one conversation has on its way leaves room for the words of others', async () => {
  await using server = await startSlow();
  await using room = await openGatewayRoom({ access: makersUse('slow'), servers: { slow: { url: server.url } } });
  const url = `${room.url}/mcp/slow`;
  const [erin, dana] = await Promise.all([openLegacySession(url, 'erin'), openLegacySession(url, 'dana')]);
  const flood = Array.from({ length: times }, () =>
    post(url, { ...changed, params: { slow: true } }, { token: 'erin', headers: erin }),
  );
  const refused = await Promise.race(flood); // nothing else is answered before the server acknowledges
  assert.match(refused.body, /upstream_unavailable/);
  assert.equal((await post(url, changed, { token: 'dana', headers: dana })).status, 202);
  server.acknowledge();
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  assert.ok(statuses.filter((status) => status === 202).length <= 32);
});
