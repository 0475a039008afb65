// Tests of waiting for an approval: in nobody's place, for whoever still may, and with questions that nobody else answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../access/approvals/approval.ts';
import type { CallApprovals } from '../../access/approvals/call-approvals.ts';
import type { Limits, Place } from '../../access/limits/limits.ts';
import { isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { notification, request, result } from '../../protocol/message.ts';
import type { Message } from '../../protocol/message.ts';
import type { Conversation } from '../conversations/conversation.ts';
import type { Ticket } from '../judge.ts';
import type { Visit } from '../visit.ts';
import { createApproving } from './approving.ts';
import { createHolding } from './holding.ts';

const person = (id: string): Principal => ({ id, kind: 'user', name: id, groups: [], clientId: 'code' });
const demand = { rule: 'four eyes', approvers: [], mfa: false, withinSeconds: 60 };
const use = { server: 'notes', primitive: 'tools', name: 'destroy', arguments: {} } as const;
const ticket = {
  use,
  allowed: { outcome: 'allow', effect: 'destroy', requirements: [], because: [], approval: demand },
} as Ticket;
const call = request(7, 'tools/call', { name: 'destroy', arguments: {} });
const pending = { id: 'a', state: 'pending', expiresAtMs: 0, approvers: [] } as unknown as Approval;

/** Somebody's visit, and what their client is told meanwhile. */
function visitOf(id: string) {
  const told: Message[] = [];
  const answer = { closed: false, behind: false, interim: (message: Message) => void told.push(message) };
  const arrival = { headers: {}, resource: '', sourceIP: '', language: 'en' };
  return { told, visit: { principal: person(id), arrival, answer } as unknown as Visit };
}

const signal = new AbortController().signal;

test('whoever waits leaves their place first, and passes only if token and rights still hold', async () => {
  const steps: string[] = [];
  const place = (name: string): Place => ({ leave: () => void steps.push(`leaves ${name}`), [Symbol.dispose]() {} });
  const approved = { id: 'a', by: 'omar', goesOn: false };
  const holding = { hold: () => Promise.resolve((steps.push('waits'), approved)) } as never;
  const limits = { enter: () => (steps.push('enters'), place('second')) } as unknown as Limits;
  const pass = (token: Refusal | undefined, rights: Refusal | undefined, of: Ticket = ticket) => {
    steps.length = 0;
    const verify = () => token ?? ({ outcome: 'allow', principal: person('dana') } as const);
    const circumstances = { place: place('first'), signal, ask: () => Promise.resolve(rights ?? ticket) };
    return createApproving(holding, { limits, verify })(visitOf('dana').visit, {} as never, call, of, circumstances);
  };

  const passed = await pass(undefined, undefined);
  assert.ok(!isRefusal(passed) && passed.approved === approved, 'the control');
  assert.deepEqual(steps, ['leaves first', 'waits', 'enters']);
  const expired = await pass(refuse('identity_token_expired'), undefined);
  assert.equal(isRefusal(expired) && expired.code, 'identity_token_expired');
  const lost = await pass(undefined, refuse('access_action_missing'));
  assert.equal(isRefusal(lost) && lost.code, 'access_action_missing');
  assert.deepEqual(await pass(undefined, undefined, {}), {});
  assert.deepEqual(steps, [], 'what needs no approval keeps its place');
});

test('nobody else answers the question of a call that is held, or cancels the call', async () => {
  const withdrawn: string[] = [];
  const calls = {
    goesOn: () => Promise.resolve(undefined),
    begin: () => Promise.resolve({ ...pending, isNew: true }),
    withdraw: (id: string) => Promise.resolve((withdrawn.push(id), pending)),
    settled: (_id: string, given: AbortSignal) =>
      new Promise((_resolve, reject) => given.addEventListener('abort', () => reject(given.reason as Error))),
  } as unknown as CallApprovals;
  const holding = createHolding(
    { roundSeconds: 20, parkedSeconds: 20 },
    { calls, publicUrl: 'https://genkan.example' },
  );
  const initialize = request(0, 'initialize', { capabilities: { elicitation: {} } });
  const conversation = { initialize } as unknown as Conversation;
  const [dana, mallory] = [visitOf('dana'), visitOf('mallory')];
  const holdOne = async () => {
    dana.told.length = 0;
    const outcome = holding.hold(dana.visit, conversation, call, ticket, signal);
    while (dana.told.length === 0) await new Promise(setImmediate);
    const [question] = dana.told;
    assert.ok(question?.kind === 'request' && question.method === 'elicitation/create');
    return { outcome, no: result(question.id, { action: 'decline' }) };
  };

  const first = await holdOne();
  assert.equal(holding.hear(mallory.visit, first.no), false);
  assert.equal(holding.hear(mallory.visit, notification('notifications/cancelled', { requestId: 7 })), false);
  await new Promise(setImmediate);
  assert.deepEqual(withdrawn, []);
  assert.equal(holding.hear(dana.visit, first.no), true, 'the control');
  const declined = await first.outcome;
  assert.equal(isRefusal(declined) && declined.code, 'access_approval_withdrawn');
  assert.deepEqual(withdrawn, ['a']);

  const second = await holdOne();
  holding.hear(dana.visit, notification('notifications/cancelled', { requestId: 7 }));
  await assert.rejects(second.outcome, { code: 'gateway_cancelled' });
  assert.deepEqual(withdrawn, ['a'], 'the request stays: the client may come back');
});

test('an approval that comes when nobody is there any more to hear of the call is kept for their next one', async () => {
  const outcomeOf = async (closes: boolean) => {
    const used: string[] = [];
    const { visit } = visitOf('dana');
    const calls = {
      goesOn: () => Promise.resolve(undefined),
      begin: () => Promise.resolve({ ...pending, isNew: false }),
      settled() {
        if (closes) Object.assign(visit.answer, { closed: true });
        return Promise.resolve({ ...pending, state: 'approved' });
      },
      use: ({ id }: Approval) => Promise.resolve((used.push(id), { id, by: 'omar', goesOn: false })),
    } as unknown as CallApprovals;
    const holding = createHolding(
      { roundSeconds: 20, parkedSeconds: 20 },
      { calls, publicUrl: 'https://genkan.example' },
    );
    const conversation = {} as unknown as Conversation;
    const outcome = await holding.hold(visit, conversation, call, ticket, signal);
    return { used, code: isRefusal(outcome) ? outcome.code : 'passes' };
  };
  assert.deepEqual(await outcomeOf(true), { used: [], code: 'access_approval_pending' });
  assert.deepEqual(await outcomeOf(false), { used: ['a'], code: 'passes' }, 'the control');
});
