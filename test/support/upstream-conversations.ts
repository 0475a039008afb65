// Conversations with upstreams as tests need them: opened in one line, ended with the test, their faults told apart.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { GenkanError } from '../../src/base/errors.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { request } from '../../src/protocol/message.ts';
import type { Era, Message, RequestId, RequestMessage, ResponseMessage } from '../../src/protocol/message.ts';
import type { Channel, Upstream } from '../../src/upstream/channel.ts';
import { serverSettings } from '../../src/upstream/settings.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { answerJson, initializeResult, startHttpUpstream } from './http-upstream.ts';
import type { HttpUpstream, SeenRequest } from './http-upstream.ts';
import { plainNeighbours } from './upstream-neighbours.ts';

export interface OpenedConversation {
  readonly upstream: Upstream;
  readonly channel: Channel;
  readonly pushes: Message[];
  readonly nextPush: () => Promise<Message>;
  /** Resolves with the reason when somebody else ends it. */
  readonly closed: Promise<string>;
}

/** An upstream that is closed with the test. @param settings as `serverSettings` takes them */
export function upstreamOf(context: TestContext, settings: object, clock = plainNeighbours.clock): Upstream {
  const upstream = createUpstream('sample', serverSettings.parse(settings), { ...plainNeighbours, clock });
  context.after(() => upstream.close());
  return upstream;
}

/** Opens a conversation that ends with the test. */
export async function openConversation(context: TestContext, era: Era, settings: object): Promise<OpenedConversation> {
  const upstream = upstreamOf(context, settings);
  const pushes: Message[] = [];
  let wake = Promise.withResolvers<Message>();
  const { promise: closed, resolve: onClose } = Promise.withResolvers<string>();
  const onPush = (message: Message): void => {
    pushes.push(message);
    wake.resolve(message);
    wake = Promise.withResolvers();
  };
  const { channel } = await upstream.connect({ era, onPush, onClose });
  return { upstream, channel, pushes, nextPush: () => wake.promise, closed };
}

export const callTool = (id: RequestId, name: string, args: object = {}, meta: object = {}): RequestMessage =>
  request(id, 'tools/call', { name, arguments: args, _meta: meta });

export const textOf = ({ result }: ResponseMessage): string =>
  (result as { content: [{ text: string }] }).content[0].text;

/** For `assert.rejects`: a fault with this code whose detail matches. */
export const fault = (code: ErrorCode, detail: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GenkanError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, detail);
  return true;
};

/** A server by hand that opens a session and leaves every other POST to `handle`. @param get status of its answers to GET */
export const startByHand = (
  handle: (request: SeenRequest, response: ServerResponse) => void,
  get = 405,
): Promise<HttpUpstream> =>
  startHttpUpstream((seen, response) => {
    if (seen.method !== 'POST') return void response.writeHead(seen.method === 'GET' ? get : 200).end();
    if (seen.message.method === 'initialize') {
      return answerJson(response, initializeResult(seen.message.id), 200, { 'mcp-session-id': 'session-1' });
    }
    return handle(seen, response);
  });

export const startStream = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
