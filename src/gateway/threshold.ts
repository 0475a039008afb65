// Who may knock at an address: under which name (Host), from which pages (Origin), and what those pages are told beforehand.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

export interface Threshold {
  /** DNS rebinding: a page of a foreign name that resolves to us still sends its own name (MCP 2025-11-25, transports, "Security Warning"). */
  checkHost(request: IncomingMessage): Refusal | undefined;
  /**
   * Lets the page that asks read the answer, if it is one of ours.
   * @param hidden pages may come that hide where they are from
   */
  checkOrigin(request: IncomingMessage, response: ServerResponse, hidden: boolean): Refusal | undefined;
}

export interface ThresholdOptions {
  /** Hosts with their ports, in lower case; may grow. */
  readonly hosts: ReadonlySet<string>;
  /** Addresses whose pages may call. */
  readonly pages: readonly string[];
  /** Pages of this machine may call as well. */
  readonly localPages: boolean;
}

export function createThreshold({ hosts, pages, localPages }: ThresholdOptions): Threshold {
  const origins = new Set(pages.map((url) => new URL(url).origin));
  return {
    checkHost: (request) =>
      hosts.has((request.headers.host ?? '').toLowerCase()) ? undefined : refuse('inspect_host_foreign'),
    checkOrigin(request, response, hidden) {
      const { origin } = request.headers;
      if (origin === undefined) return undefined;
      if (origin === 'null') return hidden ? undefined : refuse('inspect_origin_foreign');
      if (!origins.has(origin) && !(localPages && isLoopbackOrigin(origin))) return refuse('inspect_origin_foreign');
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader(
        'access-control-expose-headers',
        'mcp-session-id, www-authenticate, mcp-protocol-version, retry-after, ratelimit, ratelimit-policy',
      );
      response.setHeader('vary', 'origin');
      return undefined;
    },
  };
}

const isLoopbackOrigin = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).hostname);

const ownHeaders =
  'authorization, dpop, content-type, accept, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name';
/** Arguments that a tool wants in headers (MCP 2026-07-28, "Custom Headers from Tool Parameters"); each tool names its own. */
const mirrored = /^mcp-param-[a-z0-9-]{1,64}$/;
const maxMirrored = 32;

/** Answers a page that asks what it may send to an MCP address. */
export function preflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = (request.headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  const allowed = [ownHeaders, ...asked.filter((name) => mirrored.test(name)).slice(0, maxMirrored)];
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': allowed.join(', '),
    'access-control-max-age': '600',
  });
  response.end();
}
