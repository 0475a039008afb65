// The attacker names a harmless tool in the headers, on which a proxy in front may decide, and calls another in the body.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { answerJson } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { modern, post } from '../support/mcp-post.ts';

let upstream: HttpUpstream;
let house: TestHouse;
const tools = ['harmless', 'harmful'].map((name) => ({ name, inputSchema: { type: 'object' } }));

before(async () => {
  upstream = await startHttpUpstream(({ message }, response) => {
    const base = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    const result =
      message.method === 'server/discover'
        ? { ...base, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }
        : message.method === 'tools/list'
          ? { ...base, tools }
          : { resultType: 'complete', content: [] };
    answerJson(response, { jsonrpc: '2.0', id: message.id, result });
  });
  house = await openTestHouse({ access: makersUse('raw'), servers: { raw: { url: upstream.url } } });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const calls = (): unknown[] => upstream.seen.filter(({ message }) => message.method === 'tools/call');
const harmful = modern('tools/call', { name: 'harmful', arguments: {} });

test('control: the upstream itself carries out what the body says, whatever the header says', async () => {
  const answered = await post(upstream.url, harmful.body, { headers: { ...harmful.headers, 'mcp-name': 'harmless' } });
  assert.ok(answered.message.result);
});

const lies: [string, Record<string, string>][] = [
  ['another tool in Mcp-Name', { 'mcp-name': 'harmless' }],
  ['another method in Mcp-Method', { 'mcp-method': 'tools/list' }],
  ['another revision in MCP-Protocol-Version', { 'mcp-protocol-version': '2025-11-25' }],
  ['two names in Mcp-Name', { 'mcp-name': 'harmless, harmful' }],
  ['no method at all', { 'mcp-method': '' }],
];
for (const [lie, headers] of lies) {
  test(`${lie} is refused as a header mismatch and never forwarded`, async () => {
    const token = await house.token('dana', 'raw');
    const before = calls().length;
    const answered = await post(`${house.url}/mcp/raw`, harmful.body, {
      token,
      headers: { ...harmful.headers, ...headers },
    });
    assert.deepEqual([answered.status, answered.message.error?.code], [400, -32020]);
    assert.equal(calls().length, before);
  });
}

test('the same message without the lie passes', async () => {
  const token = await house.token('dana', 'raw');
  assert.ok((await post(`${house.url}/mcp/raw`, harmful.body, { token, headers: harmful.headers })).message.result);
});
