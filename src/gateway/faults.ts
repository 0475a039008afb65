// What was thrown on the way, as a refusal like any other.
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Catalogue } from './lines/line.ts';

/** A fault before anything was forwarded is a refusal like any other; it has its reason and its record. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof GenkanError) return error.toRefusal();
  throw error;
}

export const faultOf = (error: unknown): GenkanError =>
  error instanceof GenkanError ? error : new GenkanError('gateway_fault', {}, { cause: error });

/** Where something was ended meanwhile, that is why the rest fails, and what people are told. */
export function underlying(
  fault: GenkanError,
  ended: AbortSignal,
  catalogue: Catalogue,
  server: string | undefined,
): GenkanError {
  if (ended.aborted) return faultOf(ended.reason);
  if (fault.code !== 'upstream_unavailable' || server === undefined) return fault;
  const gone = catalogue.get(server);
  return isRefusal(gone) ? new GenkanError(gone.code, gone.params) : fault;
}
