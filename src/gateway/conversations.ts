// Finds or opens the conversation that a message belongs to: a session of the legacy era, or a kept one of the stateless era.
import { createHash } from 'node:crypto';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Principal } from '../base/principal.ts';
import { readEnvelope } from '../protocol/envelope.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { checkHeaders, eraOfMessage } from '../protocol/headers.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { eraOf, latestLegacy, revisionUnknown } from '../protocol/revisions.ts';
import type { Answer } from './answer.ts';
import type { Arrival } from './arrival.ts';
import type { Conversation } from './conversation.ts';
import { createKeeper } from './keeper.ts';
import type { Keepable } from './keeper.ts';
import { checkServer, openConversation } from './opening.ts';
import type { Door } from './opening.ts';
import { ownerOf } from './owner.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import type { Clock } from '../base/clock.ts';

const revisionHeader = 'mcp-protocol-version';

export interface Conversations {
  /** The conversation of a POSTed message; opens one for `initialize` and for every first message of the modern era. */
  find(arrival: Arrival, principal: Principal, message: Message): Promise<Conversation | Refusal>;
  /** Concludes `initialize`: the client learns its session id, or nothing is kept of a conversation that the server refused. */
  greeted(conversation: Conversation, response: ResponseMessage, answer: Answer): Promise<void>;
  /** The session that a GET or DELETE is about. */
  session(arrival: Arrival, principal: Principal): Session | Refusal;
  end(session: Session): Promise<void>;
  count(): number;
  close(): Promise<void>;
}

/** @param foreign told when somebody presents a session id that is another's: ids are unguessable, so it was stolen */
export function createConversations(
  door: Door & { readonly clock: Clock },
  foreign: (arrival: Arrival, principal: Principal, session: Session) => void,
): Conversations {
  const sessions = createKeeper<Session>(door.settings, door.clock);
  const stateless = createKeeper<Conversation & Keepable>(door.settings, door.clock);

  function openLegacy(
    { server }: Arrival,
    principal: Principal,
    initialize: RequestMessage,
  ): Promise<Conversation | Refusal> {
    const id = unguessableId();
    return sessions.getOrOpen(id, principal.id, () =>
      openSession({
        id,
        owner: ownerOf(principal),
        server,
        open: (push) => openConversation(door, principal, server, { client: 'legacy', initialize }, push),
      }),
    );
  }

  /** Nothing is shared between people or clients: a legacy server behind the conversation may keep state in its connection. */
  function openStateless(
    { server }: Arrival,
    principal: Principal,
    envelope: Envelope,
  ): Promise<Conversation | Refusal> {
    const declared = JSON.stringify(envelope.clientCapabilities);
    const capabilities = declared.length <= 256 ? declared : createHash('sha256').update(declared).digest('base64url');
    const key = JSON.stringify([server ?? null, principal.id, principal.clientId ?? '', capabilities]);
    return stateless.getOrOpen(key, principal.id, async () =>
      counting(
        await openConversation(
          door,
          principal,
          server,
          { client: 'modern', envelope, owner: ownerOf(principal) },
          () => undefined,
        ),
      ),
    );
  }

  function session(arrival: Arrival, principal: Principal): Session | Refusal {
    const id = arrival.headers['mcp-session-id'];
    if (typeof id !== 'string') return refuse('gateway_session_required');
    const found = sessions.get(id);
    if (found === undefined) return refuse('gateway_session_unknown');
    if (found.owner === ownerOf(principal) && found.server === arrival.server) return found;
    if (found.owner !== ownerOf(principal)) foreign(arrival, principal, found);
    return refuse('gateway_session_unknown'); // to anybody but its owner the session does not exist
  }

  return {
    async find(arrival, principal, message) {
      const era = eraOfMessage(message, arrival.headers);
      if (isRefusal(era)) return era;
      const unfit = checkHeaders(message, arrival.headers, era) ?? checkServer(door, arrival.server);
      if (unfit !== undefined) return unfit;
      if (era === 'legacy') {
        const initializes = message.kind === 'request' && message.method === 'initialize';
        return initializes ? openLegacy(arrival, principal, message) : session(arrival, principal);
      }
      if (message.kind !== 'request')
        return refuse('inspect_not_jsonrpc', { reason: 'this revision has requests only' });
      const envelope = readEnvelope(message);
      return isRefusal(envelope) ? envelope : openStateless(arrival, principal, envelope);
    },
    async greeted(conversation, response, answer) {
      const opened = sessions.all().find((candidate) => candidate === conversation);
      if (opened === undefined) return;
      if (response.error === undefined) answer.header('mcp-session-id', opened.id);
      else await sessions.remove(opened.id);
    },
    session(arrival, principal) {
      const era = eraOf(arrival.headers[revisionHeader] ?? latestLegacy);
      if (era === undefined) return revisionUnknown(String(arrival.headers[revisionHeader]));
      return era === 'modern' ? refuse('gateway_http_method') : session(arrival, principal);
    },
    end: ({ id }) => sessions.remove(id),
    count: () => sessions.count(),
    async close() {
      await Promise.all([sessions.close(), stateless.close()]);
    },
  };
}

/** A conversation that knows whether requests are under way on it. */
function counting(conversation: Conversation): Conversation & Keepable {
  let underWay = 0;
  return {
    ...conversation,
    busy: () => underWay > 0,
    async request(message, use, options) {
      underWay++;
      try {
        return await conversation.request(message, use, options);
      } finally {
        underWay--;
      }
    },
  };
}
