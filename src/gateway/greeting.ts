// How Genkan introduces itself at `/mcp`, where it speaks for all servers together.
import type { JsonObject, RequestMessage } from '../protocol/message.ts';
import { latestLegacy, latestModern, eraOf } from '../protocol/revisions.ts';
import { genkan } from './own-envelope.ts';

const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

const instructions =
  'This address shows the tools and prompts of several MCP servers, as far as you may use them. ' +
  'Their names begin with the name of their server and two underscores.';

/** The result of `initialize` (MCP 2025-11-25, lifecycle) or of `server/discover` (MCP 2026-07-28). */
export function greet({ method, params }: RequestMessage): JsonObject {
  if (method === 'initialize') {
    const asked = params['protocolVersion'];
    const protocolVersion = typeof asked === 'string' && eraOf(asked) === 'legacy' ? asked : latestLegacy;
    return { protocolVersion, capabilities, serverInfo: genkan, instructions };
  }
  return {
    supportedVersions: [latestModern],
    capabilities,
    instructions,
    resultType: 'complete',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': genkan },
  };
}
