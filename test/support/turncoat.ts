// An MCP server that shows what a test tells it to show, and something else when the test says so.
import type { ServerResponse } from 'node:http';
import { answerJson, startHttpUpstream } from './http-upstream.ts';
import type { HttpUpstream } from './http-upstream.ts';
import { event, mcpByHand } from './mcp-by-hand.ts';

export interface Surface {
  tools: readonly object[];
  prompts: readonly object[];
  resources: readonly object[];
  resourceTemplates: readonly object[];
  instructions: string | undefined;
  serverInfo: object;
}

export interface Turncoat extends HttpUpstream {
  /** What it shows from now on. */
  readonly surface: Surface;
  /** What reached it, by method and name. */
  readonly reached: readonly string[];
  /** Says to whoever listens that its tools have changed. */
  announce(): void;
}

export async function startTurncoat(shown: Partial<Surface> = {}): Promise<Turncoat> {
  const surface: Surface = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
    instructions: undefined,
    serverInfo: { name: 'turncoat', version: '1' },
    ...shown,
  };
  const reached: string[] = [];
  const streams = new Set<ServerResponse>();
  const capabilities = { tools: { listChanged: true }, prompts: {}, resources: {} };
  const upstream = await startHttpUpstream(
    mcpByHand({
      capabilities,
      onStream(response) {
        streams.add(response);
        response.once('close', () => streams.delete(response));
      },
      handle({ message, headers }, response) {
        const say = (result: object, more: Record<string, string> = {}): true => {
          const modern = headers['mcp-protocol-version'] === '2026-07-28';
          const complete = modern ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
          answerJson(response, { jsonrpc: '2.0', id: message.id, result: { ...result, ...complete } }, 200, more);
          return true;
        };
        const { method = '', params = {} } = message;
        const { tools, prompts, resources, resourceTemplates, instructions, serverInfo } = surface;
        if (/^(?:tools\/call|prompts\/get|resources\/read)$/.test(method))
          reached.push(`${method} ${String(params['name'] ?? params['uri'])}`);
        if (method === 'tools/list') return say({ tools });
        if (method === 'prompts/list') return say({ prompts });
        if (method === 'resources/list') return say({ resources });
        if (method === 'resources/templates/list') return say({ resourceTemplates });
        if (method === 'server/discover')
          return say({
            supportedVersions: ['2026-07-28'],
            capabilities,
            instructions,
            _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
          });
        if (method === 'initialize')
          return say(
            { protocolVersion: '2025-11-25', capabilities, instructions, serverInfo },
            { 'mcp-session-id': 'turncoat' },
          );
        return false;
      },
    }),
  );
  return {
    ...upstream,
    surface,
    reached,
    announce() {
      for (const stream of streams) stream.write(event({ method: 'notifications/tools/list_changed' }));
    },
  };
}
