// Attack: an access token travels where logs, histories and other pages read it: in the query, in a form, in a cookie; or beside a second one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestHouse } from '../support/house.ts';
import { post } from '../support/mcp-post.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

test('a token is read in the header alone (RFC 6750 §2, OAuth 2.1 §5.2)', async () => {
  await using house = await openTestHouse({});
  const token = await house.token('dana');
  const url = `${house.url}/mcp`;
  for (const name of ['access_token', 'token', 'authorization', 'bearer_token'])
    assert.equal((await post(`${url}?${name}=${token}`, initialize)).status, 401, name);
  assert.equal((await post(url, { ...initialize, access_token: token })).status, 401);
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  assert.equal((await post(url, `access_token=${token}`, form)).status, 401);
  for (const headers of [{ cookie: `access_token=${token}` }, { 'x-access-token': token }, { authorization: token }])
    assert.equal((await post(url, initialize, { headers })).status, 401, Object.keys(headers)[0]);
  const twice = { headers: { authorization: `Bearer ${token}, Bearer ${token}` } };
  assert.equal((await post(url, initialize, twice)).status, 401);
  assert.equal((await post(url, initialize, { token })).status, 200, 'control: in the header it is');
});

test('control: a front that takes the token from wherever it stands opens the door to whoever has read it there', async () => {
  await using house = await openTestHouse({});
  const leaked = new URL(`${house.url}/mcp?access_token=${await house.token('dana')}`);
  const token = leaked.searchParams.get('access_token')!;
  assert.equal((await post(leaked.href, initialize, { token })).status, 200);
});
