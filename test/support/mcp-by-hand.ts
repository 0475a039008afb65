// An MCP server over HTTP written by hand: it lists what it is given, and a test may answer any request itself.
import type { ServerResponse } from 'node:http';
import type { Era } from '../../src/protocol/message.ts';
import { answerJson } from './http-upstream.ts';
import type { SeenRequest } from './http-upstream.ts';

export interface ByHand {
  /** Revisions that it speaks; both families unless said otherwise. */
  readonly eras?: readonly Era[];
  readonly capabilities?: object;
  readonly tools?: readonly object[];
  readonly prompts?: readonly object[];
  readonly resources?: readonly object[];
  readonly resourceTemplates?: readonly object[];
  /** Answers a message itself. @returns true when it has, or will */
  readonly handle?: (seen: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;
  /** Takes the event stream that a legacy client opens with GET. */
  readonly onStream?: (response: ServerResponse) => void;
}

const inputSchema = { type: 'object' };
/** A tool that only reads, and one with effects. */
export const readTool = { name: 'read', inputSchema, annotations: { readOnlyHint: true } };
export const writeTool = { name: 'write', inputSchema };

/** For `startHttpUpstream`. */
export function mcpByHand(spoken: ByHand): (seen: SeenRequest, response: ServerResponse) => Promise<void> {
  const { eras = ['legacy', 'modern'], tools = [readTool, writeTool], handle, onStream } = spoken;
  const lists: Record<string, object> = {
    'tools/list': { tools },
    'prompts/list': { prompts: spoken.prompts ?? [] },
    'resources/list': { resources: spoken.resources ?? [] },
    'resources/templates/list': { resourceTemplates: spoken.resourceTemplates ?? [] },
  };
  const { capabilities = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true } } } = spoken;

  return async (seen, response) => {
    const { method, message, headers } = seen;
    if (method === 'GET' && onStream !== undefined && eras.includes('legacy'))
      return onStream(beginEventStream(response));
    if (method !== 'POST') return void response.writeHead(method === 'DELETE' ? 200 : 405).end();
    if ((await handle?.(seen, response)) === true) return;
    if (message.id === undefined || message.method === undefined) return void response.writeHead(202).end();
    const modern = headers['mcp-protocol-version'] === '2026-07-28';
    const complete = modern ? { resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'public' } : {};
    const say = (result: object, more: Record<string, string> = {}): void =>
      answerJson(response, { jsonrpc: '2.0', id: message.id, result: { ...result, ...complete } }, 200, more);
    if (message.method === 'server/discover' && eras.includes('modern'))
      return say({ supportedVersions: ['2026-07-28'], capabilities });
    if (message.method === 'initialize' && eras.includes('legacy')) {
      const serverInfo = { name: 'by hand', version: '0' };
      return say({ protocolVersion: '2025-11-25', capabilities, serverInfo }, { 'mcp-session-id': 'by-hand' });
    }
    const listed = lists[message.method];
    if (listed !== undefined) return say(listed);
    if (message.method === 'tools/call') return say({ content: [] });
    if (message.method === 'resources/read') return say({ contents: [{ uri: message.params!['uri'], text: 'text' }] });
    if (message.method === 'prompts/get') return say({ messages: [] });
    if (message.method === 'ping') return say({});
    const error = { code: -32601, message: 'Method not found' };
    return answerJson(response, { jsonrpc: '2.0', id: message.id, error }, modern ? 404 : 200);
  };
}

export function beginEventStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return response;
}

/** One message as an event of a stream. */
export const event = (message: object): string => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
