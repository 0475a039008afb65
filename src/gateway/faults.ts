// What was thrown on the way, as a refusal like any other.
import { GenkanError } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';

/** A fault before anything was forwarded is a refusal like any other; it has its reason and its record. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof GenkanError) return error.toRefusal();
  throw error;
}

export const faultOf = (error: unknown): GenkanError =>
  error instanceof GenkanError ? error : new GenkanError('gateway_fault', {}, { cause: error });
