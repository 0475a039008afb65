// Rules at the door: a call that assignments allow is refused in the caller's language, or noted in its record, by what its arguments say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

let upstream: HttpUpstream;
let house: TestHouse;
let token: string;
let calls = 0;

before(async () => {
  const refund = { name: 'refund', inputSchema: { type: 'object' } };
  upstream = await startHttpUpstream(
    mcpByHand({
      tools: [refund, { name: 'open', inputSchema: { type: 'object' } }],
      handle({ message }) {
        if (message.method === 'tools/call') calls += 1;
        return false;
      },
    }),
  );
  const access = {
    assignments: [
      {
        principal: { group: 'makers' },
        role: 'MCP User',
        scope: '/servers/shop',
        condition: "NOT ActionMatches{'*/tools/refund/call'} OR @Request[genkan:arguments/shop] StringEquals 'tokyo'",
      },
    ],
    rules: [
      {
        name: 'small refunds',
        effect: 'deny',
        tools: ['refund'],
        unless: '@Request[genkan:arguments/amount] NumericLessThanEquals 100',
        message: { en: 'At most 100.', ja: '上限は 100 です。' },
      },
      { name: 'all refunds', effect: 'audit', actions: ['mcp/*/refund/call'] },
      {
        name: 'from the office',
        effect: 'deny',
        tools: ['open'],
        when: "@Environment[genkan:sourceIP] IpNotMatch '10.0.0.0/8'",
      },
    ],
  };
  house = await openTestHouse({ access, servers: { shop: { url: upstream.url } } });
  token = await house.token('dana', 'shop');
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

function refund(args: object, language = 'en'): Promise<Posted> {
  const { body, headers } = modern('tools/call', { name: 'refund', arguments: args });
  return post(`${house.url}/mcp/shop`, body, { token, headers: { ...headers, 'accept-language': language } });
}

test('a call within the rules goes through, and one beyond them never reaches the server', async () => {
  assert.ok((await refund({ shop: 'tokyo', amount: 100 })).message.result);
  assert.equal(calls, 1);
  const { error } = (await refund({ shop: 'tokyo', amount: 101 }, 'ja')).message;
  assert.match(error?.message ?? '', /ルール「small refunds」により.*上限は 100 です。/);
  assert.deepEqual(
    [error?.data?.['reason'], error?.data?.['rule'], error?.data?.['expected']],
    ['access_rule_denied', 'small refunds', '@Request[genkan:arguments/amount] NumericLessThanEquals 100'],
  );
  const unshown = (await refund({ shop: 'tokyo', amount: '99' })).message.error;
  assert.deepEqual(
    [unshown?.data?.['reason'], unshown?.data?.['unshown']],
    ['access_rule_unshown', ['arguments/amount']],
  );
  assert.equal((await refund({ shop: 'osaka', amount: 1 })).message.error?.data?.['rule'], undefined);
  assert.equal(calls, 1);
});

test('the record names the rules that only note, and what a refusal was about', async () => {
  const records = await house.house.audit.list({ action: 'tools/call', limit: 20 });
  const passed = records.filter(({ result }) => result === 'allowed' || result === 'intent');
  assert.deepEqual(
    passed.map(({ rules }) => rules),
    [['all refunds'], ['all refunds']],
  );
  const [, , denied] = records.filter(({ result }) => result === 'denied');
  assert.deepEqual([denied?.details['code'], denied?.details['rule']], ['access_rule_denied', 'small refunds']);
});

test('where a call comes from is what a rule about the place sees', async () => {
  const { body, headers } = modern('tools/call', { name: 'open', arguments: {} });
  const { message } = await post(`${house.url}/mcp/shop`, body, { token, headers });
  assert.equal(message.error?.data?.['reason'], 'access_rule_denied', JSON.stringify(message));
});
