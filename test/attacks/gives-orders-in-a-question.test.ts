// The attacker asks the person, or their model, and writes the order into the question: its text, its fields, its choices, its messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import { event, mcpByHand, readTool } from '../support/mcp-by-hand.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import { order } from '../support/plain-shield.ts';
import { unshielded } from '../support/poisoned-house.ts';

const form = (properties: object, message = 'Which one?'): object => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties } },
});
const questions: Readonly<Record<string, object>> = {
  'its text': form({}, order),
  'the title of a field': form({ a: { type: 'string', title: order } }),
  'a choice': form({ a: { type: 'string', enum: ['no', order] } }),
  'what a model is asked': {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: order } }], maxTokens: 10 },
  },
};

async function open(inspect: object) {
  let question: object = {};
  const answered: { error?: { message: string } }[] = [];
  let finish = (): void => undefined;
  const upstream = await startHttpUpstream(
    mcpByHand({
      tools: [readTool],
      handle({ message, headers }, response) {
        if (message.method === undefined && message.id === 'q') {
          answered.push(message as never);
          finish();
        }
        if (message.method !== 'tools/call') return false;
        if (headers['mcp-protocol-version'] === '2026-07-28') {
          const result = { resultType: 'input_required', inputRequests: { q: question }, requestState: 's' };
          answerJson(response, { jsonrpc: '2.0', id: message.id, result });
          return true;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(event({ id: 'q', ...question }));
        finish = () => void response.end(event({ id: message.id, result: { content: [] } }));
        return true;
      },
    }),
  );
  const room = await openGatewayRoom({ access: makersUse('asks'), servers: { asks: { url: upstream.url } }, inspect });
  return {
    room,
    answered,
    ask: (next: object) => void (question = next),
    finish: () => finish(),
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

for (const path of ['/mcp/asks', '/mcp']) {
  const name = path === '/mcp' ? 'asks__read' : 'read';

  test(`legacy at ${path}: nobody is asked, and the server learns that it is not`, async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
    const can = { elicitation: {}, sampling: {} };
    for (const [place, question] of Object.entries(questions)) {
      await using shielded = await open({});
      shielded.ask(question);
      const headers = await openLegacySession(`${shielded.room.url}${path}`, 'dana', can);
      const { body, message } = await post(`${shielded.room.url}${path}`, call, { token: 'dana', headers });
      assert.ok(!body.includes('evil.example'), place);
      assert.deepEqual(message.result, { content: [] }, place);
      assert.match(shielded.answered[0]!.error!.message, /prompt injection/, place);
    }
    await using bare = await open(unshielded);
    bare.ask(questions['its text']!);
    const headers = await openLegacySession(`${bare.room.url}${path}`, 'dana', can);
    const stream = await openEventStream(`${bare.room.url}${path}`, call, { token: 'dana', headers });
    await stream.until(/evil\.example/); // the control
    bare.finish();
    await stream.ended;
  });

  test(`modern at ${path}: the question is withheld with the answer that asks it`, async () => {
    await using shielded = await open({});
    await using bare = await open(unshielded);
    const { body, headers } = modern('tools/call', { name, arguments: {} });
    for (const [place, question] of Object.entries(questions)) {
      shielded.ask(question);
      bare.ask(question);
      const refused = await post(`${shielded.room.url}${path}`, body, { token: 'dana', headers });
      assert.equal(refused.message.error?.data?.['reason'], 'inspect_injection_blocked', place);
      assert.ok(!refused.body.includes('evil.example'), place);
      const control = await post(`${bare.room.url}${path}`, body, { token: 'dana', headers });
      assert.ok(control.body.includes('evil.example'), `control: ${place}`);
    }
  });
}
