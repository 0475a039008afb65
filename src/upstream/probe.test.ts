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
  assert.deepEqual([...(await upstreamAt(context, session.url).eras())], ['legacy']);
  assert.deepEqual([...(await upstreamAt(context, dual.url).eras())], ['modern', 'legacy']);
  assert.deepEqual([...(await upstreamAt(context, modern.url).eras())], ['modern']);
});

test('leaves no session behind', async (context) => {
  await using session = await startSessionServer();
  await upstreamAt(context, session.url).eras();
  assert.equal(session.servers.size, 0);
});

test('asks once a day, however many want to know', async (context) => {
  await using server = await startDualEraServer();
  let nowMs = 0;
  const upstream = upstreamAt(context, server.url, { now: () => nowMs });
  await Promise.all([upstream.eras(), upstream.eras()]);
  await upstream.eras();
  assert.equal(server.seen.length, 2);
  nowMs = 25 * 3600 * 1000;
  await upstream.eras();
  assert.equal(server.seen.length, 4);
});

const faults: [string, (response: ServerResponse) => void][] = [
  ['401', (response) => response.writeHead(401).end()],
  ['403', (response) => response.writeHead(403).end()],
  ['429', (response) => response.writeHead(429).end()],
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
    await assert.rejects(upstream.eras(), GenkanError);
    faulty = false;
    assert.deepEqual([...(await upstream.eras())], ['legacy']);
  });
}

test('says so when a server speaks nothing that we know', async (context) => {
  await using server = await startHttpUpstream((_, response) => void response.writeHead(404).end('no such page'));
  await assert.rejects(upstreamAt(context, server.url).eras(), /no revision of MCP that we know/);
});

test('does not take a modern server whose revision we do not know for one that we can speak to', async (context) => {
  await using server = await startHttpUpstream(({ message: { id, method } }, response) => {
    if (method === 'server/discover')
      return answerJson(response, { jsonrpc: '2.0', id, result: { supportedVersions: ['2099-01-01'] } });
    answerJson(response, { jsonrpc: '2.0', id, error: { code: -32022, message: 'Unsupported protocol version' } }, 400);
  });
  await assert.rejects(upstreamAt(context, server.url).eras(), /no revision of MCP that we know/);
});
