// Tests for the rounds in which a modern server asks a legacy client: how they go on, and how each of them ends.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { GenkanError } from '../../../base/errors.ts';
import type { ErrorCode } from '../../../base/errors.ts';
import { failure, request, result } from '../../../protocol/message.ts';
import type { JsonObject, Message, RequestMessage } from '../../../protocol/message.ts';
import { createAskingRounds } from './asking-rounds.ts';
import type { AskingRounds } from './asking-rounds.ts';

const asked = { revision: '2025-11-25', capabilities: { elicitation: { form: {} }, roots: {} } } as const;
const question = { method: 'roots/list' };
const call = (method = 'tools/call'): RequestMessage => request('client-1', method, { name: 'ask', _meta: { a: 1 } });

/** A client to which every question goes, and a server that answers each round with the next of these. */
function stage(rounds: AskingRounds, answers: readonly JsonObject[], reply?: (question: RequestMessage) => Message) {
  const seen: RequestMessage[] = [];
  const told: Message[] = [];
  const controller = new AbortController();
  let heard = Promise.withResolvers<Message>();
  const outlet = {
    closed: false,
    behind: false,
    interim(message: Message) {
      told.push(message);
      heard.resolve(message);
      heard = Promise.withResolvers();
      const answer = message.kind === 'request' ? reply?.(message) : undefined;
      if (answer?.kind === 'response') rounds.answer(answer);
    },
  };
  const carried = (message = call()) =>
    rounds.carry(message, { outlet, signal: controller.signal }, async (round) => {
      seen.push(round);
      return result(round.id, answers[Math.min(seen.length, answers.length) - 1]!);
    });
  return { seen, told, controller, carried, next: () => heard.promise };
}

const asks = (more: JsonObject = {}): JsonObject => ({
  resultType: 'input_required',
  inputRequests: { a: question },
  ...more,
});
const done = { resultType: 'complete', content: [] };
const failsWith = (code: ErrorCode) => (error: unknown) => error instanceof GenkanError && error.code === code;

test('the answers go back with the exact state, under another id and with the parameters of the call', async () => {
  const rounds = createAskingRounds('s', asked);
  const { seen, carried } = stage(rounds, [asks({ requestState: 'one' }), asks(), done], ({ id }) =>
    result(id, { roots: [] }),
  );
  assert.deepEqual((await carried()).result, done);
  const [first, second, third] = seen;
  assert.equal(first!.id, 'client-1');
  assert.equal(new Set(seen.map(({ id }) => id)).size, 3);
  const inputResponses = { a: { roots: [] } };
  assert.deepEqual(second!.params, { name: 'ask', _meta: { a: 1 }, inputResponses, requestState: 'one' });
  assert.deepEqual(third!.params, { name: 'ask', _meta: { a: 1 }, inputResponses }, 'no state where none came');
});

test('a result without a question is taken up again by itself, with its state alone', async () => {
  const rounds = createAskingRounds('s', asked);
  const { seen, told, carried } = stage(rounds, [{ resultType: 'input_required', requestState: 'wait' }, done]);
  await carried();
  assert.deepEqual(seen[1]!.params, { name: 'ask', _meta: { a: 1 }, requestState: 'wait' });
  assert.equal(told.length, 0);
});

test('a server that never has enough gets no ninth round', async () => {
  const rounds = createAskingRounds('s', asked);
  const { seen, carried } = stage(rounds, [asks()], ({ id }) => result(id, {}));
  await assert.rejects(carried(), failsWith('upstream_asks_too_often'));
  assert.equal(seen.length, 9, 'the call and eight rounds');
});

test('a request that may not be answered with a question is not', async () => {
  const rounds = createAskingRounds('s', asked);
  const { told, carried } = stage(rounds, [asks()]);
  await assert.rejects(carried(call('tools/list')), failsWith('upstream_answer_invalid'));
  assert.equal(told.length, 0);
});

test('what the client did not declare is answered as the server should have answered', async () => {
  const rounds = createAskingRounds('s', { ...asked, capabilities: {} });
  const { seen, told, carried } = stage(rounds, [asks()]);
  assert.equal((await carried()).error!.code, -32021);
  assert.deepEqual([seen.length, told.length], [1, 0]);
});

test('an error for an answer ends the call, and the other questions are withdrawn', async () => {
  const rounds = createAskingRounds('s', asked);
  let first = true;
  const { seen, told, carried } = stage(rounds, [asks({ inputRequests: { a: question, b: question } })], ({ id }) => {
    const answer = first ? result(id, {}) : failure(id, { code: -1, message: 'User rejected' });
    first = false;
    return answer;
  });
  await assert.rejects(carried(), failsWith('gateway_question_unanswered'));
  assert.equal(seen.length, 1, 'the server does not wait for it');
  assert.equal(told.length, 2);
});

test('a question that nobody answers in time is withdrawn, and so is one whose call is cancelled', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const rounds = createAskingRounds('s', asked);
  const late = stage(rounds, [asks()]);
  const waiting = late.next();
  const unanswered = late.carried();
  await waiting;
  mock.timers.tick(600_000);
  await assert.rejects(unanswered, failsWith('gateway_question_unanswered'));

  const cancelled = stage(rounds, [asks()]);
  const next = cancelled.next();
  const carried = cancelled.carried();
  carried.catch(() => undefined);
  await next;
  cancelled.controller.abort(new GenkanError('gateway_cancelled'));
  await assert.rejects(carried, failsWith('gateway_cancelled'));

  for (const { told, seen } of [late, cancelled]) {
    const [{ id }, withdrawal] = told as [RequestMessage, RequestMessage];
    assert.deepEqual([withdrawal.method, withdrawal.params['requestId']], ['notifications/cancelled', id]);
    assert.equal(seen.length, 1);
  }
  rounds.answer(result((cancelled.told[0] as RequestMessage).id, { roots: [] })); // too late: it goes nowhere
});

test('the end of the conversation ends the wait, and nothing is asked after it', async () => {
  const rounds = createAskingRounds('s', asked);
  const { next, carried, told } = stage(rounds, [asks()]);
  const asking = next();
  const first = carried();
  first.catch(() => undefined);
  await asking;
  rounds.close();
  await assert.rejects(first, failsWith('upstream_unavailable'));
  const before = told.length;
  await assert.rejects(carried(), failsWith('upstream_unavailable'));
  assert.equal(told.length, before);
});
