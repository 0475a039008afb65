// Carries a legacy client's request through the rounds in which a modern server asks for input (MCP 2026-07-28, MRTR).
import { GenkanError } from '../../../base/errors.ts';
import { CAPABILITY_MISSING, mayAsk } from '../../../protocol/between-families.ts';
import { readInputRequired } from '../../../protocol/questions-of-modern-servers.ts';
import type { Asked, Question } from '../../../protocol/questions-of-modern-servers.ts';
import { failure, notification, request } from '../../../protocol/message.ts';
import type { JsonObject, RequestId, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { RequestOptions } from '../../conversations/conversation.ts';
import { ownId } from '../line.ts';

/** A server that has still not what it needs after so many rounds does not get it. */
const maxRounds = 8;
/** Before a round without a question, in which the server can only have waited for something; twice as long each time. */
const pauseMs = 250;
/** A person may take this long over the answers of one round. */
const answerMs = 600_000;

export interface AskingRounds {
  /**
   * Sends a request, and sends it again with the client's answers for as long as the server asks for any.
   * @param send sends one round's request
   * @returns the response that asks for nothing more
   */
  carry(
    message: RequestMessage,
    options: RequestOptions,
    send: (message: RequestMessage) => Promise<ResponseMessage>,
  ): Promise<ResponseMessage>;
  /** Takes the client's answer to a question. */
  answer(response: ResponseMessage): void;
  /** Nobody will answer any more. */
  close(): void;
}

export function createAskingRounds(server: string, asked: Asked): AskingRounds {
  /** Questions that wait for the client. */
  const open = new Map<RequestId, (response: ResponseMessage) => void>();
  /** Ends each wait that is under way. */
  const waits = new Set<(reason: GenkanError) => void>();
  const gone = new GenkanError('upstream_unavailable', { server }, { detail: 'the conversation is over' });
  let closed = false;

  /** Waits for as long as the call and the conversation last. @returns false when the time is over before `begin` is done */
  async function wait(
    signal: AbortSignal,
    ms: number,
    begin: (done: () => void, fail: (reason: Error) => void) => void = () => undefined,
  ): Promise<boolean> {
    if (closed) throw gone;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const abort = (): void => reject(signal.reason as Error);
    const timer = setTimeout(() => resolve(false), ms);
    signal.addEventListener('abort', abort, { once: true });
    waits.add(reject);
    try {
      begin(() => resolve(true), reject);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      waits.delete(reject);
    }
  }

  /** Asks all questions of a round at once. An error for an answer ends the call: the server does not wait for it ("Sampling", "Error Handling"). */
  async function ask(
    questions: ReadonlyMap<string, Question>,
    { outlet, signal }: RequestOptions,
  ): Promise<JsonObject> {
    const unanswered = new GenkanError('gateway_question_unanswered', { server });
    const answers = new Map<string, JsonObject>();
    const ids: RequestId[] = [];
    try {
      const inTime = await wait(signal, answerMs, (done, fail) => {
        let refused = false;
        for (const [key, { method, params }] of questions) {
          const id = ownId();
          ids.push(id);
          open.set(id, ({ result }) => {
            open.delete(id);
            refused ||= result === undefined;
            if (result === undefined) return fail(unanswered);
            answers.set(key, result);
            if (answers.size === questions.size) done();
          });
          void outlet.interim(request(id, method, params));
          if (refused) break; // it could not even be asked
        }
      });
      if (!inTime) throw unanswered;
    } finally {
      for (const id of ids) if (open.delete(id)) void outlet.interim(withdrawn(id));
    }
    return Object.fromEntries(answers);
  }

  return {
    async carry(message, options, send) {
      const { method, params } = asWritten(message);
      let response = await send(message);
      for (let round = 1; response.result?.['resultType'] === 'input_required'; round++) {
        if (!mayAsk.has(method)) throw invalid(server, `it asks for input where it may not, in ${method}`);
        if (round > maxRounds) throw new GenkanError('upstream_asks_too_often', { server, rounds: maxRounds });
        const needed = readInputRequired(asWritten(response).result!, asked, ownId);
        if ('problem' in needed) {
          if (needed.problem === 'malformed') throw invalid(server, needed.detail);
          return failure(message.id, { code: CAPABILITY_MISSING, message: needed.detail }); // as the server should have said
        }
        const { questions, requestState } = needed;
        const inputResponses = questions.size === 0 ? undefined : await ask(questions, options);
        if (inputResponses === undefined) await wait(options.signal, pauseMs * 2 ** (round - 1));
        // "Client Requirements" 2 and 3: the exact state, or none; another id
        response = await send(
          request(ownId(), method, {
            ...params,
            ...(inputResponses && { inputResponses }),
            ...(requestState !== undefined && { requestState }),
          }),
        );
      }
      return response;
    },
    answer(response) {
      if (response.id !== null) open.get(response.id)?.(asWritten(response));
    },
    close() {
      closed = true;
      for (const end of waits) end(gone);
    },
  };
}

const invalid = (server: string, detail: string): GenkanError =>
  new GenkanError('upstream_answer_invalid', { server }, { detail });

const withdrawn = (requestId: RequestId) =>
  notification('notifications/cancelled', { requestId, reason: 'the answer is no longer waited for' });
