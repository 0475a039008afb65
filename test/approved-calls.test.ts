// Calls that a person has to approve first: with clients that can wait, and with those that have to come back.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Approval } from '../src/access/approvals/approval.ts';
import { isRefusal } from '../src/base/errors.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { mcpByHand, readTool } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import type { Posted } from './support/mcp-post.ts';

const destroy = { name: 'destroy', inputSchema: { type: 'object' } };
const asks = { name: 'asks', inputSchema: { type: 'object' } };
const omar = 'http://127.0.0.1:9#omar';
let upstream: HttpUpstream;
let house: TestHouse;
let token: string;
let calls = 0;

before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      tools: [readTool, destroy, asks],
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        const { name, requestState } = message.params as { name: string; requestState?: string };
        if (name === 'asks' && requestState === undefined) {
          const params = { mode: 'form', message: 'Sure?', requestedSchema: { type: 'object', properties: {} } };
          const inputRequests = { sure: { method: 'elicitation/create', params } };
          const result = { resultType: 'input_required', inputRequests, requestState: 'half way' };
          answerJson(response, { jsonrpc: '2.0', id: message.id, result });
          return true;
        }
        calls += 1;
        return false;
      },
    }),
  );
  const role = { role: 'MCP User', scope: '/servers/notes' };
  const actions = ['destroy', 'asks'].map((tool) => `mcp/servers/notes/tools/${tool}/call`);
  const access = {
    assignments: [{ principal: { group: 'makers' }, ...role }],
    rules: [
      {
        name: 'four eyes',
        effect: 'requireApproval',
        actions: [...actions, 'mcp/servers/notes/resources/read'],
        approvers: [{ user: omar }],
        within: 'PT10M',
      },
    ],
  };
  const provider = { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' };
  house = await openTestHouse({
    identity: { provider, conditionalAccess: { contexts: { mfa: 'c1' } } },
    access,
    servers: { notes: { url: upstream.url } },
    gateway: { roundSeconds: 1 },
  });
  token = await house.token('dana', 'notes');
  await house.token('omar', 'notes'); // has been here, as whoever approves has
});
after(async () => {
  await house[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => void (calls = 0));

const person = { id: omar, kind: 'user', name: 'omar@example.com', groups: [], contexts: ['c1'] } as const;

async function waiting(): Promise<Approval> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [first] = await house.house.approvals.list({ state: 'pending' });
    if (first !== undefined) return first;
    assert.ok(Date.now() < deadline, 'nothing waits');
    await new Promise(setImmediate);
  }
}

async function decide(verdict: 'approved' | 'denied', comment = ''): Promise<Approval> {
  const decided = await house.house.approvals.decide((await waiting()).id, person, { verdict, comment });
  assert.ok(!isRefusal(decided), JSON.stringify(decided));
  return decided;
}

interface Asking {
  readonly can?: object;
  readonly more?: object;
  readonly args?: object;
  readonly meta?: object;
  readonly as?: string;
}

/** One raw call of the stateless era. */
function call(tool: string, { can = {}, more = {}, args = {}, meta = {}, as = token }: Asking = {}): Promise<Posted> {
  const { body, headers } = modern('tools/call', { name: tool, arguments: args, ...more });
  const { params } = body as { params: { _meta: Record<string, unknown> } };
  Object.assign(params._meta, { 'io.modelcontextprotocol/clientCapabilities': can, ...meta });
  return post(`${house.url}/mcp/notes`, body, { token: as, headers });
}

const asking = { elicitation: { form: {} } };
const codeOf = ({ message }: Posted): unknown => message.error?.data?.['reason'] ?? message.result?.['resultType'];

test('a client that cannot be asked hears where it is decided, and makes the same call again', async () => {
  const first = await call('destroy', { args: { id: 1, of: 'x' } });
  assert.equal(codeOf(first), 'access_approval_pending');
  const { approval, url } = first.message.error!.data as { approval: string; url: string };
  assert.equal(url, `${house.url}/approvals/${approval}`);
  const { id, details } = await decide('approved');
  assert.equal(id, approval);
  assert.deepEqual(JSON.parse(details['arguments'] as string), { id: 1, of: 'x' });
  assert.equal(calls, 0);
  assert.equal(codeOf(await call('destroy', { args: { of: 'x', id: 1 } })), 'complete');
  assert.equal(calls, 1);

  assert.equal(codeOf(await call('destroy', { args: { id: 1, of: 'x' } })), 'access_approval_pending', 'good for one');
  await decide('denied', 'not twice');
  const denied = await call('destroy', { args: { id: 1, of: 'x' } });
  assert.equal(codeOf(denied), 'access_call_denied');
  assert.match(denied.message.error!.message, /not twice/);
  assert.equal(calls, 1);
});

