// The HTTP listener: which address belongs to which door, who may knock (Host, Origin), health, and an orderly end.
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, errorTable, GenkanError, refuse } from './base/errors.ts';
import type { Refusal } from './base/errors.ts';
import type { Log } from './base/log.ts';
import { isLoopback } from './base/loopback.ts';
import { languageOf } from './base/text.ts';
import { hostAndPort } from './config/settings.ts';
import { createThreshold, preflight } from './gateway/threshold.ts';
import { metricsContentTypes } from './record/metrics-text.ts';
import type { MetricsFormat } from './record/metrics-text.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Doors {
  /**
   * @param server named by `/mcp/{server}`; undefined for `/mcp`
   * @param entrance the part of the HTTP+SSE transport, if it is that
   */
  readonly mcp: (
    request: IncomingMessage,
    response: ServerResponse,
    server: string | undefined,
    entrance?: 'sse' | 'message',
  ) => Promise<void>;
  readonly identity: { readonly owns: (path: string) => boolean; readonly handle: Handler };
  readonly api: Handler;
  /** What is below /audit; absent where nothing is. */
  readonly audit?: {
    readonly owns: (path: string) => boolean;
    readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<Refusal | undefined>;
  };
  readonly metrics: (format: MetricsFormat) => string;
  /** What keeps Genkan from serving, for `/readyz`; empty when ready. */
  readonly troubles: () => readonly string[];
  /** What does not keep it from serving, and is to be known all the same. */
  readonly notes?: () => readonly string[];
  /** Ends event streams before the listener closes. */
  readonly drain: () => void;
}

export interface ServerOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** Who may read `/metrics`. */
  readonly metrics: 'loopback' | 'everywhere';
  /** Longest wait for requests under way when stopping. */
  readonly drainSeconds: number;
  readonly log: Log;
  readonly sourceAddress: (request: IncomingMessage) => string;
}

export interface Listener {
  /**
   * Resolves with the port once connections are accepted.
   * @throws GenkanError `server_port_taken`, `server_address_unusable`
   */
  listen(): Promise<number>;
  /** Accepts nothing new, answers what is under way, then closes. No request that was accepted is lost before `drainSeconds`. */
  close(): Promise<void>;
}

const mcpPath = /^\/mcp(?:\/([a-z0-9-]{1,64}))?\/?$/;
/** The two addresses of the HTTP+SSE transport (MCP 2024-11-05), at one server or at all of them. */
const ssePath = /^(?:\/mcp\/([a-z0-9-]{1,64}))?\/(sse|message)$/;
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
        log.error({ err: error, path: pathOf(request).slice(0, 256) }, 'a request failed');
        send(request, response, refuse('gateway_fault'));
      });
    },
  );

  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    // RFC 9112 §3.2: what one of us reads in the first, another might read in the second.
    if (isRepeated(request.rawHeaders, 'host')) return send(request, response, refuse('server_host_repeated'));
    // Before any check of names: whoever watches over processes asks at the address of one, not under our name.
    if (path === '/healthz') return page(request, response, 'ok\n');
    if (path === '/readyz') {
      const troubles = stopping ? ['stopping'] : doors.troubles();
      if (troubles.length === 0) return page(request, response, ['ready', ...(doors.notes?.() ?? []), ''].join('\n'));
      return page(request, response, `${troubles.join('\n')}\n`, { status: 503 });
    }
    if (stopping) return send(request, response, refuse('gateway_stopping'));
    const stranger =
      (path === '/metrics' ? checkReader(request) : threshold.checkHost(request)) ??
      // Sign-in may be sent forms of pages that hide where they are from, and tells its own by their token.
      threshold.checkOrigin(request, response, doors.identity.owns(path));
    if (stranger !== undefined) return send(request, response, stranger);
    if (path === '/metrics') {
      const format = metricsFormat(request.headers.accept);
      return page(request, response, doors.metrics(format), { type: metricsContentTypes[format] });
    }
    const mcp = mcpPath.exec(path) ?? ssePath.exec(path);
    if (mcp !== null && request.method === 'OPTIONS') return preflight(request, response);
    if (mcp !== null) return doors.mcp(request, response, mcp[1], mcp[2] as 'sse' | 'message' | undefined);
    if (doors.identity.owns(path)) return doors.identity.handle(request, response);
    if (path === '/api' || path.startsWith('/api/')) return doors.api(request, response);
    if (doors.audit?.owns(path) === true) {
      const refusal = await doors.audit.handle(request, response);
      return refusal === undefined ? undefined : send(request, response, refusal);
    }
    if (path === '/')
      return page(request, response, `Genkan, the front door for MCP servers.\nMCP address: ${publicUrl}/mcp\n`);
    return send(request, response, refuse('gateway_path_unknown'));
  }

  const hosts = new Set<string>();
  const threshold = createThreshold({
    hosts,
    pages: [publicUrl, ...options.allowedOrigins],
    localPages: isLoopback(host),
  });

  /**
   * Metrics tell of servers and of traffic. Connections from loopback alone are not enough: a page with a rebound name and
   * whoever comes through a proxy on this machine make them too, but name another host or leave the traces of a proxy.
   */
  function checkReader(request: IncomingMessage): Refusal | undefined {
    if (options.metrics === 'everywhere') return undefined;
    const { host: named, forwarded, via, 'x-forwarded-for': proxied } = request.headers;
    const direct = forwarded === undefined && via === undefined && proxied === undefined;
    const local =
      isLoopback(options.sourceAddress(request)) && isLoopback(URL.parse(`http://${named}`)?.hostname ?? '');
    return direct && local ? undefined : refuse('server_metrics_local');
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error) => reject(cannotListen(error, host, port)));
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

/** Whoever knows OpenMetrics names it among what it takes; nobody names it to refuse it. */
const metricsFormat = (accept = ''): MetricsFormat =>
  accept.toLowerCase().includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';

/** Without the query, in which codes and states of a sign-in travel. */
const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0]!;

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): GenkanError {
  const address = hostAndPort(host, port);
  return error.code === 'EADDRINUSE'
    ? new GenkanError('server_port_taken', { address, port }, { cause: error })
    : new GenkanError('server_address_unusable', { address, reason: error.code ?? error.message }, { cause: error });
}

/** Answers with a page of the listener itself, which can only be read. */
function page(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  { status = 200, type = 'text/plain; charset=utf-8' } = {},
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD'); // RFC 9110 §15.5.6
    return send(request, response, refuse('gateway_http_method'));
  }
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
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

/** Whether a header was sent more than once. `headersDistinct` would tell too, at the cost of sorting all headers again. */
function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at]!;
    if (header.length === name.length && header.toLowerCase() === name) seen++;
  }
  return seen > 1;
}
