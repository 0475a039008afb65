// What the gateway sees of an MCP server: an upstream, and channels (conversations) with it.
import type { ActsAs } from './acts-as.ts';
import type { Era, Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';

/** One conversation with one upstream server: a legacy session (HTTP or a child process), or a modern one without state. */
export interface Channel {
  readonly era: Era;
  /**
   * Sends one message upstream. For a request, resolves with its response once that has arrived; for a notification or
   * a response, resolves with `undefined` once it has been handed over.
   * @param interim called in order for every message that arrives on the request's own stream before its response
   *   (HTTP), or that the server tied to it by progress token or subscription id (stdio, HTTP+SSE). A returned promise holds
   *   the stream back.
   * @param signal aborting it gives the answer up and rejects with its reason. On a legacy channel the call goes on upstream
   *   (legacy clients send `notifications/cancelled`); on a modern one this is what cancels it
   * @throws GenkanError `upstream_unavailable`, `upstream_rate_limited`, `upstream_timeout`, `upstream_answer_invalid`; `inspect_not_jsonrpc` when
   *   the id is in use on a legacy channel whose requests share one stream (stdio, HTTP+SSE)
   */
  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  /** True where messages come without headers, so that what they would say has to stand in `_meta`. */
  readonly headless?: boolean;
  /** True once it is known that the server cannot say anything unasked; absent where it always can. */
  readonly deaf?: boolean;
  /** Resolves once what the server says unasked is heard, or it is known that it is not; absent where it always is. */
  heard?(): Promise<void>;
  /** Ends the conversation: HTTP DELETE, or the child and its whole process tree. Idempotent. */
  close(): Promise<void>;
}

export interface SendOptions {
  readonly interim?: (message: Message) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Request headers that belong to this message, e.g. `mcp-name` on a modern channel, `traceparent`. Lower case; for nothing over stdio. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer comes on a stream, and not as one JSON body. May be called several times. */
  readonly onStream?: (() => void) | undefined;
  /** The server has hung up before its response; we come back for it (MCP 2025-11-25, transports, "Sending Messages" 6). */
  readonly onHangUp?: (() => void) | undefined;
}

export interface ConnectOptions {
  readonly era: Era;
  /** Legacy only: the `initialize` request to open the conversation with (the client's own bytes, or one of ours). */
  readonly initialize?: RequestMessage;
  /** Modern only: whose conversation it is. Those of one owner may share what a server keeps running for them: a process. */
  readonly owner?: string;
  /** For whom it is opened: nobody keeps a server that all use from the others. */
  readonly person?: string;
  /**
   * Server-to-client messages that belong to no request: pushes of a child, events of the HTTP GET stream. A returned promise
   * holds back whatever the server says next in the same place. Failing ends the conversation.
   */
  readonly onPush: (message: Message) => void | Promise<void>;
  /** The conversation was ended by anybody but its owner (child died, HTTP session gone, unused for long, server removed). Called at most once. */
  readonly onClose: (reason: string) => void;
}

export interface Connection {
  readonly channel: Channel;
  /** Legacy only: the server's answer to `initialize`. `notifications/initialized` has not been sent. */
  readonly initialized?: ResponseMessage;
  /** Keeps the conversation although nothing is asked in it: somebody waits for what the server says. @returns lets it go */
  hold(): () => void;
}

export interface Upstream {
  readonly name: string;
  /** In whose name it is called. Absent where everybody comes as Genkan, by one identity that is always there. */
  readonly actsAs?: ActsAs;
  /**
   * The server as one person may speak with it, where it asks for sign-in. Absent where everybody comes as Genkan.
   * `upstream_sign_in_required` is then among the faults of everything below, and of every message.
   * @param person id of the principal
   */
  for?(person: string): Upstream;
  /** Ends whatever runs in the name of one person, at once. */
  endPerson?(person: string): Promise<void>;
  /**
   * The family of revisions to speak with the server for a client of that family: the client's own where the server speaks
   * it too. Asked once and cached. A refusal or timeout is never read as "does not speak it".
   * @param initialize the message with which a legacy conversation would begin. Given to `connect` soon after, the very same
   *   object, it opens a conversation for which no second process has to start
   */
  eraFor(client: Era, initialize?: RequestMessage): Promise<Era>;
  connect(options: ConnectOptions): Promise<Connection>;
  /** Number of open channels and the last fault, for `server list` and metrics. */
  status(): { readonly open: number; readonly lastError?: string };
  /** Closes every channel and waits until all children are gone. */
  close(): Promise<void>;
}
