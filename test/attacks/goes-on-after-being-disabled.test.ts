// Attack: somebody who was just disabled goes on: with a stream that is open, a call under way, or one that was let in a moment before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'node:http';
import type { ServerResponse } from 'node:http';
import { openEventStream } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import type { GatewayRoom } from '../support/gateway-room.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { startTelling } from '../support/legacy-listener.ts';
import { beginEventStream, event, mcpByHand, readTool, writeTool } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';

async function openRoom() {
  await using opened = new AsyncDisposableStack();
  const called = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const upstream = opened.use(
    await startHttpUpstream(
      mcpByHand({
        tools: [readTool, writeTool],
        onStream: () => undefined,
        async handle({ message }) {
          if (message.method !== 'tools/call') return false;
          called.resolve();
          await release.promise;
          return false; // and is answered
        },
      }),
    ),
  );
  const room = opened.use(
    await openGatewayRoom({
      servers: { notes: { url: upstream.url, insecureHttp: true } },
      access: { assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/notes' }] },
      gateway: { recheckSeconds: 60 },
    }),
  );
  const stack = opened.move();
  return {
    room,
    upstream,
    called: called.promise,
    release: release.resolve,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const end = ({ gateway }: GatewayRoom): void =>
  gateway.endFor({ kind: 'principal', subject: 'dana' }, 'identity_principal_disabled');
const call = modern('tools/call', { name: 'read', arguments: {} });

test('an open stream and a call under way end at once; another person keeps theirs', async () => {
  await using attack = await openRoom();
  const { room } = attack;
  const url = `${room.url}/mcp/notes`;
  const openAs = async (token: string) =>
    openEventStream(url, undefined, { token, headers: await openLegacySession(url, token) });
  const [mine, others] = [await openAs('dana'), await openAs('erin')];
  const answer = post(url, call.body, { token: 'dana', headers: call.headers });
  await attack.called;
  end(room);
  const { message } = await answer; // although the server never answers
  assert.equal(message.error?.data?.['reason'], 'identity_principal_disabled');
  await mine.ended;
  assert.equal(others.response.complete, false);
  others.leave();
  attack.release();
});

test('control: where only the token is refused from now on, the call is answered and the stream stays open', async () => {
  await using attack = await openRoom();
  const { room } = attack;
  const url = `${room.url}/mcp/notes`;
  const mine = await openEventStream(url, undefined, { token: 'dana', headers: await openLegacySession(url, 'dana') });
  const answer = post(url, call.body, { token: 'dana', headers: call.headers });
  await attack.called;
  room.revoke('dana');
  attack.release();
  assert.ok((await answer).message.result);
  assert.equal(mine.response.complete, false);
  mine.leave();
});

for (const ended of [true, false])
  test(
    ended
      ? 'a call that was let in before, and whose body comes afterwards, is not carried out'
      : 'control: without the switch it is carried out',
    async () => {
      await using attack = await openRoom();
      attack.release();
      const url = `${attack.room.url}/mcp/notes`;
      const body = JSON.stringify(call.body);
      const outgoing = request(url, {
        method: 'POST',
        agent: false,
        headers: {
          ...call.headers,
          authorization: 'Bearer dana',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'content-length': body.length,
        },
      });
      const answered = new Promise<string>((resolve, reject) => {
        outgoing.on('error', reject).on('response', (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => (text += chunk))
            .on('end', () => resolve(text));
        });
      });
      const before = attack.room.verifications();
      outgoing.write(body.slice(0, 10));
      while (attack.room.verifications() === before) await new Promise(setImmediate);
      if (ended) end(attack.room);
      outgoing.end(body.slice(10));
      const text = await answered;
      assert.equal(text.includes('identity_principal_disabled'), ended, text);
      assert.equal(
        attack.upstream.seen.some(({ message }) => message.method === 'tools/call'),
        !ended,
      );
    },
  );

for (const ended of [true, false])
  test(
    ended
      ? 'who is found good in the very moment of the switch has not come in: no call, no stream'
      : 'control: without the switch both go on',
    async () => {
      await using attack = await openRoom();
      const { room } = attack;
      attack.release();
      const url = `${room.url}/mcp/notes`;
      const session = await openLegacySession(url, 'dana');
      if (ended) room.onVerified = () => end(room);
      const { message } = await post(url, call.body, { token: 'dana', headers: call.headers });
      assert.equal(message.error?.data?.['reason'], ended ? 'identity_principal_disabled' : undefined);
      assert.equal(
        attack.upstream.seen.some((seen) => seen.message.method === 'tools/call'),
        !ended,
      );
      const stream = await openEventStream(url, undefined, { token: 'dana', headers: session });
      assert.equal(stream.status, ended ? 404 : 200, 'the session went with the switch');
      const door = await openEventStream(`${url}/sse`, undefined, { token: 'dana' });
      if (ended) await door.ended;
      else await door.until(/sessionId/);
      assert.equal(door.response.destroyed, ended);
      for (const each of [stream, door]) each.leave();
    },
  );

for (const ended of [true, false])
  test(
    ended
      ? 'a call with effects whose intent was being recorded is not carried out'
      : 'control: without the switch it is carried out once its intent is durable',
    async () => {
      await using attack = await openRoom();
      const { room } = attack;
      attack.release();
      const write = modern('tools/call', { name: 'write', arguments: {} });
      room.onRecord = ({ result }) => {
        if (ended && result === 'intent') end(room);
      };
      const { message } = await post(`${room.url}/mcp/notes`, write.body, { token: 'dana', headers: write.headers });
      assert.equal(message.error?.data?.['reason'], ended ? 'identity_principal_disabled' : undefined);
      assert.equal(
        attack.upstream.seen.some((seen) => seen.message.method === 'tools/call'),
        !ended,
      );
      const results = room.records.filter(({ action }) => action === 'tools/call').map(({ result }) => result);
      assert.deepEqual(results, ended ? ['intent', 'denied'] : ['intent', 'allowed']);
    },
  );

test('a door that opens while an older session of theirs is still being closed does not stay open', async () => {
  const closing = Promise.withResolvers<() => void>();
  const byHand = mcpByHand({ eras: ['legacy'], tools: [readTool], onStream: () => undefined });
  await using upstream = await startHttpUpstream((seen, response) => {
    if (seen.method !== 'DELETE') return byHand(seen, response);
    closing.resolve(() => void response.writeHead(200).end());
  });
  await using room = await openGatewayRoom({
    servers: { notes: { url: upstream.url } },
    access: { assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/notes' }] },
    gateway: { maxSessionsPerUser: 1, recheckSeconds: 60 },
  });
  const url = `${room.url}/mcp/notes`;
  await openLegacySession(url, 'dana');
  const door = openEventStream(`${url}/sse`, undefined, { token: 'dana' });
  const close = await closing.promise;
  end(room);
  close();
  const stream = await door;
  await stream.ended;
  assert.doesNotMatch(stream.text(), /sessionId/);
  assert.equal(room.gateway.sessions(), 0);
});

for (const ended of [true, false])
  test(
    ended
      ? 'a call that waits for a person cannot be taken up again, and its server is told'
      : 'control: without the switch it is taken up and carried out',
    async () => {
      let [stream, id]: [ServerResponse | undefined, unknown] = [undefined, undefined];
      await using telling = await startTelling({
        handle({ message }, response) {
          if (message.method === 'tools/call') {
            [stream, id] = [beginEventStream(response), message.id];
            const params = { message: 'Really?', requestedSchema: { type: 'object', properties: {} } };
            stream.write(event({ id: 'q', method: 'elicitation/create', params }));
            return true;
          }
          if (message.id !== 'q') return false;
          stream!.end(event({ id, result: { content: [] } }));
          response.writeHead(202).end();
          return true;
        },
      });
      const ask = (more: object) => {
        const { body, headers } = modern('tools/call', { name: 'write', arguments: {}, ...more });
        const { params } = body as { params: { _meta: Record<string, unknown> } };
        params._meta['io.modelcontextprotocol/clientCapabilities'] = { elicitation: { form: {} } };
        return post(telling.url, body, { token: 'dana', headers });
      };
      const { inputRequests, requestState } = (await ask({})).message.result as Record<string, object>;
      if (ended) {
        end(telling.room);
        const isTold = () =>
          telling.upstream.seen.some(
            ({ method, message }) => method === 'DELETE' || message.method === 'notifications/cancelled',
          );
        while (!isTold()) await new Promise(setImmediate);
      }
      const [key] = Object.keys(inputRequests!);
      const { message } = await ask({ requestState, inputResponses: { [key!]: { action: 'accept', content: {} } } });
      assert.equal(message.error?.data?.['reason'], ended ? 'gateway_request_state_invalid' : undefined);
      assert.equal(message.result === undefined, ended);
      assert.equal(telling.asked('tools/call').length, 1);
    },
  );
