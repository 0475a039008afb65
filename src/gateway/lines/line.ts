// A client's line to one server: the channel and the tools seen on it. Every message keeps its original bytes.
import { isDeepStrictEqual } from 'node:util';
import { GenkanError } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { HEADER_MISMATCH } from '../../protocol/between-families.ts';
import { modernHeaders } from '../../protocol/headers.ts';
import { notification, request } from '../../protocol/message.ts';
import type { Era, NotificationMessage, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { withoutMirrors } from '../../protocol/mirrored-params.ts';
import { traceCarried, traceIn, withTrace } from '../../protocol/trace-context.ts';
import type { Primitive } from '../../access/decision.ts';
import type { Pins } from '../../inspect/pins/pins.ts';
import type { Channel, ConnectOptions, Upstream } from '../../upstream/channel.ts';
import type { Outlet, RequestOptions, Tool } from '../conversations/conversation.ts';
import { ownEnvelope } from '../../protocol/own-envelope.ts';
import { withoutOwnMarks } from './own-marks.ts';
import { createScreening, unscreened } from './screening.ts';
import { shortened } from './shortened.ts';
import { ToolBook } from './tool-book.ts';
import { usableTools } from './usable-tools.ts';

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
  alive(): boolean;
  request(message: RequestMessage, options: RequestOptions, tool?: Tool): Promise<ResponseMessage>;
  deliver(message: NotificationMessage | ResponseMessage): Promise<void>;
  /** True while a call waits on it for its client to come back. */
  waiting?(): boolean;
  /** True once it is known that the server cannot say anything unasked. */
  deaf(): boolean;
  /** Resolves once what the server says unasked is heard, or it is known that it is not. */
  heard(): Promise<void>;
  /** Keeps the connection although nothing is asked on it. @returns lets it go */
  hold(): () => void;
  close(): Promise<void>;
}

export interface LineOptions {
  readonly upstream: Upstream;
  readonly era: Era;
  /** Legacy only: opens the conversation. */
  readonly initialize?: RequestMessage;
  /** Modern only: conversations of one owner may share a process. */
  readonly owner?: string;
  /** Messages of the server that belong to no request. They may come before this function returns. */
  readonly push: ConnectOptions['onPush'];
  /** The server's side is gone. */
  readonly onClose?: () => void;
  /** Withholds what is not as it was approved. */
  readonly pins?: Pins | undefined;
  /** Other items may be used than before: somebody has decided, or something was noticed. */
  readonly onPinned?: ((kind: Primitive) => void) | undefined;
  /** Its lists are put together with those of others. */
  readonly own?: boolean | undefined;
  readonly log: Log;
}

/** For requests of our own: nobody hears what precedes the answer. */
export const silent: Outlet = { closed: true, behind: false, interim: () => undefined };

/** Id of a request of our own, which no client can have chosen. */
export const ownId = (): string => `genkan-${unguessableId()}`;

const patienceMs = 30_000;
export const patience = (): RequestOptions => ({ outlet: silent, signal: AbortSignal.timeout(patienceMs) });

