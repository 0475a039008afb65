// Finds or opens the conversation that a message belongs to: a session of the legacy era, or a kept one of the stateless era.
import { createHash } from 'node:crypto';
import { isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import type { Principal } from '../../base/principal.ts';
import { batchRevision } from '../../protocol/batch.ts';
import { readEnvelope } from '../../protocol/envelope.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import { checkHeaders, eraOfMessage } from '../../protocol/headers.ts';
import { notification } from '../../protocol/message.ts';
import type { Message, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { eraOf, latestLegacy, revisionUnknown } from '../../protocol/revisions.ts';
import type { Answer } from '../answer.ts';
import type { Arrival, HttpArrival } from '../arrival.ts';
import type { Conversation } from './conversation.ts';
import { createKeeper } from './keeper.ts';
import type { Keepable } from './keeper.ts';
import { checkServer, openConversation } from './opening.ts';
import type { Door } from './opening.ts';
import { patience } from '../lines/line.ts';
import { ownerOf } from '../owner.ts';
import type { Pipe } from '../pipe.ts';
import type { Ended } from '../presences.ts';
import type { Batch } from '../read-message.ts';
import type { Reply } from '../reply.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import { createSseDoor } from './sse-door.ts';
import type { SseDoor } from './sse-door.ts';
import type { Clock } from '../../base/clock.ts';
import { SessionGone } from '../../upstream/session-gone.ts';

const revisionHeader = 'mcp-protocol-version';

export interface Conversations {
  /** The conversation of a POSTed message; opens one for `initialize` and for every first message of the modern era. */
  find(arrival: Arrival, principal: Principal, message: Message): Promise<Conversation | Refusal>;
  /** Concludes `initialize`: the client learns its session id, or nothing is kept of a conversation that the server refused. */
  greeted(conversation: Conversation, response: ResponseMessage, answer: Reply): Promise<void>;
  /** The session that a GET or DELETE is about. */
  session(arrival: HttpArrival, principal: Principal): Session | Refusal;
  /** The session behind a pipe, if it is open. */
  behind(pipe: Pipe): Session | undefined;
  /** Opens the door of an HTTP+SSE client, whose stream the answer is to become. */
  openDoor(arrival: HttpArrival, principal: Principal, stream: Answer): Promise<SseDoor | Refusal>;
  /** Where posted messages are answered: by the response to the POST, or on the sender's HTTP+SSE stream. */
  replies(
    arrival: Arrival,
    principal: Principal,
    posted: Message | Batch,
  ): ((own: Reply, message: Message) => Reply) | Refusal;
  /** Whether these messages may come together. */
  checkBatch(arrival: Arrival, principal: Principal, members: readonly Message[]): Refusal | undefined;
  end(kept: { readonly id: string }): Promise<void>;
  /** Ends those of somebody who may no longer come in, with the calls that are parked in them. */
  endFor(ended: Ended): void;
  count(): number;
  close(): Promise<void>;
}

/** What a legacy client has: a session, or the door behind which its session is opened. */
type Kept = Session | SseDoor;

/** @param foreign told when somebody presents a session id that is another's: ids are unguessable, so it was stolen */
export function createConversations(
  door: Door & { readonly clock: Clock },
  foreign: (arrival: Arrival, principal: Principal, owner: string) => void,
): Conversations {
  const sessions = createKeeper<Kept>(door.settings, door.clock);
  const stateless = createKeeper<Conversation & Keepable>(door.settings, door.clock);

  function openFor(
    id: string,
    { server, language }: Arrival,
    principal: Principal,
    initialize: RequestMessage,
  ): Promise<Session> {
    return openSession({
      id,
      owner: ownerOf(principal),
      server,
      open: (push) => openConversation(door, principal, server, { client: 'legacy', initialize }, push, language),
    });
  }

  /**
   * Over stdio a client begins once. What it began is begun again behind its back where the server has died since, or where
   * its person is another.
   */
  async function inPipe(pipe: Pipe, arrival: Arrival, principal: Principal, initialize: RequestMessage | undefined) {
    const first = initialize ?? pipe.initialize;
    const kept = sessions.get(pipe.id) as Session | undefined;
    if (first === undefined) return refuse('gateway_session_required');
    if (kept !== undefined && kept.owner === ownerOf(principal))
      return initialize === undefined ? kept : refuse('inspect_not_jsonrpc', { reason: 'initialize was sent before' });
    await sessions.remove(pipe.id);
    return sessions.getOrOpen(pipe.id, { principal, server: arrival.server }, async () => {
      const session = await openFor(pipe.id, arrival, principal, first);
      session.listen(pipe.listener);
      if (initialize === undefined) await resume(session, first);
      return session;
    }) as Promise<Session | Refusal>;
  }

  /** The session of a message in the legacy era; `initialize` opens it. */
  async function inSession(arrival: Arrival, principal: Principal, message: Message): Promise<Conversation | Refusal> {
    const initialize = message.kind === 'request' && message.method === 'initialize' ? message : undefined;
    if (arrival.pipe !== undefined) return inPipe(arrival.pipe, arrival, principal, initialize);
    if (arrival.entrance === 'message') {
      const kept = sseDoor(arrival, principal);
      if (isRefusal(kept)) return kept;
      if (initialize !== undefined) return kept.begin(() => openFor(kept.id, arrival, principal, initialize));
      return kept.session ?? refuse('gateway_session_required');
    }
    if (initialize === undefined) return session(arrival, principal);
    const id = unguessableId();
    return sessions.getOrOpen(id, { principal, server: arrival.server }, () =>
      openFor(id, arrival, principal, initialize),
    ) as Promise<Session | Refusal>;
  }

  /** Nothing is shared between people or clients: a legacy server behind the conversation may keep state in its connection. */
  function openStateless(
    { server, language }: Pick<Arrival, 'server' | 'language'>,
    principal: Principal,
    envelope: Envelope,
  ): Promise<Conversation | Refusal> {
    const declared = JSON.stringify(envelope.clientCapabilities);
    const capabilities = declared.length <= 256 ? declared : createHash('sha256').update(declared).digest('base64url');
    const key = JSON.stringify([server ?? null, principal.id, principal.clientId ?? '', capabilities]);
    return stateless.getOrOpen(key, { principal, server }, async () =>
      counting(
        await openConversation(
          door,
          principal,
          server,
          { client: 'modern', envelope, owner: ownerOf(principal) },
          () => undefined,
          language,
        ),
        () => openStateless({ server, language }, principal, envelope),
      ),
    );
  }

  /** What the sender has under the id that it names. To anybody but its owner, and elsewhere, it does not exist. */
  function own<K extends Kept['kind']>(
    arrival: Arrival,
    principal: Principal,
    kind: K,
  ): (Kept & { kind: K }) | Refusal {
    const { sessionId, server } = arrival;
    if (sessionId === undefined) return refuse('gateway_session_required');
    const found = sessions.get(sessionId);
    if (found === undefined) return refuse('gateway_session_unknown');
    if (found.owner !== ownerOf(principal)) foreign(arrival, principal, found.owner);
    else if (found.server === server && found.kind === kind) return found as Kept & { kind: K };
    return refuse('gateway_session_unknown');
  }

  const session = (arrival: Arrival, principal: Principal): Session | Refusal => own(arrival, principal, 'session');
  const sseDoor = (arrival: Arrival, principal: Principal): SseDoor | Refusal => own(arrival, principal, 'sse');

  return {
    async find(arrival, principal, message) {
      const era = eraOfMessage(message, arrival.headers);
      if (isRefusal(era)) return era;
      const unsaid = arrival.pipe !== undefined; // there are no headers that could say something else
      const unfit =
        (unsaid ? undefined : checkHeaders(message, arrival.headers, era)) ?? checkServer(door, arrival.server);
      if (unfit !== undefined) return unfit;
      if (era === 'legacy') return inSession(arrival, principal, message);
      if (arrival.entrance !== 'mcp')
        return refuse('inspect_not_jsonrpc', {
          reason: 'this transport has only revisions that begin with initialize',
        });
      if (message.kind !== 'request')
        return refuse('inspect_not_jsonrpc', { reason: 'this revision has requests only' });
      const envelope = readEnvelope(message);
      return isRefusal(envelope) ? envelope : openStateless(arrival, principal, envelope);
    },
    async greeted(conversation, response, answer) {
      const isOpened = (kept: Kept): boolean => (kept.kind === 'sse' ? kept.session : kept) === conversation;
      const opened = sessions.all().find(isOpened);
      if (opened === undefined) return;
      // A client that has left never learns the id, and nobody comes for the session.
      if (response.error === undefined && !answer.closed) answer.header?.('mcp-session-id', opened.id);
      else await (opened.kind === 'sse' ? opened.forget() : sessions.remove(opened.id));
    },
    session(arrival, principal) {
      const era = eraOf(arrival.headers[revisionHeader] ?? latestLegacy);
      if (era === undefined) return revisionUnknown(String(arrival.headers[revisionHeader]));
      return era === 'modern' ? refuse('gateway_http_method') : session(arrival, principal);
    },
    behind: ({ id }) => sessions.get(id) as Session | undefined,
    async openDoor(arrival, principal, stream) {
      const { server } = arrival;
      const unfit = checkServer(door, server);
      if (unfit !== undefined) return unfit;
      const id = unguessableId();
      const made = createSseDoor({ id, owner: ownerOf(principal), server, arrival, stream });
      const kept = await sessions.getOrOpen(id, { principal, server }, () => Promise.resolve(made));
      return isRefusal(kept) ? kept : made;
    },
    replies(arrival, principal, posted) {
      if (arrival.entrance === 'mcp') return asItIs;
      const kept = sseDoor(arrival, principal);
      if (isRefusal(kept)) return kept;
      kept.arrival = arrival; // its token was found to be good
      const full = kept.admit(posted.kind === 'batch' ? posted.members : [posted]);
      return full ?? ((receipt, message) => kept.reply(receipt, message));
    },
    checkBatch(arrival, principal, members) {
      const initializes = members.some((member) => member.kind === 'request' && member.method === 'initialize');
      if (initializes) return unbatchable('initialize cannot be part of a batch'); // MCP 2025-03-26, lifecycle, "Initialization"
      const kept = own(arrival, principal, arrival.entrance === 'mcp' ? 'session' : 'sse');
      if (isRefusal(kept) && kept.code !== 'gateway_session_required') return kept;
      const talk = isRefusal(kept) ? undefined : kept.kind === 'sse' ? kept.session : kept;
      if (talk?.revision !== batchRevision)
        return unbatchable(`batches are accepted in revision ${batchRevision} only`);
      // MCP 2025-03-26, transports, "Sending Messages to the Server": either calls or responses.
      const responses = members.filter(({ kind }) => kind === 'response').length;
      const mixed = responses > 0 && responses < members.length;
      return mixed ? unbatchable('a batch has either calls or responses') : undefined;
    },
    end: ({ id }) => sessions.remove(id),
    endFor(ended) {
      sessions.endFor(ended);
      stateless.endFor(ended);
    },
    count: () => sessions.count(),
    async close() {
      await Promise.all([sessions.close(), stateless.close()]);
    },
  };
}

/** Goes through the handshake once more, which the client has behind it. */
async function resume(session: Session, initialize: RequestMessage): Promise<void> {
  await session.request(initialize, undefined, patience());
  await session.deliver(notification('notifications/initialized'));
}

const asItIs = (reply: Reply): Reply => reply;
const unbatchable = (reason: string): Refusal => refuse('inspect_not_jsonrpc', { reason });

/** Whatever has been sent once more is not sent a third time. */
const sentAgain = new WeakSet<object>();

/**
 * A conversation that knows whether requests are under way on it, or will be taken up again.
 * @param anew the conversation that takes its place once its server has forgotten the session
 */
function counting(conversation: Conversation, anew: () => Promise<Conversation | Refusal>): Conversation & Keepable {
  let underWay = 0;

  /** MCP 2025-11-25, "Session Management": a new session is begun, and what was refused, and only that, is sent once more. */
  async function surviving<Value>(
    subject: object,
    attempt: (conversation: Conversation) => Promise<Value>,
  ): Promise<Value> {
    try {
      return await attempt(conversation);
    } catch (error) {
      if (!(error instanceof SessionGone) || sentAgain.has(subject)) throw error;
      sentAgain.add(subject);
      const next = await anew();
      if (isRefusal(next)) throw error;
      return attempt(next);
    }
  }

  return {
    ...conversation,
    busy: () => underWay > 0 || conversation.waiting?.() === true,
    locate: (target) => surviving(target, (current) => current.locate(target)),
    async request(message, use, options) {
      underWay++;
      try {
        return await surviving(message, (current) => current.request(message, use, options));
      } finally {
        underWay--;
      }
    },
  };
}
