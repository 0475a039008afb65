// Calls of modern clients that a legacy server interrupts with a question: parked until the client comes back with answers.
import { createHash } from 'node:crypto';
import { GenkanError } from '../../../base/errors.ts';
import { unguessableId } from '../../../base/ids.ts';
import { maxQuestions, mayAsk } from '../../../protocol/between-families.ts';
import { toInputRequest } from '../../../protocol/questions-of-legacy-servers.ts';
import type { InputRequest } from '../../../protocol/questions-of-legacy-servers.ts';
import { isJsonObject, result } from '../../../protocol/message.ts';
import type { JsonObject, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { RequestOptions } from '../../conversations/conversation.ts';
import { createStateSeal } from './request-state.ts';
import type { RequestState } from './request-state.ts';
import type { UpstreamCall } from './upstream-calls.ts';

/** Questions that arrive together are asked together. */
const gatherMs = 50;
/** In one conversation. A server has its own bound on calls in flight, parked ones among them. */
const maxParked = 32;

export interface ParkedCallsOptions {
  /** Whose calls these are: nobody else's `requestState` opens them. */
  readonly owner: string;
  /** A person may take this long over an answer; then the call is cancelled at its server. */
  readonly parkedMs: number;
  /** Hands the client's answer to the server; rejects when it cannot. */
  readonly answer: (response: ResponseMessage) => Promise<void>;
  /** Answers a question to which no answer will come. */
  readonly decline: (question: RequestMessage) => void;
  /** Answers one too many, in nobody's name. */
  readonly refuse: (question: RequestMessage) => void;
}

export interface ParkedCalls {
  /** Takes a question of the server; it is declined when no call waits for an answer that it could belong to. */
  ask(question: RequestMessage, call?: UpstreamCall): void;
  /** The server wants no answer any more. */
  withdraw(id: unknown): void;
  /** Parks a call that the server has not begun, until the client has done what the server wants first. */
  postpone(message: RequestMessage, first: readonly InputRequest[]): ResponseMessage;
  /**
   * Carries a request on until it is answered or has to be parked; one with a `requestState` takes up the call it left.
   * A call that was lost is never carried out again: its `requestState` is refused.
   * @param begin sends the request to the server
   */
  carry(message: RequestMessage, options: RequestOptions, begin: () => UpstreamCall): Promise<ResponseMessage>;
  /** Number of calls that wait for their clients. */
  count(): number;
  close(): void;
}

interface Question {
  readonly message: RequestMessage;
  /** It came on the call's own stream, and is over with it. */
  readonly own: boolean;
}

interface Round {
  readonly call: UpstreamCall;
  readonly method: string;
  /** Open questions by the key under which the client is asked. */
  readonly questions: Map<string, Question>;
  /** Called when a question arrives. */
  onQuestion: () => void;
}

interface Parked extends Round {
  readonly expiry: NodeJS.Timeout;
}

const invalid = (): GenkanError => new GenkanError('gateway_request_state_invalid');

export function createParkedCalls({ owner, parkedMs, answer, decline, refuse }: ParkedCallsOptions): ParkedCalls {
  const seal = createStateSeal();
  const underWay = new Set<Round>();
  const parked = new Map<string, Parked>();
  /** Questions of parked calls, of which nobody can tell which: the client that comes back first is asked. */
  const unasked: Question[] = [];

  const sealed = (message: RequestMessage, handle?: string): string =>
    seal.seal({ handle, owner, request: digestOf(message), expiresAtMs: Date.now() + parkedMs });

  function park(round: Round, message: RequestMessage): ResponseMessage {
    if (parked.size >= maxParked) {
      const fault = new GenkanError('gateway_sessions_full', { limit: maxParked });
      round.call.cancel(fault);
      letGo(round);
      throw fault;
    }
    const handle = unguessableId();
    const expiry = setTimeout(() => {
      parked.delete(handle);
      round.call.cancel(invalid());
      letGo(round);
      for (const { message } of unasked.splice(0)) ask(message);
    }, parkedMs).unref();
    parked.set(handle, { ...round, expiry });
    const asked = [...round.questions].map(
      ([key, question]) => [key, toInputRequest(asWritten(question.message))] as const,
    );
    return inputRequired(message, Object.fromEntries(asked), sealed(message, handle));
  }

  /** @throws GenkanError for whatever we did not give this client for this request, and for what is over */
  function opened(message: RequestMessage, requestState: unknown): RequestState {
    const state = seal.open(requestState);
    const own = state?.owner === owner && state.request === digestOf(message) && state.expiresAtMs > Date.now();
    if (state === undefined || !own) throw invalid();
    return state;
  }

  /** Each `requestState` is good for one return (MCP 2026-07-28, multi round-trip requests, "Server Requirements" 5). */
  function takeUp(message: RequestMessage, handle: string): Round {
    const waiting = parked.get(handle);
    if (waiting === undefined) throw invalid();
    parked.delete(handle);
    clearTimeout(waiting.expiry);
    const given = asWritten(message).params['inputResponses'];
    for (const [key, { message: question }] of waiting.questions) {
      const reply = isJsonObject(given) && Object.hasOwn(given, key) ? given[key] : undefined;
      if (!isJsonObject(reply)) continue; // asked again
      waiting.questions.delete(key);
      // A call whose server waits for an answer that did not arrive would wait for ever.
      answer(result(question.id, reply)).catch((error: GenkanError) => waiting.call.cancel(error));
    }
    for (const question of unasked.splice(0)) put(waiting, question);
    return { call: waiting.call, method: waiting.method, questions: waiting.questions, onQuestion: () => undefined };
  }

  async function next(
    round: Round,
    message: RequestMessage,
    { outlet, signal }: RequestOptions,
  ): Promise<ResponseMessage> {
    const { call } = round;
    call.attach(message, outlet);
    const cancel = (): void => call.cancel(signal.reason as GenkanError);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    underWay.add(round);
    let over = true;
    try {
      const answered = await Promise.race([call.response, questioned(round)]);
      over = answered !== undefined;
      return answered ?? park(round, message);
    } finally {
      call.detach();
      underWay.delete(round);
      signal.removeEventListener('abort', cancel);
      if (over) letGo(round);
    }
  }

  /** A call is over, or given up, with questions open: one that may have been another call's is asked there. */
  function letGo({ questions }: Round): void {
    const left = [...questions.values()];
    questions.clear();
    for (const { message, own } of left) {
      if (own) decline(message);
      else ask(message);
    }
  }

  function put({ questions }: Round, question: Question): void {
    if (questions.size >= maxQuestions) refuse(question.message);
    else questions.set(unguessableId(), question);
  }

  /** A person is asked for as long as the call can be taken up: nothing is answered in their name before. */
  function ask(message: RequestMessage, call?: UpstreamCall): void {
    const question = { message, own: call !== undefined };
    const rounds = [...underWay].filter(({ method }) => mayAsk.has(method));
    const round =
      call === undefined ? rounds.at(-1) : [...rounds, ...parked.values()].find((candidate) => candidate.call === call);
    if (round !== undefined) {
      put(round, question);
      round.onQuestion();
    } else if (question.own || parked.size === 0) decline(message);
    else if (unasked.length >= maxQuestions) refuse(message);
    else unasked.push(question);
  }

  return {
    ask,
    withdraw(id) {
      for (const { questions } of [...underWay, ...parked.values()]) {
        for (const [key, { message }] of questions) if (message.id === id) questions.delete(key);
      }
      const place = unasked.findIndex(({ message }) => message.id === id);
      if (place >= 0) unasked.splice(place, 1);
    },
    postpone(message, first) {
      const asked = first.map((question) => [unguessableId(), question] as const);
      return inputRequired(message, Object.fromEntries(asked), sealed(message));
    },
    async carry(message, options, begin) {
      const { requestState, inputResponses } = message.params;
      const state = requestState === undefined ? undefined : opened(message, requestState);
      if (state?.handle !== undefined) return next(takeUp(message, state.handle), message, options);
      if (state !== undefined && isRefused(inputResponses)) throw new GenkanError('gateway_input_refused');
      return next(
        { call: begin(), method: message.method, questions: new Map(), onQuestion: () => undefined },
        message,
        options,
      );
    },
    count: () => parked.size,
    close() {
      for (const { call, expiry } of parked.values()) {
        clearTimeout(expiry);
        call.cancel(invalid());
      }
      parked.clear();
    },
  };
}

function inputRequired(
  { id }: RequestMessage,
  inputRequests: Readonly<Record<string, InputRequest>>,
  requestState: string,
): ResponseMessage {
  return result(id, { resultType: 'input_required', inputRequests, requestState });
}

/** Whether the person has said no to anything that they were asked. */
const isRefused = (responses: unknown): boolean =>
  isJsonObject(responses) &&
  Object.values(responses).some(
    (reply) => isJsonObject(reply) && ['decline', 'cancel'].includes(String(reply['action'])),
  );

/** Resolves once there are questions, after giving those that come together the time to arrive. */
function questioned(round: Round): Promise<undefined> {
  return new Promise((resolve) => {
    const wait = (): void => void (round.onQuestion = gather);
    const gather = (): void => {
      round.onQuestion = () => undefined;
      setTimeout(() => (round.questions.size > 0 ? resolve(undefined) : wait()), gatherMs);
    };
    if (round.questions.size > 0) gather();
    else wait();
  });
}

/** What makes a return the same request: everything but the envelope and the answers. */
function digestOf(message: RequestMessage): string {
  const { method, params } = asWritten(message);
  const { _meta, inputResponses: _responses, requestState: _state, ...asked }: JsonObject = params;
  return createHash('sha256')
    .update(JSON.stringify([method, asked]))
    .digest('base64url');
}
