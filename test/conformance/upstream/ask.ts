// The two ways in which a server asks its client something in the middle of a call: by a request of its own, or in its result.
import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, inputRequired } from '@modelcontextprotocol/server';
import type {
  CreateMessageResult,
  ElicitResult,
  InputRequests,
  InputRequiredResult,
  ListRootsResult,
  ServerContext,
} from '@modelcontextprotocol/server';

export type Answer = ElicitResult | CreateMessageResult | ListRootsResult;
export type Answers = Readonly<Record<string, Answer>>;

/** Answers under the names of the questions; or the result that asks for them, which the handler must return. */
export type Ask = (context: ServerContext, questions: InputRequests) => Promise<Answers | InputRequiredResult>;

/** Up to 2025-11-25: the server sends requests and waits. All at once, as a server with several questions may. */
export const askByRequest: Ask = async ({ mcpReq }, questions) => {
  const asked = Object.entries(questions).map(async ([name, { method, params }]) => {
    return [name, (await mcpReq.send({ method, params: { ...params } })) as Answer] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
};

/** Signs what the client carries back and forth; whoever changes it is refused with -32602. */
export const requestState = createRequestStateCodec<Answers>({ key: randomBytes(32) });

/** From 2026-07-28 on: the result names what is missing, and the client calls again with it. Answers so far travel as state. */
export const askByResult: Ask = async ({ mcpReq }, questions) => {
  const answers: Answers = { ...mcpReq.requestState<Answers>(), ...(mcpReq.inputResponses as Answers | undefined) };
  const missing = Object.entries(questions).filter(([name]) => answers[name] === undefined);
  if (missing.length === 0) return answers;
  return inputRequired({
    inputRequests: Object.fromEntries(missing),
    requestState: await requestState.mint(answers),
  });
};
