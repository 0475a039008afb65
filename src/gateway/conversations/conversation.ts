// What the path through the gateway sees of a client's talk with its server or servers, whatever revisions they speak.
import type { Primitive } from '../../access/decision.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type {
  Era,
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../../protocol/message.ts';
import type { Beyond } from '../tracing.ts';
import type { Target } from '../methods.ts';
import type { ResumableStreams } from './resumable-streams.ts';
import type { RightsWatch } from './rights-watch.ts';

/** A tool as its server describes it; only the members that Genkan reads are typed. */
export interface Tool {
  readonly name: string;
  readonly inputSchema?: JsonObject;
  readonly annotations?: {
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly openWorldHint?: boolean;
  };
}

/** A primitive of one certain server, as that server names it. */
export interface Use extends Target {
  readonly server: string;
  readonly tool?: Tool;
}

/** Where messages go that arrive before the response of a request. */
export interface Outlet {
  /** True once nothing can reach the client through it. */
  readonly closed: boolean;
  /** True while the client is so far behind with reading that it gets nothing it does not wait for. */
  readonly behind: boolean;
  /** The promise, if any, resolves when there is room for more. */
  interim(message: Message): void | Promise<void>;
}

/** An answer that can become an event stream for which its client comes back after a cut. */
export interface Resumable {
  keepIn(streams: ResumableStreams): void;
  /** Begins the stream before there is anything to say. */
  stream(): void;
  /** Lets the answer be a stream even if nothing precedes the response, as the server's own is. */
  likeStream(): void;
  /** Hangs up, as the server has: the client comes back for what follows. */
  hangUp(): void;
}

export interface RequestOptions {
  readonly outlet: Outlet;
  /** The answer behind the outlet, where the client may come back for it. */
  readonly resumable?: Resumable | undefined;
  /** Aborting it gives the answer up; the request then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** The trace that it is part of, as the server is told of it; absent for what Genkan asks by itself. */
  readonly trace?: Beyond | undefined;
}

/** One client's talk with one server (`/mcp/{server}`) or with all of them (`/mcp`). */
export interface Conversation {
  readonly era: Era;
  /** Its lists come whole, and are cut into pages once they show only what the caller may use. */
  readonly paged?: boolean;
  /** Tells the client when its rights have changed what it sees. */
  readonly rights?: RightsWatch;
  /** With which a legacy client began: what it can do stands there. */
  readonly initialize?: RequestMessage;
  /** False once the server's side is gone for good; the client must then begin anew. */
  alive(): boolean;
  /** True while a call waits in it for its client to come back. */
  waiting?(): boolean;
  /** Finds the server and its own name for what the client wants to use. */
  locate(target: Target): Promise<Use | Refusal>;
  /** Sends a request that has been allowed and inspected, and answers with the response under the client's own id. */
  request(message: RequestMessage, use: Use | undefined, options: RequestOptions): Promise<ResponseMessage>;
  /** The server whose question a client's response answers. */
  asker?(response: ResponseMessage): string | undefined;
  /** Hands over a notification, or the client's answer to a request of the server. */
  deliver(message: NotificationMessage | ResponseMessage): Promise<void | Refusal>;
  /** The server to which an item of a list belongs, and the item's name there. Items that cannot be placed are left out. */
  origin(primitive: Primitive, identifier: string): { readonly server: string; readonly name: string } | undefined;
  /** Looks at what may have changed around it; called again and again while one of its streams is open. */
  recheck?(principal: Principal): void;
  close(): Promise<void>;
}
