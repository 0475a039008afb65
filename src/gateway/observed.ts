// What monitoring is told of a request that is over.
import { errorTable } from '../base/errors.ts';
import type { GenkanError, Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Result } from '../record/entry.ts';
import { errorTypeOfCode, toolError } from '../record/telemetry/conventions.ts';
import type { Arrival } from './arrival.ts';
import type { Use } from './conversations/conversation.ts';
import { requests } from './methods.ts';
import { spanBeyond } from './tracing.ts';
import type { Beyond, TraceRules } from './tracing.ts';

export interface Observed {
  /** One of ours to know; `other` for what no method is. */
  readonly method: string;
  readonly server: string;
  /** As its server names it, once it is known that there is such a tool. */
  readonly tool?: string | undefined;
  readonly prompt?: string | undefined;
  readonly result: Result;
  /** Why it failed; absent where it did not. */
  readonly error?: string | undefined;
  /** Of the JSON-RPC error that it was answered with. */
  readonly code?: number | undefined;
  readonly seconds: number;
  /** How much of that the server took; absent where it was not asked. */
  readonly upstreamSeconds?: number | undefined;
  readonly arrival: Arrival;
  readonly person: string;
  readonly id?: RequestMessage['id'] | undefined;
  /** Absent where it was turned away. */
  readonly course?: Course;
}

/** The moments of a request, on the clock that nothing moves. */
export interface Course {
  readonly beganMs: number;
  /** It is known that it may pass. */
  judgedMs: number;
  /** Whatever had to come before is done. */
  askedMs: number;
  /** It left for the server; absent where Genkan answers. */
  sentMs: number | undefined;
  answeredMs: number | undefined;
  /** How the server's own answer failed, and with which code. */
  failure: { readonly error: string; readonly code?: number | undefined } | undefined;
  /** What came back is examined. */
  examinedMs: number | undefined;
  readonly beyond: Beyond;
}

export function begin({ trace }: Arrival, rules: TraceRules): Course {
  const beganMs = performance.now();
  const course: Course = {
    beganMs,
    judgedMs: beganMs,
    askedMs: beganMs,
    sentMs: undefined,
    answeredMs: undefined,
    failure: undefined,
    examinedMs: undefined,
    beyond: spanBeyond(trace, rules, () => (course.sentMs ??= performance.now())),
  };
  return course;
}

/** The server has answered, or will not. */
export function answered(course: Course, response: ResponseMessage | GenkanError): void {
  course.answeredMs = performance.now();
  const error = 'kind' in response ? errorTypeOf(response) : response.code;
  if (error !== undefined) course.failure = { error, code: 'kind' in response ? response.error?.code : undefined };
}

type Sender = { readonly arrival: Arrival; readonly principal: Principal };

export function served(
  { arrival, principal }: Sender,
  message: RequestMessage,
  use: Use | undefined,
  course: Course,
  outcome: { readonly result: Result; readonly response: ResponseMessage; readonly fault: GenkanError | undefined },
): Observed {
  const { result, response, fault } = outcome;
  const nowMs = performance.now();
  return {
    method: message.method,
    server: use?.server ?? arrival.server ?? '',
    tool: use?.primitive === 'tools' ? use.name : undefined,
    prompt: use?.primitive === 'prompts' ? use.name : undefined,
    result,
    error: errorTypeOf(response, fault),
    code: response.error?.code,
    seconds: (nowMs - arrival.since) / 1000,
    upstreamSeconds: requests.get(message.method)?.watches
      ? undefined
      : ((course.answeredMs ?? nowMs) - course.askedMs) / 1000,
    arrival,
    person: principal.id,
    id: message.id,
    course,
  };
}

export const turnedAway = (
  { arrival, principal }: Sender,
  method: string,
  refusal: Refusal,
  result: Result,
  id: RequestMessage['id'] | undefined,
): Observed => ({
  method,
  server: arrival.server ?? '',
  result,
  error: refusal.code,
  code: errorTable[refusal.code].rpc,
  seconds: (performance.now() - arrival.since) / 1000,
  arrival,
  person: principal.id,
  id,
});

/** A code of ours, that of a JSON-RPC error, or `tool_error` of a result that says that it is one. */
function errorTypeOf({ error, result }: ResponseMessage, fault?: GenkanError): string | undefined {
  if (fault !== undefined) return fault.code;
  if (error !== undefined) return errorTypeOfCode(error.code);
  return result?.['isError'] === true ? toolError : undefined;
}
