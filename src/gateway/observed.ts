// What the metrics are told of a request that is over.
import type { GenkanError } from '../base/errors.ts';
import type { ResponseMessage } from '../protocol/message.ts';
import type { Result } from '../record/entry.ts';
import { errorTypeOfCode, toolError } from '../record/telemetry/conventions.ts';

export interface Observed {
  /** One of ours to know; `other` for what no method is. */
  readonly method: string;
  readonly server: string;
  /** As its server names it, once it is known that there is such a tool. */
  readonly tool?: string | undefined;
  readonly result: Result;
  /** Why it failed; absent where it did not. */
  readonly error?: string | undefined;
  readonly seconds: number;
  /** How much of that the server took; absent where it was not asked. */
  readonly upstreamSeconds?: number | undefined;
  readonly traceId: string;
}

/** A code of ours, that of a JSON-RPC error, or `tool_error` of a result that says that it is one. */
export function errorTypeOf({ error, result }: ResponseMessage, fault: GenkanError | undefined): string | undefined {
  if (fault !== undefined) return fault.code;
  if (error !== undefined) return errorTypeOfCode(error.code);
  return result?.['isError'] === true ? toolError : undefined;
}
