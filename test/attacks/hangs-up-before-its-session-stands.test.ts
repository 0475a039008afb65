// The attacker opens a stream (HTTP+SSE), has a slow server asked for a session, hangs up, and begins again at once.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { openSseClient, openSseSession } from '../support/http-sse-client.ts';
import { answerJson, initializeResult, startHttpUpstream } from '../support/http-upstream.ts';
import { makersUse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { post } from '../support/mcp-post.ts';

const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };

async function openScene(maxSessionsPerUser: number) {
  /** Sessions that the server is asked for, until it answers. */
  const held: (() => void)[] = [];
  let isSlow = false;
  let heard = (): void => {};
  const upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      handle({ message }, response: ServerResponse) {
        if (!isSlow || message.method !== 'initialize') return false;
        held.push(() => answerJson(response, initializeResult(message.id)));
        heard();
        return true;
      },
    }),
  );
  const room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url } },
    gateway: { maxSessionsPerUser },
  });
  const url = `${room.url}/mcp/raw/sse`;
  (await openSseSession(url, 'erin')).stream.leave(); // what the server speaks is known from here on
  isSlow = true;
  return {
    url,
    held,
    quicken() {
      isSlow = false;
      for (const answer of held.splice(0)) answer();
    },
    /** @returns false when no stream was to be had */
    async openAndLeave(): Promise<boolean> {
      const stream = await openEventStream(url, undefined, { token: 'dana' });
      if (stream.status !== 200) return false;
      await stream.until(/^event: endpoint\n.+\n\n/);
      const asked = new Promise<void>((resolve) => (heard = resolve));
      await post(new URL(/data: (.+)\n/.exec(stream.text())![1]!, url).href, initialize, { token: 'dana' });
      await asked;
      const left = room.hangUp();
      stream.leave();
      await left;
      return true;
    },
    async [Symbol.asyncDispose]() {
      this.quicken();
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('control: where there is room for as many, each stream that is left leaves the server with one more', async () => {
  await using scene = await openScene(100);
  for (let round = 0; round < 12; round++) assert.ok(await scene.openAndLeave());
  assert.equal(scene.held.length, 12);
});

test('who hangs up keeps the place until the server is done, and nobody else notices', async () => {
  await using scene = await openScene(4);
  for (let round = 0; round < 12; round++) assert.equal(await scene.openAndLeave(), round < 4);
  assert.equal(scene.held.length, 4);
  (await openSseClient(scene.url, 'erin')).stream.leave();

  scene.quicken();
  for (let status = 429; status !== 200;) {
    const stream = await openEventStream(scene.url, undefined, { token: 'dana' });
    stream.leave();
    ({ status } = stream);
  }
});
