// All servers together at /mcp, some of which are real processes with real faults: nobody waits for them, nobody loses the others.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { modern, openLegacySession, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';
import { quickNode } from './support/quick-node.ts';

const faults = [
  'a-hundred-thousand-tools',
  'crashes-after-listing',
  'hangs-on-initialize',
  'hangs-on-tools-list',
  'healthy',
  'strange-names',
] as const;
/** The time after which an answer is late; all bounds below are fractions of it, so that a busy machine does not matter. */
const deadlineSeconds = 6;

interface Listed {
  readonly names: string[];
  readonly notice: { readonly stale?: string[]; readonly missing?: string[]; readonly shortened?: string[] };
  readonly tookMs: number;
}

let house: TestHouse;
let url: string;
let token: string;

before(async () => {
  const script = path.join(import.meta.dirname, 'support/faulty-stdio-server.ts');
  const servers = faults.map((fault) => {
    const argument = fault.replace('tools-list', 'tools/list');
    return [fault, { command: [...quickNode, script, argument] }];
  });
  house = await openTestHouse({
    access: makersUse(...faults),
    servers: Object.fromEntries(servers) as object,
    gateway: { listDeadlineSeconds: deadlineSeconds },
  });
  url = `${house.url}/mcp`;
  token = await house.token('dana');
});
after(() => house[Symbol.asyncDispose]());

/** The whole list, page by page. */
async function list(session?: Record<string, string>): Promise<Listed> {
  const beginning = performance.now();
  const names: string[] = [];
  let answer: Posted;
  let cursor: unknown;
  let firstMs: number | undefined;
  do {
    const params = cursor === undefined ? {} : { cursor };
    const { body, headers } = modern('tools/list', params);
    const legacy = { jsonrpc: '2.0', id: 1, method: 'tools/list', params };
    answer = await post(url, session ? legacy : body, { token, headers: session ?? headers });
    firstMs ??= performance.now() - beginning;
    names.push(...(answer.message.result!['tools'] as { name: string }[]).map(({ name }) => name));
    cursor = answer.message.result!['nextCursor'];
  } while (cursor !== undefined);
  const notice = (answer.message.result!['_meta'] as Record<string, Listed['notice']>)['genkan/servers']!;
  return { names, notice, tookMs: firstMs };
}

const call = async (name: string): Promise<Posted> => {
  const { body, headers } = modern('tools/call', { name });
  return post(url, body, { token, headers });
};

for (const era of ['legacy', 'modern'] as const) {
  test(`what the others list arrives within the deadline, and at once from then on (${era})`, async () => {
    const session = era === 'legacy' ? await openLegacySession(url, token) : undefined;
    const first = await list(session);
    assert.ok(first.tookMs < deadlineSeconds * 2000, `${first.tookMs} ms`);
    for (const listed of [first, await list(session)]) {
      assert.ok(listed.names.includes('healthy__tool'));
      assert.ok(listed.names.includes('crashes-after-listing__tool'));
      assert.deepEqual(listed.notice.missing, ['hangs-on-initialize', 'hangs-on-tools-list']);
    }
    const again = await list(session);
    assert.ok(again.tookMs < deadlineSeconds * 500, `${again.tookMs} ms`);
    assert.deepEqual(again.names, [...new Set(again.names)], 'no name comes twice');
  });
}

test('a list without end is shown as far as it is bearable, and said to be shortened', async () => {
  const { names, notice } = await list();
  assert.equal(names.filter((name) => name.startsWith('a-hundred-thousand-tools__')).length, 5000);
  assert.deepEqual(notice.shortened, ['a-hundred-thousand-tools']);
});

test('names that are long, unreadable or come twice are shown as names that can be called, each once', async () => {
  const names = (await list()).names.filter((name) => name.startsWith('strange-names__'));
  assert.equal(names.length, 3, 'a scope cannot hold 300 characters, so that nobody has a right to such a tool');
  for (const name of names) assert.match(name, /^[A-Za-z0-9_.-]{1,64}$/);
  const answers = await Promise.all(names.map(call));
  const texts = answers.map(({ message }) => (message.result!['content'] as { text: string }[])[0]!.text);
  assert.deepEqual(texts, [`this is ${'y'.repeat(200)}`, 'this is a\u0000\u202e\nb', 'this is twice']);
});

test('a call of a server that has crashed fails soon and names it; healthy servers are called meanwhile', async () => {
  await list();
  const beginning = performance.now();
  const [crashed, unlisted, healthy] = await Promise.all(
    ['crashes-after-listing__tool', 'hangs-on-initialize__tool', 'healthy__tool'].map(call),
  );
  assert.ok(performance.now() - beginning < deadlineSeconds * 500);
  assert.match(crashed!.message.error!.message, /"crashes-after-listing"/);
  assert.equal(unlisted!.message.error!.data!['reason'], 'gateway_tool_unknown', 'it has never listed it');
  assert.ok(healthy!.message.result);
});
