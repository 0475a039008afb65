// The attacker wants to see what somebody else may use: from what is kept of lists, from their pages, or while a server is down.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';
import { assign, unassign } from '../support/policy-ground.ts';

/** Dana may use everything; Omar, the attacker, a single tool in the middle. */
const tools = Array.from({ length: 1200 }, (_, index) => ({
  name: index === 700 ? 'public' : `secret-${index}`,
  inputSchema: { type: 'object' },
}));
let nextId = 1;
const omarsOwn = ['raw__public'];

let upstream: HttpUpstream;
let house: TestHouse;
let tokens: Record<'dana' | 'omar', string>;

beforeEach(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools }));
  house = await openTestHouse({
    access: {
      assignments: [
        { principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/raw' },
        {
          principal: { user: 'http://127.0.0.1:9#omar' },
          role: 'MCP User',
          scope: '/servers/raw/tools/public',
        },
      ],
    },
    servers: { raw: { url: upstream.url } },
    gateway: { listDeadlineSeconds: 10 },
  });
  tokens = { dana: await house.token('dana'), omar: await house.token('omar') };
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const namesIn = ({ message }: Posted): string[] =>
  ((message.result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name);

async function list(person: 'dana' | 'omar', session?: Record<string, string>, cursor?: unknown): Promise<Posted> {
  const params = cursor === undefined ? {} : { cursor };
  const { body, headers } = modern('tools/list', params);
  const plain = { jsonrpc: '2.0', id: nextId++, method: 'tools/list', params };
  return post(`${house.url}/mcp`, session ? plain : body, { token: tokens[person], headers: session ?? headers });
}

test('control: a cache of lists that is keyed by the server alone shows him what was made for her', async () => {
  const cache = new Map<string, Promise<Posted>>();
  const cached = (person: 'dana' | 'omar'): Promise<Posted> => {
    const known = cache.get('raw') ?? list(person);
    cache.set('raw', known);
    return known;
  };
  await cached('dana');
  assert.ok(namesIn(await cached('omar')).includes('raw__secret-1'));
});

for (const era of ['legacy', 'modern'] as const) {
  const opened = async (person: 'dana' | 'omar'): Promise<Record<string, string> | undefined> =>
    era === 'legacy' ? openLegacySession(`${house.url}/mcp`, tokens[person]) : undefined;

  test(`lists that are asked for at the same time show each person their own (${era})`, async () => {
    const [hers, his] = [await opened('dana'), await opened('omar')];
    const lists = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? list('dana', hers) : list('omar', his))),
    );
    for (const [index, listed] of lists.entries()) {
      if (index % 2 === 0) assert.equal(namesIn(listed).length, 500);
      else assert.deepEqual(namesIn(listed), omarsOwn);
    }
  });

  test(`her cursor shows him nothing, and his own list does not say how much he misses (${era})`, async () => {
    const [hers, his] = [await opened('dana'), await opened('omar')];
    const { nextCursor } = (await list('dana', hers)).message.result!;
    assert.equal(typeof nextCursor, 'string');
    const stolen = await list('omar', his, nextCursor);
    assert.equal(stolen.message.error?.code, -32602);
    assert.doesNotMatch(stolen.body, /secret/);
    const own = await list('omar', his);
    assert.deepEqual([namesIn(own), own.message.result!['nextCursor']], [omarsOwn, undefined]);
  });

  test(`while the server is gone, he is shown what he was shown before, and who comes anew nothing (${era})`, async () => {
    const [hers, his] = [await opened('dana'), await opened('omar')];
    await list('dana', hers);
    await list('omar', his);
    await upstream[Symbol.asyncDispose]();
    const kept = await list('omar', his);
    assert.deepEqual(namesIn(kept), omarsOwn);
    assert.doesNotMatch(kept.body, /secret/);
    assert.deepEqual(kept.message.result!['_meta'], { 'genkan/servers': { stale: ['raw'] } });
    assert.equal(namesIn(await list('dana', hers)).length, 500, 'the control of this: hers is kept, too');
    const anew = await openLegacySession(`${house.url}/mcp`, tokens.omar);
    const empty = await list('omar', anew);
    assert.deepEqual(namesIn(empty), []);
    assert.deepEqual(empty.message.result!['_meta'], { 'genkan/servers': { missing: ['raw'] } });
  });

  test(`what is kept is filtered by the rights of now, not by those of when it was listed (${era})`, async () => {
    const omar = (await house.house.people.find('omar'))!;
    const principal = { kind: 'user', id: omar.id } as const;
    const { id } = await assign(house.house.access, { principal, role: 'MCP User', scope: '/servers/raw' }, omar);
    const his = await opened('omar');
    const before = await list('omar', his);
    assert.equal(namesIn(before).length, 500);
    await unassign(house.house.access, id);
    await upstream[Symbol.asyncDispose]();
    assert.deepEqual(namesIn(await list('omar', his)), omarsOwn);
    const { nextCursor } = before.message.result!;
    assert.equal((await list('omar', his, nextCursor)).message.error?.code, -32602);
  });
}
