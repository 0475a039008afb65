// The attacker cuts an order into pieces, none of which says anything by itself: over parts of an answer, fields, and messages on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { event, mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';
import { order } from '../support/plain-shield.ts';
import { unshielded } from '../support/poisoned-house.ts';

const pieces = [order.slice(0, 30), order.slice(30)];
const [one, two] = pieces;

const answers: Readonly<Record<string, object>> = {
  'two parts': { content: pieces.map((text) => ({ type: 'text', text })) },
  'single words': { content: order.split(' ').map((text) => ({ type: 'text', text })) },
  'two fields': { content: [], structuredContent: { a: one, b: two } },
  'a text and a resource': {
    content: [
      { type: 'text', text: one },
      { type: 'resource', resource: { uri: 'a:b', text: two } },
    ],
  },
};

async function open(inspect: object) {
  let answer: object = { content: [] };
  let before: object[] = [];
  const upstream = await startHttpUpstream(
    mcpByHand({
      tools: [readTool],
      handle({ message, headers }, response) {
        if (message.method !== 'tools/call') return false;
        const complete = headers['mcp-protocol-version'] === '2026-07-28' ? { resultType: 'complete' } : {};
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const each of before) response.write(event(each));
        response.end(event({ id: message.id, result: { ...answer, ...complete } }));
        return true;
      },
    }),
  );
  const room = await openGatewayRoom({
    access: makersUse('pieces'),
    servers: { pieces: { url: upstream.url } },
    inspect,
  });
  return {
    room,
    async call(family: 'legacy' | 'modern', path: string, said: object, saidBefore: object[] = []): Promise<Posted> {
      [answer, before] = [said, saidBefore];
      const url = `${room.url}${path}`;
      const name = path === '/mcp' ? 'pieces__read' : 'read';
      if (family === 'legacy') {
        const headers = await openLegacySession(url, 'dana');
        const params = { name, arguments: {}, _meta: { progressToken: 1 } };
        return post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { token: 'dana', headers });
      }
      const { body, headers } = modern('tools/call', { name, arguments: {} });
      const { params } = body as { params: { _meta: Record<string, unknown> } };
      params._meta['io.modelcontextprotocol/logLevel'] = 'info';
      return post(url, body, { token: 'dana', headers });
    },
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const logged = (data: string): object => ({ method: 'notifications/message', params: { level: 'info', data } });
const progressed = (message: string, progress: number): object => ({
  method: 'notifications/progress',
  params: { progressToken: 1, progress, message },
});

for (const family of ['legacy', 'modern'] as const)
  for (const path of ['/mcp/pieces', '/mcp']) {
    test(`${family} at ${path}: pieces of an answer are read together`, async () => {
      await using shielded = await open({});
      await using bare = await open(unshielded);
      for (const [place, answer] of Object.entries(answers)) {
        const { message } = await shielded.call(family, path, answer);
        assert.equal(message.result?.['isError'], true, place);
        assert.ok(!JSON.stringify(message.result).includes('evil.example'), place);
        const control = await bare.call(family, path, answer);
        assert.ok(control.body.includes('evil.example'), `control: ${place}`);
      }
    });

    test(`${family} at ${path}: so are messages that follow each other`, async () => {
      await using shielded = await open({});
      await using bare = await open(unshielded);
      const sayings = { logs: pieces.map(logged), ...(family === 'legacy' && { progress: pieces.map(progressed) }) };
      for (const [kind, saying] of Object.entries(sayings)) {
        const { body, message } = await shielded.call(family, path, { content: [] }, saying);
        assert.ok(body.includes(JSON.stringify(one).slice(1, -1)), kind);
        assert.ok(!body.includes('evil.example'), kind);
        assert.match(body, /Genkan removed text/);
        assert.deepEqual(message.result?.['content'], [], 'and the answer comes');
        const control = await bare.call(family, path, { content: [] }, saying);
        assert.ok(control.body.includes('evil.example'), `control: ${kind}`);
      }
      const entry = await shielded.room.recorded(({ findings }) => findings !== undefined);
      assert.match(entry.action, /^notifications\//);
      assert.equal(entry.resource, '/servers/pieces');
    });
  }
