// What every way of reaching a server offers, so that bounds and bookkeeping are written once.
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Era, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Connections } from './authorization/connections.ts';
import type { Channel, ConnectOptions } from './channel.ts';
import type { ProcessOptions, ProcessTree } from './process-tree.ts';

export interface UpstreamNeighbours {
  readonly secret: ResolveSecret;
  /** Our own environment, of which children get a few harmless variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** People's own connections, for servers that ask for sign-in. Absent where there is no such server. */
  readonly connections?: Pick<Connections, 'at' | 'forCallers'>;
  /** Tokens in the name of who calls. Absent where there is no server that acts as its callers. */
  readonly callers?: CallerTokens;
  /** Where Microsoft Graph is. */
  readonly graphUrl?: string;
  /** Replaces the start of a child process. */
  readonly startProcess?: (options: ProcessOptions) => ProcessTree;
  /** Replaces the global `fetch` towards Microsoft Graph. */
  readonly fetch?: typeof fetch;
}

/** A channel as the upstream itself sees it. */
export interface OpenChannel extends Channel {
  /** Requests that wait for a response. */
  readonly active: number;
  /** Monotonic time of the last message. */
  readonly lastUsedMs: number;
  /** Legacy only: the handshake. */
  begin(initialize: RequestMessage): Promise<ResponseMessage>;
  /** Modern only, where there is something that must start first: waits until it speaks. */
  awaken?(): Promise<void>;
}

export interface ChannelEvents {
  readonly onPush: ConnectOptions['onPush'];
  /** A message has failed. */
  readonly onFault: (error: Error) => void;
  /** Called once; with a reason when it was the server that ended the conversation. */
  readonly onOver: (reason?: string) => void;
}

/** A way to reach a server. `Material` is what must be fetched before a channel can be opened: its secrets. */
export interface Transport<Material> {
  /** Families of revisions in which a conversation is a process or a session: bounded, and ended when unused. */
  readonly heavy: ReadonlySet<Era>;
  /** @param initialize with which a legacy conversation would begin; what is begun to find out may then be gone on with */
  eraFor(client: Era, initialize?: RequestMessage): Promise<Era>;
  /** The server did not understand what it should: what it speaks is asked anew, the next time that somebody wants to know. */
  doubt?(): void;
  prepare(): Promise<Material>;
  /** @param how the message that opens a legacy conversation, the owner of a modern one */
  open(
    material: Material,
    era: Era,
    events: ChannelEvents,
    how: { readonly initialize: RequestMessage; readonly owner?: string | undefined },
  ): OpenChannel;
  close(): Promise<void>;
}
