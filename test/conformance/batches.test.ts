// The batches of 2025-03-26, which the official suite does not know: several messages in one POST lose nothing of what each would get alone.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { post } from '../support/mcp-post.ts';
import type { Posted } from '../support/mcp-post.ts';
import { startHttpFixture } from './upstream/http.ts';
import { quickNode } from '../support/quick-node.ts';

interface Response {
  readonly id: string | number | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number };
  readonly method?: string;
}

const servers = ['dual', 'legacy', 'stdio', 'modern'] as const;
const upstreams: HttpUpstream[] = [];
let house: TestHouse;
let token: (server: string) => Promise<string>;

before(async () => {
  for (const shape of ['dual', 'legacy', 'modern'] as const) upstreams.push(await startHttpFixture(shape));
  const [dual, legacy, modern] = upstreams.map(({ url }) => ({ url }));
  const stdio = { command: [...quickNode, path.join(import.meta.dirname, 'upstream', 'stdio.ts')] };
  house = await openTestHouse({ servers: { dual, legacy, modern, stdio }, access: makersUse(...servers) });
  token = (server) => house.token('dana', server);
});
after(async () => {
  await house[Symbol.asyncDispose]();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
});

const urlOf = (server: string): string => `${house.url}/mcp/${server}`;
const ask = (id: string | number, method: string, params?: object): object => ({ jsonrpc: '2.0', id, method, params });
const call = (id: string | number, name: string, more: object = {}): object =>
  ask(id, 'tools/call', { name, arguments: {}, ...more });

/** Sends a message or a batch in a session of its own. */
async function open(
  server: string,
  protocolVersion = '2025-03-26',
): Promise<(body: object | string) => Promise<Posted>> {
  const bearer = await token(server);
  const params = {
    protocolVersion,
    capabilities: { elicitation: {}, sampling: {}, roots: {} },
    clientInfo: { name: 'test', version: '1' },
  };
  const opened = await post(urlOf(server), ask(0, 'initialize', params), { token: bearer });
  assert.equal(opened.message.result?.['protocolVersion'], protocolVersion);
  const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const say = (body: object | string) => post(urlOf(server), body, { token: bearer, headers });
  assert.equal((await say({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202);
  return say;
}

const members = (posted: Posted): Response[] => JSON.parse(posted.body) as Response[];
const events = (posted: Posted): Response[] =>
  [...posted.body.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Response);
const inOrder = (responses: Response[]): Response[] =>
  responses.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));

const plain: object[] = [
  ask('01', 'ping'),
  ask('02', 'tools/list'),
  ask('03', 'prompts/list'),
  ask('04', 'resources/list'),
  ask('05', 'resources/templates/list'),
  call('06', 'test_simple_text'),
  call('07', 'test_image_content'),
  call('08', 'test_multiple_content_types'),
  call('09', 'test_error_handling'),
  call('10', 'no_such_tool'),
  ask('11', 'prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: '],[' } }),
  ask('12', 'resources/read', { uri: 'test://template/7/data' }),
  ask('13', 'resources/read', { uri: 'test://nothing' }),
  ask('14', 'completion/complete', {
    ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
    argument: { name: 'arg1', value: 'par' },
  }),
  ask('15', 'no/such/method'),
];

for (const server of servers) {
  test(`${server}: each request of a batch gets the answer that it would get alone, and the batch gets one array`, async () => {
    const say = await open(server);
    const alone: Response[] = [];
    for (const message of plain) alone.push((await say(message)).message as Response);
    const together = await say([...plain, { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }]);
    assert.equal(together.status, 200);
    assert.match(together.headers['content-type']!, /^application\/json/);
    assert.deepEqual(inOrder(members(together)), alone);
  });
}

test('what precedes an answer makes the batch a stream, on which every answer comes, and which then ends', async () => {
  const say = await open('legacy');
  const noisy = call(2, 'test_tool_with_progress', { _meta: { progressToken: 'p' } });
  const posted = await say([call(1, 'test_simple_text'), noisy, call(3, 'test_tool_with_logging')]);
  assert.match(posted.headers['content-type']!, /^text\/event-stream/);
  const said = events(posted);
  const answers = said.filter(({ result }) => result !== undefined).map(({ id }) => id);
  assert.deepEqual(answers.toSorted(), [1, 2, 3]);
  assert.equal(said.filter(({ method }) => method === 'notifications/progress').length, 3);
  assert.equal(said.filter(({ method }) => method === 'notifications/message').length, 3);
});

test('a server can ask in the middle of a batch, and a batch of answers is taken', async () => {
  const bearer = await token('legacy');
  const initialize = ask(0, 'initialize', {
    protocolVersion: '2025-03-26',
    capabilities: { sampling: {}, roots: {} },
    clientInfo: { name: 'test', version: '1' },
  });
  const opened = await post(urlOf('legacy'), initialize, { token: bearer });
  const options = { token: bearer, headers: { 'mcp-session-id': String(opened.headers['mcp-session-id']) } };
  await post(urlOf('legacy'), { jsonrpc: '2.0', method: 'notifications/initialized' }, options);
  const batch = [
    call(1, 'test_input_required_result_sampling'),
    call(2, 'test_input_required_result_list_roots'),
    call(3, 'test_simple_text'),
  ];
  const stream = await openEventStream(urlOf('legacy'), batch, options);
  await stream.until(/sampling\/createMessage[^]*roots\/list|roots\/list[^]*sampling\/createMessage/);
  const asked = [...stream.text().matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Response);
  const answers = asked
    .filter(({ method }) => method !== undefined)
    .map(({ id, method }) => ({
      jsonrpc: '2.0',
      id,
      result:
        method === 'roots/list'
          ? { roots: [{ uri: 'file:///x' }] }
          : { model: 'm', role: 'assistant', content: { type: 'text', text: 'Paris' } },
    }));
  assert.equal((await post(urlOf('legacy'), answers, options)).status, 202);
  const text = await stream.ended;
  assert.match(text, /Paris/);
  assert.match(text, /file:\/\/\/x/);
});

test('a batch of notifications alone is accepted without a word', async () => {
  const say = await open('legacy');
  const changed = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
  const posted = await say([changed, changed]);
  assert.deepEqual([posted.status, posted.body], [202, '']);
});

test('no other revision has batches, and initialize is in none', async () => {
  for (const revision of ['2024-11-05', '2025-06-18', '2025-11-25']) {
    const refused = await (await open('legacy', revision))([ask(1, 'ping')]);
    assert.deepEqual([refused.status, refused.message.error?.code], [400, -32600], revision);
    assert.match(refused.message.error!.message, /2025-03-26/);
  }
  const bearer = await token('legacy');
  const without = await post(urlOf('legacy'), [ask(1, 'ping')], { token: bearer });
  assert.deepEqual([without.status, without.message.error?.code], [400, -32600]);
  const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const opening = await post(urlOf('legacy'), [ask(1, 'initialize', params)], { token: bearer });
  assert.equal(opening.status, 400);
  assert.equal(opening.headers['mcp-session-id'], undefined);
});

test('a batch that is empty, mixed or not to be read is refused as a whole', async () => {
  const say = await open('legacy');
  const answer = { jsonrpc: '2.0', id: 9, result: {} };
  for (const body of [[], [ask(1, 'ping'), answer], [ask(1, 'ping'), 7], [[ask(1, 'ping')]], `[${'{'.repeat(9)}`]) {
    const refused = await say(body);
    assert.deepEqual([refused.status, Array.isArray(JSON.parse(refused.body))], [400, false], JSON.stringify(body));
  }
});
