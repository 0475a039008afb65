// Calls of modern clients that a legacy server interrupts with a question: parked until the client comes back with answers.
import { createHash } from 'node:crypto';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import { isJsonObject, result } from '../protocol/message.ts';
import type { JsonObject, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { RequestOptions } from './conversation.ts';
import { createStateSeal } from './request-state.ts';

/** Requests that may be answered with a question (MCP 2026-07-28, multi round-trip requests, "Supported Requests"). */
const parkable: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);
/** Questions that arrive together are asked together. */
const gatherMs = 50;
/** A person may take this long over an answer; then the call is cancelled at its server. */
const parkedMs = 600_000;
const maxParked = 16;

/** One call as the server knows it. */
export interface UpstreamCall {
  readonly response: Promise<ResponseMessage>;
  /** Where what precedes the response goes; changes whenever the client comes back. */
  outlet: RequestOptions['outlet'] | undefined;
  /** The client's own token for progress, if it wants any. */
  progressToken: unknown;
  /** Gives the call up, and tells the server so. */
  cancel(reason: GenkanError): void;
}

export interface ParkedCalls {
  /** Takes a question of the server; false when no call is under way that it could belong to. */
  ask(question: RequestMessage, call?: UpstreamCall): boolean;
  /**
   * Carries a request on until it is answered or has to be parked; one with a `requestState` takes up the call it left.
   * A call that was lost is never carried out again: its `requestState` is refused.
   * @param begin sends the request to the server
   */
  carry(message: RequestMessage, options: RequestOptions, begin: () => UpstreamCall): Promise<ResponseMessage>;
  close(): void;
}

interface Round {
  readonly call: UpstreamCall;
  readonly method: string;
  /** Open questions by the key under which the client is asked. */
  readonly questions: Map<string, RequestMessage>;
  /** Called when a question arrives. */
  onQuestion: () => void;
}

interface Parked extends Round {
  readonly expiry: NodeJS.Timeout;
}

/**
 * @param owner whose calls these are: nobody else's `requestState` opens them
 * @param answer hands the client's answer to the server
 */
export function createParkedCalls(owner: string, answer: (response: ResponseMessage) => void): ParkedCalls {
  const seal = createStateSeal();
  const underWay = new Set<Round>();
  const parked = new Map<string, Parked>();

  function park(round: Round, message: RequestMessage): ResponseMessage {
    if (parked.size >= maxParked) {
      const fault = new GenkanError('gateway_sessions_full', { limit: maxParked });
      round.call.cancel(fault);
      throw fault;
    }
    const handle = unguessableId();
    const expiry = setTimeout(() => {
      parked.delete(handle);
      round.call.cancel(new GenkanError('gateway_request_state_invalid'));
    }, parkedMs).unref();
    round.call.outlet = undefined;
    parked.set(handle, { ...round, expiry });
    const requestState = seal.seal({ handle, owner, request: digestOf(message), expiresAtMs: Date.now() + parkedMs });
    const asked = [...round.questions].map(([key, { method, params }]) => [key, { method, params }]);
    return result(message.id, { resultType: 'input_required', inputRequests: Object.fromEntries(asked), requestState });
  }

  /** Each `requestState` is good for one return (MCP 2026-07-28, multi round-trip requests, "Server Requirements" 5). */
  function takeUp(message: RequestMessage, requestState: unknown): Round {
    const state = seal.open(requestState);
    const waiting = state && parked.get(state.handle);
    const own = state?.owner === owner && state.request === digestOf(message) && state.expiresAtMs > Date.now();
    if (state === undefined || waiting === undefined || !own) throw new GenkanError('gateway_request_state_invalid');
    parked.delete(state.handle);
    clearTimeout(waiting.expiry);
    const given = message.params['inputResponses'];
    for (const [key, question] of waiting.questions) {
      const reply = isJsonObject(given) && Object.hasOwn(given, key) ? given[key] : undefined;
      if (!isJsonObject(reply)) continue; // asked again
      waiting.questions.delete(key);
      answer(result(question.id, reply));
    }
    return { call: waiting.call, method: waiting.method, questions: waiting.questions, onQuestion: () => undefined };
  }

  async function next(
    round: Round,
    message: RequestMessage,
    { outlet, signal }: RequestOptions,
  ): Promise<ResponseMessage> {
    const { call } = round;
    call.outlet = outlet;
    call.progressToken = (message.params['_meta'] as JsonObject | undefined)?.['progressToken'];
    const cancel = (): void => call.cancel(signal.reason as GenkanError);
    signal.addEventListener('abort', cancel, { once: true });
    underWay.add(round);
    try {
      const answered = await Promise.race([call.response, questioned(round)]);
      return answered ?? park(round, message);
    } finally {
      underWay.delete(round);
      signal.removeEventListener('abort', cancel);
    }
  }

  return {
    ask(question, call) {
      const rounds = [...underWay].filter(({ method }) => parkable.has(method));
      const round = call === undefined ? rounds.at(-1) : rounds.find((candidate) => candidate.call === call);
      if (round === undefined) return false;
      round.questions.set(unguessableId(), question);
      round.onQuestion();
      return true;
    },
    carry(message, options, begin) {
      const { requestState } = message.params;
      if (requestState !== undefined)
        return Promise.resolve().then(() => next(takeUp(message, requestState), message, options));
      const round = { call: begin(), method: message.method, questions: new Map(), onQuestion: () => undefined };
      return next(round, message, options);
    },
    close() {
      for (const { call, expiry } of parked.values()) {
        clearTimeout(expiry);
        call.cancel(new GenkanError('gateway_request_state_invalid'));
      }
      parked.clear();
    },
  };
}

/** Resolves once there are questions, after giving those that come together the time to arrive. */
function questioned(round: Round): Promise<undefined> {
  return new Promise((resolve) => {
    const gather = (): void => void setTimeout(() => resolve(undefined), gatherMs);
    round.onQuestion = () => {
      round.onQuestion = () => undefined;
      gather();
    };
    if (round.questions.size > 0) round.onQuestion();
  });
}

/** What makes a return the same request: everything but the envelope and the answers. */
function digestOf({ method, params }: RequestMessage): string {
  const { _meta, inputResponses: _responses, requestState: _state, ...asked }: JsonObject = params;
  return createHash('sha256')
    .update(JSON.stringify([method, asked]))
    .digest('base64url');
}
