// Speaks to an MCP address byte by byte, as no well-behaved client would.
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Posted {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The JSON body, or the last event of a stream. */
  readonly message: {
    readonly id?: unknown;
    readonly result?: Record<string, unknown>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
  };
}

export interface PostOptions {
  readonly token?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly method?: string;
}

/** Sends one HTTP request; an object becomes JSON, anything else goes as it is. */
export function post(
  url: string,
  body: object | string | Buffer,
  { token, headers = {}, method = 'POST' }: PostOptions = {},
): Promise<Posted> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const sent = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(Buffer.byteLength(bytes)),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: false, headers: withoutUndefined(sent) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode!, headers: response.headers, body: text, message: messageOf(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

/** A modern request with its envelope, and the headers that mirror it. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  id: string | number = 1,
): { body: object; headers: Record<string, string> } {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
  };
}

/** Opens a legacy session and returns the headers of its requests. */
export async function openLegacySession(
  url: string,
  token: string,
  capabilities: object = {},
): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } };
  const opened = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { token });
  const session = opened.headers['mcp-session-id'];
  if (typeof session !== 'string') throw new Error(`no session: ${opened.status} ${opened.body}`);
  const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, { token, headers });
  return headers;
}

const withoutUndefined = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));

function messageOf(text: string): Posted['message'] {
  const last = text.split('\n').findLast((line) => line.startsWith('data: {'));
  try {
    return JSON.parse(last === undefined ? text : last.slice('data: '.length)) as Posted['message'];
  } catch {
    return {};
  }
}
