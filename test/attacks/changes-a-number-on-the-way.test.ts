// Threat: a number that JavaScript cannot hold becomes another between the judge and the server: another row, another amount.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Era } from '../../src/protocol/message.ts';
import { request } from '../../src/protocol/message.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { beginEventStream, mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';

const numbers = '{"row":9007199254740993,"amount":1.10,"list":[-0,1E3,{"id":18446744073709551615}]}';
const schema = '{"type":"object","properties":{"row":{"type":"integer","maximum":9007199254740993}}}';
const question = `{"mode":"form","message":"Which?","requestedSchema":${schema}}`;
const unusable =
  '{"name":"broken","inputSchema":{"type":"object","properties":{"a":{"type":"array","x-mcp-header":"A"}}}}';

/** A server of one family that writes numbers as no JavaScript program would, and asks for some when it is told to. */
function startCounting(era: Era): Promise<HttpUpstream> {
  let asking = (): void => undefined;
  const complete = era === 'modern' ? '"resultType":"complete","ttlMs":1000.0,"cacheScope":"public",' : '';
  return startHttpUpstream(
    mcpByHand({
      eras: [era],
      handle({ body, message: { id, method, params } }, response) {
        const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
        const say = (result: string): true => {
          response.writeHead(200, { 'content-type': 'application/json' }).end(`${head},"result":{${result}}}`);
          return true;
        };
        if (method === 'tools/list') {
          const tool = `{"name":"read","inputSchema":${schema},"annotations":{"readOnlyHint":true}}`;
          return say(`${complete}"tools":[${unusable},${tool}]`);
        }
        const call = method === 'tools/call' ? body.toString() : '';
        if (call !== '' && (!call.includes('"ask"') || call.includes('inputResponses')))
          return say(`${complete}"content":[],"structuredContent":${numbers}`);
        if (call !== '' && era === 'modern')
          return say(
            `"resultType":"input_required","inputRequests":{"q":{"method":"elicitation/create","params":${question}}}`,
          );
        if (call !== '') {
          const stream = beginEventStream(response);
          stream.write(`data: {"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":${question}}\n\n`);
          asking = () => stream.end(`data: ${head},"result":{"content":[],"structuredContent":${numbers}}}\n\n`);
          return true;
        }
        if (id !== 'q' || params !== undefined) return false;
        asking();
        response.writeHead(202).end();
        return true;
      },
    }),
  );
}
async function openRoom() {
  const [legacyServer, modernServer] = [await startCounting('legacy'), await startCounting('modern')];
  const room = await openGatewayRoom({
    access: makersUse('old', 'new'),
    servers: { old: { url: legacyServer.url }, new: { url: modernServer.url } },
  });
  return {
    url: room.url,
    old: legacyServer,
    new: modernServer,
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await legacyServer[Symbol.asyncDispose]();
      await modernServer[Symbol.asyncDispose]();
    },
  };
}

/** One request with these very bytes in the place of the text "HERE". */
async function send(era: Era, url: string, method: string, params: object, here: string): Promise<Posted> {
  if (era === 'legacy') {
    const headers = await openLegacySession(url, 'dana');
    const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method, params });
    return post(url, body.replace('"HERE"', here), { token: 'dana', headers });
  }
  const { body, headers } = modern(method, { ...params });
  const asks = JSON.stringify(body).replace('clientCapabilities":{}', 'clientCapabilities":{"elicitation":{}}');
  return post(url, asks.replace('"HERE"', here), { token: 'dana', headers });
}

const received = ({ seen }: HttpUpstream): string => String(seen.findLast(isCall)?.body);
const isCall = ({ message }: HttpUpstream['seen'][number]): boolean => message.method === 'tools/call';

const routes = [
  ['/mcp/old', 'read', 'old'],
  ['/mcp/new', 'read', 'new'],
  ['/mcp', 'old__read', 'old'],
  ['/mcp', 'new__read', 'new'],
] as const;

