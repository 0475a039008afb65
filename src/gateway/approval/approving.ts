// The approval that a call is made with: waited for in nobody's place, and with the question once more whether the caller still may.
import type { Approved } from '../../access/approvals/call-approvals.ts';
import type { Limits, OverLimit, Place } from '../../access/limits/limits.ts';
import { isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { RequestMessage } from '../../protocol/message.ts';
import type { Arrival } from '../arrival.ts';
import type { Conversation } from '../conversations/conversation.ts';
import { asRefusal } from '../faults.ts';
import type { Ticket } from '../judge.ts';
import { limitCall } from '../limiting.ts';
import type { Visit } from '../visit.ts';
import type { Holding } from './holding.ts';

interface Passed {
  readonly approved?: Approved;
  /** Among the calls that are under way, in the stead of the one that was left for the wait. */
  readonly place?: Place;
}

type Verdict = { readonly outcome: 'allow'; readonly principal: Principal } | Refusal;

interface House {
  readonly limits: Limits;
  /** Identity, on our own account. */
  readonly verify: (
    authorization: string | undefined,
    resource: string,
    from: Arrival,
    again?: true,
  ) => Verdict | Promise<Verdict>;
}

interface Circumstances {
  readonly place: Place;
  readonly signal: AbortSignal;
  /** Judges the call as if it came now. */
  readonly ask: (who: Principal) => Promise<Ticket | Refusal>;
}

/** @returns what waits for an approval under an approval, everything else at once */
export const createApproving =
  (holding: Holding, { limits, verify }: House) =>
  async (
    visit: Visit,
    conversation: Conversation,
    message: RequestMessage,
    ticket: Ticket,
    { place, signal, ask }: Circumstances,
  ): Promise<Passed | Refusal | OverLimit> => {
    if (ticket.allowed?.approval === undefined) return {};
    place.leave();
    const approved = await holding.hold(visit, conversation, message, ticket, signal).catch(asRefusal);
    if (approved === undefined || isRefusal(approved)) return approved ?? {};
    // While somebody thought about it the token may have ended, or the rights.
    const { arrival } = visit;
    const who = await verify(arrival.headers.authorization, arrival.resource, arrival, true);
    const again = isRefusal(who) ? who : await ask(who.principal).catch(asRefusal);
    if (isRefusal(again)) return again;
    const taken = await limitCall(limits, visit, message.method, ticket);
    return isRefusal(taken) ? taken : { approved, place: taken };
  };
