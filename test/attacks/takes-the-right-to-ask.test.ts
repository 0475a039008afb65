// The attacker is one of several servers at /mcp: it asks as much as may be asked, so that the others cannot ask any more.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import type { EventStream } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import type { GatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { beginEventStream, event, mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { openLegacySession } from '../support/mcp-post.ts';

const mostOpen = 64;
const params = { message: 'Sure?', requestedSchema: { type: 'object', properties: {} } };
/** Resolves once a question of the attacker has been answered with an error: it may ask no more. */
const exhausted = Promise.withResolvers<void>();

/** Asks so many questions in every call, and waits. */
const startAsking = (name: string, questions: number): Promise<HttpUpstream> =>
  startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      tools: [readTool],
      handle({ message }, response) {
        if (message.id === `${name}-${mostOpen}` && message.method === undefined) exhausted.resolve();
        if (message.method !== 'tools/call') return false;
        beginEventStream(response);
        for (let index = 0; index < questions; index++)
          response.write(event({ id: `${name}-${index}`, method: 'elicitation/create', params }));
        return true;
      },
    }),
  );

let servers: HttpUpstream[];
let room: GatewayRoom;
let call: (server: string) => Promise<EventStream>;

before(async () => {
  const [evil, good] = (servers = [await startAsking('evil', mostOpen + 1), await startAsking('good', 1)]);
  room = await openGatewayRoom({
    access: makersUse('evil', 'good'),
    servers: { evil: { url: evil!.url }, good: { url: good!.url } },
  });
  const headers = await openLegacySession(`${room.url}/mcp`, 'dana', { elicitation: {} });
  call = (server) => {
    const body = { method: 'tools/call', params: { name: `${server}__read`, arguments: {} } };
    return openEventStream(`${room.url}/mcp`, { jsonrpc: '2.0', id: server, ...body }, { token: 'dana', headers });
  };
});
after(async () => {
  await room[Symbol.asyncDispose]();
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

test('control: what a server may ask can be used up', async () => {
  const stream = await call('evil');
  await stream.until(new RegExp(`evil-${mostOpen - 1}`));
  await exhausted.promise;
  assert.doesNotMatch(stream.text(), new RegExp(`evil-${mostOpen}\\b`));
});

test('another server asks all the same', async () => {
  const stream = await call('good');
  await stream.until(/good-0/);
  assert.match(stream.text(), /elicitation\/create/);
});