test('control: a call that is built from what was parsed names another row', () => {
  const { raw } = request(1, 'tools/call', { arguments: JSON.parse(numbers) as object });
  assert.match(raw.toString(), /"row":9007199254740992,"amount":1\.1,/);
});

for (const era of ['legacy', 'modern'] as const) {
  for (const [address, name, server] of routes) {
    test(`a ${era} client's call of ${name} at ${address} keeps each number both ways, and in the list`, async () => {
      await using room = await openRoom();
      const url = room.url + address;
      const answered = await send(era, url, 'tools/call', { name, arguments: 'HERE' }, numbers);
      assert.ok(received(room[server]).includes(`"arguments":${numbers}`), received(room[server]));
      assert.ok(received(room[server]).includes('"name":"read"'));
      assert.ok(answered.body.includes(`"structuredContent":${numbers}`), answered.body);
      const listed = await send(era, url, 'tools/list', {}, '');
      assert.ok(listed.body.includes(`"name":"${name}","inputSchema":${schema}`), listed.body);
      if (address === '/mcp/new') assert.ok(!listed.body.includes('broken'), 'the list was not the server’s own bytes');
    });

    test(`a number beyond all that JavaScript knows is refused of a ${era} client at ${address}: ${name}`, async () => {
      await using room = await openRoom();
      const refused = await send(era, room.url + address, 'tools/call', { name, arguments: 'HERE' }, '{"huge":1e400}');
      assert.equal(refused.message.error?.data?.['reason'], 'inspect_number_too_large');
      assert.equal(room[server].seen.some(isCall), false);
    });
  }
}

for (const address of ['/mcp/old', '/mcp']) {
  test(`what an older server asks of a modern client at ${address}, and what it is answered, keeps each number`, async () => {
    await using room = await openRoom();
    const params = { name: address === '/mcp' ? 'old__read' : 'read', arguments: { ask: true } };
    const asked = await send('modern', room.url + address, 'tools/call', params, '');
    assert.ok(asked.body.includes(`"requestedSchema":${schema}`), asked.body);
    const { inputRequests, requestState } = asked.message.result as { inputRequests: object; requestState: string };
    const [key = ''] = Object.keys(inputRequests);
    const back = { ...params, requestState, inputResponses: { [key]: { action: 'accept', content: 'HERE' } } };
    const answered = await send('modern', room.url + address, 'tools/call', back, numbers);
    const answer = room.old.seen.find(({ message }) => message.id === 'q')!;
    assert.ok(answer.body.toString().includes(`"content":${numbers}`), answer.body.toString());
    assert.ok(answered.body.includes(`"structuredContent":${numbers}`), answered.body);
  });
}

for (const [address, name, server] of routes) {
  test(`what ${server} asks of an older client at ${address}, and what it is answered, keeps each number`, async () => {
    await using room = await openRoom();
    const url = room.url + address;
    const session = await openLegacySession(url, 'dana', { elicitation: {} });
    const headers = { ...session, authorization: 'Bearer dana', 'content-type': 'application/json', accept };
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name, arguments: { ask: true } },
    });
    const { body: stream } = await fetch(url, { method: 'POST', headers, body });
    let heard = '';
    for await (const part of stream!.pipeThrough(new TextDecoderStream())) {
      heard += part;
      const [, id] = /"id":("[^"]+(?:\\"[^"]*)*"),"method":"elicitation\/create"/.exec(heard) ?? [];
      if (id === undefined || !heard.includes(schema) || heard.includes('structuredContent')) continue;
      const answer = `{"jsonrpc":"2.0","id":${id},"result":{"action":"accept","content":${numbers}}}`;
      assert.equal((await post(url, answer, { token: 'dana', headers: session })).status, 202);
    }
    assert.ok(heard.includes(`"structuredContent":${numbers}`), heard);
    const answered = room[server].seen.findLast(({ body }) => body.includes(`"content":${numbers}`));
    assert.ok(answered !== undefined);
  });
}

const accept = 'application/json, text/event-stream';
