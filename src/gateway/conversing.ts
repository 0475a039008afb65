// A client at the other end of a pipe, from its first line to its last. Who that is, is asked again and again.
import { isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Message } from '../protocol/message.ts';
import { mcpPath } from './arrival.ts';
import type { Conversations } from './conversations/conversations.ts';
import { faultOf } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { Neighbours } from './neighbours.ts';
import type { OpenStreams } from './open-streams.ts';
import { sessionEndPassage } from './passage.ts';
import type { Passage } from './passage.ts';
import { createPipe } from './pipe.ts';
import type { Pipe } from './pipe.ts';
import type { Batch } from './read-message.ts';
import { createStranger } from './stranger.ts';
import type { Stranger } from './stranger.ts';
import type { Sender } from './visit.ts';

interface Gate {
  readonly house: Pick<Neighbours, 'verify' | 'inspect' | 'publicUrl' | 'clock' | 'log' | 'traces'>;
  readonly drainMs: number;
  readonly streams: OpenStreams;
  readonly conversations: Conversations;
  readonly record: (from: Sender, passage: Passage) => Promise<unknown>;
  /** The way of what came through the pipe. Resolves with whose it was, if that is known. */
  readonly hear: (pipe: Pipe, stranger: Stranger, posted: Message | Batch | Refusal) => Promise<Principal | undefined>;
}

export function createConversing({ house, drainMs, streams, conversations, record, hear }: Gate): Gateway['converse'] {
  /** With the sign-in goes what was opened in its name. The pipe stays: its client cannot make another. */
  async function lookAgain(pipe: Pipe, stranger: Stranger): Promise<boolean> {
    const arrival = pipe.arrival();
    const who = await house.verify(undefined, arrival.resource, arrival, true);
    if (isRefusal(who)) await conversations.end(pipe);
    else {
      stranger.known();
      conversations.behind(pipe)?.recheck?.(who.principal);
    }
    return true;
  }

  return async ({ server, language, ...ends }) => {
    const resource = `${house.publicUrl}${mcpPath(server)}`;
    const { clock, traces } = house;
    const { limits } = house.inspect;
    const pipe = createPipe({ ...ends, server, resource, language, limits, drainMs, clock, traces });
    const stranger = createStranger(pipe, language);
    const forget = streams.add({ allowed: () => lookAgain(pipe, stranger), end: () => pipe.end() });
    let last: Principal | undefined;
    await pipe.run(async (posted) => {
      try {
        last = (await hear(pipe, stranger, posted)) ?? last;
      } catch (error) {
        house.log.error({ err: error }, 'a message failed');
        pipe.fail(posted, faultOf(error).toRefusal());
      }
    });
    forget();
    await conversations.end(pipe);
    if (last === undefined || pipe.initialize === undefined) return; // there was no session
    const arrival = pipe.arrival();
    await record({ arrival, principal: last }, sessionEndPassage(arrival)).catch(() => undefined); // it is over in any case
  };
}
