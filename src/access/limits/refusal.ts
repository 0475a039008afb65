// What whoever has reached a limit is told: which one it is, when to come again, and the header fields that say the same.
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Shortage } from './charge.ts';

export interface OverLimit extends Refusal {
  /** For the head of an HTTP answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set for those of a flood that are recorded as a number. */
  readonly counted?: true;
}

/** The shortage that ends last: before, it would be for nothing to come again. */
export const longest = (shortages: readonly Shortage[]): Shortage =>
  shortages.reduce((last, one) => (one.waitMicros > last.waitMicros ? one : last));

export function overLimit(shortages: readonly Shortage[], counted: boolean): OverLimit {
  const last = longest(shortages);
  const seconds = secondsOf(last.waitMicros);
  const limit = last.charge.limit.name;
  const refusal = refuse('access_limit_exceeded', { limit, seconds }, { data: { limit, retryAfterSeconds: seconds } });
  // draft-ietf-httpapi-ratelimit-headers-10 §3 and §4: lists of strings with parameters (RFC 9651).
  const headers = {
    'ratelimit-policy': shortages.map(policyOf).join(', '),
    ratelimit: shortages
      .map((one) => `"${fieldName(one)}";r=${Math.max(0, one.remaining)};t=${secondsOf(one.waitMicros)}`)
      .join(', '),
  };
  return { ...refusal, headers, ...(counted && { counted }) };
}

const secondsOf = (micros: number): number => Math.max(1, Math.ceil(micros / 1e6));

const fieldName = ({ charge, part }: Shortage): string =>
  part === 'rate' ? charge.limit.name : `${charge.limit.name}-${part}`;

function policyOf(shortage: Shortage): string {
  const { rate, day, concurrency } = shortage.charge.limit;
  const name = `"${fieldName(shortage)}"`;
  if (shortage.part === 'rate') return `${name};q=${rate!.count};w=${rate!.perSeconds}`;
  if (shortage.part === 'daily') return `${name};q=${day!.quota};w=86400`;
  return `${name};q=${concurrency!};qu="concurrent-requests"`;
}