test('other calls, other arguments and other numbers than those approved wait for an approval of their own', async () => {
  const of = (n: string) => JSON.parse(`{"n":${n}}`) as object;
  await call('destroy', { args: of('1') });
  await decide('approved');
  assert.equal(codeOf(await call('destroy', { args: of('2') })), 'access_approval_pending');
  await decide('denied');
  assert.equal(calls, 0);
  assert.equal(codeOf(await call('read')), 'complete', 'what no rule names passes');
});

test('a client whose every try is a span of its own finds its call again', async () => {
  const at = (span: string) => ({ traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${span.repeat(16)}-01` });
  assert.equal(codeOf(await call('destroy', { args: { id: 2 }, meta: at('1') })), 'access_approval_pending');
  await decide('approved');
  assert.equal(codeOf(await call('destroy', { args: { id: 2 }, meta: at('2') })), 'complete');
  assert.equal(calls, 1);
});

test('a client that can be asked is asked to wait, is kept waiting when it comes back, and gets its answer', async () => {
  const first = await call('destroy', { can: asking, args: { wait: 1 } });
  assert.equal(codeOf(first), 'input_required');
  const [key] = Object.keys(first.message.result!['inputRequests'] as object);
  const more = { inputResponses: { [key!]: { action: 'accept', content: {} } } };
  assert.equal(codeOf(await call('destroy', { can: asking, args: { wait: 1 }, more })), 'input_required', 'not yet');
  const back = call('destroy', { can: asking, args: { wait: 1 }, more });
  await decide('approved');
  assert.equal(codeOf(await back), 'complete');
  assert.equal(calls, 1);
});

test('whoever declines to wait takes the request back', async () => {
  const first = await call('destroy', { can: asking, args: { decline: 1 } });
  const [key] = Object.keys(first.message.result!['inputRequests'] as object);
  const more = { inputResponses: { [key!]: { action: 'decline' } } };
  assert.equal(codeOf(await call('destroy', { can: asking, args: { decline: 1 }, more })), 'access_approval_withdrawn');
  assert.deepEqual(await house.house.approvals.list({ state: 'pending' }), []);
});

test('the official client of the stateless era waits by itself', async () => {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
  );
  const texts: string[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    texts.push(params.message);
    return { action: 'accept', content: {} };
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${house.url}/mcp/notes`), { requestInit }));
  try {
    const called = client.callTool({ name: 'destroy', arguments: { official: true } });
    await decide('approved');
    await called;
    assert.equal(calls, 1);
    assert.match(texts[0]!, /destroy on notes waits for an approval \(rule "four eyes"/);
  } finally {
    await client.close();
  }
});

test('the official client of the older revisions is asked while its call stays on the line', async (t) => {
  const client = new OldClient({ name: 'old', version: '1' }, { capabilities: { elicitation: {} } });
  let answer: (given: { action: 'accept' | 'decline'; content?: object }) => void = () => undefined;
  const asked = Promise.withResolvers<string>();
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.resolve(params.message);
    return new Promise((resolve) => (answer = resolve as typeof answer));
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new OldTransport(new URL(`${house.url}/mcp/notes`), { requestInit }));
  t.after(() => client.close());

  const called = client.callTool({ name: 'destroy', arguments: { old: 1 } });
  assert.match(await asked.promise, /waits for an approval/);
  await decide('approved');
  await called; // although the person at the client has not answered
  assert.equal(calls, 1);

  const declined = client.callTool({ name: 'destroy', arguments: { old: 2 } }).catch((error: Error) => error);
  await waiting();
  const deadline = Date.now() + 20_000;
  answer = () => undefined;
  while (
    (await Promise.race([declined, new Promise((resolve) => setImmediate(resolve, 'under way'))])) === 'under way'
  ) {
    answer({ action: 'decline' });
    assert.ok(Date.now() < deadline);
  }
  assert.match(String(await declined), /taken back/);
  assert.equal(calls, 1);
});

test('a server’s own question in an approved call is answered under the same approval, and only once', async () => {
  await call('asks', { can: asking });
  await decide('approved');
  const question = await call('asks', { can: asking });
  assert.equal(codeOf(question), 'input_required');
  const { requestState } = question.message.result as { requestState: string };
  assert.deepEqual(Object.keys(question.message.result!['inputRequests'] as object), ['sure']);
  const more = { requestState, inputResponses: { sure: { action: 'accept', content: {} } } };
  const forged = await call('asks', { can: asking, more: { ...more, requestState: 'guessed' } });
  assert.deepEqual(Object.keys(forged.message.result!['inputRequests'] as object), ['genkan-approval']);
  assert.equal(calls, 0);
  assert.equal(codeOf(await call('asks', { can: asking, more })), 'complete');
  assert.equal(calls, 1);
  const again = await call('asks', { can: asking, more });
  assert.deepEqual(Object.keys(again.message.result!['inputRequests'] as object), ['genkan-approval']);
  assert.equal(calls, 1);
  await decide('denied');
});

