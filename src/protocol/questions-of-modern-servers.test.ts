// Tests for reading what a modern server asks for: nothing of it is asked unless all of it can be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInputRequired } from './questions-of-modern-servers.ts';
import type { Asked, InputRequired } from './questions-of-modern-servers.ts';
import type { JsonObject } from './message.ts';

const everything = { elicitation: { form: {}, url: {} }, sampling: { tools: {}, context: {} }, roots: {} };
const latest: Asked = { revision: '2025-11-25', capabilities: everything };
const older = (revision: Asked['revision']): Asked => ({
  revision,
  capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
});

const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
const form = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema } };
const page = (url: unknown) => ({ method: 'elicitation/create', params: { mode: 'url', message: 'Pay', url } });
const model = (params: object) => ({ method: 'sampling/createMessage', params: { maxTokens: 9, ...params } });
const hello = { role: 'user', content: { type: 'text', text: 'hello' } };

const read = (inputRequests: unknown, asked: Asked = latest, more: object = {}) =>
  readInputRequired({ resultType: 'input_required', inputRequests, ...more }, asked, () => 'own');
const problem = (inputRequests: unknown, asked?: Asked, more?: object) => {
  const needed = read(inputRequests, asked, more);
  return 'problem' in needed ? needed.problem : undefined;
};
const params = (question: unknown, asked?: Asked): JsonObject => {
  const needed = read({ a: question }, asked);
  assert.ok('questions' in needed, JSON.stringify(needed));
  return needed.questions.get('a')!.params;
};

test('questions keep their keys, whatever these are, and the state is kept as it came', () => {
  const requests = JSON.parse(`{"__proto__":${JSON.stringify(form)},"constructor":{"method":"roots/list"}}`) as object;
  const needed = read(requests, latest, { requestState: ' {"a":1} ' }) as InputRequired;
  assert.deepEqual([...needed.questions.keys()], ['__proto__', 'constructor']);
  assert.equal(needed.requestState, ' {"a":1} ');
  assert.deepEqual(needed.questions.get('constructor'), { method: 'roots/list', params: {} });
});

test('a result that breaks the rules is not asked at all', () => {
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`q${index}`, form]));
  const broken: [string, unknown, object?][] = [
    ['nothing to ask and nothing to remember', {}],
    ['no object', [form]],
    ['more questions than anybody answers', many],
    ['a key without end', { ['k'.repeat(257)]: form }],
    ['a state without end', { a: form }, { requestState: 's'.repeat(262_145) }],
    ['a state that is no text', { a: form }, { requestState: { secret: 1 } }],
    ['another method', { a: form, b: { method: 'tools/call', params: { name: 'rm' } } }],
    ['a question that is no object', { a: 'elicitation/create' }],
    ['parameters that are no object', { a: { method: 'roots/list', params: [] } }],
    ['an unknown mode', { a: { ...form, params: { ...form.params, mode: 'voice' } } }],
    ['no schema', { a: { method: 'elicitation/create', params: { message: 'Who?' } } }],
    ['no message', { a: { method: 'elicitation/create', params: { requestedSchema } } }],
    ['an address that runs a script', { a: page('javascript:alert(1)') }],
    ['an address of a file', { a: page('file:///etc/passwd') }],
    ['no address', { a: page(undefined) }],
    ['nothing for the model', { a: model({}) }],
  ];
  for (const [what, requests, more] of broken) assert.equal(problem(requests, latest, more), 'malformed', what);
});

test('what the client did not declare is not asked, nor anything beside it', () => {
  const undeclared: [string, object, JsonObject][] = [
    ['elicitation', form, { sampling: {}, roots: {} }],
    ['pages', page('https://pay.example.com'), { elicitation: { form: {} } }],
    ['forms', form, { elicitation: { url: {} } }],
    ['the model', model({ messages: [hello] }), { roots: {} }],
    ['tools of the model', model({ messages: [hello], tools: [] }), { roots: {}, sampling: {} }],
    ['roots', { method: 'roots/list' }, { elicitation: { form: {} } }],
  ];
  for (const [what, question, capabilities] of undeclared)
    assert.equal(problem({ b: question }, { ...latest, capabilities }), 'undeclared', what);
  assert.equal(
    problem({ a: form, b: { method: 'roots/list' } }, { ...latest, capabilities: { elicitation: { form: {} } } }),
    'undeclared',
  );
});

test('a page to open gets the id that 2025-11-25 wants, and never one of the server', () => {
  const asked = params({
    ...page('https://pay.example.com/1'),
    params: { ...page('https://pay.example.com/1').params, elicitationId: 'theirs' },
  });
  assert.deepEqual(asked, { mode: 'url', message: 'Pay', url: 'https://pay.example.com/1', elicitationId: 'own' });
});

test('members of the protocol itself and tasks are taken off, other metadata stays', () => {
  const _meta = { 'io.modelcontextprotocol/subscriptionId': 1, 'com.example/a': 2 };
  const asked = params({ ...form, params: { ...form.params, task: { ttl: 1 }, _meta } });
  assert.deepEqual(asked, { mode: 'form', message: 'Who?', requestedSchema, _meta: { 'com.example/a': 2 } });
});

test('in 2025-06-18 a form has no mode, titled choices are written the old way, and several at once are left out', () => {
  const choice = {
    type: 'string',
    oneOf: [
      { const: 'r', title: 'Red' },
      { const: 'g', title: 'Green' },
    ],
  };
  const several = { type: 'array', items: { type: 'string', enum: ['a', 'b'] } };
  const schema = { type: 'object', properties: { choice, several }, required: ['choice'] };
  const question = (required: string[]) => ({
    ...form,
    params: { mode: 'form', message: 'Which?', requestedSchema: { ...schema, required } },
  });
  assert.deepEqual(params(question(['choice']), older('2025-06-18')), {
    message: 'Which?',
    requestedSchema: {
      type: 'object',
      properties: { choice: { type: 'string', enum: ['r', 'g'], enumNames: ['Red', 'Green'] } },
      required: ['choice'],
    },
  });
  assert.equal(problem({ a: question(['several']) }, older('2025-06-18')), 'undeclared');
});

test('before 2025-11-25 a message for the model has one block of content, and sound came with 2025-03-26', () => {
  const audio = { type: 'audio', data: 'AA==', mimeType: 'audio/wav' };
  const question = model({
    messages: [{ role: 'user', content: [hello.content, audio] }],
    includeContext: 'thisServer',
  });
  const { messages } = params(question, older('2025-03-26'));
  assert.deepEqual(messages, [hello, { role: 'user', content: audio }]);
  const oldest = params(question, older('2024-11-05'))['messages'] as { content: JsonObject }[];
  assert.deepEqual(oldest[1]!.content, { type: 'text', text: '[audio: audio/wav]' });
});

test('context of other servers is asked for only where the client declared it', () => {
  const question = model({ messages: [hello], includeContext: 'allServers' });
  assert.equal(params(question)['includeContext'], 'allServers');
  assert.equal(params(question, { ...latest, capabilities: { sampling: {} } })['includeContext'], undefined);
  assert.equal(params(question, older('2025-06-18'))['includeContext'], 'allServers', 'which has no such declaration');
});
