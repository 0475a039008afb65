// Threat: a server writes its order where Genkan itself repeats it: in names of members, that findings tell as places, or beside an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Allowed } from '../../src/access/decision.ts';
import { isRefusal } from '../../src/base/errors.ts';
import { createLog } from '../../src/base/log.ts';
import { inspectAnswer } from '../../src/gateway/inspected.ts';
import type { Inspected } from '../../src/gateway/inspected.ts';
import { createInspect } from '../../src/inspect/inspect.ts';
import { inspectSettings } from '../../src/inspect/settings.ts';
import type { RequestMessage, ResponseMessage } from '../../src/protocol/message.ts';
import { request } from '../../src/protocol/message.ts';
import { parseMessage } from '../../src/protocol/parse.ts';
import { hint, order, plainShield } from '../support/plain-shield.ts';

const guarded = {};
const unguarded = {
  shield: { results: { suspicious: 'off', certain: 'off' } },
  redaction: { secrets: 'off', numbers: 'off' },
};
const call = request(1, 'tools/call', { name: 'read', arguments: {} });

function answer(said: object, settings: object, asked: RequestMessage = call): Promise<Inspected> {
  const inspect = createInspect(inspectSettings.parse(settings), {
    log: createLog('silent'),
    shield: plainShield,
    count: () => undefined,
  });
  const response = parseMessage(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, ...said })), inspect.replyLimits);
  assert.ok(!isRefusal(response));
  const visit = { arrival: { server: 'mail', language: 'en' }, principal: { id: 'dana', groups: [] } };
  return inspectAnswer(
    { inspect },
    visit as unknown as Parameters<typeof inspectAnswer>[1],
    asked,
    { use: undefined, allowed: { because: [] } as unknown as Allowed } as Parameters<typeof inspectAnswer>[3],
    response as ResponseMessage,
  );
}

const secret = `ghp_${'aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5'}`;
/** What the client, and what the record gets of it. */
const toldOf = ({ response, counts }: Inspected): string => response.raw.toString() + JSON.stringify(counts);

const places: Record<string, object> = {
  'the name of a member': { result: { content: [], structuredContent: { [order]: 1 } } },
  'a name around what is found': { result: { content: [], structuredContent: { [order]: { note: order } } } },
  'a name in an error': { error: { code: -32000, message: 'no', data: { [order]: order } } },
  'a member beside the data of an error': { error: { code: -32000, message: 'no', detail: order } },
  'an id in an error': { error: { code: -32000, message: 'no', data: { taskId: order } } },
  'a file with one byte that is no text': {
    result: {
      contents: [{ uri: 'a:b', blob: Buffer.concat([Buffer.from(order), Buffer.of(0xff)]).toString('base64') }],
    },
  },
};

for (const [place, said] of Object.entries(places))
  test(`an order in ${place} does not come back with the refusal`, async () => {
    const inspected = await answer(said, guarded);
    assert.match(toldOf(inspected), /inspect_injection_blocked/);
    assert.ok(!toldOf(inspected).includes('IGNORE all'));
    const control = JSON.parse((await answer(said, unguarded)).response.raw.toString()) as object;
    assert.deepEqual(control, { jsonrpc: '2.0', id: 1, ...said }, 'the control');
  });

test('a secret that is the name of a member stands in no place that is told', async () => {
  const said = { result: { content: [], structuredContent: { [secret]: { note: `a ${hint}` } } } };
  const inspected = await answer(said, guarded);
  assert.match(toldOf(inspected), /genkan\/findings/);
  assert.ok(!toldOf(inspected).includes(secret));
  assert.ok(toldOf(await answer(said, unguarded)).includes(secret), 'the control');
});

test('a long name over many texts does not make an answer of a megabyte many', async () => {
  const name = 'x '.repeat(200_000);
  const said = { result: { content: [], structuredContent: { [name]: Array.from({ length: 3000 }, () => hint) } } };
  const { response, counts } = await answer(said, { shield: { results: { suspicious: 'flag' } } });
  assert.ok(response.raw.length < 1_000_000, `${response.raw.length} bytes`);
  assert.ok(JSON.stringify(counts).length < 8000);
});

test('a greeting is read whole, however much stands around its order', async () => {
  const capabilities = { experimental: { pad: { note: 'x'.repeat(5000) } } };
  const greeting = { result: { protocolVersion: '2025-11-25', capabilities, instructions: order } };
  const small = { maxResultCharacters: 1000 };
  const greet = request(1, 'initialize', {});
  assert.ok(!toldOf(await answer(greeting, small, greet)).includes(order));
  assert.match(toldOf(await answer(greeting, small)), /inspect_result_too_large/, 'another answer is too large');
  const control = await answer(
    greeting,
    { ...small, shield: { descriptions: { suspicious: 'off', certain: 'off' } } },
    greet,
  );
  assert.ok(toldOf(control).includes(order), 'the control');
});

test('what a program goes on with passes untouched where the protocol has it', async () => {
  const state =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c';
  const asks = { result: { resultType: 'input_required', inputRequests: {}, requestState: state } };
  assert.ok((await answer(asks, guarded)).response.raw.includes(state));
  const shown = { result: { content: [{ type: 'text', text: state }] } };
  assert.ok(!(await answer(shown, guarded)).response.raw.includes(state), 'and elsewhere it does not');
});
