// Arguments that read like orders: they pass and are noted, wait for an approval, or do not pass, as the settings say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isRefusal } from '../src/base/errors.ts';
import type { StoredEntry } from '../src/record/entry.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';
import { order } from './support/poisoned-house.ts';

const omar = 'http://127.0.0.1:9#omar';
const tools = ['noted', 'asked', 'refused'].map((name) => ({ ...readTool, name }));
let upstream: HttpUpstream;
let house: TestHouse;
let token: string;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools }));
  const about = (tool: string): object => ({ match: { tools: [tool], directions: ['arguments'] } });
  const everything = (action: string): object => ({ suspicious: action, certain: action });
  house = await openTestHouse({
    identity: {
      provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
      conditionalAccess: { contexts: { mfa: 'c1' } },
    },
    access: { assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/notes' }] },
    servers: { notes: { url: upstream.url } },
    inspect: {
      shield: {
        ask: { approvers: [{ user: omar }] },
        overrides: [
          { ...about('asked'), ...everything('ask') },
          { ...about('refused'), ...everything('block') },
        ],
      },
    },
  });
  token = await house.token('dana', 'notes');
  await house.token('omar', 'notes'); // has been here, as whoever approves has
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

function call(name: string, text: string): Promise<Posted> {
  const { body, headers } = modern('tools/call', { name, arguments: { text } });
  return post(`${house.url}/mcp/notes`, body, { token, headers });
}
const called = (name: string): number =>
  upstream.seen.filter(({ message }) => message.method === 'tools/call' && message.params?.['name'] === name).length;

async function recordsOf(tool: string): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  for await (const entry of house.house.recorded.scan({ fromMs: 0, toMs: Date.now() + 60_000 }))
    if (entry.resource.endsWith(`/tools/${tool}`)) found.push(entry);
  return found;
}

test('by default they pass, and the record says where they were', async () => {
  assert.ok((await call('noted', order)).message.result);
  assert.equal(called('noted'), 1);
  const [entry] = await recordsOf('noted');
  const [finding] = entry!.findings as unknown as { at: string; action: string }[];
  assert.deepEqual([finding!.at, finding!.action], ['/params/arguments/text', 'flag']);
  assert.ok(!JSON.stringify(entry).includes('evil.example'));
});

test('where somebody has to be asked, the call waits like one that a rule wants approved', async () => {
  const first = await call('asked', order);
  assert.equal(first.message.error?.data?.['reason'], 'access_approval_pending');
  assert.match(first.message.error!.message, /prompt shield/);
  assert.equal(called('asked'), 0);
  const [waiting] = await house.house.approvals.list({ state: 'pending' });
  const approver = { id: omar, kind: 'user', name: 'omar@example.com', groups: [], contexts: ['c1'] } as const;
  assert.ok(
    !isRefusal(await house.house.approvals.decide(waiting!.id, approver, { verdict: 'approved', comment: '' })),
  );
  assert.ok((await call('asked', order)).message.result);
  assert.equal(called('asked'), 1);
  assert.ok(
    (await call('asked', 'The meeting has moved to Thursday.')).message.result,
    'what is harmless does not wait',
  );
});

test('where they may not pass, nothing is carried out and the caller learns why', async () => {
  const { message } = await call('refused', order);
  assert.equal(message.error?.data?.['reason'], 'inspect_arguments_injection');
  assert.match(message.error!.message, /Nothing was carried out/);
  assert.equal(called('refused'), 0);
  const [entry] = await recordsOf('refused');
  assert.equal(entry!.result, 'blocked');
});