export async function openLine(options: LineOptions): Promise<Line> {
  const { upstream, era, initialize, owner, push, onClose, pins, onPinned, own = false, log } = options;
  const { name } = upstream;
  let alive = true;
  let channel: Channel | undefined;
  const tools = new ToolBook((cursor, signal) => {
    const params = { ...(cursor !== undefined && { cursor }), ...(era === 'modern' && ownEnvelope) };
    return send(request(ownId(), 'tools/list', params), { outlet: silent, signal });
  });

  const screening =
    pins === undefined
      ? unscreened
      : createScreening({
          pins,
          upstream,
          onLeftOut: (names) => names.forEach((tool) => tools.drop(tool)),
          onChange(kinds) {
            if (kinds.has('tools')) tools.forget();
            for (const kind of kinds) onPinned?.(kind);
          },
        });

  async function send(
    message: RequestMessage,
    { outlet, resumable, signal, trace }: RequestOptions,
    tool?: Tool,
  ): Promise<ResponseMessage> {
    if (!alive || channel === undefined) throw new GenkanError('upstream_unavailable', { server: name });
    const carried = trace && traceCarried(trace);
    // Where headers say it, a client that says nothing of it in its message keeps every byte of that.
    const inMeta = carried !== undefined && (channel.headless === true || traceIn(message) !== undefined);
    const told = inMeta ? withTrace(message, carried) : message;
    const headers = era === 'modern' ? { ...modernHeaders(message, tool), ...carried } : carried;
    trace?.sent?.();
    const sent = channel.send(told, {
      interim: (part) => outlet.interim(withoutOwnMarks(part)),
      signal,
      headers,
      onStream: resumable && (() => resumable.likeStream()),
      onHangUp: resumable && (() => resumable.hangUp()),
    });
    const whole = withoutOwnMarks(await sent);
    const answer = own ? shortened(message, whole) : whole;
    const usable = era === 'modern' && message.method === 'tools/list' ? usableTools(answer, name, log) : answer;
    return screening.screen(message, usable, answer === whole);
  }

  /**
   * The tool may want other headers than when it was listed: then the call, which the server has refused, is sent once more
   * (MCP 2026-07-28, Streamable HTTP, "Client Behavior"). Nothing else may differ: the call was decided on and inspected as
   * one of the tool that was known.
   */
  async function withFreshSchema(
    message: RequestMessage,
    options: RequestOptions,
    stale: Tool,
    refused: ResponseMessage,
  ): Promise<ResponseMessage> {
    tools.forget();
    const fresh = await tools.find(stale.name).catch(() => undefined);
    return fresh !== undefined && differsInHeadersOnly(fresh, stale) ? send(message, options, fresh) : refused;
  }

  const connection = await upstream.connect({
    era,
    initialize,
    owner,
    onPush(message) {
      if (message.kind === 'notification' && message.method === 'notifications/tools/list_changed') tools.forget();
      return push(withoutOwnMarks(message));
    },
    onClose(reason) {
      alive = false;
      screening.close();
      log.info({ server: name, reason }, 'a server ended a conversation');
      onClose?.();
    },
  });
  ({ channel } = connection);
  const initialized =
    connection.initialized &&
    (await screening
      .screen(initialize!, withoutOwnMarks(connection.initialized), true)
      .catch(async (error: unknown) => {
        screening.close();
        await connection.channel.close();
        throw error;
      }));

  return {
    server: name,
    tools,
    initialized,
    alive: () => alive,
    async request(message, options, tool) {
      if (message.method === 'initialize' && initialized !== undefined) return initialized;
      let response = await send(message, options, tool);
      if (response.error?.code === HEADER_MISMATCH && era === 'modern' && tool !== undefined)
        response = await withFreshSchema(message, options, tool, response);
      if (message.method === 'tools/list') tools.learn(response.result);
      return response;
    },
    async deliver(message) {
      await channel?.send(message);
    },
    deaf: () => channel?.deaf === true,
    heard: async () => channel?.heard?.(),
    hold: () => connection.hold(),
    async close() {
      alive = false;
      screening.close();
      await channel?.close();
    },
  };
}

function differsInHeadersOnly(fresh: Tool, stale: Tool): boolean {
  const plain = ({ inputSchema = {}, ...rest }: Tool): object => ({
    ...rest,
    inputSchema: withoutMirrors(inputSchema),
  });
  return !isDeepStrictEqual(fresh, stale) && isDeepStrictEqual(plain(fresh), plain(stale));
}

/** Finishes a handshake on behalf of a client that does not see it; a line on which that fails is closed. */
export async function completeHandshake(line: Line): Promise<void> {
  try {
    if (line.initialized?.result === undefined)
      throw new GenkanError(
        'upstream_unavailable',
        { server: line.server },
        { detail: 'the server refused initialize' },
      );
    await line.deliver(notification('notifications/initialized'));
  } catch (error) {
    await line.close();
    throw error;
  }
}
