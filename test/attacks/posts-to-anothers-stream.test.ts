// The attacker holds the session id of somebody else at an Express app, and a good token of their own.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { startExpressApp } from '../support/express-app.ts';
import type { ExpressApp } from '../support/express-app.ts';
import { openSseSession } from '../support/http-sse-client.ts';
import type { SseClient } from '../support/http-sse-client.ts';
import { openLegacySession, post } from '../support/mcp-post.ts';

const program = 'test/support/express-sample-server.ts';
const call = { jsonrpc: '2.0', id: 66, method: 'tools/call', params: { name: 'whoAmI', arguments: {} } };

interface Scene {
  readonly app: ExpressApp;
  readonly attacker: string;
  readonly stream: SseClient;
  readonly sessionId: string;
  readonly headers: Record<string, string>;
}

async function stage(env: Record<string, string> = {}): Promise<Scene> {
  const app = await startExpressApp({ program, env });
  const victim = (await app.signIn(app.dana)).access;
  const attacker = (await app.signIn(app.omar)).access;
  const stream = await openSseSession(`${app.url}/sse`, victim);
  const sessionId = new URL(stream.endpoint).searchParams.get('sessionId')!;
  const headers = (await openLegacySession(`${app.url}/mcp`, victim)) as Record<string, string>;
  return { app, attacker, stream, sessionId, headers };
}

/** Every spelling by which the app, or a parser in it, could find the session of the victim. */
const spellings = (id: string): string[] => [
  `/message?sessionId=${id}`,
  `/message?sessionId[]=${id}`,
  `/message?sessionId[0]=${id}`,
  `/message?[sessionId]=${id}`,
  `/message?%73essionId=${id}`,
  `/message?sessionId=${id}&sessionId=${id}`,
  `/message?sessionId=&sessionId=${id}`,
  `/MESSAGE?sessionId=${id}`,
  `/message/?sessionId=${id}`,
  `/%6dessage?sessionId=${id}`,
  `//message?sessionId=${id}`,
];

/** As it stands, without a URL parser putting it right. */
function raw(app: ExpressApp, path: string, token: string | undefined): Promise<number> {
  const { hostname, port } = new URL(app.url);
  const headers = { host: new URL(app.url).host, 'content-type': 'application/json' };
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      method: 'POST',
      headers: { ...headers, ...authorization },
      agent: false,
    });
    sent.on('response', (response) => resolve(response.resume().statusCode!)).on('error', reject);
    sent.end(JSON.stringify(call));
  });
}

let scene: Scene;
before(async () => {
  scene = await stage();
});
after(() => scene.app[Symbol.asyncDispose]());

test('control: an app that looks at tokens alone lets the attacker speak on the stream and in the session of the victim', async () => {
  const { app, attacker, stream, sessionId, headers } = await stage({ BIND: 'off' });
  await using _ = app;
  assert.equal(await raw(app, `/message?sessionId[]=${sessionId}`, attacker), 202);
  await stream.stream.until(/"id":66/);
  assert.match(stream.stream.text(), /omar@contoso/);
  assert.equal((await post(`${app.url}/mcp`, call, { token: attacker, headers })).status, 200);
  stream.stream.leave();
});

test('whoever opened a stream posts to it, and nobody else, however the session is spelled', async () => {
  const { app, attacker, stream, sessionId } = scene;
  for (const path of spellings(sessionId)) {
    assert.ok([400, 404].includes(await raw(app, path, attacker)), path);
    assert.equal(await raw(app, path, undefined), path.startsWith('//') || path.includes('%6d') ? 404 : 401, path);
  }
  assert.equal(await raw(app, `${app.url}/message?sessionId=${sessionId}`, undefined), 401, 'in absolute form');
  assert.equal(await raw(app, `${app.url}/message?sessionId=${sessionId}`, attacker), 404, 'in absolute form');
  const answer = await stream.request(1, 'tools/call', call.params);
  assert.ok(answer.result, 'its owner still may');
  assert.doesNotMatch(stream.stream.text(), /"id":66/);
});

test('a session of Streamable HTTP is neither used, listened to nor ended by another person', async () => {
  const { app, attacker, headers } = scene;
  for (const method of ['POST', 'GET', 'DELETE']) {
    const body = method === 'POST' ? call : '';
    const options = { token: attacker, headers: { ...headers, accept: 'application/json, text/event-stream' }, method };
    assert.equal((await post(`${app.url}/mcp`, body, options)).status, 404, method);
  }
  const { client } = await app.signIn(app.omar); // nor by the same person's other client, which may be somebody's trick
  const other = (await app.signIn(app.dana, { client })).access;
  assert.equal((await post(`${app.url}/mcp`, call, { token: other, headers })).status, 404);
});
