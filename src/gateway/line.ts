// A client's line to one server: the channel, the tools seen on it, and the translation where the two speak different eras.
import { GenkanError } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { unguessableId } from '../base/ids.ts';
import { modernHeaders } from '../protocol/headers.ts';
import { request } from '../protocol/message.ts';
import type { Era, Message, NotificationMessage, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Connection, Upstream } from '../upstream/channel.ts';
import type { RequestOptions, Tool } from './conversation.ts';
import { ownEnvelope } from './own-envelope.ts';
import { ToolBook } from './tool-book.ts';

/** The part of the catalogue of servers that the gateway uses. */
export interface Catalogue {
  /** Servers that may be used now, in a stable order. */
  names(): readonly string[];
  get(name: string): Upstream | Refusal;
}

export interface Line {
  readonly server: string;
  readonly tools: ToolBook;
  /** The server's answer to `initialize`, on a line that began with one. */
  readonly initialized: ResponseMessage | undefined;
  /** False once the server's side is gone. */
  readonly alive: boolean;
  request(message: RequestMessage, options: RequestOptions, tool?: Tool): Promise<ResponseMessage>;
  deliver(message: NotificationMessage | ResponseMessage): Promise<void>;
  close(): Promise<void>;
}

export interface LineOptions {
  readonly upstream: Upstream;
  /** Era of the channel; the same as the client's, or the line is wrapped by a translation. */
  readonly era: Era;
  readonly initialize?: RequestMessage;
  /** Messages of the server that belong to no request. */
  readonly push: (message: Message) => void;
  readonly log: Log;
}

const patience: RequestOptions = { interim: () => undefined, signal: new AbortController().signal };

/** Opens a line on which every message keeps its original bytes. */
export async function openLine({ upstream, era, initialize, push, log }: LineOptions): Promise<Line> {
  let alive = true;
  const connection: Connection = await upstream.connect({
    era,
    initialize,
    onPush(message) {
      if (message.kind === 'notification' && message.method === 'notifications/tools/list_changed') line.tools.forget();
      push(message);
    },
    onClose(reason) {
      alive = false;
      log.info({ server: upstream.name, reason }, 'the server ended a conversation');
    },
  });
  const { channel } = connection;

  const line: Line = {
    server: upstream.name,
    initialized: connection.initialized,
    get alive() {
      return alive;
    },
    tools: new ToolBook((cursor) => {
      const params = { ...(cursor !== undefined && { cursor }), ...envelope };
      return line.request(request(`genkan-${unguessableId()}`, 'tools/list', params), patience);
    }),
    async request(message, options, tool) {
      if (!alive) throw new GenkanError('upstream_unavailable', { server: upstream.name });
      if (message.method === 'initialize' && connection.initialized !== undefined) return connection.initialized;
      const response = await channel.send(message, {
        ...options,
        headers: era === 'modern' ? modernHeaders(message, tool) : undefined,
      });
      if (message.method === 'tools/list') line.tools.learn(response.result);
      return response;
    },
    async deliver(message) {
      await channel.send(message);
    },
    async close() {
      alive = false;
      await channel.close();
    },
  };
  const envelope = era === 'modern' ? ownEnvelope : {};
  return line;
}
