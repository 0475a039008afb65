// One session of a legacy client (MCP 2025-11-25): its conversation, its event stream, and what waits for that stream.
import { GenkanError } from '../../base/errors.ts';
import type { Message, RequestId } from '../../protocol/message.ts';
import type { Answer } from '../answer.ts';
import type { Conversation, Outlet } from './conversation.ts';
import type { Keepable } from './keeper.ts';
import { silent } from '../lines/line.ts';
import { ResumableStreams } from './resumable-streams.ts';

/** What is kept for a client that has no stream open; the oldest gives way. */
const maxWaitingBytes = 1_048_576;
/** An answer that takes longer than this becomes an event stream, for which the client can come back after a cut. */
const patienceMs = 100;

/** A stream of the client, as a session uses it. */
export type Listener = Pick<Answer, 'closed' | 'behind' | 'stream' | 'end' | 'cut'> & {
  push(message: Message): unknown;
};

/** A conversation that also remembers where to put what the server says unasked. */
export interface Session extends Conversation, Keepable {
  readonly kind: 'session';
  readonly id: string;
  /** What `initialize` agreed on; undefined before that. */
  readonly revision: unknown;
  /** `<user_id>:<client_id>`: a session is never authentication, and nobody else's token opens it. */
  readonly owner: string;
  /** The server that the session was opened at; undefined for `/mcp`. */
  readonly server: string | undefined;
  /** Gives the session the client's GET stream; an earlier one is ended. */
  listen(answer: Listener): void;
  /** Continues the stream of an earlier request where the client has come back for it. @returns false when it is not kept */
  goOn(lastEventId: string, answer: Answer): boolean;
  /** Ends the GET stream alone. */
  hangUp(): void;
}

export interface SessionOptions {
  readonly id: string;
  readonly owner: string;
  readonly server: string | undefined;
  /** Opens the conversation, which may push from its first moment. */
  readonly open: (push: (message: Message) => void) => Promise<Conversation>;
}

export async function openSession({ id, owner, server, open }: SessionOptions): Promise<Session> {
  let stream: Listener | undefined;
  let revision: unknown;
  const waiting: Message[] = [];
  let waitingBytes = 0;
  /** Requests under way, newest last. */
  const underWay = new Map<RequestId, { readonly outlet: Outlet; readonly controller: AbortController }>();

  const resumableStreams = new ResumableStreams();

  function push(message: Message): void {
    if (stream?.closed === true) stream = undefined;
    // A question most likely belongs to the call under way, and only there can every client answer it.
    const own = [...underWay.values()].findLast(({ outlet }) => !outlet.closed && !outlet.behind)?.outlet;
    if (own !== undefined && (message.kind === 'request' || stream === undefined)) return void own.interim(message);
    if (stream === undefined) return wait(message);
    stream.push(message);
    if (!stream.behind) return;
    stream.cut(); // the client loses the stream, not the session
    stream = undefined;
  }

  function wait(message: Message): void {
    waiting.push(message);
    waitingBytes += message.raw.length;
    while (waitingBytes > maxWaitingBytes) waitingBytes -= waiting.shift()!.raw.length;
  }

  function hangUp(): void {
    stream?.end();
    stream = undefined;
  }

  const conversation = await open(push);
  return {
    ...conversation,
    kind: 'session',
    id,
    owner,
    server,
    get revision() {
      return revision;
    },
    busy: () => underWay.size > 0 || stream?.closed === false,
    async request(message, use, { outlet, resumable, signal, trace }) {
      if (underWay.has(message.id)) throw new GenkanError('inspect_not_jsonrpc', { reason: 'the id is in use' });
      const controller = new AbortController();
      const end = (): void => controller.abort(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      // Nothing precedes the answer to `initialize`: its head has the session id, by which alone the client can come back.
      underWay.set(message.id, { outlet: message.method === 'initialize' ? silent : outlet, controller });
      resumable?.keepIn(resumableStreams);
      const slow = resumable && setTimeout(() => resumable.stream(), patienceMs);
      try {
        const options = { outlet, resumable, signal: controller.signal, trace };
        const response = await conversation.request(message, use, options);
        if (message.method === 'initialize') revision = response.result?.['protocolVersion'];
        return response;
      } finally {
        clearTimeout(slow);
        signal.removeEventListener('abort', end);
        underWay.delete(message.id);
      }
    },
    async deliver(message) {
      const delivered = conversation.deliver(message);
      if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return delivered;
      // The client waits for nothing any more, not even for the server to hear of it.
      delivered.catch(() => undefined);
      underWay.get(message.params['requestId'] as RequestId)?.controller.abort(new GenkanError('gateway_cancelled'));
    },
    listen(answer) {
      hangUp();
      stream = answer;
      answer.stream();
      for (const message of waiting.splice(0)) answer.push(message);
      waitingBytes = 0;
    },
    goOn: (lastEventId, answer) => resumableStreams.goOn(lastEventId, answer),
    hangUp,
    async close() {
      hangUp();
      resumableStreams.dropAll();
      await conversation.close();
    },
  };
}
