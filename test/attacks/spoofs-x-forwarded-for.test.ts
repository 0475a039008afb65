// Attack: somebody writes X-Forwarded-For, so that each call seems to come from another address with a limit of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makersUse, openTestHouse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

/** @param claim what the header says in the n-th call @returns how many of ten calls passed */
async function callsWith(settings: object, claim: (call: number) => string): Promise<number> {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({
    access: { ...makersUse('raw'), limits: [{ name: 'address', per: ['ip'], rate: '3/h' }] },
    servers: { raw: { url: upstream.url } },
    ...settings,
  });
  const token = await house.token('dana', 'raw');
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  let passed = 0;
  for (let call = 0; call < 10; call++) {
    const forwarded = { ...headers, 'x-forwarded-for': claim(call) };
    if ((await post(`${house.url}/mcp/raw`, body, { token, headers: forwarded })).status === 200) passed++;
  }
  return passed;
}

const invented = (call: number): string => `203.0.113.${call}`;
const behindProxies = { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] };

test('what a caller writes into the header is nothing to us', async () => {
  assert.equal(await callsWith({}, invented), 3);
});

test('nor behind a proxy, which adds whom it heard to what the caller had written', async () => {
  assert.equal(await callsWith(behindProxies, (call) => `${invented(call)}, 198.51.100.7`), 3);
  assert.equal(await callsWith(behindProxies, (call) => `${invented(call)}, 198.51.100.7, 10.0.0.1`), 3);
});

test('nor has anybody a limit for each address of their IPv6 network', async () => {
  assert.equal(await callsWith(behindProxies, (call) => `2001:db8:7:1::${call + 1}`), 3);
});

test('control: where the caller itself counts as a proxy, it is believed and has a limit for each address', async () => {
  assert.equal(await callsWith(behindProxies, invented), 10);
});
