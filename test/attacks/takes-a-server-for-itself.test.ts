// The attacker may use a server and opens one conversation after the other, in each of which a call never ends, until there is none for others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';
import { send } from '../support/event-stream.ts';
import { callTool, fault, upstreamOf } from '../support/upstream-conversations.ts';

const maxChannels = 4;

interface Endless extends HttpUpstream {
  /** Resolves when as many calls as that are under way. */
  calls(count: number): Promise<void>;
}

/** Each session of it counts; a call of it never ends. */
async function startEndless(): Promise<Endless> {
  let underWay = 0;
  const changes = new EventTarget();
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      tools: [readTool],
      handle({ message }) {
        if (message.method !== 'tools/call') return false;
        underWay++;
        changes.dispatchEvent(new Event('call'));
        return true;
      },
    }),
  );
  return Object.assign(upstream, {
    async calls(count: number) {
      while (underWay < count) await once(changes, 'call');
    },
  });
}

test('control: where it is not known whose they are, one takes all', async (context: TestContext) => {
  await using server = await startEndless();
  const upstream = upstreamOf(context, { url: server.url, maxChannels });
  const connect = () => upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
  const waiting: Promise<unknown>[] = [];
  for (let count = 1; count <= maxChannels; count++)
    waiting.push((await connect()).channel.send(callTool(1, 'read')).catch(() => undefined));
  await assert.rejects(connect(), fault('upstream_unavailable', /open and busy/));
  await upstream.close();
  await Promise.all(waiting);
});

test('whoever has three quarters of a server gets no more of it, and others get in', async () => {
  await using server = await startEndless();
  const servers = { endless: { url: server.url, maxChannels } };
  await using room = await openGatewayRoom({ access: makersUse('endless'), servers });
  const url = `${room.url}/mcp/endless`;
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read', arguments: {} } };
  for (let count = 1; count < maxChannels; count++) {
    // Another client of the same person's is still the same person.
    const token = `erin-${count}`;
    send(url, call, { token, headers: await openLegacySession(url, token) });
    await server.calls(count);
  }
  await assert.rejects(openLegacySession(url, 'erin'), /upstream_unavailable/);
  const headers = await openLegacySession(url, 'dana');
  const listed = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: 'dana', headers });
  assert.ok(listed.message.result);
});
