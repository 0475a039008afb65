// Where one message is answered, whichever transport brought it: by its own HTTP response, on a shared stream, in a batch, or through a pipe.
import { elevationHint } from '../access/elevation/refusal-hint.ts';
import { describe, errorTable } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { failure } from '../protocol/message.ts';
import type { Era, RequestId, ResponseMessage } from '../protocol/message.ts';
import type { Outlet, Resumable } from './conversations/conversation.ts';

/** What the HTTP response to a POST says itself, where answers travel elsewhere. */
export interface Receipt {
  /** A notification or a client's response was taken. */
  accepted(): void;
  /** Refuses a message; `id` and `era` where it was a request that could be read. */
  refuse(refusal: Refusal, id?: RequestId, era?: Era): void;
  /** The JSON-RPC error for a refusal, in the client's language. */
  failure(refusal: Refusal, id: RequestId | null): ResponseMessage;
}

export interface Reply extends Outlet, Receipt {
  /** Set where the client may come back for an answer that was cut off. */
  readonly resumable?: Resumable;
  /** Sets a header of the HTTP response, where the answer has one to itself. */
  header?(name: string, value: string): void;
  final(response: ResponseMessage, status?: number): void;
}

/** The JSON-RPC error for a refusal. */
export function failureOf(refusal: Refusal, id: RequestId | null, language: Language): ResponseMessage {
  const { message, hint: general } = describe(refusal, language);
  const hint = elevationHint(refusal.data?.['elevation'], language) ?? general;
  const data = { reason: refusal.code, hint, ...refusal.data };
  return failure(id, { code: errorTable[refusal.code].rpc, message: `${message} ${hint}`, data });
}
