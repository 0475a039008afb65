// Attack (token passthrough): a server keeps whatever its callers are known by, to come to Genkan in their place.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { makersUse, openTestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import { startDualEraServer } from '../support/sdk-servers.ts';

test('nothing that a caller is known by reaches the server; control: behind a proxy it gets all of it, and comes in with it', async () => {
  await using server = await startDualEraServer();
  await using house = await openTestHouse({ servers: { sample: { url: server.url } }, access: makersUse('sample') });
  const url = `${house.url}/mcp/sample`;
  const token = await house.token('dana', 'sample');
  const marks = { cookie: 'mark=of-the-caller', 'x-api-key': 'of-the-caller', 'proxy-authorization': 'of-the-caller' };
  const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 'heard' } });
  const call = (address: string) => post(address, body, { token, headers: { ...headers, ...marks } });

  assert.match((await call(url)).body, /heard/);
  await openLegacySession(url, token);
  const heard = JSON.stringify(server.seen);
  assert.match(heard, /heard/);
  assert.ok(!heard.includes(token) && !heard.includes('of-the-caller'));

  await using proxy = await startHttpUpstream((seen, response) => {
    const onward = request(server.url, { method: seen.method, headers: seen.headers }, (answer) => {
      answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
    });
    onward.end(seen.body);
  });
  assert.match((await call(proxy.url)).body, /heard/);
  const collected = server.seen.at(-1)!.headers;
  assert.equal(collected['x-api-key'], 'of-the-caller');
  const stolen = collected.authorization!.slice('Bearer '.length);
  assert.equal((await post(url, body, { token: stolen, headers })).status, 200);
});
