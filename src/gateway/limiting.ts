// How often may they: what limits are told of a message on its way, and what an answer says about them in its head.
import type { LimitedCall, Limits, OverLimit, Place } from '../access/limits/limits.ts';
import type { Refusal } from '../base/errors.ts';
import type { Ticket } from './judge.ts';
import { requests } from './methods.ts';
import type { Reply } from './reply.ts';
import type { Sender } from './visit.ts';

/** A stream that stays open counts like a call that is under way. */
export const streamMethod = 'streams/open';

/** Takes what a message costs; its place among those under way is kept until the answer. */
export function limitCall(
  limits: Limits,
  { arrival, principal }: Sender,
  method: string,
  { use, allowed }: Ticket = {},
): Place | OverLimit | Promise<Place | OverLimit> {
  const known = requests.get(method);
  // To look at what a call has become is no call: clients are told to do it every few seconds.
  const looks = known?.tasks === 'uses' && known.acts !== true;
  const counts = (use !== undefined && !looks) || known?.watches === true || method === streamMethod;
  const effect = allowed?.effect ?? (known?.acts === true ? 'write' : 'read');
  const server = use?.server ?? arrival.server;
  const call: LimitedCall = { principal, sourceIP: arrival.sourceIP, method, server, use, effect, counts };
  return limits.enter(call);
}

/** RFC 9110 §10.2.3, and draft-ietf-httpapi-ratelimit-headers for limits of our own. */
export function sayWhen(answer: Reply, { data, ...refusal }: Pick<Refusal, 'data'> & Partial<OverLimit>): void {
  const seconds = data?.['retryAfterSeconds'];
  if (typeof seconds !== 'number') return;
  answer.header?.('retry-after', String(seconds));
  for (const [name, value] of Object.entries(refusal.headers ?? {})) answer.header?.(name, value);
}

/** Of a flood of refusals most are recorded as a number. */
export const isCounted = (refusal: Refusal | OverLimit): boolean => 'counted' in refusal;
