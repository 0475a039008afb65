// One session of a legacy client (MCP 2025-11-25): its conversation, its event stream, and what waits for that stream.
import type { Clock } from '../base/clock.ts';
import type { Message } from '../protocol/message.ts';
import type { Answer } from './answer.ts';
import type { Conversation, RequestOptions } from './conversation.ts';

const maxWaiting = 256; // notifications kept for a client that has no stream open; the oldest give way

/** A conversation that also remembers where to put what the server says unasked. */
export interface Session extends Conversation {
  readonly id: string;
  /** `<user_id>:<client_id>`: a session is never authentication, and nobody else's token opens it. */
  readonly owner: string;
  /** The server that the session was opened at; undefined for `/mcp`. */
  readonly server: string | undefined;
  readonly createdAtMs: number;
  lastUsedAtMs: number;
  /** True while a request is being answered or a stream is open. */
  readonly busy: boolean;
  /** Takes a server's message that belongs to no request. */
  push(message: Message): void;
  /** Gives the session the client's GET stream; an earlier one is ended. */
  listen(answer: Answer, closed: AbortSignal): void;
  /** Ends the GET stream alone. */
  hangUp(): void;
}

export interface SessionOptions {
  readonly id: string;
  readonly owner: string;
  readonly server: string | undefined;
  readonly clock: Clock;
  /** Opens the conversation, which may push from its first moment. */
  readonly open: (push: (message: Message) => void) => Promise<Conversation>;
}

export async function openSession({ id, owner, server, clock, open }: SessionOptions): Promise<Session> {
  let stream: Answer | undefined;
  const waiting: Message[] = [];
  /** Interim channels of requests under way, newest last. */
  const underWay: RequestOptions['interim'][] = [];

  function push(message: Message): void {
    // A question most likely belongs to the call under way, and only there can every client answer it.
    const own = underWay.at(-1);
    if (own !== undefined && (message.kind === 'request' || stream === undefined)) void own(message);
    else if (stream !== undefined) void stream.interim(message);
    else if (waiting.push(message) > maxWaiting) waiting.shift();
  }

  const conversation = await open(push);
  return {
    id,
    owner,
    server,
    createdAtMs: clock.now(),
    lastUsedAtMs: clock.now(),
    get busy() {
      return underWay.length > 0 || stream !== undefined;
    },
    era: conversation.era,
    locate: (target) => conversation.locate(target),
    deliver: (message) => conversation.deliver(message),
    origin: (primitive, identifier) => conversation.origin(primitive, identifier),
    async request(message, use, options) {
      underWay.push(options.interim);
      try {
        return await conversation.request(message, use, options);
      } finally {
        underWay.splice(underWay.indexOf(options.interim), 1);
      }
    },
    push,
    listen(answer, closed) {
      stream?.end();
      stream = answer;
      answer.stream();
      closed.addEventListener('abort', () => {
        if (stream === answer) stream = undefined;
      });
      for (const message of waiting.splice(0)) void answer.interim(message);
    },
    hangUp() {
      stream?.end();
      stream = undefined;
    },
    async close() {
      stream?.end();
      stream = undefined;
      await conversation.close();
    },
  };
}
