// What the path through the gateway sees of a client's talk with its server or servers, whatever revisions they speak.
import type { Primitive } from '../access/decision.ts';
import type { Refusal } from '../base/errors.ts';
import type {
  Era,
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../protocol/message.ts';
import type { Target } from './methods.ts';

/** A tool as its server describes it; only the members that Genkan reads are typed. */
export interface Tool {
  readonly name: string;
  readonly inputSchema?: JsonObject;
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
}

/** A primitive of one certain server, as that server names it. */
export interface Use extends Target {
  readonly server: string;
  readonly tool?: Tool;
}

export interface RequestOptions {
  /** Called in order for each message that belongs to the request and arrives before its response. */
  readonly interim: (message: Message) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** One client's talk with one server (`/mcp/{server}`) or with all of them (`/mcp`). */
export interface Conversation {
  readonly era: Era;
  /** Finds the server and its own name for what the client wants to use. */
  locate(target: Target): Promise<Use | Refusal>;
  /** Sends a request that has been allowed and inspected, and answers with the response under the client's own id. */
  request(message: RequestMessage, use: Use | undefined, options: RequestOptions): Promise<ResponseMessage>;
  /** Hands over a notification, or the client's answer to a request of the server. */
  deliver(message: NotificationMessage | ResponseMessage): Promise<void | Refusal>;
  /** The server to which an item of a list belongs, and the item's name there. Items that cannot be placed are left out. */
  origin(primitive: Primitive, identifier: string): { readonly server: string; readonly name: string } | undefined;
  close(): Promise<void>;
}
