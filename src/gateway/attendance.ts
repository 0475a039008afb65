// What HTTP has besides messages: the event stream of a session, the end of one, and the door of HTTP+SSE.
import type { Limits } from '../access/limits/limits.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Answer } from './answer.ts';
import { entrances, ssePath } from './arrival.ts';
import type { Arrival, HttpArrival } from './arrival.ts';
import type { Conversation } from './conversations/conversation.ts';
import type { Conversations } from './conversations/conversations.ts';
import { limitCall, streamMethod } from './limiting.ts';
import type { OpenStreams } from './open-streams.ts';
import { sessionEndPassage } from './passage.ts';
import type { Passage } from './passage.ts';
import type { Sender, Visit } from './visit.ts';

interface Gate {
  readonly conversations: Conversations;
  readonly streams: OpenStreams;
  readonly record: (sender: Sender, passage: Passage) => Promise<number>;
  readonly limits: Limits;
  readonly turnAway: (visit: Visit, refusal: Refusal) => Promise<void>;
  /** Whether the token of an open stream still holds. */
  readonly allowed: (arrival: Arrival, conversation: Conversation | undefined) => Promise<boolean>;
}

type Attend = (visit: Visit<Answer, HttpArrival>) => Promise<void>;

export function createAttendance({ conversations, streams, record, limits, turnAway, allowed }: Gate): Attend {
  /** GET opens the event stream of a session, DELETE ends the session. */
  async function attend(visit: Visit<Answer, HttpArrival>): Promise<void> {
    const { arrival, answer, principal } = visit;
    if (!entrances[arrival.entrance].includes(arrival.method)) return turnAway(visit, refuse('gateway_http_method'));
    if (arrival.entrance === 'sse') return openDoor(visit);
    const session = conversations.session(arrival, principal);
    if (isRefusal(session)) return turnAway(visit, session);
    if (arrival.method === 'DELETE') {
      await conversations.end(session);
      await record(visit, sessionEndPassage(arrival));
      return answer.done();
    }
    const missed = arrival.headers['last-event-id'];
    // Whoever comes back for an answer has a place: that of the request.
    const place = missed === undefined ? await limitCall(limits, visit, streamMethod) : undefined;
    if (isRefusal(place)) return turnAway(visit, place);
    if (place !== undefined) answer.onceClosed(place.leave);
    if (typeof missed !== 'string') session.listen(answer);
    else if (!session.goOn(missed, answer)) return answer.done(); // HTML §9.2: 204 tells the client not to come back again
    const retire = missed === undefined ? undefined : () => undefined; // the request that it answers ends it in time
    const end = (): void => answer.end();
    const whose = { principal, server: arrival.server };
    answer.onceClosed(streams.add({ whose, allowed: () => allowed(arrival, session), end, retire }));
  }

  /** HTTP+SSE: the stream is the session, from its first moment to its last. */
  async function openDoor(visit: Visit<Answer, HttpArrival>): Promise<void> {
    const { arrival, answer, principal } = visit;
    const place = await limitCall(limits, visit, streamMethod);
    if (isRefusal(place)) return turnAway(visit, place);
    answer.onceClosed(place.leave);
    const door = await conversations.openDoor(arrival, principal, answer);
    if (isRefusal(door)) return turnAway(visit, door);
    const end = (): void => void conversations.end(door);
    const whose = { principal, server: arrival.server };
    const forget = streams.add({ whose, allowed: () => allowed(door.arrival, door.session), end, retire: door.retire });
    answer.onceClosed(() => {
      forget();
      end();
      void record(visit, sessionEndPassage(arrival)).catch(() => undefined); // it is over in any case
    });
    // The path alone: the client may have come by another of our names, and posts to no other origin.
    answer.announce(`${ssePath(arrival.server, 'message')}?sessionId=${door.id}`);
  }

  return attend;
}
