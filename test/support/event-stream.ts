// A client's event stream as it comes in, and clients that go away or do not read.
import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { PostOptions } from './mcp-post.ts';

export interface EventStream {
  readonly status: number;
  readonly response: IncomingMessage;
  readonly text: () => string;
  /** Resolves as soon as the text so far matches; rejects when the stream ends before. */
  readonly until: (pattern: RegExp) => Promise<void>;
  /** Resolves with the whole text once the stream has ended, in order or not. */
  readonly ended: Promise<string>;
  /** Goes away. */
  readonly leave: () => void;
}

/** Sends a request without waiting for its answer. */
export function send(url: string, body: object | undefined, options: PostOptions = {}): ClientRequest {
  const { token, headers = {}, method = body === undefined ? 'GET' : 'POST' } = options;
  const outgoing = request(url, { method, agent: false });
  outgoing.setHeader('accept', body === undefined ? 'text/event-stream' : 'application/json, text/event-stream');
  if (body !== undefined) outgoing.setHeader('content-type', 'application/json');
  if (token !== undefined) outgoing.setHeader('authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) outgoing.setHeader(name, value);
  outgoing.on('error', () => {}); // it may be broken off by either side
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return outgoing;
}

/** GET without a body, POST with one; resolves once the answer has begun. */
export async function openEventStream(
  url: string,
  body: object | undefined,
  options: PostOptions = {},
): Promise<EventStream> {
  const outgoing = send(url, body, options);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('error', () => {});
  const ended = new Promise<string>((resolve) => response.once('close', () => resolve(text)));
  return {
    status: response.statusCode!,
    response,
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text)) resolve();
        };
        const fail = (): void => reject(new Error(`ended without ${pattern}: ${text}`));
        response.on('data', look).once('close', fail);
        look();
        if (response.closed) fail();
      }),
    ended,
    leave: () => void outgoing.destroy(),
  };
}