test('what a client answers to a question of Genkan is none of the server’s business', async () => {
  const lastParams = (): Record<string, unknown> | undefined =>
    upstream.seen.findLast(({ message }) => message.method === 'tools/call')!.message.params;
  const ours = { 'genkan-approval': { action: 'accept', content: {} } };
  await call('asks', { can: asking, args: { whose: 1 } });
  await decide('approved');
  await call('asks', { can: asking, args: { whose: 1 } });
  const sure = { action: 'accept', content: {} };
  const more = { requestState: 'half way', inputResponses: { ...ours, sure } };
  assert.equal(codeOf(await call('asks', { can: asking, args: { whose: 1 }, more })), 'complete');
  assert.deepEqual(lastParams()?.['inputResponses'], { sure }, 'of a call that was approved');

  assert.equal(codeOf(await call('read', { can: asking, more: { inputResponses: ours } })), 'complete');
  assert.equal(lastParams()?.['inputResponses'], undefined, 'of a call that needs no approval');
});

test('nobody watches what has to be approved each time it is read', async () => {
  const listen = async (uri: string): Promise<Posted> => {
    const { body, headers } = modern('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } });
    return post(`${house.url}/mcp/notes`, body, { token, headers });
  };
  const refused = await listen('note://1');
  assert.equal(codeOf(refused), 'access_approval_impossible');
  assert.match(refused.message.error!.message, /four eyes/);
  assert.ok(upstream.seen.every(({ message }) => message.method !== 'subscriptions/listen'));
});

test('the record tells of the question, of who approved, and of the call', async () => {
  await call('destroy', { args: { story: 1 } });
  const { id } = await decide('approved');
  await call('destroy', { args: { story: 1 } });
  const records = await house.house.audit.list({ action: 'tools/call', limit: 3 });
  assert.deepEqual(
    records.map(({ result }) => result),
    ['allowed', 'intent', 'challenged'],
  );
  assert.deepEqual(
    records.map(({ approval, details }) => [approval?.id, approval?.by ?? details['code']]),
    [
      [id, omar],
      [id, omar],
      [id, 'access_approval_pending'],
    ],
  );
});

test('what the approver was not shown does not reach the server, and what is too long to be shown is not asked for', async () => {
  const sneaked = { requestState: 'forged', inputResponses: { which: { action: 'accept', content: { env: 'prod' } } } };
  await call('destroy', { args: { dry: 1 } });
  await decide('approved');
  assert.equal(codeOf(await call('destroy', { args: { dry: 1 }, more: sneaked })), 'complete');
  const { params } = upstream.seen.findLast(({ message }) => message.method === 'tools/call')!.message;
  assert.deepEqual([params!['requestState'], params!['inputResponses']], [undefined, undefined]);

  const vendor = { task: { ttl: 1000 } };
  await call('destroy', { args: { dry: 2 } });
  await decide('approved');
  assert.equal(codeOf(await call('destroy', { args: { dry: 2 }, more: vendor })), 'access_approval_pending');
  assert.match(String((await waiting()).details['besides']), /"ttl": 1000/);
  await decide('denied');

  const long = await call('destroy', { args: { note: 'x'.repeat(9000), target: 'prod' } });
  assert.equal(codeOf(long), 'access_approval_too_long');
  assert.deepEqual(await house.house.approvals.list({ state: 'pending' }), []);
});

test('a yes ends with whoever gave it', async () => {
  await call('destroy', { args: { of: 'omar' } });
  await decide('approved');
  await house.house.killSwitch.disablePerson(omar, { by: 'ada', reason: 'compromised' });
  assert.equal(codeOf(await call('destroy', { args: { of: 'omar' } })), 'access_approval_pending');
  await house.house.killSwitch.enablePerson(omar, { by: 'ada', reason: 'it was him' });
  await decide('denied');
  assert.equal(calls, 0);
});

test('of two same calls under one approval one is made', async () => {
  await call('destroy', { args: { twice: 1 } });
  await decide('approved');
  const answers = await Promise.all([1, 2, 3].map(() => call('destroy', { args: { twice: 1 } })));
  assert.deepEqual(answers.map(codeOf).sort(), ['access_approval_pending', 'access_approval_pending', 'complete']);
  assert.equal(calls, 1);
  await decide('denied');
});

test('whoever loses the right while somebody thinks about their call does not get through', async () => {
  const { changes } = house.house.access.policy;
  const ada = { id: 'operator', kind: 'operator', name: 'operator', groups: [] } as const;
  await call('destroy', { args: { late: 1 } });
  const held = call('destroy', { args: { late: 1 } });
  const { thing } = await changes.deny(
    {
      name: 'no more',
      principals: 'everyone',
      excludePrincipals: [],
      permissions: [{ actions: ['mcp/*'], notActions: [], dataActions: [], notDataActions: [] }],
      scope: '/servers/notes/tools/destroy',
      doNotApplyToChildScopes: false,
    },
    { by: ada, why: 'test' },
  );
  await decide('approved');
  assert.equal(codeOf(await held), 'access_denied_by_assignment');
  assert.equal(calls, 0);
  await changes.undeny(thing.id, { by: ada, why: 'test' });
});
