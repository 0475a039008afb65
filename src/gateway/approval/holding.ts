// Calls that a person has to approve first: held until somebody has, for clients that can wait, and refused with a handle for the others.
import type { AskedCall, Approved, CallApprovals } from '../../access/approvals/call-approvals.ts';
import type { Approval } from '../../access/approvals/approval.ts';
import { GenkanError, isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { reservedPrefix } from '../../protocol/envelope.ts';
import { isJsonObject, notification, request } from '../../protocol/message.ts';
import type { JsonObject, Message, RequestId, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { traceMembers } from '../../protocol/trace-context.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Conversation } from '../conversations/conversation.ts';
import type { Ticket } from '../judge.ts';
import { ownId } from '../lines/line.ts';
import { ownerOf } from '../owner.ts';
import { answerTo } from '../own-questions.ts';
import type { Visit } from '../visit.ts';
import { approvalKey, asksByForm, formOf, pendingRefusal } from './approval-question.ts';

export interface HoldingSettings {
  /** How long a client that has come back, or asks again, is kept waiting before it is told once more that nobody has decided. */
  readonly roundSeconds: number;
  /** How long a call of a client that stays on the line is held. */
  readonly parkedSeconds: number;
}

export interface Holding {
  /**
   * Waits for the approval that a ticket demands.
   * @returns the approval to make the call with; undefined where none is demanded; or why it is not made now
   */
  hold(
    visit: Visit,
    conversation: Conversation,
    message: RequestMessage,
    ticket: Ticket,
    signal: AbortSignal,
  ): Promise<Approved | undefined | Refusal>;
  /** The response of an approved call, which may be a question that the client comes back with. */
  answered(approved: Approved, response: ResponseMessage): Promise<void>;
  /** Takes a client's answer to a question of ours, or its cancellation of a call that is held. @returns whether it was for us alone */
  hear(visit: Visit, message: Exclude<Message, RequestMessage>): boolean;
}

interface HoldingNeighbours {
  /** Absent where there is nobody to ask, as in local mode. */
  readonly calls: CallApprovals | undefined;
  readonly publicUrl: string;
}

/** Calls that wait for one approval: more of the same would only hold connections. */
const maxWaiting = 8;
const progressMs = 10_000;

export function createHolding(
  { roundSeconds, parkedSeconds }: HoldingSettings,
  { calls, publicUrl }: HoldingNeighbours,
): Holding {
  /** Questions that wait for a legacy client, by our id. */
  const questions = new Map<RequestId, { readonly owner: string; readonly answer: (given: ResponseMessage) => void }>();
  /** Calls of legacy clients that are held, by owner and their id: they cancel by a message. */
  const held = new Map<string, AbortController>();
  const waiting = new Map<string, number>();

  async function hold(
    visit: Visit,
    conversation: Conversation,
    message: RequestMessage,
    { use, allowed }: Ticket,
    signal: AbortSignal,
  ): Promise<Approved | undefined | Refusal> {
    const demand = allowed?.approval;
    if (demand === undefined || use === undefined) return undefined;
    if (calls === undefined) return refuse('access_approval_impossible', { rule: demand.rule });
    const { arrival, principal } = visit;
    const { params } = asWritten(message);
    const call: AskedCall = {
      principal,
      method: message.method,
      server: use.server,
      primitive: use.primitive,
      name: use.name,
      arguments: (params['arguments'] ?? {}) as AskedCall['arguments'],
      more: besides(params),
      effect: allowed!.effect,
      demand,
      sourceIP: arrival.sourceIP,
    };
    const state = returnedState(message);
    const goingOn = state === undefined ? undefined : await calls.goesOn(call, state);
    if (goingOn !== undefined) return goingOn;

    if (answerTo(message, approvalKey)?.['action'] === 'decline') {
      const asked = await calls.find(call);
      if (asked?.state === 'pending') await calls.withdraw(asked.id, principal);
      return refuse('access_approval_withdrawn', { rule: demand.rule });
    }
    const approval = await calls.begin(call);
    if (isRefusal(approval)) return approval;
    const taken = await take(call, approval);
    if (taken !== undefined) return taken;
    const pending = pendingRefusal(call, approval, publicUrl);
    const staysOnTheLine =
      conversation.initialize !== undefined && asksByForm(conversation.initialize.params['capabilities']);
    // Whoever hears of it for the first time is told at once; whoever asks again waits for a while.
    if (!staysOnTheLine && approval.isNew) return pending;
    const ms = (staysOnTheLine ? parkedSeconds : roundSeconds) * 1000;
    const settled = await whileHeld(visit, message, signal, (heldSignal) =>
      wait(visit, message, approval.id, pending, { ms, signal: heldSignal, ask: staysOnTheLine }),
    );
    if (settled === 'declined') {
      await calls.withdraw(approval.id, principal);
      return refuse('access_approval_withdrawn', { rule: demand.rule });
    }
    if (settled === undefined) return pending;
    // What would be made now, nobody would hear of.
    if (visit.answer.closed) return pending;
    return (await take(call, settled)) ?? pending;
  }

  /** What has been decided already. @returns undefined while nothing has */
  async function take(call: AskedCall, approval: Approval): Promise<Approved | Refusal | undefined> {
    const { state, decision } = approval;
    const { rule } = call.demand;
    if (state === 'approved') return calls!.use(approval, call);
    if (state === 'denied')
      return refuse('access_call_denied', { rule, name: decision?.name ?? '', comment: decision?.comment ?? '' });
    if (state === 'expired') return refuse('access_approval_expired', { rule });
    return state === 'withdrawn' ? refuse('access_approval_withdrawn', { rule }) : undefined;
  }

  /** A legacy client cancels by a message, which finds the call here. */
  async function whileHeld<Value>(
    { principal }: Visit,
    { id }: RequestMessage,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const key = heldKey(ownerOf(principal), id);
    const controller = new AbortController();
    held.set(key, controller);
    try {
      return await work(AbortSignal.any([signal, controller.signal]));
    } finally {
      if (held.get(key) === controller) held.delete(key);
    }
  }

  /** @returns undefined when the time is over */
  async function wait(
    { arrival, answer, principal }: Visit,
    message: RequestMessage,
    id: string,
    pending: Refusal,
    { ms, signal, ask }: { readonly ms: number; readonly signal: AbortSignal; readonly ask: boolean },
  ): Promise<Approval | 'declined' | undefined> {
    const already = waiting.get(id) ?? 0;
    if (already >= maxWaiting) return undefined;
    waiting.set(id, already + 1);
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), ms);
    const { promise: declined, resolve: decline } = Promise.withResolvers<'declined' | undefined>();
    const questionId = ownId();
    const progress = ask ? tellProgress(message, answer) : undefined;
    if (ask) {
      questions.set(questionId, {
        owner: ownerOf(principal),
        answer(given) {
          questions.delete(questionId);
          if (given.result === undefined)
            decline(undefined); // it cannot ask after all
          else if (given.result['action'] === 'decline') decline('declined');
        },
      });
      void answer.interim(request(questionId, 'elicitation/create', formOf(pending, arrival.language)));
    }
    try {
      const settled = calls!.settled(id, AbortSignal.any([signal, over.signal]));
      return await Promise.race([settled, declined]);
    } catch (error) {
      if (over.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(progress);
      over.abort();
      const left = (waiting.get(id) ?? 1) - 1;
      if (left === 0) waiting.delete(id);
      else waiting.set(id, left);
      if (questions.delete(questionId) && !answer.closed)
        void answer.interim(notification('notifications/cancelled', { requestId: questionId, reason: 'decided' }));
    }
  }

  return {
    hold,
    async answered(approved, { result }) {
      if (result?.['resultType'] !== 'input_required') return;
      const { requestState } = result;
      await calls!.interrupted(approved, typeof requestState === 'string' ? requestState : '');
    },
    hear({ principal }, message) {
      const owner = ownerOf(principal);
      if (message.kind === 'notification') {
        if (message.method === 'notifications/cancelled')
          held
            .get(heldKey(owner, message.params['requestId'] as RequestId))
            ?.abort(new GenkanError('gateway_cancelled'));
        return false;
      }
      const question = message.id === null ? undefined : questions.get(message.id);
      if (question?.owner !== owner) return false;
      question.answer(message);
      return true;
    },
  };
}

const heldKey = (owner: string, id: RequestId): string => `${owner}:${JSON.stringify(id)}`;

/** What a client brings along that goes on with a call: undefined of one that is made for the first time. */
function returnedState({ params }: RequestMessage): string | undefined {
  const { requestState, inputResponses } = params;
  if (typeof requestState === 'string') return requestState;
  return inputResponses === undefined ? undefined : '';
}

/** What else of a request a server gets: neither what names the call nor what every message of the protocol has. */
function besides({ _meta: meta, ...params }: JsonObject): JsonObject {
  const { name: _n, uri: _u, arguments: _a, inputResponses: _i, requestState: _r, ...more } = params;
  const theirs = Object.entries(isJsonObject(meta) ? meta : {}).filter(
    ([key]) => !key.startsWith(reservedPrefix) && !ofEveryMessage.has(key),
  );
  return theirs.length === 0 ? more : { ...more, _meta: Object.fromEntries(theirs) };
}

const ofEveryMessage: ReadonlySet<string> = new Set(['progressToken', ...traceMembers]);

/** Clients that hear of progress wait longer than those that hear nothing. */
function tellProgress({ params }: RequestMessage, answer: Visit['answer']): NodeJS.Timeout | undefined {
  const meta = params['_meta'];
  const progressToken = isJsonObject(meta) ? meta['progressToken'] : undefined;
  if (typeof progressToken !== 'string' && typeof progressToken !== 'number') return undefined;
  let progress = 0;
  return setInterval(() => {
    progress += 1;
    void answer.interim(notification('notifications/progress', { progressToken, progress }));
  }, progressMs).unref();
}
