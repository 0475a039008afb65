// Tests of finding out which revisions an HTTP server speaks.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { answerJson, initializeResult, startHttpUpstream } from '../../test/support/http-upstream.ts';
import { startDualEraServer, startSessionServer } from '../../test/support/sdk-servers.ts';
import { upstreamOf } from '../../test/support/upstream-conversations.ts';
import type { Upstream } from './channel.ts';

const upstreamAt = (context: TestContext, url: string, clock?: Clock): Upstream =>
  upstreamOf(context, { url, startSeconds: 1 }, clock);

test('recognises servers of one era and of both', async (context) => {
  await using session = await startSessionServer();
  await using dual = await startDualEraServer();
  await using modern = await startDualEraServer({ legacy: 'reject' });
  const spokenWith = async (url: string): Promise<string[]> => {
    const upstream = upstreamAt(context, url);
    return [await upstream.eraFor('modern'), await upstream.eraFor('legacy')];
  };
  assert.deepEqual(await spokenWith(session.url), ['legacy', 'legacy']);
  assert.deepEqual(await spokenWith(dual.url), ['modern', 'legacy']);
  assert.deepEqual(await spokenWith(modern.url), ['modern', 'modern']);
});

test('leaves no session behind', async (context) => {
  await using session = await startSessionServer();
  await upstreamAt(context, session.url).eraFor('legacy');
  assert.equal(session.servers.size, 0);
});

test('asks in the family of the client first, and in no other where the server speaks that one', async (context) => {
  await using server = await startDualEraServer();
  const methods = (): unknown[] => server.seen.map(({ message }) => message.method);
  await upstreamAt(context, server.url).eraFor('modern');
  assert.deepEqual(methods(), ['server/discover']);
  await upstreamAt(context, server.url).eraFor('legacy');
  assert.deepEqual(methods(), ['server/discover', 'initialize']);
});

test('takes a server that offers a revision which we speak for a modern one', async (context) => {
  await using server = await startHttpUpstream(({ message: { id } }, response) => {
    const data = { supported: ['2026-07-28', '2099-01-01'], requested: '2026-07-28' };
    const error = { code: -32022, message: 'Unsupported protocol version', data };
    answerJson(response, { jsonrpc: '2.0', id, error }, 400);
  });
  assert.equal(await upstreamAt(context, server.url).eraFor('modern'), 'modern');
  assert.equal(server.seen.length, 1);
});

test('asks once a day, however many want to know', async (context) => {
  await using server = await startDualEraServer();
  let nowMs = 0;
  const upstream = upstreamAt(context, server.url, { now: () => nowMs });
  const everybody = () =>
    Promise.all([upstream.eraFor('modern'), upstream.eraFor('modern'), upstream.eraFor('legacy')]);
  await everybody();
  await everybody();
  assert.equal(server.seen.length, 2);
  nowMs = 25 * 3600 * 1000;
  await everybody();
  assert.equal(server.seen.length, 4);
});

const faults: [string, (response: ServerResponse) => void][] = [
  ['401', (response) => response.writeHead(401).end()],
  ['403', (response) => response.writeHead(403).end()],
  ['429', (response) => response.writeHead(429, { 'retry-after': '0' }).end()],
  ['500', (response) => response.writeHead(500).end()],
  ['503', (response) => response.writeHead(503).end()],
  ['a redirect', (response) => response.writeHead(302, { location: '/' }).end()],
  ['silence', () => {}],
  ['a cut connection', (response) => response.destroy()],
];

for (const [name, answer] of faults) {
  test(`does not take ${name} for an old server, and asks again the next time`, async (context) => {
    let faulty = true;
    await using server = await startHttpUpstream(({ message }, response) => {
      if (message.method === 'server/discover') return faulty ? answer(response) : void response.writeHead(400).end();
      answerJson(response, initializeResult(message.id));
    });
    const upstream = upstreamAt(context, server.url);
    await assert.rejects(upstream.eraFor('modern'), GenkanError);
    faulty = false;
    assert.equal(await upstream.eraFor('modern'), 'legacy');
  });
}

test('asks anew when a server no longer understands what it understood', async (context) => {
  let speaks = 'legacy';
  await using server = await startHttpUpstream(({ message: { id, method } }, response) => {
    const modern = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} };
    if (speaks === 'legacy' && method === 'initialize') return answerJson(response, initializeResult(id));
    if (speaks === 'modern' && method === 'server/discover')
      return answerJson(response, { jsonrpc: '2.0', id, result: modern });
    const error = { code: speaks === 'modern' ? -32602 : -32601, message: 'not understood' };
    answerJson(response, { jsonrpc: '2.0', id, error }, 400);
  });
  const upstream = upstreamAt(context, server.url);
  const connect = () => upstream.connect({ era: 'legacy', onPush() {}, onClose() {} });
  assert.equal(await upstream.eraFor('modern'), 'legacy');
  await connect();
  speaks = 'modern';
  assert.equal(await upstream.eraFor('modern'), 'legacy', 'nothing has told us otherwise');
  assert.notEqual((await connect()).initialized?.error, undefined);
  assert.equal(await upstream.eraFor('modern'), 'modern');
});

test('says so when a server speaks nothing that we know', async (context) => {
  await using server = await startHttpUpstream((_, response) => void response.writeHead(404).end('no such page'));
  await assert.rejects(upstreamAt(context, server.url).eraFor('modern'), /no revision of MCP that we know/);
});

test('does not take a modern server whose revision we do not know for one that we can speak to', async (context) => {
  await using server = await startHttpUpstream(({ message: { id, method } }, response) => {
    if (method === 'server/discover')
      return answerJson(response, { jsonrpc: '2.0', id, result: { supportedVersions: ['2099-01-01'] } });
    answerJson(response, { jsonrpc: '2.0', id, error: { code: -32022, message: 'Unsupported protocol version' } }, 400);
  });
  await assert.rejects(upstreamAt(context, server.url).eraFor('modern'), /no revision of MCP that we know/);
});
