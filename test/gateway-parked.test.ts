// A client of the stateless era is asked what a legacy server asks: the call is parked, the client comes back with the answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { post } from './support/mcp-post.ts';
import { withoutNetwork } from './support/azure-tools.ts';
import { quickNode } from './support/quick-node.ts';

const script = new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url)
  .pathname;
const asking = 'trigger-elicitation-request';
let house: TestHouse;
let token: string;

before(async () => {
  const command = [...(withoutNetwork ?? []), ...quickNode, script, 'stdio'];
  const role = { role: 'MCP User', scope: '/servers/everything' };
  const principals = [{ group: 'makers' }, { user: 'http://127.0.0.1:9#omar' }];
  const access = { assignments: principals.map((principal) => ({ principal, ...role })) };
  house = await openTestHouse({ access, servers: { everything: { command } } });
  token = await house.token('dana', 'everything');
});
after(() => house[Symbol.asyncDispose]());

interface CallOptions {
  readonly as?: string;
  readonly capabilities?: object;
  readonly more?: object;
  readonly args?: object;
}

/** One raw `tools/call` of the tool that asks. */
function call(
  id: number,
  { as = token, capabilities = { elicitation: { form: {} } }, more = {}, args = {} }: CallOptions = {},
) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const body = { jsonrpc: '2.0', id, method: 'tools/call', params: { name: asking, arguments: args, ...more, _meta } };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': asking };
  return post(`${house.url}/mcp/everything`, body, { token: as, headers });
}

interface InputRequired {
  readonly resultType: string;
  readonly inputRequests: Record<string, { readonly method: string; readonly params: { readonly message: string } }>;
  readonly requestState: string;
}

async function parked(options: CallOptions = {}): Promise<{ key: string; state: string }> {
  const result = (await call(1, options)).message.result as unknown as InputRequired;
  assert.equal(result.resultType, 'input_required');
  return { key: Object.keys(result.inputRequests)[0]!, state: result.requestState };
}

const accept = (key: string) => ({ [key]: { action: 'accept', content: { name: 'Dana', check: true } } });
const text = (result: unknown): string => JSON.stringify(result);

test('the official client answers by itself, and the call goes on', async () => {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
  );
  let asked = '';
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked = params.message;
    return { action: 'accept', content: { name: 'Dana', check: true } };
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp/everything`), { requestInit }));
  try {
    const result = await client.callTool({ name: asking, arguments: {} });
    assert.match(asked, /inputs/);
    assert.match(text(result), /Dana/);
  } finally {
    await client.close();
  }
});

test('the question is a real input request, and the answer reaches the call that asked', async () => {
  const { key, state } = await parked();
  const answered = await call(2, { more: { inputResponses: accept(key), requestState: state } });
  assert.match(text(answered.message.result), /Dana/);
  const [last] = await house.house.audit.list({ limit: 1, action: 'tools/call', result: 'allowed' });
  assert.deepEqual(last!.details['answers'], ['accept'], 'the consent stands in the record');
});

test('a client that comes back without the answer is asked again', async () => {
  const { key, state } = await parked();
  const again = (await call(2, { more: { requestState: state } })).message.result as unknown as InputRequired;
  assert.deepEqual([again.resultType, Object.keys(again.inputRequests)], ['input_required', [key]]);
  const done = await call(3, { more: { inputResponses: accept(key), requestState: again.requestState } });
  assert.match(text(done.message.result), /Dana/);
});

test('a client that cannot be asked is not asked', async () => {
  const { message } = await call(1, { capabilities: {} });
  assert.notEqual(message.result?.['resultType'], 'input_required');
});

test('a requestState is good once, for its own person and its own request, and never carries the call out again', async () => {
  const { key, state } = await parked();
  const inputResponses = accept(key);
  const omar = await house.token('omar', 'everything');
  const attempts: [string, CallOptions][] = [
    ['changed', { more: { inputResponses, requestState: `${state.slice(0, -2)}AA` } }],
    ['made up', { more: { inputResponses, requestState: 'x' } }],
    ['not a string', { more: { inputResponses, requestState: { state } } }],
    ['for another request', { more: { inputResponses, requestState: state }, args: { other: 1 } }],
  ];
  for (const [what, options] of attempts) {
    const { message } = await call(2, options);
    assert.equal(message.error?.code, -32602, what);
  }
  assert.ok(
    (await call(2, { as: omar, more: { inputResponses, requestState: state } })).message.error,
    'of another person',
  );
  const own = await call(2, { more: { inputResponses, requestState: state } });
  assert.match(text(own.message.result), /Dana/, 'control: its owner takes the call up');
  const twice = await call(3, { more: { inputResponses, requestState: state } });
  assert.equal(twice.message.error?.data?.['reason'], 'gateway_request_state_invalid');
});
