// A legacy server that says things unasked, and a modern client that listens to it through Genkan.
import { once as onceEmitted } from 'node:events';
import type { ServerResponse } from 'node:http';
import { openEventStream } from './event-stream.ts';
import type { EventStream } from './event-stream.ts';
import { openGatewayRoom } from './gateway-room.ts';
import type { GatewayRoom } from './gateway-room.ts';
import { makersUse } from './house.ts';
import { startHttpUpstream } from './http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './http-upstream.ts';
import { event, mcpByHand } from './mcp-by-hand.ts';
import type { ByHand } from './mcp-by-hand.ts';
import { modern } from './mcp-post.ts';

export interface Telling extends AsyncDisposable {
  readonly upstream: HttpUpstream;
  readonly room: GatewayRoom;
  readonly url: string;
  /** The streams that are open towards Genkan; the first is that of the first conversation. */
  readonly streams: ServerResponse[];
  /** Resolves when it has been asked for an event stream. */
  knocked(): Promise<void>;
  /** Resolves when every conversation has its stream, which is opened a moment after it has begun. */
  heard(): Promise<void>;
  /** Says something unasked to everybody who has begun a conversation; resolves when it is on its way. */
  say(method: string, params?: object): Promise<void>;
  /** Opens `subscriptions/listen` and waits until it is acknowledged. */
  listen(notifications: object, options?: { token?: string; id?: string | number }): Promise<EventStream>;
  /** How often the server was asked this, with whom it concerns. */
  asked(method: string): readonly SeenRequest['message'][];
  /** Resolves with the answer to a question of the server. */
  answered(id: string): Promise<SeenRequest['message']>;
  /** Resolves when the server is asked this for the n-th time. */
  until(method: string, times: number): Promise<void>;
}

interface TellingOptions extends Partial<ByHand> {
  /** Without an event stream of its own. */
  readonly deaf?: boolean;
  /** What it waits for before it answers whoever asks for its event stream. */
  readonly opens?: Promise<void>;
  readonly server?: object;
  readonly gateway?: object;
}

export async function startTelling(spoken: TellingOptions = {}): Promise<Telling> {
  const { deaf = false, opens, server = {}, gateway = {}, handle, ...more } = spoken;
  const streams: ServerResponse[] = [];
  const waiting = new Set<() => void>();
  const byHand = mcpByHand({
    eras: ['legacy'],
    ...(!deaf && {
      onStream(response: ServerResponse) {
        streams.push(response);
        for (const look of waiting) look();
      },
    }),
    async handle(seen, response) {
      for (const look of waiting) look();
      return (await handle?.(seen, response)) === true || (await subscribing(seen, response));
    },
    ...more,
  });
  const upstream = await startHttpUpstream(async (seen, response) => {
    for (const look of waiting) look();
    if (seen.method === 'GET') await opens;
    return byHand(seen, response);
  });
  const room = await openGatewayRoom({
    access: makersUse('raw'),
    servers: { raw: { url: upstream.url, ...server } },
    gateway,
  });
  const url = `${room.url}/mcp/raw`;
  const asked = (method: string): readonly SeenRequest['message'][] =>
    upstream.seen.map(({ message }) => message).filter((message) => message.method === method);
  /** Resolves with what is found among that which the server has seen, as soon as it is there. */
  const once = <Found>(find: () => Found | undefined): Promise<Found> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const heard = async (): Promise<void> => {
    await once(() => deaf || streams.length >= asked('notifications/initialized').length || undefined);
  };
  return {
    upstream,
    room,
    url,
    streams,
    knocked: () => once(() => upstream.seen.some(({ method }) => method === 'GET') || undefined).then(() => undefined),
    heard,
    async say(method, params = {}) {
      await heard();
      for (const stream of streams) {
        if (!stream.closed && !stream.write(event({ method, params }))) await onceEmitted(stream, 'drain');
      }
    },
    async listen(notifications, { token = 'dana', id = 'listen-1' } = {}) {
      const { body, headers } = modern('subscriptions/listen', { notifications }, id);
      const stream = await openEventStream(url, body, { token, headers });
      await stream.until(/acknowledged/);
      await heard();
      return stream;
    },
    asked,
    answered: (id) =>
      once(() => upstream.seen.find(({ message }) => message.id === id && !('method' in message))?.message),
    until: (method, times) => once(() => asked(method).length >= times || undefined).then(() => undefined),
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

function subscribing({ message }: SeenRequest, response: ServerResponse): boolean {
  if (message.method !== 'resources/subscribe' && message.method !== 'resources/unsubscribe') return false;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: {} }));
  return true;
}

/** The messages on a stream so far. */
export const messagesOn = (stream: EventStream): { id?: unknown; method?: string; params: Record<string, unknown> }[] =>
  stream
    .text()
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as never);
