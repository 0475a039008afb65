// What administrators do with the record, on a whole Genkan: read contents of calls, forget a person, hold on to records.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpUpstream } from './support/http-upstream.ts';
import type { HttpUpstream } from './support/http-upstream.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { mcpByHand, readTool, writeTool } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';

let upstream: HttpUpstream;
let running: TestHouse;

before(async () => {
  upstream = await startHttpUpstream(mcpByHand({ tools: [readTool, writeTool], handle: async () => false }));
  running = await openTestHouse({
    access: {
      ...makersUse('raw'),
      assignments: [
        ...(makersUse('raw') as { assignments: object[] }).assignments,
        { principal: { group: 'security-team-group-id' }, role: 'Genkan Operator', scope: '/' },
      ],
    },
    identity: {
      provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
      conditionalAccess: { contexts: { mfa: 'c1' } },
    },
    servers: { raw: { url: upstream.url } },
    record: { payloads: { arguments: 'redacted', servers: { raw: { results: 'full' } } } },
  });
});
after(async () => {
  await running[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

async function call(secret: string): Promise<void> {
  const { body, headers } = modern('tools/call', { name: writeTool.name, arguments: { text: secret } }, 1);
  const { message } = await post(`${running.url}/mcp/raw`, body, {
    token: await running.token('dana', 'raw'),
    headers,
  });
  assert.ok(message.result, JSON.stringify(message));
}

async function api(path: string, input: object, contexts: string[] = ['c1']) {
  const token = await running.apiToken('sena', ...contexts);
  const response = await fetch(`${running.url}/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

test('contents of a call are read with a right of their own and a second factor, and that is on record', async () => {
  await call('card 4111 1111 1111 1111');
  const records = await running.house.audit.list({ action: 'tools/call' });
  const [outcome, intent] = records;
  assert.deepEqual([intent!.result, intent!.server, intent!.tool], ['intent', 'raw', writeTool.name]);
  assert.equal(intent!.actor?.name, 'dana@example.com');
  assert.equal(outcome!.arguments, undefined, 'they stand with what was announced');
  assert.ok(!JSON.stringify(records).includes('4111'));

  const without = await api('audit/show', { index: intent!.index }, []);
  assert.deepEqual([without.status, without.body['code']], [403, 'record_mfa']);
  const shown = await api('audit/show', { index: intent!.index });
  const { contents } = shown.body as unknown as { contents: { arguments: { kept: string; json: string } } };
  assert.equal(contents.arguments.kept, 'redacted');
  assert.ok(!contents.arguments.json.includes('4111 1111'), contents.arguments.json);
  const answered = await api('audit/show', { index: outcome!.index });
  assert.match(JSON.stringify(answered.body), /"kept":"full"/);

  const [read] = await running.house.audit.list({ action: 'audit.show', result: 'allowed' });
  assert.deepEqual([read!.resource, read!.actor?.name], [`/audit/${outcome!.index}`, 'sena@example.com']);
});

test('a person is forgotten once no hold covers them; the log verifies as before, and calls go on', async () => {
  await call('something');
  const person = (await running.house.people.find('dana'))!.id;
  const held = await api('hold/place', { reason: 'case 7', user: 'dana' });
  const { hold } = held.body as unknown as { hold: { id: string; user: string } };
  assert.equal(hold.user, person);
  const mistyped = await api('hold/place', { reason: 'case 7', user: 'dna@example.com' });
  assert.deepEqual([mistyped.status, mistyped.body['code']], [404, 'operation_not_found']);
  const [onRecord, early] = [
    held.body['onRecord'],
    await api('hold/place', { reason: 'case 8', user: 'application:x' }),
  ];
  assert.deepEqual([onRecord, early.status, early.body['onRecord']], [true, 200, false]);
  const refused = await api('audit/erase-subject', { user: 'dana', reason: 'request 1' });
  assert.deepEqual([refused.status, refused.body['code']], [409, 'record_held']);
  assert.equal((await api('hold/release', { hold: hold.id }, [])).status, 403);
  assert.equal((await api('hold/release', { hold: hold.id })).status, 200);
  assert.equal((await api('audit/erase-subject', { user: 'dana', reason: 'request 1' }, [])).status, 403);

  const erased = await api('audit/erase-subject', { user: 'dana', reason: 'request 1' });
  assert.equal(erased.status, 200, JSON.stringify(erased.body));
  const { pseudonym, records } = erased.body as unknown as { pseudonym: string; records: number };
  assert.ok(records >= 2);
  assert.deepEqual(await running.house.audit.list({ user: person, action: 'tools/call' }), []);
  const gone = await running.house.audit.list({ user: pseudonym });
  assert.deepEqual([gone.length >= records, gone[0]!.withheld, gone[0]!.actor], [true, 'erased', undefined]);
  assert.deepEqual((await running.house.audit.verify()).problems, []);
  await call('more');
  assert.equal((await running.house.audit.list({ user: person, action: 'tools/call' })).length, 2);
});

test('a start is on record with the digest of its configuration', async () => {
  const [started] = await running.house.audit.list({ action: 'genkan.start' });
  assert.match(String(started!.details['configuration']), /^[0-9a-f]{64}$/);
  assert.equal(started!.details['endedBefore'], 'properly');
});
