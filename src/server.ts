// The HTTP listener: which address belongs to which door, who may knock (Host, Origin), health, and an orderly end.
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, errorTable, refuse } from './base/errors.ts';
import type { Refusal } from './base/errors.ts';
import type { Log } from './base/log.ts';
import { isLoopback } from './base/loopback.ts';
import { languageOf } from './base/text.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Doors {
  /** @param server named by `/mcp/{server}`; undefined for `/mcp` */
  readonly mcp: (request: IncomingMessage, response: ServerResponse, server: string | undefined) => Promise<void>;
  readonly identity: { readonly owns: (path: string) => boolean; readonly handle: Handler };
  readonly api: Handler;
  readonly metrics: () => string;
  /** What keeps Genkan from serving, for `/readyz`; empty when ready. */
  readonly troubles: () => readonly string[];
  /** Ends event streams before the listener closes. */
  readonly drain: () => void;
}

export interface ServerOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** Longest wait for requests under way when stopping. */
  readonly drainSeconds: number;
  readonly log: Log;
}

export interface Listener {
  /** Resolves with the port once connections are accepted. */
  listen(): Promise<number>;
  /** Accepts nothing new, answers what is under way, then closes. No request that was accepted is lost before `drainSeconds`. */
  close(): Promise<void>;
}

const mcpPath = /^\/mcp(?:\/([a-z0-9-]{1,64}))?\/?$/;
const maxHeaderBytes = 16_384;

export function createListener(options: ServerOptions, doors: Doors): Listener {
  const { host, port, publicUrl, log } = options;
  let stopping = false;
  const unused = new Set<Socket>();
  const server = createHttpServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 60_000,
      noDelay: true,
    },
    (request, response) => {
      unused.delete(request.socket);
      if (stopping) response.setHeader('connection', 'close');
      route(request, response).catch((error: unknown) => {
        log.error({ err: error, path: request.url?.slice(0, 256) }, 'a request failed');
        send(request, response, refuse('gateway_fault'));
      });
    },
  );

  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    if (path === '/healthz') return text(response, 200, 'ok\n');
    const stranger = checkHost(request) ?? checkOrigin(request, response);
    if (stranger !== undefined) return send(request, response, stranger);
    if (path === '/readyz') {
      const troubles = stopping ? ['stopping'] : doors.troubles();
      return text(
        response,
        troubles.length === 0 ? 200 : 503,
        troubles.length === 0 ? 'ready\n' : `${troubles.join('\n')}\n`,
      );
    }
    if (path === '/metrics') return text(response, 200, doors.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    const mcp = mcpPath.exec(path);
    if (mcp !== null) return request.method === 'OPTIONS' ? preflight(response) : doors.mcp(request, response, mcp[1]);
    if (doors.identity.owns(path)) return doors.identity.handle(request, response);
    if (path === '/api' || path.startsWith('/api/')) return doors.api(request, response);
    if (path === '/')
      return text(response, 200, `Genkan, the front door for MCP servers.\nMCP address: ${publicUrl}/mcp\n`);
    return send(request, response, refuse('gateway_path_unknown'));
  }

  const hosts = new Set<string>();
  const origins = new Set([publicUrl, ...options.allowedOrigins].map((url) => new URL(url).origin));

  /** DNS rebinding: a page of a foreign name that resolves to us still sends its own name (MCP 2025-11-25, transports, "Security Warning"). */
  function checkHost(request: IncomingMessage): Refusal | undefined {
    return hosts.has((request.headers.host ?? '').toLowerCase()) ? undefined : refuse('inspect_host_foreign');
  }

  function checkOrigin(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    if (!origins.has(origin) && !(isLoopback(host) && isLoopbackOrigin(origin)) && origin !== 'null')
      return refuse('inspect_origin_foreign');
    if (origin === 'null')
      return mcpPath.test((request.url ?? '').split('?', 1)[0]!) ? refuse('inspect_origin_foreign') : undefined;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'mcp-session-id, www-authenticate, mcp-protocol-version');
    response.setHeader('vary', 'origin');
    return undefined;
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const actual = (server.address() as AddressInfo).port;
          hosts.add(new URL(publicUrl).host);
          if (isLoopback(host)) for (const name of ['127.0.0.1', 'localhost', '[::1]']) hosts.add(`${name}:${actual}`);
          resolve(actual);
        });
      }),
    async close() {
      stopping = true;
      doors.drain();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Browsers connect ahead of need, and Node does not count a connection without any request as idle.
      for (const socket of unused) socket.destroy();
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      const late = setTimeout(() => server.closeAllConnections(), options.drainSeconds * 1000);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    },
  };
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers':
      'authorization, content-type, accept, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name',
    'access-control-max-age': '600',
  });
  response.end();
}

function text(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Answers a refusal that concerns no JSON-RPC message as problem details (RFC 9457). */
function send(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) return void response.destroy();
  const status = errorTable[refusal.code].http;
  const { message, hint } = describe(refusal, languageOf(request.headers['accept-language']));
  const body = JSON.stringify({ type: 'about:blank', title: message, detail: hint, status, code: refusal.code });
  response
    .writeHead(status, { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
