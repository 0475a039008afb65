// What a client of `/mcp` hears of its servers: each in its own name, about its own calls, tasks and resources, and no others'.
import { isJsonObject, notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message, RequestId, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { resourceUpdated } from '../../protocol/subscriptions.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Outlet } from '../conversations/conversation.ts';
import { answerForClient } from '../conversations/questions.ts';
import type { Questions } from '../conversations/questions.ts';
import type { Subscribed } from '../conversations/subscribed.ts';
import { through } from '../conversations/through.ts';
import type { Line } from '../lines/line.ts';
import { marked } from './marked.ts';

/** Of one conversation; the oldest gives way. */
const maxTasks = 1000;

/** A call that one of the servers carries out. */
interface OpenCall {
  readonly id: RequestId;
  readonly line: Line;
  /** Where its client hears what precedes the response. */
  readonly outlet: Outlet;
}

export interface Hearing {
  /** Lets the client hear what a server says on the way of a call. */
  during(
    message: RequestMessage,
    line: Line,
    outlet: Outlet,
    carry: (outlet: Outlet) => Promise<ResponseMessage>,
  ): Promise<ResponseMessage>;
  /** Takes what a server says unasked. */
  unasked(line: Line, message: Message): void;
  /** The server that carries out a call: nobody else hears of its end. */
  lineOf(id: RequestId): Line | undefined;
}

export interface HearingOptions {
  readonly questions: Questions;
  readonly subscribed: Subscribed;
  readonly push: (message: Message) => void;
}

export function createHearing({ questions, subscribed, push }: HearingOptions): Hearing {
  /** Newest last. */
  const calls = new Set<OpenCall>();
  const tasks = new Set<string>();

  const callsAt = (line: Line): OpenCall[] => [...calls].filter((call) => call.line === line);

  function shown(line: Line, message: Message, progressToken: unknown): Message | undefined {
    const heard = message.kind === 'notification' ? ofItsOwn(line.server, message, progressToken) : message;
    return heard && questions.ask(inItsName(line.server, heard), line, line.server);
  }

  function ofItsOwn(server: string, message: Message & { kind: 'notification' }, progressToken: unknown) {
    const { method, params } = message;
    if (method === resourceUpdated) return subscribed.heard(server, message);
    if (method === 'notifications/progress')
      return progressToken !== undefined && params['progressToken'] === progressToken ? message : undefined;
    if (method === 'notifications/tasks/status')
      return tasks.has(taskAt(server, params['taskId'])) ? message : undefined;
    return message;
  }

  /** A task is known by the call that became it, or by being asked about: the way through the gateway knows whose it is. */
  function keepTask(
    { method, params }: RequestMessage,
    { server }: Line,
    { result: value, error }: ResponseMessage,
  ): void {
    const created = value?.['task'];
    const taskId = method.startsWith('tasks/')
      ? params['taskId']
      : isJsonObject(created)
        ? created['taskId']
        : undefined;
    if (error !== undefined || typeof taskId !== 'string') return;
    tasks.delete(taskAt(server, taskId));
    tasks.add(taskAt(server, taskId));
    if (tasks.size > maxTasks) tasks.delete(tasks.values().next().value!);
  }

  return {
    async during(message, line, outlet, carry) {
      const progressToken = (message.params['_meta'] as JsonObject | undefined)?.['progressToken'];
      const own = through(outlet, (part) => {
        const told = shown(line, part, progressToken);
        return told && outlet.interim(told);
      });
      const call = { id: message.id, line, outlet: own };
      calls.add(call);
      try {
        const response = await carry(own);
        keepTask(message, line, response);
        return askedInItsName(line.server, response);
      } finally {
        calls.delete(call);
        if (callsAt(line).length === 0) questions.drop(line);
      }
    },
    unasked(line, message) {
      const open = callsAt(line);
      if (message.kind === 'request') {
        // MCP 2025-11-25, elicitation, sampling: a server asks in the course of a call, most likely of the newest.
        const call = open.findLast(({ outlet }) => !outlet.closed && !outlet.behind) ?? open.at(-1);
        return call === undefined ? answerForClient(message, line) : void call.outlet.interim(message);
      }
      const progress = message.kind === 'notification' && message.method === 'notifications/progress';
      if (progress) return open.forEach(({ outlet }) => void outlet.interim(message)); // one of them has the token, or none
      const told = shown(line, message, undefined);
      if (told !== undefined) push(told);
    },
    lineOf: (id) => [...calls].find((call) => call.id === id)?.line,
  };
}

const taskAt = (server: string, taskId: unknown): string => JSON.stringify([server, taskId]);

/** What people read says whose it is. */
function inItsName(server: string, message: Message): Message {
  if (message.kind === 'request') {
    const { method, params } = asWritten(message);
    const named = questionInItsName(server, method, params);
    return named === params ? message : request(message.id, method, named);
  }
  if (message.kind === 'response' || message.method !== 'notifications/message') return message;
  const { method, params } = asWritten(message);
  const { logger } = params;
  return notification(method, { ...params, logger: typeof logger === 'string' ? `${server}/${logger}` : server });
}

function questionInItsName(server: string, method: unknown, params: JsonObject): JsonObject {
  const { message } = params;
  if (method !== 'elicitation/create' || typeof message !== 'string') return params;
  return { ...params, message: marked(server, message) };
}

/** A modern client is asked by the result of its call (MCP 2026-07-28, multi round-trip requests). */
function askedInItsName(server: string, response: ResponseMessage): ResponseMessage {
  if (response.result?.['resultType'] !== 'input_required') return response;
  const { id, result: asking } = asWritten(response);
  const asked = asking?.['inputRequests'];
  if (!isJsonObject(asked)) return response;
  const inputRequests = Object.entries(asked).map(([key, question]) => {
    if (!isJsonObject(question) || !isJsonObject(question['params'])) return [key, question];
    return [key, { ...question, params: questionInItsName(server, question['method'], question['params']) }];
  });
  return result(id!, { ...asking, inputRequests: Object.fromEntries(inputRequests) as JsonObject });
}
