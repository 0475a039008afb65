// The fixture over HTTP on loopback: for both eras, for the legacy one alone (with sessions), or for the modern one alone.
import { randomUUID } from 'node:crypto';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { startHttpUpstream } from '../../support/http-upstream.ts';
import type { HttpUpstream } from '../../support/http-upstream.ts';
import { reply, webRequest } from '../../support/web-handler.ts';
import { createEventLog } from './event-log.ts';
import { createFixture } from './fixture.ts';

export type Shape = 'dual' | 'legacy' | 'modern';

type Handler = (request: Request) => Promise<Response>;

export function startHttpFixture(shape: Shape): Promise<HttpUpstream> {
  const handle = handlers[shape]();
  return startHttpUpstream(async (seen, response) => {
    const request = webRequest(seen);
    const stranger =
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      originValidationResponse(request, localhostAllowedOrigins());
    await reply(response, stranger ?? (await handle(request)));
  });
}

const handlers: Readonly<Record<Shape, () => Handler>> = {
  legacy: inSessions,
  modern: stateless,
  dual() {
    const [legacy, modern] = [inSessions(), stateless()];
    return async (request) => ((await isLegacyRequest(request)) ? legacy(request) : modern(request));
  },
};

function stateless(): Handler {
  const { fetch, notify } = createMcpHandler(
    () => createFixture('modern', { tools: () => notify.toolsChanged(), prompts: () => notify.promptsChanged() }),
    { legacy: 'reject' },
  );
  return fetch;
}

function inSessions(): Handler {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return async (request) => {
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? undefined : sessions.get(id);
    if (known !== undefined) return known.handleRequest(request);
    if (id !== null) return new Response(null, { status: 404 });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (opened) => void sessions.set(opened, transport),
      onsessionclosed: (closed) => void sessions.delete(closed),
      eventStore: createEventLog(),
      retryInterval: 100,
    });
    await createFixture('legacy').connect(transport);
    return transport.handleRequest(request);
  };
}
