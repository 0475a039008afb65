// Finds or opens the conversation that a message belongs to: a session of the legacy era, or a shared one of the stateless era.
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Principal } from '../base/principal.ts';
import { readEnvelope } from '../protocol/envelope.ts';
import { checkHeaders } from '../protocol/headers.ts';
import type { Message, RequestMessage } from '../protocol/message.ts';
import { eraOf, latestLegacy, revisionUnknown } from '../protocol/revisions.ts';
import type { Answer } from './answer.ts';
import type { Arrival } from './arrival.ts';
import type { Conversation } from './conversation.ts';
import type { Neighbours } from './gateway.ts';
import { greet } from './greeting.ts';
import { createMerged } from './merged.ts';
import { recordOf } from './passage.ts';
import { Questions } from './questions.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import { createSessions } from './sessions.ts';
import type { GatewaySettings } from './settings.ts';
import { createSingle } from './single.ts';
import { createStateless } from './stateless.ts';
import { openClientLine } from './translated-line.ts';

export interface Conversations {
  /** The conversation of a POSTed message; opens one for `initialize` and for every first message of the modern era. */
  find(arrival: Arrival, principal: Principal, message: Message, answer: Answer): Promise<Conversation | Refusal>;
  /** Serves GET (the session's event stream) and DELETE (its end). */
  attend(arrival: Arrival, principal: Principal, answer: Answer): Promise<void>;
  count(): number;
  drain(): void;
  close(): Promise<void>;
}

export function createConversations(settings: GatewaySettings, house: Neighbours): Conversations {
  const sessions = createSessions(settings, house.clock);
  const stateless = createStateless(settings, house);

  async function openLegacy(
    arrival: Arrival,
    principal: Principal,
    message: RequestMessage,
    answer: Answer,
  ): Promise<Conversation | Refusal> {
    const owner = ownerOf(principal);
    const full = sessions.admit(owner);
    if (full !== undefined) return full;
    const { server } = arrival;
    if (server !== undefined) {
      const upstream = house.catalogue.get(server);
      if (isRefusal(upstream)) return upstream;
    }
    let greeted = true;
    const session = await openSession({
      id: unguessableId(),
      owner,
      server,
      clock: house.clock,
      async open(push) {
        const questions = new Questions();
        const opening = { catalogue: house.catalogue, log: house.log, client: 'legacy', initialize: message } as const;
        if (server !== undefined) {
          const line = await openClientLine({
            ...opening,
            server,
            push: (part) =>
              shownTo(
                questions.ask(part, () => line),
                push,
              ),
          });
          greeted = line.initialized?.result !== undefined;
          return createSingle(line, 'legacy', questions);
        }
        return createMerged({
          era: 'legacy',
          servers: () => house.catalogue.names(),
          async open(name) {
            const line = await openClientLine({
              ...opening,
              own: true,
              server: name,
              push: (part) =>
                shownTo(
                  questions.ask(part, () => line, name),
                  push,
                ),
            });
            return line;
          },
          greet,
          questions,
          deadlineMs: settings.listDeadlineSeconds * 1000,
          log: house.log,
        });
      },
    });
    if (!greeted)
      void session.close(); // the server refused `initialize`; its answer is kept and passed on
    else {
      sessions.add(session);
      answer.header('mcp-session-id', session.id);
    }
    return session;
  }

  /** Anybody but the owner learns nothing from a session id: the session does not exist. */
  async function findSession(arrival: Arrival, principal: Principal): Promise<Session | Refusal> {
    const id = arrival.headers['mcp-session-id'];
    if (typeof id !== 'string') return refuse('gateway_session_required');
    const session = sessions.find(id);
    if (session === undefined) return refuse('gateway_session_unknown');
    const owner = ownerOf(principal);
    if (session.owner === owner && session.server === arrival.server) return session;
    if (session.owner !== owner) await alarm(arrival, principal, session);
    return refuse('gateway_session_unknown');
  }

  /** Session ids are unguessable, so whoever presents another's has stolen it. */
  async function alarm(arrival: Arrival, principal: Principal, session: Session): Promise<void> {
    const resource = `/servers/${arrival.server ?? '*'}`;
    const details = { person: principal.name, client: principal.clientId, owner: session.owner };
    const passage = { action: 'session/foreign', resource, result: 'blocked', details } as const;
    await house.record.append(recordOf(arrival, principal, passage, house.clock.now()));
    house.log.warn({ owner: session.owner, by: ownerOf(principal) }, 'a session id was presented by somebody else');
  }

  return {
    async find(arrival, principal, message, answer) {
      const revision = revisionOf(arrival, message);
      const era = eraOf(revision);
      if (era === undefined) return revisionUnknown(revision);
      const disagreement = checkHeaders(message, arrival.headers, era);
      if (disagreement !== undefined) return disagreement;
      if (era === 'modern') {
        if (message.kind !== 'request')
          return refuse('inspect_not_jsonrpc', { reason: 'this revision has requests only' });
        const envelope = readEnvelope(message);
        return isRefusal(envelope) ? envelope : stateless.find(arrival.server, principal, envelope);
      }
      if (message.kind === 'request' && message.method === 'initialize')
        return openLegacy(arrival, principal, message, answer);
      return findSession(arrival, principal);
    },
    async attend(arrival, principal, answer) {
      if (arrival.method !== 'GET' && arrival.method !== 'DELETE') return answer.refuse(refuse('gateway_http_method'));
      const session = await findSession(arrival, principal);
      if (isRefusal(session)) return answer.refuse(session);
      if (arrival.method === 'GET') return session.listen(answer, arrival.gone('modern'));
      await sessions.remove(session);
      return answer.done();
    },
    count: () => sessions.count(),
    drain() {
      for (const session of sessions.all()) session.hangUp();
    },
    async close() {
      await Promise.all([sessions.close(), stateless.close()]);
    },
  };
}

const ownerOf = (principal: Principal): string => `${principal.id}:${principal.clientId ?? ''}`;

function shownTo(message: Message | undefined, push: (message: Message) => void): void {
  if (message !== undefined) push(message);
}

/**
 * The revision that a message claims: its envelope, else the header, else the one of `initialize`, which negotiates by itself.
 * Without any claim 2025-03-26 is assumed (MCP 2025-11-25, transports, "Protocol Version Header").
 */
function revisionOf(arrival: Arrival, message: Message): string {
  if (message.kind === 'request') {
    const claimed = (message.params['_meta'] as Record<string, unknown> | undefined)?.[
      'io.modelcontextprotocol/protocolVersion'
    ];
    if (typeof claimed === 'string') return claimed;
    if (message.method === 'initialize') return latestLegacy;
  }
  const header = arrival.headers['mcp-protocol-version'];
  return typeof header === 'string' ? header : '2025-03-26';
}
